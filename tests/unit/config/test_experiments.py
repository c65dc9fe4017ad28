"""The configurations of the paper's experiment: sound, and alike in what must be alike."""

from pathlib import Path
from typing import Any

import pytest

from deep_plunder.config.reading import read_configurations
from deep_plunder.config.validate import validate
from deep_plunder.models.record import read_record

ROOT = Path(__file__).resolve().parents[3]
PAPER = "config/paper.yaml"
EVALUATE = "experiments/paper/evaluate.yaml"


def read(*files: str) -> dict[str, Any]:
    config = read_configurations([ROOT / file for file in files])
    return validate(config, source=", ".join(files))


@pytest.mark.parametrize(
    "files",
    [
        (PAPER,),
        (PAPER, "experiments/paper/leaky.yaml"),
        (PAPER, "experiments/paper/disjoint.yaml"),
        (PAPER, "experiments/paper/disjoint.yaml", "experiments/paper/by-onset.yaml"),
        (EVALUATE,),
        (EVALUATE, "experiments/paper/baselines.yaml"),
        (EVALUATE, "experiments/paper/regions.yaml"),
        (EVALUATE, "experiments/paper/evaluate-leaky.yaml"),
    ],
)
def test_a_configuration_is_sound(files: tuple[str, ...]) -> None:
    assert read(*files)["models"]["paper"]


@pytest.mark.parametrize(
    ("protocol", "over"),
    [("disjoint", []), ("leaky", ["experiments/paper/evaluate-leaky.yaml"])],
)
def test_the_evaluation_makes_the_test_mixes_of_the_training(
    protocol: str, over: list[str]
) -> None:
    training = read(PAPER, f"experiments/paper/{protocol}.yaml")
    evaluation = read(EVALUATE, *over)
    assert training["split"]["protocol"] == ("paper" if protocol == "leaky" else protocol)
    for section in ("seed", "library", "songs", "split", "scenes", "features", "evaluation"):
        assert evaluation[section] == training[section], section
    free = {"count", "keep_audio"}
    same = [key for key in training["mixes"] if key not in free]
    assert {key: evaluation["mixes"][key] for key in same} == {
        key: training["mixes"][key] for key in same
    }
    assert evaluation["mixes"]["count"]["test"] == training["mixes"]["count"]["test"] == 174


def test_the_weights_of_the_paper_s_protocol_have_its_configuration() -> None:
    record = read_record(ROOT / "experiments/paper/leaky/model.keras")
    assert record is not None
    training = read(PAPER, "experiments/paper/leaky.yaml")
    for section in ("seed", "library", "songs", "split", "mixes", "features"):
        assert record["configuration"][section] == training[section], section
    assert len(record["history"]) == training["models"]["paper"]["training"]["epochs"] == 50
