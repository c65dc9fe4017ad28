"""The profile for other schedulers runs jobs, repeats those that die, and ends them all."""

import os
import signal
from pathlib import Path

import pytest

from . import grid_engine
from .submission import CopyRun, shards_left, submitted, wait_until

pytestmark = pytest.mark.workflow


@pytest.fixture
def scheduler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a stand-in for Grid Engine, whose commands are found first."""
    folder = tmp_path / "grid_engine"
    grid_engine.install(folder)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def test_a_dead_job_is_repeated_and_ctrl_c_leaves_none(scheduler: Path, copy_run: CopyRun) -> None:
    run = copy_run()
    intact = run.made("mixes", "features")
    targets = shards_left(run)
    status = ["--cluster-generic-status-cmd", str(scheduler / "job_status")]
    arguments = [*status, "--seconds-between-status-checks", "1", *targets]

    def jobs() -> list[grid_engine.Job]:
        return grid_engine.jobs_in(scheduler)

    with submitted(run, "cluster-generic", *arguments) as submission:
        # Snakemake can end the jobs whose numbers it has read.
        known = "with external jobid"
        wait_until(
            lambda: submission.output.read_text(encoding="utf-8").count(known) == len(targets),
            seconds=600,
            what="not all submitted",
        )
        submission.end(signal.SIGINT)
    first = jobs()
    assert all(job.is_deleted for job in first)
    wait_until(lambda: all(job.is_over for job in jobs()), seconds=60, what="jobs go on")
    assert run.half_made() == []

    with submitted(run, "cluster-generic", *arguments) as submission:
        wait_until(lambda: len(jobs()) > len(first), seconds=600, what="none is submitted")
        victim = jobs()[len(first)]
        os.killpg(victim.pid, signal.SIGKILL)
        outcome = submission.outcome()
    assert outcome.code == 0, outcome.text[-4000:]
    second = jobs()[len(first) :]
    assert len(second) == len(targets) + 1
    assert {job.name for job in second} == {"dp.GROUP"}
    assert [job.mem_mb for job in second] == [victim.mem_mb] * len(targets) + [2 * victim.mem_mb]
    assert run.made("mixes", "features") == intact
