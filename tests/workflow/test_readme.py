"""The README does what it says: its commands are run as they stand, but for the installations.

Continuous integration runs the installations: `.ci/run` takes the second block as it is.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.jobs import costs

from .conftest import REPOSITORY

pytestmark = pytest.mark.workflow

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
INSTALL = "python3 -m venv .venv && . .venv/bin/activate && pip install -c requirements.lock -e "
# A job of a cluster holds two processes of Snakemake as well, of 140 MB each.
OF_SNAKEMAKE_MB = 280


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the files that a clone would have."""
    folder = tmp_path_factory.mktemp("clone")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY, capture_output=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("this is no git repository, so there is no list of the project's files")
    for name in os.fsdecode(listed.stdout).split("\0")[:-1]:
        if (REPOSITORY / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, folder / name)
    return folder


def run(command: str, folder: Path) -> str:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def demo(clone: Path) -> tuple[Path, str]:
    """Run the README's first block."""
    command = blocks("sh")[0].strip()
    install = f"{INSTALL}'.[workflow]' && "
    assert command.startswith(install)
    return clone, run(command.removeprefix(install), clone)


def test_first_block_runs_the_demo_to_scores_clips_and_figures(demo: tuple[Path, str]) -> None:
    folder, output = demo
    results = folder / "results"
    summary = (results / "evaluation" / "summary.md").read_text(encoding="utf-8")
    assert summary.strip() in output
    assert "note: precision" in summary
    assert list((results / "clips").glob("*/clips/*.wav"))
    for path in re.findall(r"`(results/[\w/.]+)`", README):
        assert (folder / path).exists() or "NAME" in path or "SONG" in path, path


def asked_of_jobs() -> dict[str, tuple[int, int]]:
    """Return the memory in MB and the minutes that each rule's jobs ask for at first."""
    folder = REPOSITORY / "workflow" / "rules"
    common = (folder / "common.smk").read_text(encoding="utf-8")
    (of_models,) = re.findall(r"return (\d{3,}) if runs_as_graph", common)
    asked = {}
    for path in folder.glob("*.smk"):
        text = path.read_text(encoding="utf-8")
        for rule in re.split(r"^\s*rule ", text, flags=re.MULTILINE)[1:]:
            memory = re.search(r"mem_mb=per_attempt\((\d+)\)", rule)
            (minutes,) = re.findall(r"runtime=(?:per_attempt\()?(\d+)", rule)
            asked[rule.split(":")[0]] = int(memory[1] if memory else of_models), int(minutes)
    return asked


def test_jobs_ask_for_twice_what_the_demo_takes(demo: tuple[Path, str]) -> None:
    asked = asked_of_jobs()
    measured = costs(demo[0])
    assert {"render", "train", "extract"} <= {cost.rule for cost in measured}
    for cost in measured:
        memory, minutes = asked[cost.rule]
        assert memory >= 2 * cost.peak_mb + OF_SNAKEMAKE_MB, cost
        assert 60 * minutes >= 2 * cost.cpu_s, cost


def test_the_page_on_scale_states_what_jobs_ask_for() -> None:
    page = (REPOSITORY / "docs" / "explanation" / "scale.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w+) \|.* \| ([\d,]+) MB, ([\d,]+) min \|$", page, flags=re.MULTILINE)
    assert len(rows) > 10
    for rule, *stated in rows:
        assert asked_of_jobs()[rule] == tuple(int(text.replace(",", "")) for text in stated), rule


def test_second_block_runs_the_tests() -> None:
    assert blocks("sh")[1].strip() == f"{INSTALL}'.[test]' && pytest -n 2 --dist loadfile"


def test_other_commands_run(demo: tuple[Path, str]) -> None:
    folder, _ = demo
    shutil.copy(next((folder / "results/demo/songs").glob("*.mp3")), folder / "My Song.mp3")
    (folder / "more-songs").mkdir()
    shutil.copy(next((folder / "results/demo/songs").glob("*.m4a")), folder / "more-songs")
    (mine,) = blocks("yaml")
    # Relative paths begin at the folder that --directory names.
    for old, new in {
        "/music/one-shots  ": "../results/demo/library  ",
        "/music/playlist.txt]": "../results/demo/playlist.txt]",
    }.items():
        assert old in mine
        mine = mine.replace(old, new)
    (folder / "mine.yaml").write_text(mine, encoding="utf-8")
    lines = [line for block in blocks("sh")[2:] for line in block.splitlines()]
    assert len(lines) == 8
    for line in lines:
        if line.startswith("pip install "):
            continue
        # The reader's own experiments are planned only: the first block has run one.
        if "snakemake" in line:
            assert "--directory " in line, "it would replace the results of the first block"
        output = run(f"{line} --dry-run" if "snakemake" in line else line, folder)
        if line.startswith("deep-plunder"):
            made = folder / line.split(" -o ")[1].split()[0]
            assert (made / "My_Song" / "regions.tsv").is_file()
        else:
            assert "This was a dry-run" in output
    (of_the_picture,) = re.findall(r"`(deep-plunder [^`]+)`", README.split("## Try it")[0])
    run(of_the_picture, folder)
    assert (folder / "plunder" / "10_Slow_Tide" / "regions.tsv").is_file()
    run("snakemake --report report.html", folder)
    assert (folder / "report.html").stat().st_size > 100_000
