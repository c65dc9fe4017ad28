"""The trained network of the paper that ships: its size, its card, and what it was compared on."""

from pathlib import Path

from deep_plunder.evaluation.table1 import TableRow
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.card import read_card
from deep_plunder.models.registry import network
from deep_plunder.util.resources import SHIPPED_PAPER, shipped_model_path
from deep_plunder.util.tables import read_records

MODEL = shipped_model_path(SHIPPED_PAPER)
EXPERIMENT = Path(__file__).resolve().parents[3] / "experiments" / "paper" / "disjoint"


def test_it_is_the_papers_network_in_eight_megabytes():
    card = read_card(MODEL)
    assert (card.network, card.spec, card.decoder) == (network("paper"), FeatureSpec(), None)
    assert MODEL.stat().st_size <= 8_000_000


def test_its_card_states_the_scores_of_the_experiment():
    text = MODEL.with_suffix(".md").read_text(encoding="utf-8")
    rows = read_records(EXPERIMENT / "table1.tsv", TableRow)
    assert len(rows) == 15
    for row in rows:
        line = next(line for line in text.splitlines() if f"{row.output}: {row.metric} " in line)
        assert f"{row.mean:.1f} ± {row.std:.1f}" in line
