"""Run two methods for the same work in turn, compare their CPU times, and store the result.

CPU time is that of this process, of all its threads, and of its children that have ended. One turn
of each side comes first and does not count, since it compiles code and fills the caches of the file
system. Then the two sides take turns at going first. Both suffer alike from other work on the
machine, so the ratio of their medians needs no idle machine.
"""

from __future__ import annotations

import dataclasses
import datetime
import importlib
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

__all__ = [
    "COLUMNS", "MissingPeerError", "Result", "Sides", "agree", "append", "compare", "cpu_s", "need",
]  # fmt: skip

Sides = tuple[Callable[[], Any], Callable[[], Any], int]
"""One turn of ours, one of the peer's, and the pieces of work in each."""

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "benchmarks" / "results.tsv"
COLUMNS = (
    "name", "ratio", "ours", "peer", "unit", "n", "quick", "date", "commit", "machine", "versions"
)  # fmt: skip
# Pause before each turn: for a while after the last one, waiting threads still use CPU time.
_PAUSE_S = 0.2


class MissingPeerError(Exception):
    """A peer is not installed."""


@dataclasses.dataclass(frozen=True, slots=True)
class Result:
    """The result of a benchmark.

    Attributes
    ----------
    name : str
    ratio : float
        Ratio of the medians; above 1 if ours is better.
    ours, peer : float
        Medians, in `unit`.
    unit : str
    rounds : int
        Turns of each side.
    """

    name: str
    ratio: float
    ours: float
    peer: float
    unit: str
    rounds: int

    def line(self) -> str:
        """Return the line that is printed."""
        return (
            f"{self.name} ratio={self.ratio:.3g} ours={self.ours:.4g} peer={self.peer:.4g} "
            f"unit={self.unit} n={self.rounds}"
        )


def cpu_s() -> float:
    """Return the CPU time of this process and of its children that have ended, in seconds."""
    return time.process_time() + sum(os.times()[2:4])


def compare(
    name: str,
    ours: Callable[[], Any],
    peer: Callable[[], Any],
    *,
    unit: str,
    rounds: int,
    ours_amount: float = 1.0,
    peer_amount: float = 1.0,
    clock: Callable[[], float] = cpu_s,
) -> Result:
    """Compare the costs of two sides, run in turn; the first turn of each does not count.

    Parameters
    ----------
    name : str
    ours, peer : callable
        One turn of each.
    unit : str
        Seconds per piece of work, e.g. ``"s/min"``.
    rounds : int
    ours_amount, peer_amount : float
        Pieces of work in one turn.
    clock : callable
        Seconds, CPU time by default.

    Returns
    -------
    result : Result
    """
    sides = {"ours": (ours, ours_amount), "peer": (peer, peer_amount)}
    times: dict[str, list[float]] = {side: [] for side in sides}
    for turn in range(-1, rounds):
        for side in sorted(sides, reverse=turn % 2 == 1):
            run, amount = sides[side]
            time.sleep(_PAUSE_S)
            begin = clock()
            run()
            if turn >= 0:
                times[side].append((clock() - begin) / amount)
    ours_s, peer_s = statistics.median(times["ours"]), statistics.median(times["peer"])
    return Result(name, peer_s / ours_s, ours_s, peer_s, unit, rounds)


def agree(what: str, difference: float, tolerance: float) -> None:
    """Print the difference between the outputs of both sides, and check it.

    Raises
    ------
    AssertionError
        If `difference` is above `tolerance`, or is not a number.
    """
    print(f"  {what}: {difference:.3g}, tolerance {tolerance:.3g}", file=sys.stderr)
    if not difference <= tolerance:
        raise AssertionError(f"{what}: {difference:.3g} is above the tolerance {tolerance:.3g}")


def need(*modules: str) -> None:
    """Check that peers are installed.

    Raises
    ------
    MissingPeerError
        If one is missing. The message says how to install it.
    """
    missing = []
    for module in modules:
        try:
            importlib.import_module(module)
        except ImportError as error:
            missing.append(f"{module} ({error})")
    if missing:
        raise MissingPeerError(
            f"missing peer: {', '.join(missing)}; install it as benchmarks/README.md says: "
            "pip install -c requirements.lock -e '.[bench]'"
        )


def machine() -> str:
    """Return the processor, the number of cores and the system, without the name of the host."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        model = names[0] if names else model
    return f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"


def versions(packages: Sequence[str]) -> str:
    """Return the versions of Python and of some packages."""
    found = [f"python {platform.python_version()}"]
    for package in packages:
        try:
            found.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            continue
    return ", ".join(found)


def commit() -> str:
    """Return the commit that is checked out, with ``+`` if files differ from it."""

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
        return done.stdout.strip() if done.returncode == 0 else ""

    head = git("rev-parse", "--short=12", "HEAD") or "unknown"
    # The table itself changes with each benchmark.
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", f":!{TABLE}")
    return head + ("+" if changed else "")


def append(path: Path, result: Result, *, quick: bool, packages: Sequence[str]) -> None:
    """Add a row to the table of results, which gets its header with the first one."""
    now = datetime.datetime.now(datetime.UTC)
    row = (
        result.name, f"{result.ratio:.4g}", f"{result.ours:.4g}", f"{result.peer:.4g}",
        result.unit, str(result.rounds), "yes" if quick else "no", f"{now:%Y-%m-%d %H:%M}Z",
        commit(), machine(), versions(packages),
    )  # fmt: skip
    first = not path.is_file()
    with path.open("a", encoding="utf-8", newline="\n") as file:
        if first:
            file.write("\t".join(COLUMNS) + "\n")
        file.write("\t".join(row) + "\n")
