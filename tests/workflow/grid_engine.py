"""A stand-in for Grid Engine that runs its jobs in the background.

Installed under the names qsub, qdel and job_status, it is what `profiles/cluster-generic` calls. It
takes the options that the profile gives and refuses others. It does not limit memory and time.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

JOBS = Path(__file__).resolve().parent / "jobs"


@dataclass(frozen=True)
class Job:
    """A job: its number, its name, its memory in MB, and whether it was deleted or is over."""

    number: int
    name: str
    mem_mb: int
    pid: int
    is_deleted: bool
    is_over: bool


def install(folder: Path) -> None:
    """Put the commands into a folder, which also keeps their jobs."""
    (folder / "jobs").mkdir(parents=True)
    text = Path(__file__).read_text(encoding="utf-8")
    for name in COMMANDS:
        path = folder / name
        path.write_text(f"#!{sys.executable}\n{text}", encoding="utf-8")
        path.chmod(0o755)


def qsub(arguments: list[str]) -> None:
    """Start a job in a session of its own, and print its number."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for flag in ("-terse", "-cwd", "-V"):
        parser.add_argument(flag, action="store_true", required=True)
    for option in ("-b", "-S", "-N", "-l", "-o", "-e"):
        parser.add_argument(option, required=True)
    parser.add_argument("-pe", nargs=2, required=True)
    parser.add_argument("script")
    given = parser.parse_args(arguments)
    # Exclusively, for several may be submitted at once.
    number = next(number for number in range(1, 10_000) if _claim(JOBS / f"{number}"))
    job = JOBS / f"{number}"
    (job / "request").write_text(f"{given.N} {given.l}", encoding="utf-8")
    command = f'bash "{given.script}"; echo $? > "{job}/code.new"; mv "{job}"/code.new "{job}"/code'
    with Path(given.o, f"{given.N}.o{number}").open("wb") as out:
        process = subprocess.Popen(
            ["bash", "-c", command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    # Last, and whole: until then nobody sees the job.
    (job / "pid.new").write_text(str(process.pid), encoding="utf-8")
    (job / "pid.new").rename(job / "pid")
    print(number)


def _claim(folder: Path) -> bool:
    try:
        folder.mkdir()
    except FileExistsError:
        return False
    return True


def qdel(numbers: list[str]) -> None:
    """End jobs: first ask, as Grid Engine does, and leave it at that."""
    for number in numbers:
        (JOBS / number / "deleted").touch()
        with suppress(ProcessLookupError):
            os.killpg(int((JOBS / number / "pid").read_text()), signal.SIGTERM)


def _lives(job: Path) -> bool:
    try:
        os.killpg(int((job / "pid").read_text()), 0)
    except ProcessLookupError:
        return False
    return True


def jobs_in(folder: Path) -> list[Job]:
    """List all jobs that were submitted to the commands in a folder, by number."""
    jobs = []
    submitted = [path.parent for path in (folder / "jobs").glob("*/pid")]
    for job in sorted(submitted, key=lambda job: int(job.name)):
        name, limits = (job / "request").read_text(encoding="utf-8").split()
        memory = re.match(r"h_vmem=(\d+)M,", limits)
        assert memory, limits
        pid = int((job / "pid").read_text(encoding="utf-8"))
        deleted = (job / "deleted").exists()
        jobs.append(Job(int(job.name), name, int(memory[1]), pid, deleted, not _lives(job)))
    return jobs


def job_status(numbers: list[str]) -> None:
    """Print running, success or failed."""
    job = JOBS / numbers[0]
    # In this order: a job may end in between.
    lives, code = _lives(job), job / "code"
    if code.exists():
        print("failed" if int(code.read_text(encoding="utf-8")) else "success")
    else:
        print("running" if lives else "failed")


COMMANDS = {"qsub": qsub, "qdel": qdel, "job_status": job_status}

if __name__ == "__main__":
    COMMANDS[Path(sys.argv[0]).name](sys.argv[1:])
