"""The cost of each stage of extraction: ``python -m benchmarks.stages [SONG...]``.

The table that is printed has the CPU time of each stage, in seconds per minute of music. A stage is
one or several functions. Their calls are timed without the calls of other stages inside them, so
the stages add up to `extract_song`. Stages are called at most a few times per clip, so the clock
adds little. By default, the songs are those of the benchmark ``extract``. The first pass over the
songs does not count.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

from deep_plunder.audio import reading
from deep_plunder.extraction.song import extract_song
from deep_plunder.models.model_file import load_model
from deep_plunder.util.resources import shipped_model_path

from .corpus import corpus
from .part_clock import REST, PartClock

_STAGES = {
    "decoding": ["deep_plunder.audio.reading.Reader._decode"],
    "resampling": [
        "deep_plunder.audio.resampling.Resampler.process",
        "deep_plunder.features.log_mel._heard",
    ],
    "features": ["deep_plunder.features.log_mel._analyse"],
    "network": ["deep_plunder.models.inference.predict_stream"],
    "regions": ["deep_plunder.decoding.decode.find_regions"],
    "edges": ["deep_plunder.decoding.refine.refine_clips"],
    "description: reading": ["deep_plunder.extraction.clips.describe_clips"],
    "description: onsets": ["deep_plunder.description.describe.find_onset"],
    "description: first second": ["deep_plunder.description.describe.beginning"],
    "description: pitch": ["deep_plunder.description.describe.find_pitches"],
    "description: traits": ["deep_plunder.description.describe.all_traits"],
    "description: timbre": ["deep_plunder.description.traits.timbres"],
    "description: loudness": ["deep_plunder.description.describe.loudnesses"],
    "description: attacks": ["deep_plunder.description.describe.count_attacks"],
    "description: waveforms": ["deep_plunder.description.describe.waveforms"],
    "description: groups": ["deep_plunder.description.describe.find_groups"],
    "description: votes": ["deep_plunder.description.classes.ClassForest.classes_of"],
    "clips": ["deep_plunder.extraction.song.write_clips"],
    "tables and layers": ["deep_plunder.extraction.song._write_tables"],
    "record": ["deep_plunder.extraction.song.write_record", "deep_plunder.extraction.song._digest"],
    "picture": [
        "deep_plunder.extraction.picture.draw_song",
        "deep_plunder.extraction.strip.write_strip",
    ],
    "page": ["deep_plunder.extraction.song.song_page"],
}


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stages", description=__doc__)
    parser.add_argument("songs", nargs="*", type=Path, metavar="SONG", help="audio files")
    parser.add_argument("--quick", action="store_true", help="one song of the small corpus")
    parser.add_argument("--pictures", action="store_true", help="draw pictures too, as by default")
    parser.add_argument("--rounds", type=int, default=3, help="passes that count")
    chosen = parser.parse_args(arguments)
    songs = chosen.songs
    if not songs:
        every = [Path(song.path) for song in corpus(quick=chosen.quick).songs]
        songs = every[:1] if chosen.quick else every
    minutes = sum(reading.probe(song).seconds for song in songs) / 60
    model = load_model(shipped_model_path())
    passes = []
    regions = 0
    for _ in range(1 + chosen.rounds):
        clock = PartClock()
        with tempfile.TemporaryDirectory(prefix="stages-") as folder, clock.timing(_STAGES):
            found = [
                extract_song(model, song, Path(folder) / str(row), picture=chosen.pictures)
                for row, song in enumerate(songs)
            ]
        passes.append(clock.spent)
        regions = sum(map(len, found))
    print(f"{len(songs)} songs, {minutes:.1f} min, {regions} regions, {chosen.rounds} passes")
    print("| stage | s/min |\n|---|---|")
    total = 0.0
    for stage in [*_STAGES, REST]:
        spent = statistics.median(one[stage] for one in passes[1:]) / minutes
        total += spent
        print(f"| {stage} | {spent:.4f} |")
    print(f"| all | {total:.4f} |")


if __name__ == "__main__":
    main()
