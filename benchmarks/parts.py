"""The parts of our side of two benchmarks: ``python -m benchmarks.parts logmel|onsets``.

The table that is printed has the CPU time of each part. A part is one or several functions. Their
calls are timed without the calls of other parts inside them, so the parts add up to our side of the
benchmark of that name. Each row is a median of several turns. The first turn does not count.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

from . import logmel, onsets
from .catalogue import Setup
from .part_clock import REST, PartClock

_FEATURES, _LIBRARY = "deep_plunder.features.log_mel", "deep_plunder.corpus.library"
_PARTS = {
    "logmel": {
        "decoding": ["deep_plunder.audio.reading.Reader._decode"],
        "mean of the channels": [f"{_FEATURES}.downmix"],
        "resampling": [f"{_FEATURES}.resample"],
        "transforms": ["scipy.fft.rfft"],
        "magnitudes": [f"{_FEATURES}.magnitudes_by_bin"],
        "windows, bands, logarithms": [f"{_FEATURES}._analyse"],
    },
    "onsets": {
        "decoding": ["deep_plunder.audio.reading.Reader._decode"],
        "transforms": ["scipy.fft.rfft"],
        "magnitudes": ["deep_plunder.corpus.flip.magnitudes_by_bin"],
        "search for loops": [f"{_LIBRARY}.find_attacks"],
        "level": [f"{_LIBRARY}.level"],
        "bands and strengths": [f"{_LIBRARY}.find_region"],
        "peaks": ["librosa.onset.onset_detect"],
    },
}
_SIDES = {"logmel": (logmel.sides, "s/min"), "onsets": (onsets.sides, "s/sound")}


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parts", description=__doc__)
    parser.add_argument("name", choices=list(_PARTS), help="the benchmark")
    parser.add_argument("--quick", action="store_true", help="the small corpus")
    parser.add_argument("--rounds", type=int, default=7, help="turns that count")
    chosen = parser.parse_args(arguments)
    parts, (sides, unit) = _PARTS[chosen.name], _SIDES[chosen.name]
    turns: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory(prefix="parts-") as folder:
        setup = Setup(chosen.name, Path(folder), quick=chosen.quick, rounds=chosen.rounds)
        ours, _, amount = sides(setup)
        for _ in range(1 + chosen.rounds):
            clock = PartClock()
            with clock.timing(parts):
                ours()
            turns.append(clock.spent | {"all": sum(clock.spent.values())})
    print(f"| part | {unit} |\n|---|---|")
    for part in (*parts, REST, "all"):
        print(f"| {part} | {statistics.median(turn[part] for turn in turns[1:]) / amount:.5f} |")


if __name__ == "__main__":
    main()
