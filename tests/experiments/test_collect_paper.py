"""experiments/tools/collect_paper.py: the files of a run, its weights and the card of the model."""

import runpy
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from deep_plunder.evaluation.scoring import write_scores
from deep_plunder.evaluation.table1 import CLIP_METRICS, METRICS
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.model_file import load_model, save_model
from deep_plunder.models.registry import network
from deep_plunder.training.spec import HistoryRow
from deep_plunder.util import resources
from deep_plunder.util.tables import read_records, write_records

SCRIPT = Path(__file__).parents[2] / "experiments" / "tools" / "collect_paper.py"
SIZES = {"units": [5], "combining_units": 3}
SPEC = FeatureSpec(mel_bands=20)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), *map(str, arguments)])
    runpy.run_path(str(SCRIPT), run_name="__main__")


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    results = tmp_path / "trained" / "results"
    folder = results / "models" / "paper"
    folder.mkdir(parents=True)
    model = network("paper", **SIZES).build(SPEC, seed=3)
    save_model(folder / "model.keras", model, architecture="paper", sizes=SIZES, spec=SPEC)
    losses = {1: float("nan"), 2: 0.5, 3: float("nan"), 4: 0.7}
    history = [
        HistoryRow(epoch, 900.0, 6e-4, 1.0, 0.1, 0.1, 0.1, 0.7, val_loss=loss, val_onset_loss=-loss)
        for epoch, loss in losses.items()
    ]
    write_records(folder / "history.tsv", HistoryRow, history)
    return results


@pytest.fixture
def evaluated(tmp_path: Path) -> Path:
    results = tmp_path / "evaluated" / "results"
    counts = {"mix": 0, "regions": 3, "intervals": 3, "clips": 2, "clip_s": 1.0}
    files: list[Any] = [counts | dict.fromkeys((*METRICS, *CLIP_METRICS), x) for x in (0.25, 0.75)]
    (results / "evaluation" / "paper").mkdir(parents=True)
    write_scores(results / "evaluation" / "paper", files)
    return results


def test_a_training_and_its_evaluation_are_collected_one_after_the_other(
    trained: Path, evaluated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "experiment"
    paper = SCRIPT.parents[2] / "config" / "paper.yaml"
    config = SCRIPT.parents[1] / "paper" / "disjoint.yaml"
    run(monkeypatch, trained, folder, "--configfile", paper, config)
    run(monkeypatch, evaluated, folder)
    for table, source in (
        ("history.tsv", trained / "models"),
        ("table1.tsv", evaluated / "evaluation"),
    ):
        assert (folder / table).read_bytes() == (source / "paper" / table).read_bytes()
    assert (folder / "figure4_losses.png").stat().st_size > 1000
    written = yaml.safe_load((folder / "configuration.yaml").read_text())
    assert written["split"]["protocol"] == "disjoint"
    assert written["models"]["paper"]["training"]["epochs"] == 50
    weights = load_model(trained / "models" / "paper" / "model.keras").model.get_weights()
    for half, full in zip(
        load_model(folder / "model.keras").model.get_weights(), weights, strict=True
    ):
        np.testing.assert_array_equal(half, full.astype(np.float16))


def test_shipped_weights_have_a_card_with_the_scores(
    trained: Path, evaluated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = tmp_path / "models" / "paper.keras"
    monkeypatch.setitem(resources.SHIPPED_MODELS, "shipped-paper", str(shipped))
    folder = tmp_path / "experiment"
    config = SCRIPT.parents[2] / "config" / "paper.yaml"
    run(monkeypatch, trained, folder, "--ship", "--configfile", config)
    assert shipped.is_file() and not shipped.with_suffix(".md").exists()
    run(monkeypatch, evaluated, folder, "--ship")
    card = shipped.with_suffix(".md").read_text()
    assert not (folder / "model.keras").exists()
    assert "4 of at most 50 epochs; the weights are those of epoch 2," in card
    assert "1.0 hours" in card
    assert "50.0 ± 25.0" in card
    assert f"{load_model(shipped).model.count_params():,} weights" in card
    assert len(read_records(folder / "history.tsv", HistoryRow)) == 4


def test_the_figure_of_losses_marks_the_epoch_that_was_chosen(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = SCRIPT.parents[2] / "config" / "paper.yaml"
    by_onset = SCRIPT.parents[1] / "paper" / "by-onset.yaml"
    run(monkeypatch, trained, tmp_path / "total", "--configfile", paper)
    run(monkeypatch, trained, tmp_path / "onset", "--configfile", paper, by_onset)
    total, onset = (tmp_path / name / "figure4_losses.png" for name in ("total", "onset"))
    assert total.read_bytes() != onset.read_bytes()


def test_a_folder_without_a_run_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match=r"must hold models/paper or evaluation/paper of a run"):
        run(monkeypatch, tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()
