"""Tracker modules and struck sounds, from folders of modules to benches that no training hears."""

import csv
import shutil
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deep_plunder.audio.openmpt import MISSING, is_there
from tests.trackers import module

from .conftest import Outcome, Run, changed, write_corpus

pytestmark = [
    pytest.mark.workflow,
    pytest.mark.skipif(not is_there(), reason=MISSING),
]

SECTIONS: dict[str, Any] = {
    "modules": {"folders": ["modules"], "validation": 0.2, "test": 0.2, "shards": 2},
    "mixes": {
        "style": {"struck": 1, "modules": 2}, "count": {"train": 6, "validation": 2, "test": 2},
        "per_shard": 2, "duration_s": 6, "sample_rate": 22050, "keep_audio": False,
    },
    "realbench": {
        "chosen": "results/modules/validation", "reported": "results/modules/test",
    },
    "extraction": {"mixes": 0},
}  # fmt: skip


TARGETS = [
    "results/features/train/0002.npy", "results/features/train/0000.npy",
    "results/features/train/0001.npy", "results/features/validation/0000.npy",
    "results/benches/chosen", "results/benches/reported",
]  # fmt: skip


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@pytest.fixture(scope="module")
def modules_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Outcome]:
    folder = tmp_path_factory.mktemp("modules")
    write_corpus(folder)
    (folder / "modules").mkdir()
    for number in range(10):
        notes = [(4 * k, (k + number) % 4, 64) for k in range(number % 4, 15)]
        path = folder / "modules" / f"author{number // 2}__song{number}.mod"
        path.write_bytes(module(notes, seconds=0.2 + 0.02 * number))
    (folder / "modules" / "broken__song.xm").write_bytes(b"no module")
    run = Run(folder, config=changed(**SECTIONS))
    outcome = run.snakemake("--cores", "2", "--", *TARGETS)
    assert outcome.code == 0, outcome.text[-6000:]
    return run, outcome


@pytest.fixture
def copied(modules_run: tuple[Run, Outcome], tmp_path: Path) -> Run:
    run = modules_run[0]
    shutil.copytree(run.folder, tmp_path / "run", symlinks=True)
    return Run(tmp_path / "run", config=deepcopy(run.config))


def test_usable_modules_are_listed_and_one_bad_one_stops_nothing(
    modules_run: tuple[Run, Outcome],
) -> None:
    results = modules_run[0].results
    assert len(rows_of(results / "modules" / "modules.tsv")) == 10
    [rejected] = rows_of(results / "modules" / "rejected.tsv")
    assert rejected["module"] == "broken__song.xm"
    assert rejected["reason"].startswith("libopenmpt cannot read the module")


def test_benches_and_mixes_share_no_author(modules_run: tuple[Run, Outcome]) -> None:
    results = modules_run[0].results
    heard = {
        row["module"]
        for path in (results / "mixes" / "modules" / "train").glob("*.tsv")
        for row in rows_of(path)
    }
    splits = {
        row["id"]: row["split"]
        for row in rows_of(results / "splits.tsv")
        if row["kind"] == "module"
    }
    assert heard and {splits[name] for name in heard} == {"train"}
    for bench, split in (("chosen", "validation"), ("reported", "test")):
        songs = {path.stem for path in (results / "benches" / bench / "audio").glob("*.wav")}
        assert songs == {Path(name).stem for name, where in splits.items() if where == split}
        authors = {name.partition("__")[0] for name in songs}
        assert not authors & {name.partition("__")[0] for name in heard}


def test_each_style_has_its_mixes(modules_run: tuple[Run, Outcome]) -> None:
    results = modules_run[0].results
    numbers = [
        {
            int(row["mix"])
            for path in (results / "mixes" / plan / "train").glob("*.tsv")
            for row in rows_of(path)
        }
        for plan in ("scenes", "modules")
    ]
    assert not numbers[0] & numbers[1]
    assert numbers[0] | numbers[1] == set(range(6))
    assert len(numbers[1]) == 3


def test_shards_change_no_features(copied: Run) -> None:
    folder = copied.results / "features" / "train"
    before = np.concatenate([np.load(folder / f"{shard:04d}.npy") for shard in range(3)])
    labels = np.concatenate([np.load(folder / f"{shard:04d}.labels.npy") for shard in range(3)])
    shutil.rmtree(copied.results / "mixes")
    shutil.rmtree(copied.results / "features")
    shutil.rmtree(copied.results / "modules")
    copied.config["mixes"]["per_shard"] = 6
    copied.config["modules"]["shards"] = 3
    outcome = copied.snakemake("--cores", "2", "--", "results/features/train/0000.npy")
    assert outcome.code == 0, outcome.text[-4000:]
    np.testing.assert_array_equal(np.load(folder / "0000.npy"), before)
    np.testing.assert_array_equal(np.load(folder / "0000.labels.npy"), labels)


def test_a_further_module_runs_what_uses_modules_again(copied: Run) -> None:
    def planned() -> set[str]:
        outcome = copied.snakemake("--dry-run", "--", *TARGETS)
        assert outcome.code == 0, outcome.text[-4000:]
        return set(outcome.rules)

    assert not planned()
    (copied.folder / "modules" / "another__song.mod").write_bytes(module([(0, 0, 64)]))
    assert planned() == {
        "scan_modules", "modules", "split", "plan_scenes", "plan_modules", "render_features",
        "render_modules",
    }  # fmt: skip
