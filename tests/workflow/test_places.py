"""The workflow in odd places: a path that needs care, a bare environment, a folder of others."""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from tests.workflow.conftest import REPOSITORY, changed, write_corpus

ODD = "we {ird} 'q' \"d\" é"


def _clone(folder: Path) -> Path:
    """Copy what the workflow needs of the repository."""
    for name in ("workflow", "config", "profiles", "envs", "resources"):
        shutil.copytree(
            REPOSITORY / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(REPOSITORY / "Snakefile", folder)
    return folder


def test_everything_runs_below_an_odd_path_in_a_bare_environment(tmp_path: Path) -> None:
    clone = _clone(tmp_path / ODD / "{clone}")
    folder = clone / "mine {x} é"
    folder.mkdir()
    write_corpus(folder)
    # Names of files are bytes, which need be no text.
    for place in (folder / "library" / "kick", folder / "songs"):
        own = sorted(place.glob("*.wav"))[-1]
        with contextlib.suppress(OSError):
            own.rename(place / (os.fsdecode(b"caf\xe9 \x8e\n") + own.name))
    config = changed(baselines=["onsets", "shipped"], mixes={"keep_audio": True})
    (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    environment = {"PATH": os.environ["PATH"], "LANG": "C", "PYTHONOPTIMIZE": "2"}
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2",
         "--configfile", f"{folder.name}/config.yaml", "--directory", folder.name],
        cwd=clone, env=environment, capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    results = folder / "results"
    for name in ("clips.tsv", "models/small/model.keras", "evaluation/shipped/table1.tsv"):
        assert (results / name).is_file(), name


def test_a_clone_may_lie_elsewhere_and_hold_braces(tmp_path: Path) -> None:
    clone = _clone(tmp_path / "{clone}")
    folder = tmp_path / "mine"
    folder.mkdir()
    write_corpus(folder)
    config = changed(extraction={"model": "shipped"}, baselines=["shipped"])
    config["mixes"]["keep_audio"] = True
    (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--dry-run", "--snakefile", clone / "Snakefile",
         "--configfile", folder / "config.yaml", "--directory", folder],
        env=os.environ | {"PYTHONPATH": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "evaluate_shipped" in done.stdout
