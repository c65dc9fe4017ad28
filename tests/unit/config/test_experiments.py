"""The configurations of the paper's experiment: sound, and alike in what must be alike."""

from pathlib import Path
from typing import Any

import pytest

from deep_plunder.config.reading import read_configurations
from deep_plunder.config.validate import validate

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
    ],
)
def test_a_configuration_is_sound(files: tuple[str, ...]) -> None:
    assert read(*files)["models"]["paper"]


def test_the_evaluation_makes_the_test_mixes_of_the_training() -> None:
    training, evaluation = read(PAPER, "experiments/paper/disjoint.yaml"), read(EVALUATE)
    for section in ("seed", "library", "songs", "split", "scenes", "features", "evaluation"):
        assert evaluation[section] == training[section], section
    free = {"count", "keep_audio"}
    same = [key for key in training["mixes"] if key not in free]
    assert {key: evaluation["mixes"][key] for key in same} == {
        key: training["mixes"][key] for key in same
    }
    assert evaluation["mixes"]["count"]["test"] == training["mixes"]["count"]["test"] == 174
