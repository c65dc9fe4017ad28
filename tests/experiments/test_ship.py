"""experiments/shipped: the model that ships, and its card, from the results of a run."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from deep_plunder.config.reading import read_configuration
from deep_plunder.errors import InputError
from deep_plunder.evaluation.bench.report import SummaryRow
from deep_plunder.evaluation.probes.report import ProbeRow
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.model_file import load_model, save_model
from deep_plunder.models.record import write_record
from deep_plunder.models.registry import network
from deep_plunder.util.tables import write_records
from experiments.shipped.card import FORMER, NAME, Cost, card_text, cost_of
from experiments.shipped.ship import SCORES, TRAINING, copy_tables, ship, write_cost

ROOT = Path(__file__).parents[2]
SPEC = FeatureSpec(
    sample_rate=48000, n_fft=6144, hop=768, mel_bands=60, fmin=40, fmax=20000,
    short_bands=24, short_n_fft=1024, short_steps=3,
)  # fmt: skip
SIZES = {
    "channels": 8, "group_channels": 8, "head": 8, "before": [1], "after": [1], "dilations": [1],
}  # fmt: skip
CONFIGURATION = {
    "seed": 1, "library": {}, "songs": {}, "split": {}, "scenes": {},
    "modules": {"folders": ["one", "two"]},
    "mixes": {"style": {"scenes": 0.4, "modules": 0.6}, "count": {"train": 4321}},
    "features": {"hop": 768, "sample_rate": 48000},
    "training": {"epochs": 1, "steps_per_epoch": 50, "batch_size": 7, "crop_frames": 512},
    "models": {
        FORMER: {"file": "former.keras"},
        "first": {
            "training": {"epochs": 30, "label_share": 0.0},
            "file": None, "start": None, "teachers": [], "sizes": {},
        },
        NAME: {
            "training": {"epochs": 14, "label_share": 0.5},
            "file": None, "start": "first", "teachers": ["first"], "sizes": SIZES,
        },
    },
}  # fmt: skip


def score_row(bench: str, finder: str, regions: str, value: float) -> SummaryRow:
    fields = {field.name: value for field in dataclasses.fields(SummaryRow)}
    counts = {"songs": 12, "clips": 3, "unscored": 0}
    return SummaryRow(**fields | counts | {"bench": bench, "finder": finder, "regions": regions})


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Results of a run as the workflow leaves them, as far as they are collected."""
    results = tmp_path / "results"
    for source in SCORES | TRAINING:
        (results / source).parent.mkdir(parents=True, exist_ok=True)
        (results / source).write_text("as it is\n")
    rows = [
        score_row("reported", finder, regions, value)
        for finder, value in ((NAME, 61.04), (FORMER, 50.5))
        for regions in ("all", "cut")
    ]
    write_records(results / "realbench" / "summary.tsv", SummaryRow, rows)
    probes = [
        ProbeRow(NAME, "pair", False, 50.0, 200, 31.5),
        ProbeRow(FORMER, "pair", False, 50.0, 200, 83.0),
    ]
    write_records(results / "probes" / "summary.tsv", ProbeRow, probes)
    for name, seconds in (("train/first", 7200), ("train/real_songs", 3600), ("library", 1800)):
        path = results / "benchmarks" / f"{name}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"s\tmax_rss\tcpu_time\n1\t{seconds}\t{seconds}\n")
    model = network("fine", **SIZES).build(SPEC, seed=3)
    path = results / "calibration" / NAME / "model.keras"
    path.parent.mkdir(parents=True)
    record = write_record(
        configuration=CONFIGURATION, model=NAME, code="code", data="data", history=[]
    )
    save_model(path, model, architecture="fine", sizes=SIZES, spec=SPEC, record=record)
    return results


def test_the_card_states_what_the_tables_of_the_run_hold(results: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shipped"
    copy_tables(SCORES | TRAINING, results, folder)
    write_cost(results, folder)
    model = load_model(results / "calibration" / NAME / "model.keras")
    text = card_text(model, CONFIGURATION_RECORD, folder, {"frame F1": 81.25})
    assert "61.0 (50.5)" in text
    assert "3.5 hours in all, 3.0 of them for the trainings" in text
    words = " ".join(text.split())
    assert "| `pair` | ≤ 50 | 200 | 31.5 | 83.0 |" in words
    assert "`first`: 1,500 steps of 7 parts of 8.2 s;" in words
    assert "700 steps of 7 parts of 8.2 s, from the weights of `first`; 50 % of the" in words
    assert "4,321 minutes of mixes: 40 % scenes, 60 % modules" in words
    assert "config/shipped.yaml config/more_modules.yaml" in words
    assert "| frame F1 | 81.2 |" in words
    assert "{" not in text.replace(str(model.sizes), "")


CONFIGURATION_RECORD = {"configuration": CONFIGURATION, "model": NAME}


def test_the_weights_are_those_of_the_run_in_16_bits(results: Path, tmp_path: Path) -> None:
    ship(results, tmp_path / "shipped.keras")
    source = load_model(results / "calibration" / NAME / "model.keras")
    shipped = load_model(tmp_path / "shipped.keras")
    assert shipped.decoder == source.decoder
    for half, full in zip(shipped.model.get_weights(), source.model.get_weights(), strict=True):
        np.testing.assert_array_equal(half, full.astype(np.float16))


def test_of_a_run_that_did_not_end_nothing_is_copied(results: Path, tmp_path: Path) -> None:
    (results / "probes" / "summary.tsv").unlink()
    with pytest.raises(InputError, match=r"probes/summary.tsv: missing; run the configuration"):
        copy_tables(SCORES, results, tmp_path / "shipped")
    assert not (tmp_path / "shipped").exists()


def test_the_scores_are_measured_on_the_material_of_the_recipe() -> None:
    recipe, scores = (
        read_configuration(ROOT / path)
        for path in ("config/shipped.yaml", "experiments/shipped/scores.yaml")
    )
    for section in ("seed", "library", "songs", "modules", "split", "features", "probes"):
        assert scores[section] == recipe[section]
    assert scores["realbench"].items() <= recipe["realbench"].items()


def test_cost_adds_the_jobs_of_a_rule(results: Path) -> None:
    assert Cost("train", 2, 10800.0, 7200.0) in cost_of(results / "benchmarks")
