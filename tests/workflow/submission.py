"""Snakemake with the profile of a cluster, in the background."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .conftest import REPOSITORY, Outcome, Run

CopyRun = Callable[..., Run]


class Submission:
    """Snakemake with a profile, while it runs.

    Parameters
    ----------
    run : Run
    profile : str
        Name of a folder of `profiles`.
    *arguments : str
        Further options and targets.
    first : Path, optional
        The folder in which Python looks for modules first, in all jobs too.
    """

    def __init__(self, run: Run, profile: str, *arguments: str, first: Path | None = None) -> None:
        self.output = run.folder / "output.txt"
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                run.command("--profile", str(REPOSITORY / "profiles" / profile), *arguments),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=run.folder,
                env=os.environ | {"PYTHONPATH": str(first or "")},
                start_new_session=True,
                # A shell lets what it starts in the background ignore Ctrl-C.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )

    def submitted(self) -> int:
        """Return the number of jobs that Slurm has taken."""
        text = self.output.read_text(encoding="utf-8", errors="replace")
        return text.count("has been submitted with SLURM jobid")

    def end(self, sent: signal.Signals) -> None:
        """Send a signal to Snakemake alone, and wait until it has ended."""
        self.process.send_signal(sent)
        self.process.wait(600)

    def outcome(self) -> Outcome:
        """Wait for the end."""
        code = self.process.wait(3000)
        return Outcome(code, self.output.read_text(encoding="utf-8", errors="replace"))


@contextmanager
def submitted(
    run: Run, profile: str, *arguments: str, first: Path | None = None
) -> Iterator[Submission]:
    """Run Snakemake with a profile, and end it after a failure."""
    submission = Submission(run, profile, *arguments, first=first)
    try:
        yield submission
    finally:
        with suppress(ProcessLookupError):
            os.killpg(submission.process.pid, signal.SIGKILL)
        submission.process.wait()


def shards_left(run: Run) -> list[str]:
    """Remove the mixes for training and their features; return the features, as targets."""
    folder = run.results / "features" / "train"
    targets = [
        path.relative_to(run.folder).as_posix()
        for path in sorted(folder.glob("*.npy"))
        if path.name.count(".") == 1
    ]
    for path in (folder, *(run.results / "mixes").glob("*/train"), run.results / "cache"):
        shutil.rmtree(path)
    return targets


def wait_until(true: Callable[[], object], *, seconds: float, what: str) -> None:
    """Wait until something holds; raise a `TimeoutError` if it does not in time."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {seconds:g} s: {what}")
        time.sleep(0.2)
