"""Print the cost of the jobs of a run, rule by rule: ``python -m benchmarks.jobs [RUN]``.

The folder of a run, by default the current one, has the time and memory of each job in
``results/benchmarks``. The table has the largest job of each rule. Snakemake samples the memory of
a job every half second, so the figures of jobs under a second are too low.
"""

from __future__ import annotations

import csv
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path

__all__ = ["Cost", "costs", "main"]


@dataclasses.dataclass(frozen=True, slots=True)
class Cost:
    """The cost of a rule.

    Attributes
    ----------
    rule : str
    jobs : int
        Number of jobs that were measured.
    cpu_s : float
        CPU time of the longest job, in seconds.
    peak_mb : float
        Greatest resident memory of a job, in 2**20 bytes.
    """

    rule: str
    jobs: int
    cpu_s: float
    peak_mb: float


def costs(run: Path) -> list[Cost]:
    """Return the cost of each rule of a run, by name."""
    folder = run / "results" / "benchmarks"
    rows: dict[str, list[tuple[float, float]]] = {}
    for path in sorted(folder.rglob("*.tsv")):
        rule = path.relative_to(folder).parts[0].removesuffix(".tsv")
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                measured = (_number(row["cpu_time"]), _number(row["max_rss"]))
                rows.setdefault(rule, []).append(measured)
    return [
        Cost(rule, len(jobs), max(cpu for cpu, _ in jobs), max(peak for _, peak in jobs))
        for rule, jobs in sorted(rows.items())
    ]


def _number(text: str) -> float:
    # A job that ended before the first sample has none.
    return 0.0 if text in ("-", "NA") else float(text)


def main(arguments: Sequence[str]) -> None:
    """Print the table for a run."""
    print("| rule | jobs | CPU time | memory |\n|---|---|---|---|")
    for cost in costs(Path(arguments[0] if arguments else ".")):
        print(f"| {cost.rule} | {cost.jobs} | {cost.cpu_s:.1f} s | {cost.peak_mb:.0f} MB |")


if __name__ == "__main__":
    main(sys.argv[1:])
