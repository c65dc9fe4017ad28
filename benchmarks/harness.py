"""Run two ways of the same work by turns, compare their CPU time, and keep what came out.

CPU time is that of this process, all its threads, and the children that it waited for. Turns
begin with either side alternately, after one turn of each that does not count (compilers, caches
of the file system). A ratio of medians needs no idle machine: both sides suffer alike.
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

__all__ = ["COLUMNS", "MissingPeerError", "Result", "agree", "append", "compare", "cpu_s", "need"]

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "benchmarks" / "results.tsv"
COLUMNS = (
    "name", "ratio", "ours", "peer", "unit", "n", "quick", "date", "commit", "machine", "versions"
)  # fmt: skip
# Threads that wait for more work cost CPU time for a while after a turn: so much goes before each.
_PAUSE_S = 0.2


class MissingPeerError(Exception):
    """What is compared with is not installed."""


@dataclasses.dataclass(frozen=True, slots=True)
class Result:
    """What a benchmark found.

    Attributes
    ----------
    name : str
    ratio : float
        Of the medians: how many times less we cost, or how many times more we get.
    ours, peer : float
        Medians, in `unit`.
    unit : str
    rounds : int
    """

    name: str
    ratio: float
    ours: float
    peer: float
    unit: str
    rounds: int

    def line(self) -> str:
        """Give the line that is printed."""
        return (
            f"{self.name} ratio={self.ratio:.3g} ours={self.ours:.4g} peer={self.peer:.4g} "
            f"unit={self.unit} n={self.rounds}"
        )


def cpu_s() -> float:
    """Give the CPU time of this process and of the children that it waited for, in seconds."""
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
    warm: bool = True,
) -> Result:
    """Run two sides by turns.

    Parameters
    ----------
    name : str
    ours, peer : callable
        One turn of each.
    unit : str
        Seconds a piece of work, e.g. ``"s/min"``.
    rounds : int
    ours_amount, peer_amount : float
        Pieces of work in one turn.
    clock : callable
        Seconds, CPU time by default.
    warm : bool
        Whether a turn of each goes before that does not count.

    Returns
    -------
    result : Result
    """
    sides = {"ours": (ours, ours_amount), "peer": (peer, peer_amount)}
    times: dict[str, list[float]] = {side: [] for side in sides}
    for turn in range(-1 if warm else 0, rounds):
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
    """Say how far the outputs of both sides lie apart, and fail if that is too far.

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
        Naming those that are not, and how to install them.
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
    """Describe the machine: processor, cores, system; no names of hosts."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        model = names[0] if names else model
    return f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"


def versions(packages: Sequence[str]) -> str:
    """Give the versions of Python and of some packages."""
    found = [f"python {platform.python_version()}"]
    for package in packages:
        try:
            found.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            continue
    return ", ".join(found)


def commit() -> str:
    """Give the commit that is checked out, with ``+`` if files differ from it."""

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
