"""The model that ships loads, runs and scores as its card says (resources/models/shipped.md)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from deep_plunder.evaluation.bench.report import SummaryRow
from deep_plunder.models.model_file import load_model
from deep_plunder.models.record import RECORDED, read_record
from deep_plunder.util.resources import shipped_model_path
from deep_plunder.util.tables import read_records
from experiments.shipped.card import NAME, card_text
from experiments.shipped.small_case import FIGURES, score_small_case

ROOT = Path(__file__).parents[3]
CARD = shipped_model_path().with_suffix(".md")


def stated(name: str) -> float:
    """A figure of the small case, as the card has it."""
    found = re.search(rf"^\| {re.escape(name)} +\| +([0-9.]+) \|$", CARD.read_text(), re.MULTILINE)
    assert found, f"{CARD}: no figure {name}"
    return float(found[1])


@pytest.fixture(scope="module")
def model():
    return load_model(shipped_model_path())


@pytest.fixture(scope="module")
def figures(model, tmp_path_factory):
    return score_small_case(model, tmp_path_factory.mktemp("shipped"))


def figure(bench: str, regions: str, field: str) -> float:
    """A score of the model in the tables of its run."""
    rows = read_records(ROOT / "experiments" / "shipped" / "scores.tsv", SummaryRow)
    (row,) = [row for row in rows if (row.bench, row.finder, row.regions) == (bench, NAME, regions)]
    return float(getattr(row, field))


def test_the_card_is_written_from_the_tables_of_its_run(model):
    record = read_record(shipped_model_path())
    small = {name: stated(name) for name in FIGURES}
    text = card_text(model, record, ROOT / "experiments" / "shipped", small)
    assert CARD.read_text(encoding="utf-8") == text


def test_the_readme_gives_the_figures_of_the_run():
    text = " ".join((ROOT / "README.md").read_text().split())
    stated_here = re.search(r"finds (\d+) % of the isolated sounds, and (\d+) % of the clips", text)
    assert stated_here
    assert [int(part) for part in stated_here.groups()] == [
        round(figure("reported", "cut", "found")),
        round(figure("reported", "cut", "clip_usable")),
    ]


def test_the_file_is_small_and_says_what_it_is(model):
    assert shipped_model_path().stat().st_size < 10_000_000
    assert model.architecture == "two_rate"
    assert model.model.count_params() < 3_000_000
    assert model.decoder is not None
    assert f"{model.model.count_params() / 1e6:.2f} million" in CARD.read_text()


def differing(wanted: Any, found: Any, path: str = "") -> list[str]:
    """Name the keys of a configuration file that another configuration has with other values."""
    if isinstance(wanted, dict):
        return [
            name
            for key, value in wanted.items()
            for name in differing(value, found.get(key), f"{path}.{key}".lstrip("."))
        ]
    return [] if wanted == found else [path]


def test_it_was_trained_by_the_configuration_that_ships():
    record = read_record(shipped_model_path())
    assert record
    path = ROOT / "config" / "shipped.yaml"
    asked = yaml.safe_load(path.read_text(encoding="utf-8"))
    wanted = {key: asked[key] for key in RECORDED if key in asked}
    # Other modules were added (config/README.md), which the card says.
    assert differing(wanted, record["configuration"]) == ["modules.folders"]
    folders = record["configuration"]["modules"]["folders"]
    assert folders == [*asked["modules"]["folders"], "modules"]
    assert record["model"] in asked["models"]


@pytest.mark.parametrize("name", FIGURES)
def test_it_scores_as_its_card_says(figures, name):
    assert getattr(figures, FIGURES[name]) == pytest.approx(stated(name), abs=1.0)
