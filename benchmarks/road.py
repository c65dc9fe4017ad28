"""Project the cost of large runs from measured figures: ``python -m benchmarks.road``.

The figures are those of the table *Per unit* in ``docs/explanation/scale.md``. The tables that are
printed are those of the same page: the least sizes of shards, and the time of runs of several sizes
on several numbers of cores. All shards of a run count as full.
"""

from __future__ import annotations

import dataclasses
import math
import re
from pathlib import Path

from .harness import ROOT

__all__ = ["Stage", "duration", "main", "per_unit", "road", "size"]

_PAGE = ROOT / "docs" / "explanation" / "scale.md"
_CORES = (1, 8, 100, 1_000)
# Seconds: one start of Snakemake, and the imports of a job.
_START_S, _IMPORTS_S = 3, 1
_SHARE = 0.05
_SONG_MIN = 4


@dataclasses.dataclass(frozen=True, slots=True)
class Stage:
    """A stage whose work is divided into shards.

    Attributes
    ----------
    unit_s : float
        CPU time of a mix or a song, in seconds.
    per_shard : int
        Mixes or songs per shard.
    starts : int
        Starts of Snakemake per shard: one for the submission, one for each of its jobs.
    """

    unit_s: float
    per_shard: int
    starts: int

    @property
    def start_s(self) -> float:
        """CPU time that a shard spends on starting, in seconds."""
        return _START_S * self.starts + _IMPORTS_S

    def least(self) -> int:
        """Return the least number of units whose shard spends at most 5 % on starting."""
        return math.ceil(self.start_s / _SHARE / self.unit_s)

    def shards(self, units: int) -> int:
        """Return the number of shards for so many mixes or songs."""
        return math.ceil(units / self.per_shard)

    def times(self, units: int) -> list[str]:
        """Return the CPU time without starts, and the time on each number of cores."""
        shard_s = self.unit_s * self.per_shard + self.start_s
        rounds = (math.ceil(self.shards(units) / cores) for cores in _CORES)
        return [duration(units * self.unit_s), *(duration(each * shard_s) for each in rounds)]


def _digits(number: float) -> str:
    """Return a number with two significant digits, or all digits of its whole part."""
    return f"{number:.0f}" if number >= 9.95 else f"{number:.1f}"


def duration(seconds: float) -> str:
    """Return a duration in minutes, hours or days."""
    for unit, length, limit in (("min", 60, 2 * 3600), ("h", 3600, 48 * 3600)):
        if seconds < limit:
            return f"{_digits(seconds / length)} {unit}"
    return f"{_digits(seconds / 86400)} days"


def size(megabytes: float) -> str:
    """Return an amount of data in GB or TB."""
    terabytes = megabytes / 1e6
    return f"{_digits(megabytes / 1e3)} GB" if terabytes < 0.995 else f"{_digits(terabytes)} TB"


def per_unit(page: str, row: str) -> tuple[float, float]:
    """Return the seconds and megabytes of a row of the table *Per unit*, 0 for none."""
    (cells,) = re.findall(
        rf"^\| {re.escape(row)} \| [^|]* \|([^|]*)\|([^|]*)\|$", page, re.MULTILINE
    )
    numbers = (re.match(r"\s*([\d.]+) (?:s|MB)\s*$", cell) for cell in cells)
    seconds, megabytes = (float(found[1]) if found else 0.0 for found in numbers)
    return seconds, megabytes


def _table(*rows: list[str]) -> str:
    head, *rest = rows
    lines = [head, ["---"] * len(head), *rest]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines).replace(" --- ", "---")


def road(page: str) -> list[str]:
    """Return the tables: least sizes of shards, runs of mixes, runs of songs."""
    minute_s, features_mb = per_unit(page, "mixes and features, no audio kept")
    _, audio_mb = per_unit(page, "audio of the mixes (`keep_audio`)")
    song_s = _SONG_MIN * per_unit(page, "extraction, no pictures")[0]
    # A plan and the features are two jobs.
    mixes = Stage(unit_s=minute_s, per_shard=2_000, starts=3)
    songs = Stage(unit_s=song_s, per_shard=1_000, starts=2)
    cores = [f"{number:,} core{'s' if number > 1 else ''}" for number in _CORES]
    least = [
        [f"`{key}`", units.format(stage.least()), f"{stage.start_s:.0f} s",
         f"{stage.start_s / _SHARE:.0f} s"]
        for key, stage, units in (
            ("mixes.per_shard", mixes, "{:,} mixes of a minute"),
            ("extraction.shards", songs, "one for {} songs of four minutes"),
        )
    ]  # fmt: skip
    of_mixes = []
    for hours in (50, 1_000, 10_000):
        minutes = 60 * hours
        cpu, *times = mixes.times(minutes)
        disk = [size(minutes * mb) for mb in (features_mb, features_mb + audio_mb)]
        of_mixes.append([f"{hours:,} hours", cpu, *disk, f"{mixes.shards(minutes):,}", *times])
    of_songs = []
    for number, name in (
        (1_000, "1,000"),
        (100_000, "100,000"),
        (10**7, "10 million, in 100 runs"),
    ):
        cpu, *times = songs.times(number)
        of_songs.append([name, cpu, f"{songs.shards(number):,}", *times])
    return [
        _table(["key", "at least", "starting takes", "time of such a job"], *least),
        _table(["mixes", "CPU time", "disk", "with audio", "shards", *cores], *of_mixes),
        _table(["songs", "CPU time", "shards", *cores], *of_songs),
    ]


def main(page: Path = _PAGE) -> None:
    """Print the tables."""
    print("\n\n".join(road(page.read_text(encoding="utf-8"))))


if __name__ == "__main__":
    main()
