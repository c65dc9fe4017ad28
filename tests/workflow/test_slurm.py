"""On a real Slurm a run makes the same bytes, whatever happens to its jobs."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import Outcome, Run
from .slurm import Job, Slurm, obstacle, running_slurm
from .submission import CopyRun, shards_left, submitted, wait_until

pytestmark = pytest.mark.workflow

# Python runs this first in each job. The first job that runs a script of which there is a marker
# takes the marker away, and then memory until it is killed: pages that are mapped again and again,
# so that the machine needs no such memory.
HUNGRY = """\
import mmap, os, pathlib, re, sys, time

script = re.search(r"\\.([a-z_]+)\\.py$", sys.orig_argv[-1])
if script and "SLURM_JOB_ID" in os.environ:
    try:
        pathlib.Path(__file__).with_name(script[1]).unlink()
    except FileNotFoundError:
        pass
    else:
        file = os.memfd_create("hungry")
        os.ftruncate(file, 2**26)
        flags = mmap.MAP_SHARED | mmap.MAP_POPULATE
        maps = [mmap.mmap(file, 2**26, flags=flags) for _ in range(32000 // 64)]
        time.sleep(120)
        sys.exit("was not killed")
"""
# Python runs this first in each job, whose script does not begin before the marker is gone.
HELD = """\
import os, pathlib, re, sys, time

if "SLURM_JOB_ID" in os.environ and re.search(r"\\.[a-z_]+\\.py$", sys.orig_argv[-1]):
    while pathlib.Path(__file__).with_name("held").exists():
        time.sleep(0.1)
"""
# A script of each kind of submission.
SCRIPTS = ("scan_library", "render_mixes", "train_model", "evaluate_model", "extract_clips",
           "list_clips")  # fmt: skip

# Ask Slurm soon how its jobs are.
FAST = "--slurm-init-seconds-before-status-checks", "1"


@pytest.fixture(scope="module")
def daemons(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slurm]:
    """Return a Slurm of three nodes on this machine."""
    if reason := obstacle():
        required = os.environ.get("CI") == "true" and os.geteuid() == 0
        if required and Path("/etc/debian_version").exists():
            pytest.fail(f"no Slurm in continuous integration: {reason}")
        pytest.skip(f"no Slurm: {reason}")
    with running_slurm(tmp_path_factory.mktemp("slurm")) as started:
        yield started


@pytest.fixture
def slurm(daemons: Slurm) -> Iterator[Slurm]:
    """Return the Slurm, in which no job of another test remains."""
    yield daemons
    # Shown if the test failed.
    print(daemons.logs())
    daemons.cancel_all()


@pytest.fixture
def held(tmp_path: Path) -> Path:
    """Return the marker that keeps jobs from their end. Its folder is for Python's first modules.

    Without it a job may end before the test has done anything to it.
    """
    folder = tmp_path / "first"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(HELD)
    marker = folder / "held"
    marker.touch()
    return marker


def running(slurm: Slurm, before: int) -> list[Job]:
    """List the jobs that run now, but for the first `before` of all."""
    return [job for job in slurm.jobs()[before:] if job.state == "RUNNING"]


def test_a_run_in_which_memory_kills_a_job_of_each_kind(
    slurm: Slurm, whole_run: tuple[Run, Outcome], copy_run: CopyRun, tmp_path: Path
) -> None:
    run = copy_run()
    shutil.rmtree(run.results)
    before = len(slurm.jobs())
    hungry = tmp_path / "hungry"
    hungry.mkdir()
    (hungry / "sitecustomize.py").write_text(HUNGRY)
    for script in SCRIPTS:
        (hungry / script).touch()
    # The weights of this network depend on the number of threads.
    threads = "--set-threads", "train=2"
    with submitted(run, "slurm", *FAST, *threads, first=hungry) as submission:
        outcome = submission.outcome()
    assert outcome.code == 0, outcome.text[-6000:]
    jobs = slurm.jobs()[before:]
    killed = [job for job in jobs if job.state != "COMPLETED"]
    assert len(killed) == len(SCRIPTS), jobs
    # The sounds and songs, six shards, training, evaluation, clips, tables.
    assert len(jobs) - len(killed) == 11, jobs
    for label in ("corpus", "shard", "train", "evaluate", "extract", "tables"):
        (first,) = [job for job in killed if label in job.label]
        again = [job for job in jobs if label in job.label and job.number > first.number]
        assert max(job.mem_mb for job in again) >= 2 * first.mem_mb, jobs
    ours, theirs = (each.made("mixes", "features", "clips") for each in (run, whole_run[0]))
    assert ours == theirs
    assert run.planned() == {}


def test_a_job_is_cancelled_and_a_node_goes_down(
    slurm: Slurm, copy_run: CopyRun, held: Path
) -> None:
    run = copy_run()
    intact = run.made("mixes", "features")
    targets = shards_left(run)
    before = len(slurm.jobs())

    with submitted(run, "slurm", *FAST, *targets, first=held.parent) as submission:
        wait_until(lambda: len(running(slurm, before)) >= 2, seconds=600, what="no two jobs run")
        cancelled, lost = running(slurm, before)[:2]
        slurm.cancel(cancelled)
        node = slurm.node_of(lost)
        slurm.set_down(node)
        held.unlink()
        try:
            outcome = submission.outcome()
        finally:
            slurm.set_up(node)
    assert outcome.code == 0, outcome.text[-4000:]
    jobs = slurm.jobs()[before:]
    states = {job.number: job.state for job in jobs}
    assert states[cancelled.number] == "CANCELLED"
    assert states[lost.number] == "NODE_FAIL"
    assert list(states.values()).count("COMPLETED") == len(targets)
    assert run.made("mixes", "features") == intact


def test_ctrl_c_and_kill(slurm: Slurm, copy_run: CopyRun, held: Path) -> None:
    run = copy_run()
    intact = run.made("mixes", "features")
    targets = shards_left(run)

    def end(sent: signal.Signals) -> list[Job]:
        before = len(slurm.jobs())
        # Not `FAST`: Snakemake does not cancel the jobs whose states it is asking for.
        with submitted(run, "slurm", "--jobs", "2", *targets, first=held.parent) as submission:
            wait_until(lambda: submission.submitted() == 2, seconds=600, what="no two jobs")
            wait_until(lambda: running(slurm, before), seconds=600, what="no job runs")
            submission.end(sent)
        jobs = slurm.jobs()[before:]
        assert len(jobs) == 2
        return jobs

    stopped = {job.number for job in end(signal.SIGINT)}
    wait_until(lambda: not slurm.live(), seconds=60, what="jobs go on after Ctrl-C")
    assert {job.state for job in slurm.jobs() if job.number in stopped} == {"CANCELLED"}
    assert run.half_made() == []

    end(signal.SIGKILL)
    held.unlink()
    wait_until(lambda: not slurm.live(), seconds=1200, what="jobs do not end")
    missing = [target for target in targets if not (run.folder / target).exists()]
    assert len(missing) == len(targets) - 2
    locked = run.snakemake("--cores", "1", *targets)
    assert locked.code != 0
    assert "--unlock" in locked.text
    assert run.snakemake("--unlock").code == 0
    before = len(slurm.jobs())
    with submitted(run, "slurm", *FAST, *targets) as submission:
        outcome = submission.outcome()
    assert outcome.code == 0, outcome.text[-4000:]
    assert len(slurm.jobs()) - before == len(missing)
    assert run.made("mixes", "features") == intact
