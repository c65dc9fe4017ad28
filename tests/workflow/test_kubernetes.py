"""The profile for Kubernetes makes the same bytes, and asks for more for a job that failed."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from . import kubectl
from .conftest import REPOSITORY
from .submission import CopyRun, shards_left, submitted

pytestmark = pytest.mark.workflow

PROFILE = REPOSITORY / "profiles" / "kubernetes"


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a stand-in for kubectl, which is found first."""
    folder = tmp_path / "cluster"
    kubectl.install(folder)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def test_a_failed_job_is_repeated_with_more(cluster: Path, copy_run: CopyRun) -> None:
    run = copy_run()
    intact = run.made("features")
    (target, *_) = shards_left(run)
    (cluster / "jobs" / "fail").touch()
    with submitted(run, "kubernetes", "--seconds-between-status-checks", "1", target) as submission:
        outcome = submission.outcome()
    assert outcome.code == 0, outcome.text[-4000:]
    made = run.made("features")
    assert Path(target).relative_to("results").as_posix() in made
    assert made.items() <= intact.items()
    # Plan, mixes and features of the shard are one job.
    first, second = (job["spec"] for job in kubectl.jobs_in(cluster))
    assert second["activeDeadlineSeconds"] == 2 * first["activeDeadlineSeconds"]
    memory = []
    for spec in (first, second):
        (container,) = spec["template"]["spec"]["containers"]
        assert container["workingDir"] == str(run.folder)
        assert container["resources"]["requests"]["cpu"] == "1"
        memory.append(int(container["resources"]["limits"]["memory"].removesuffix("M")))
    assert memory[1] == 2 * memory[0] > 0


def test_a_job_that_is_deleted_has_failed(cluster: Path, tmp_path: Path) -> None:
    def call(*command: str) -> str:
        path = str(PROFILE / command[0])
        done = subprocess.run(
            [path, *command[1:]], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    script = tmp_path / "script.sh"
    properties = {"threads": 8, "resources": {"mem_mb": 500, "runtime": 60, "gpu": 1}}
    script.write_text(f"#!/bin/sh\n# properties = {json.dumps(properties)}\ntouch ran\n")
    name = call("submit.py", str(script))
    assert (tmp_path / "ran").exists()
    assert call("status.sh", name) == "success"
    call("cancel.sh", name, "another")
    assert call("status.sh", name) == "failed"
    (job,) = kubectl.jobs_in(cluster)
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["resources"] == {
        "requests": {"cpu": "8", "memory": "500M", "nvidia.com/gpu": "1"},
        "limits": {"memory": "500M", "nvidia.com/gpu": "1"},
    }
    # A server that does not answer is no failure of the job.
    (cluster / "kubectl").write_text("#!/bin/sh\nexit 1\n")
    assert call("status.sh", name) == "running"
