"""Disturb a stage at a moment, and compare what the same command makes afterwards."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.kills.stages import STAGES, Stage, content
from tests.workflow.conftest import Run

__all__ = ["DISTURBANCES", "DisturbedError", "disturbed", "duration_s"]

_POLL_S = 0.02
_LONGEST_S = 600.0


class DisturbedError(AssertionError):
    """A disturbed run ended otherwise than an undisturbed one."""


def _command(run: Run, stage: Stage) -> list[str]:
    return run.command("--cores", "2", *(f"results/{target}" for target in stage.targets))


def _start(run: Run, stage: Stage) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        _command(run, stage), cwd=run.folder, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def _logs(run: Run) -> dict[Path, int]:
    found = {}
    for path in (run.results / "logs").rglob("*.log"):
        with suppress(FileNotFoundError):
            found[path] = path.stat().st_mtime_ns
    return found


def _wait_for_a_job(process: subprocess.Popen[bytes], run: Run, before: dict[Path, int]) -> None:
    """Wait until a job has begun to write its log."""
    deadline = time.monotonic() + _LONGEST_S
    while process.poll() is None and _logs(run) == before and time.monotonic() < deadline:
        time.sleep(_POLL_S)


def _wait_for_all(process: subprocess.Popen[bytes]) -> None:
    """Wait until a process and all that it started have ended."""
    process.wait(_LONGEST_S)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(_POLL_S)
    raise DisturbedError("jobs go on after they were ended")


def duration_s(run: Run, name: str) -> float:
    """Run a stage, and return the seconds from the beginning of its first job to its end.

    Parameters
    ----------
    run : Run
        A copy of a whole run, which is changed.
    name : str
        The stage.
    """
    stage = STAGES[name]
    stage.remove(run.results)
    process = _start(run, stage)
    _wait_for_a_job(process, run, _logs(run))
    begin = time.monotonic()
    if process.wait(_LONGEST_S):
        raise DisturbedError(f"{name}: an undisturbed run fails")
    return time.monotonic() - begin


def _ended_by(number: signal.Signals) -> Callable[[Run, Stage, float], None]:
    def disturb(run: Run, stage: Stage, moment_s: float) -> None:
        before = _logs(run)
        process = _start(run, stage)
        _wait_for_a_job(process, run, before)
        with suppress(subprocess.TimeoutExpired):
            process.wait(moment_s)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        _wait_for_all(process)

    return disturb


def _twice(run: Run, stage: Stage, moment_s: float) -> None:
    """Start a second run while the first one works; it is refused, and changes nothing."""
    before = _logs(run)
    first = _start(run, stage)
    _wait_for_a_job(first, run, before)
    with suppress(subprocess.TimeoutExpired):
        first.wait(moment_s)
    is_running = first.poll() is None
    second = _start(run, stage)
    code = second.wait(_LONGEST_S)
    if first.wait(_LONGEST_S) or (is_running and first.poll() is None and not code):
        raise DisturbedError("a second run disturbs the first")


def _input_replaced(run: Run, stage: Stage, moment_s: float) -> None:
    """Kill a run that reads other sounds; those of the undisturbed run come back afterwards."""
    sounds = sorted((run.folder / "library" / "kick").glob("kick*.wav"))[:2]
    contents = [path.read_bytes() for path in sounds]
    for path, other in zip(sounds, reversed(contents), strict=True):
        path.write_bytes(other)
    _ended_by(signal.SIGKILL)(run, stage, moment_s)
    for path, own in zip(sounds, contents, strict=True):
        path.write_bytes(own)


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)


@contextmanager
def _tmpfs(run: Run, size: int) -> Iterator[None]:
    """Put the results of a run on a file system of so many bytes more than they have."""
    used = sum(path.stat().st_size + 4096 for path in run.results.rglob("*") if path.is_file())
    aside = run.folder / "aside"
    run.results.rename(aside)
    run.results.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={used + size}", "tmpfs", str(run.results))
    try:
        shutil.copytree(aside, run.results, dirs_exist_ok=True, symlinks=True)
        yield
        shutil.rmtree(aside)
        shutil.copytree(run.results, aside, symlinks=True)
    finally:
        subprocess.run(["umount", "-l", str(run.results)], check=True)
        run.results.rmdir()
        aside.rename(run.results)


def _disk_full(run: Run, stage: Stage, moment_s: float) -> None:
    """Let a file system run full: after as many bytes as pass for a moment."""
    with _tmpfs(run, int(200_000 * moment_s) + 4096):
        _start(run, stage).wait(_LONGEST_S)


def _read_only(run: Run, stage: Stage, moment_s: float) -> None:
    with _tmpfs(run, 1 << 26):
        before = _logs(run)
        process = _start(run, stage)
        _wait_for_a_job(process, run, before)
        with suppress(subprocess.TimeoutExpired):
            process.wait(moment_s)
        # Refused while files are open for writing: then at the next moment.
        for _ in range(500):
            with suppress(subprocess.CalledProcessError):
                _mount("-o", "remount,ro", str(run.results))
                break
            time.sleep(_POLL_S)
        process.wait(_LONGEST_S)
        _mount("-o", "remount,rw", str(run.results))


DISTURBANCES: dict[str, Callable[[Run, Stage, float], None]] = {
    "kill": _ended_by(signal.SIGKILL),
    "interrupt": _ended_by(signal.SIGINT),
    "terminate": _ended_by(signal.SIGTERM),
    "twice": _twice,
    "input": _input_replaced,
    "full": _disk_full,
    "read-only": _read_only,
}
"""Disturbances by name: of a stage of a run, so many seconds after its first job has begun.

``full`` and ``read-only`` mount a file system, so they need the rights of root.
"""


def disturbed(run: Run, name: str, disturbance: str, moment_s: float) -> None:
    """Disturb a stage, give the same command again, and compare.

    Parameters
    ----------
    run : Run
        A copy of a whole run, which is changed.
    name : str
        The stage.
    disturbance : str
        A key of `DISTURBANCES`.
    moment_s : float
        Seconds from the beginning of the first job.

    Raises
    ------
    DisturbedError
        If the command fails, leaves temporary files, or makes other bytes.
    """
    stage = STAGES[name]
    expected = content(run.results, stage)
    stage.remove(run.results)
    DISTURBANCES[disturbance](run, stage, moment_s)
    where = f"{name}, {disturbance} after {moment_s:.2f} s"
    # As `snakemake --unlock` does, which other tests call, but without starting Snakemake.
    for lock in (run.folder / ".snakemake" / "locks").glob("*"):
        lock.unlink()
    targets = [f"results/{target}" for target in stage.targets]
    outcome = run.snakemake("--cores", "2", *targets, timeout=_LONGEST_S)
    if outcome.code:
        raise DisturbedError(f"{where}: the same command fails: {outcome.text[-2000:]}")
    found = content(run.results, stage)
    for fault, paths in (
        ("not made", expected.keys() - found.keys()),
        ("made beside", found.keys() - expected.keys()),
        ("other bytes in", {p for p in found.keys() & expected.keys() if found[p] != expected[p]}),
    ):
        if paths:
            raise DisturbedError(f"{where}: {fault} {', '.join(sorted(paths))}")
    for made in stage.made:
        for path in (run.results / made).rglob(".*"):
            if path.name != ".snakemake_timestamp":
                raise DisturbedError(f"{where}: {path} is left")


def moments(seconds: float, count: int, seed: int) -> Iterator[float]:
    """Draw random moments of a stage that lasts so many seconds."""
    rng = random.Random(seed)
    for _ in range(count):
        yield rng.uniform(0, seconds)
