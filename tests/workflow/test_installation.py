"""The light installation is small, and cuts the same clips as the whole one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deep_plunder.demo.songs import write_songs

from .conftest import REPOSITORY

pytestmark = pytest.mark.workflow

MOST_MB = 500
"""Largest size of the light installation, in 2^20 bytes as du counts, as a user is promised."""
COMMAND = "import sys; from deep_plunder.cli.main import main; sys.exit(main())"


def run(*command: str | Path, cwd: Path, python_path: str = "") -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": python_path}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def light(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install Deep Plunder without any extra, and return the folder of the environment."""
    folder = tmp_path_factory.mktemp("light")
    done = run(sys.executable, "-m", "venv", folder, cwd=folder)
    assert done.returncode == 0, done.stderr
    pip = [folder / "bin" / "python", "-m", "pip", "--disable-pip-version-check"]
    reached = run(*pip, "download", "-q", "--no-deps", "-d", folder / "net", "hatchling",
                  cwd=folder)  # fmt: skip
    if reached.returncode:
        pytest.skip("there is no package index within reach")
    done = run(*pip, "install", "-q", "-c", "requirements.lock", ".", cwd=REPOSITORY)
    assert done.returncode == 0, done.stderr
    return folder


def test_it_is_small_and_has_no_library_of_training(light: Path) -> None:
    (packages,) = light.glob("lib/python*/site-packages")
    brought = {path.name.split("-")[0].lower() for path in packages.iterdir()}
    assert not brought & {"tensorflow", "keras", "snakemake", "librosa", "numba", "pandas"}
    # pip and setuptools come with the environment, and Python writes bytecode of any package.
    size = sum(
        path.stat().st_size
        for path in packages.rglob("*")
        if path.is_file()
        and path.suffix != ".pyc"
        and path.relative_to(packages).parts[0].split("-")[0] not in ("pip", "setuptools")
    )
    assert size <= MOST_MB << 20, f"{size / 2**20:.0f} MB"


def test_it_cuts_the_same_clips(light: Path, tmp_path: Path) -> None:
    write_songs(tmp_path / "songs", seed=1, songs=1)
    arguments = ["extract", "songs", "-o"]
    done = run(light / "bin" / "deep-plunder", *arguments, "light", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    whole = run(sys.executable, "-c", COMMAND, *arguments, "whole", cwd=tmp_path,
                python_path=str(REPOSITORY / "workflow" / "lib"))  # fmt: skip
    assert whole.returncode == 0, whole.stderr
    clips = {
        name: {
            path.relative_to(tmp_path / name): path.read_bytes()
            for pattern in ("*/clips/*.wav", "*/regions.tsv")
            for path in (tmp_path / name).glob(pattern)
        }
        for name in ("light", "whole")
    }
    assert len(clips["whole"]) > 5
    assert clips["light"] == clips["whole"]


def test_what_is_missing_is_named_with_the_command_that_installs_it(
    light: Path, tmp_path: Path
) -> None:
    script = (
        "from deep_plunder.errors import DeepPlunderError\n"
        "from deep_plunder.util.optional import optional_parts\n"
        "try:\n"
        "    with optional_parts():\n"
        "        from deep_plunder.models.registry import network\n"
        "        from deep_plunder.features.spec import FeatureSpec\n"
        "        network('paper').build(FeatureSpec())\n"
        "except DeepPlunderError as error:\n"
        "    print(error)\n"
    )
    done = run(light / "bin" / "python", "-c", script, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "run: pip install -c requirements.lock '.[workflow]'" in done.stdout
    done = run(light / "bin" / "deep-plunder", "app", "app", cwd=tmp_path)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "is not installed" in done.stderr
    assert "run: pip install -c requirements.lock '.[app]'" in done.stderr
    assert not (tmp_path / "app").exists()
