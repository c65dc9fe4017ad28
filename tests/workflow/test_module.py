"""The workflow as a module of another one, from a git repository."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.workflow.conftest import REPOSITORY, changed, write_corpus

pytestmark = pytest.mark.workflow

MODULE = """
configfile: "config.yaml"
module plunder:
    snakefile: gitfile({repository!r}, path="workflow/Snakefile", tag="v1")
    config: config
    prefix: "drums"
use rule * from plunder
"""


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | {"PYTHONPATH": ""} | environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository with what a clone would have, at the tag v1."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY, capture_output=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("this is no git repository, so there is no list of the project's files")
    folder = tmp_path_factory.mktemp("hosts") / "someone" / "plunder"
    for name in os.fsdecode(listed.stdout).split("\0")[:-1]:
        if (REPOSITORY / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, folder / name)
    git = ["git", "-c", "user.name=Someone", "-c", "user.email=someone@example.org"]
    run("git", "init", "-q", cwd=folder)
    run("git", "add", "-A", cwd=folder)
    run(*git, "commit", "-q", "-m", "Everything", cwd=folder)
    run("git", "tag", "v1", cwd=folder)
    return folder


def test_it_runs_below_the_prefix_of_a_module(repository: Path, tmp_path: Path) -> None:
    write_corpus(tmp_path)
    config = changed(extraction={"model": "shipped", "mixes": 0})
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    snakefile = MODULE.format(repository=str(repository))
    (tmp_path / "Snakefile").write_text(snakefile, encoding="utf-8")
    snakemake = [sys.executable, "-m", "snakemake", "--cores", "2"]
    plan = run(*snakemake, "--dry-run", cwd=tmp_path)
    assert "\ntrain " in plan and "drums/results/models/small/model.keras" in plan
    run(*snakemake, "drums/results/clips.tsv", cwd=tmp_path)
    rows = (tmp_path / "drums/results/clips.tsv").read_text(encoding="utf-8").splitlines()
    assert len(rows) > 1
    assert not (tmp_path / "results").exists()
    again = run(*snakemake, "--dry-run", "drums/results/clips.tsv", cwd=tmp_path)
    assert "Nothing to be done" in again


def test_snakedeploy_deploys_it(repository: Path, tmp_path: Path) -> None:
    # The package lies beside the command of the environment that runs the tests.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    if shutil.which("snakedeploy", path=path) is None:
        pytest.skip("snakedeploy is not installed")
    hosts = repository.parents[1]
    # Git takes the local repository for the one of the host that snakedeploy knows.
    redirect = {
        "PATH": path,
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{hosts}/.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    source = "https://github.com/someone/plunder"
    run("snakedeploy", "deploy-workflow", source, "mine", "--tag", "v1", cwd=tmp_path, **redirect)
    plan = run(
        sys.executable, "-m", "snakemake", "--dry-run", "--cores", "2",
        cwd=tmp_path / "mine", **redirect,
    )  # fmt: skip
    assert "\ntrain " in plan and "\ndemo " in plan
