"""A tiny corpus, Snakemake as a user runs it, and one whole run that the tests share."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]

CONFIG: dict[str, Any] = {
    "seed": 7,
    "library": {"path": "library"},
    "songs": {"sources": ["songs", "list.m3u8"], "min_duration_s": 5, "min_bit_rate_kbps": 0},
    "split": {"validation": 0.2, "test": 0.2},
    "mixes": {
        "count": {"train": 5, "validation": 2, "test": 3},
        "per_shard": 2,
        "duration_s": 6,
        "sound_probability": 0.8,
        "semitones": [-1, 1],
    },
    "models": {
        "small": {
            "architecture": "conv",
            "sizes": {"front": [4, 4], "channels": 8, "dilations": [1, 2]},
        },
    },
    "training": {
        "epochs": 2, "steps_per_epoch": 2, "batch_size": 2, "validate_every": 1,
        "learning_rate": 0.01,
    },
    # So low that a model that learnt next to nothing cuts clips too.
    "extraction": {
        "model": "small",
        "songs": "all",
        "mixes": 1,
        "onset_threshold": 0.001,
        "frame_threshold": 0.001,
    },
}  # fmt: skip


def changed(**sections: Any) -> dict[str, Any]:
    """Give CONFIG with some keys of some sections changed."""
    config = deepcopy(CONFIG)
    for section, keys in sections.items():
        if isinstance(keys, dict):
            config.setdefault(section, {}).update(keys)
        else:
            config[section] = keys
    return config


@dataclass
class Outcome:
    """What a call of Snakemake printed, and how it ended."""

    code: int
    text: str

    @property
    def rules(self) -> dict[str, int]:
        """Rules of the table of jobs, with how many jobs each has."""
        _, _, table = self.text.partition("Job stats:\n")
        rows = re.findall(r"^(\w+) +(\d+)$", table.split("\n\n")[0], flags=re.MULTILINE)
        return {rule: int(count) for rule, count in rows if rule not in ("total", "all")}


@dataclass
class Run:
    """A working directory in which the workflow runs."""

    folder: Path
    repository: Path = REPOSITORY
    config: dict[str, Any] = field(default_factory=lambda: deepcopy(CONFIG))

    @property
    def results(self) -> Path:
        """Everything that the workflow makes."""
        return self.folder / "results"

    def command(self, *arguments: str) -> list[str]:
        """Give the call of Snakemake, with this run's configuration."""
        (self.folder / "config.yaml").write_text(yaml.safe_dump(self.config, sort_keys=False))
        return [
            sys.executable, "-m", "snakemake", "--snakefile", str(self.repository / "Snakefile"),
            "--workflow-profile", str(self.repository / "profiles" / "default"),
            "--directory", str(self.folder), "--configfile", str(self.folder / "config.yaml"),
            *arguments,
        ]  # fmt: skip

    def snakemake(self, *arguments: str, timeout: float = 400) -> Outcome:
        """Run Snakemake to its end."""
        done = subprocess.run(
            self.command(*arguments),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": ""},
            timeout=timeout,
            check=False,
        )
        return Outcome(done.returncode, done.stdout.decode(errors="replace"))

    def made(self, *folders: str) -> dict[str, bytes]:
        """Return the content of all files below folders of the results."""
        return {
            path.relative_to(self.results).as_posix(): path.read_bytes()
            for folder in folders
            for path in (self.results / folder).rglob("*")
            if path.is_file() and path.name != ".snakemake_timestamp"
        }

    def half_made(self) -> list[Path]:
        """List the files and folders that still have a temporary name."""
        return [path for path in self.results.rglob(".*") if path.name != ".snakemake_timestamp"]

    def planned(self) -> dict[str, int]:
        """Say which rules would run now, and how often."""
        outcome = self.snakemake("--dry-run")
        assert outcome.code == 0, outcome.text
        return outcome.rules


def sound(rng: np.random.Generator, rate: int, seconds: float, channels: int) -> np.ndarray:
    """Make a struck sound that decays."""
    time = np.arange(round(rate * seconds)) / rate
    partials = sum(np.sin(2 * np.pi * rng.uniform(80, 2000) * time) for _ in range(3))
    wave = 0.2 * np.exp(-time * 8 / seconds) * (partials + rng.normal(0, 0.2, len(time)))
    return np.tile(wave[:, None], channels)


def write_corpus(folder: Path) -> None:
    """Write a small library and songs, with the faults that real ones have."""
    rng = np.random.default_rng(1)
    library = folder / "library"
    for name in ("kick", "snare", "hat"):
        (library / name).mkdir(parents=True)
        for number in range(5):
            rate, channels = [(44100, 1), (48000, 2), (22050, 1)][number % 3]
            wave = sound(rng, rate, rng.uniform(0.2, 1.0), channels)
            soundfile.write(library / name / f"{name} {number} 🥁's.wav", wave, rate)
    (library / "kick" / "empty.wav").write_bytes(b"")
    (library / "kick" / "text.wav").write_text("not a sound")
    (library / "kick" / "._kick.wav").write_bytes(b"\0\5\x16\7")
    (library / "loop").symlink_to("../library", target_is_directory=True)
    songs = folder / "songs"
    songs.mkdir()
    for number in range(6):
        rate = 44100 if number % 2 else 32000
        beats = [sound(rng, rate, 0.5, 2) for _ in range(12)]
        soundfile.write(songs / f"song {number}.flac", np.concatenate(beats), rate)
    soundfile.write(folder / "listed.ogg", np.concatenate(beats[::-1]), rate)
    soundfile.write(songs / "short.wav", beats[0], rate)
    (folder / "list.m3u8").write_text("#EXTM3U\nlisted.ogg\nsongs/gone.mp3\n", encoding="utf-8")


def copy_repository(folder: Path) -> Path:
    """Copy what Snakemake needs of the repository, to change the copy."""
    folder.mkdir()
    shutil.copy2(REPOSITORY / "Snakefile", folder)
    for name in ("workflow", "config", "profiles", "envs"):
        shutil.copytree(
            REPOSITORY / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    (folder / "resources").symlink_to(REPOSITORY / "resources")
    return folder


@pytest.fixture(scope="session")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Outcome]:
    """Run everything once. Look at it, and do not change it."""
    folder = tmp_path_factory.mktemp("whole")
    write_corpus(folder)
    run = Run(folder)
    outcome = run.snakemake("--cores", "2")
    assert outcome.code == 0, outcome.text[-6000:]
    return run, outcome


@pytest.fixture
def copy_run(whole_run: tuple[Run, Outcome], tmp_path: Path) -> Callable[..., Run]:
    """Copy the whole run, to change the copy; with a copy of the repository if asked."""

    def copied(*, own_repository: bool = False) -> Run:
        folder = tmp_path / "run"
        shutil.copytree(whole_run[0].folder, folder, symlinks=True)
        if not own_repository:
            return Run(folder)
        return Run(folder, copy_repository(tmp_path / "repository"))

    return copied
