"""The model that ships loads, runs and scores as its card says (resources/models/shipped.md)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from deep_plunder.config.validate import validate
from deep_plunder.models.model_file import load_model
from deep_plunder.models.record import RECORDED, read_record
from deep_plunder.util.resources import shipped_model_path
from experiments.shipped.small_case import FIGURES, score_small_case

ROOT = Path(__file__).parents[3]
CARD = shipped_model_path().with_suffix(".md")
FOUND_AND_USABLE = ("the same clips: isolated sounds found", "the same clips: usable clips")


def stated(name: str) -> float:
    """A figure of the small case, as the card has it."""
    found = re.search(rf"^\| {re.escape(name)} \| ([0-9.]+) \|$", CARD.read_text(), re.MULTILINE)
    assert found, f"{CARD}: no figure {name}"
    return float(found[1])


@pytest.fixture(scope="module")
def model():
    return load_model(shipped_model_path())


@pytest.fixture(scope="module")
def figures(model, tmp_path_factory):
    return score_small_case(model, tmp_path_factory.mktemp("shipped"))


def row_of(path: Path, name: str) -> list[float]:
    """The figures of the row with this name: dev, val, games."""
    rows = re.findall(rf"^\| {re.escape(name)} \|(.*\|.*\|.*)\|$", path.read_text(), re.MULTILINE)
    assert len(rows) == 1, f"{path}: {len(rows)} rows {name}"
    return [float(cell) for cell in rows[0].split("|")]


@pytest.mark.parametrize(
    ("of_card", "of_history"),
    [
        ("average precision of all clips found, ranked by score", "AP"),
        (
            "clips cut by default: frame F1, mean over songs",
            "frame F1 of the clips cut",
        ),
        ("the same clips: note F1, mean over songs", "note F1 of the clips cut"),
        ("the same clips: usable clips", "usable clips"),
        ("the same clips: isolated sounds found", "isolated sounds found"),
        (
            "the same clips: seconds cut wrongly per minute of music",
            "seconds cut wrongly a minute",
        ),
    ],
)
def test_card_and_history_agree(of_card, of_history):
    history = ROOT / "experiments" / "diary.md"
    section = re.search(r"### Bytes\n(.*?)\n##", history.read_text(), re.DOTALL)
    assert section
    rows = re.findall(rf"^\| {re.escape(of_history)} \|(.*)\|$", section[1], re.MULTILINE)
    assert [[float(cell) for cell in row.split("|")] for row in rows] == [row_of(CARD, of_card)]


def test_the_readme_gives_the_figures_of_the_card():
    text = " ".join((ROOT / "README.md").read_text().split())
    found, usable = (row_of(CARD, name) for name in FOUND_AND_USABLE)
    games = re.search(r"finds (\d+) % of the isolated sounds, and (\d+) % of the clips", text)
    dev = re.search(r"it finds (\d+) %, and (\d+) % of its clips are usable", text)
    assert games and [int(part) for part in games.groups()] == [round(found[2]), round(usable[2])]
    assert dev and [int(part) for part in dev.groups()] == [round(found[0]), round(usable[0])]


def test_the_file_is_small_and_says_what_it_is(model):
    assert shipped_model_path().stat().st_size < 10_000_000
    assert model.architecture == "two_rate"
    assert model.model.count_params() < 3_000_000
    assert model.decoder is not None
    assert f"{model.model.count_params() / 1e6:.2f} million" in CARD.read_text()


def test_it_was_trained_by_the_configuration_that_ships():
    record = read_record(shipped_model_path())
    if record is None:
        pytest.skip("the model was trained before model files said how")
    path = ROOT / "config" / "shipped.yaml"
    config = validate(yaml.safe_load(path.read_text(encoding="utf-8")), source=path.name)
    wanted = {key: config[key] for key in RECORDED}
    # Other modules may have been added (config/README.md); the card says which.
    folders = record["configuration"]["modules"]["folders"]
    assert folders[: len(wanted["modules"]["folders"])] == wanted["modules"]["folders"]
    wanted["modules"]["folders"] = folders
    assert record["configuration"] == wanted
    assert record["model"] in config["models"]


@pytest.mark.parametrize("name", FIGURES)
def test_it_scores_as_its_card_says(figures, name):
    assert getattr(figures, FIGURES[name]) == pytest.approx(stated(name), abs=1.0)
