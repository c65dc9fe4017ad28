"""The cost of each stage of extraction: ``python -m benchmarks.stages [SONG...]``.

The table that is printed has the CPU time of each stage, in seconds per minute of music. A stage is
one or several functions. Their calls are timed without the calls of other stages inside them, so
the stages add up to `extract_song`. Stages are called at most a few times per clip, so the clock
adds little. By default, the songs are those of the benchmark ``extract``. The first pass over the
songs does not count.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import importlib
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from deep_plunder.audio import reading
from deep_plunder.extraction.song import extract_song
from deep_plunder.models.model_file import load_model
from deep_plunder.util.resources import shipped_model_path

from .corpus import corpus

_REST = "rest"
_STAGES = {
    "decoding": ["audio.reading.Reader._decode"],
    "resampling": [
        "audio.resampling.Resampler.process",
        "features.log_mel._heard",
    ],
    "features": ["features.log_mel._analyse"],
    "network": ["models.inference.predict_stream"],
    "regions": ["decoding.decode.find_regions"],
    "edges": ["decoding.refine.refine_clips"],
    "description: reading": ["extraction.clips.describe_clips"],
    "description: onsets": ["description.describe.find_onset"],
    "description: first second": ["description.describe.beginning"],
    "description: pitch": ["description.describe.find_pitches"],
    "description: traits": ["description.describe.all_traits"],
    "description: timbre": ["description.traits.timbres"],
    "description: loudness": ["description.describe.loudnesses"],
    "description: attacks": ["description.describe.count_attacks"],
    "description: waveforms": ["description.describe.waveforms"],
    "description: groups": ["description.describe.find_groups"],
    "description: votes": ["description.classes.ClassForest.classes_of"],
    "clips": ["extraction.song.write_clips"],
    "tables and layers": ["extraction.song._write_tables"],
    "record": ["extraction.song.write_record", "extraction.song._digest"],
    "picture": ["extraction.picture.draw_song", "extraction.strip.write_strip"],
    "page": ["extraction.song.song_page"],
}


class _Clock:
    """Processor time by stage, of which only the innermost one runs."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._running = [_REST]
        self._last = time.process_time()

    def _turn(self) -> None:
        now = time.process_time()
        self.spent[self._running[-1]] += now - self._last
        self._last = now

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the block for a stage."""
        self._turn()
        self._running.append(name)
        try:
            yield
        finally:
            self._turn()
            self._running.pop()

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function whose calls count for a stage."""

        @functools.wraps(function)
        def run(*arguments: Any, **options: Any) -> Any:
            with self.stage(name):
                return function(*arguments, **options)

        return run


def _place(path: str) -> tuple[Any, str]:
    """Return the module or class that has a function of the package, and the function's name."""
    *parts, name = path.split(".")
    if parts[-1][0].isupper():
        holder = importlib.import_module(".".join(["deep_plunder", *parts[:-1]]))
        return getattr(holder, parts[-1]), name
    return importlib.import_module(".".join(["deep_plunder", *parts])), name


@contextlib.contextmanager
def _timed(clock: _Clock) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for stage, paths in _STAGES.items():
            for path in paths:
                holder, name = _place(path)
                timed = clock.timed(stage, getattr(holder, name))
                stack.enter_context(mock.patch.object(holder, name, timed))
        yield


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
        clock = _Clock()
        with tempfile.TemporaryDirectory(prefix="stages-") as folder, _timed(clock):
            found = [
                extract_song(model, song, Path(folder) / str(row), picture=chosen.pictures)
                for row, song in enumerate(songs)
            ]
            with clock.stage(_REST):
                pass
        passes.append(clock.spent)
        regions = sum(map(len, found))
    print(f"{len(songs)} songs, {minutes:.1f} min, {regions} regions, {chosen.rounds} passes")
    print("| stage | s/min |\n|---|---|")
    total = 0.0
    for stage in [*_STAGES, _REST]:
        spent = statistics.median(one[stage] for one in passes[1:]) / minutes
        total += spent
        print(f"| {stage} | {spent:.4f} |")
    print(f"| all | {total:.4f} |")


if __name__ == "__main__":
    main()
