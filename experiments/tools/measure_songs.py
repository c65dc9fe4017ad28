"""Measure the level of songs, and how many of their parts hold a mains hum.

    python experiments/tools/measure_songs.py BENCH...

Each BENCH is a folder of real songs (`evaluation.bench.layout`). A line per song says its level
(`features.gain`), the gain that it gets before the model that ships, and in how many of its parts
of 20 seconds this model finds a hum (`features.hum`). The last line sums up.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from deep_plunder.audio.offsets import centred_blocks
from deep_plunder.audio.reading import reader
from deep_plunder.evaluation.bench.layout import songs_of
from deep_plunder.features.gain import gain_of, level_of
from deep_plunder.features.hum import without_hum
from deep_plunder.features.log_mel import stream_log_mel
from deep_plunder.models.card import read_card
from deep_plunder.util.resources import shipped_model_path

_DB = 20 / np.log(10)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bench", type=Path, nargs="+")
    chosen = parser.parse_args()
    spec = read_card(shipped_model_path()).spec
    levels_db, raised, hums = [], 0, 0
    print("song\tlevel_db\tgain_db\tparts\twith_hum")
    for song in [song for bench in chosen.bench for song in songs_of(bench)]:
        with reader(song.audio) as recording:
            blocks = centred_blocks(recording)
            heard = list(stream_log_mel(blocks, recording.info.rate, spec))
        cleaned = list(without_hum(heard, spec))
        ends = np.cumsum([len(part) for part in cleaned])[:-1]
        whole = np.split(np.concatenate(heard), ends)
        hum = sum((a != b).any() for a, b in zip(whole, cleaned, strict=True))
        level = level_of(cleaned, spec)
        gain = gain_of(level)
        levels_db.append(level * _DB)
        raised += gain > 0
        hums += hum > 0
        print(f"{song.name}\t{level * _DB:.1f}\t{gain * _DB:.1f}\t{len(cleaned)}\t{hum}")
    low, high = np.quantile(levels_db, (0.05, 0.95))
    print(
        f"{len(levels_db)} songs: levels {min(levels_db):.1f} to {max(levels_db):.1f} dB, "
        f"nine of ten {low:.1f} to {high:.1f} dB, {raised} raised, {hums} with a hum"
    )


if __name__ == "__main__":
    main()
