"""The forest of classes: its votes, its file, and files that are none."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deep_plunder.description.classes import ClassForest, class_of, shipped_classes
from deep_plunder.description.record import OTHER
from deep_plunder.description.timbre import TIMBRE_SIZE
from deep_plunder.errors import ModelError
from deep_plunder.util.rng import generator
from deep_plunder.util.trees import Trees


def two_trees() -> ClassForest:
    """Return a tree that asks for value 3, and one that is a leaf."""
    trees = Trees(
        roots=np.array([0, 3], np.int32),
        feature=np.array([3, 0, 0, 0], np.int32),
        threshold=np.array([1.5, 0, 0, 0], np.float32),
        left=np.array([1, 1, 2, 3], np.int32),
        right=np.array([2, 1, 2, 3], np.int32),
        shares=np.array([[0, 0], [1, 0], [0, 1], [0.6, 0.4]]),
    )
    return ClassForest(np.array(["kick", "snare"]), trees)


def test_votes_are_the_mean_of_the_leaves() -> None:
    low, high = np.zeros(TIMBRE_SIZE, np.float32), np.full(TIMBRE_SIZE, 2, np.float32)
    np.testing.assert_allclose(two_trees().predict(low), [0.8, 0.2])
    np.testing.assert_allclose(two_trees().predict(high), [0.3, 0.7])
    assert class_of(low, forest=two_trees(), sure=0.75) == "kick"
    assert class_of(high, forest=two_trees(), sure=0.75) == OTHER


def test_a_forest_is_read_as_it_was_written(tmp_path: Path) -> None:
    two_trees().save(tmp_path / "a.npz")
    read = ClassForest.load(tmp_path / "a.npz")
    assert read.names.tolist() == ["kick", "snare"]
    timbres = generator(0, "timbres").normal(1.5, 1, (9, TIMBRE_SIZE)).astype(np.float32)
    np.testing.assert_array_equal(
        [read.predict(timbre) for timbre in timbres],
        [two_trees().predict(timbre) for timbre in timbres],
    )


@pytest.mark.parametrize(
    ("forest", "rule"),
    [
        ({"names": np.array([], "U1")}, "names must be texts"),
        ({"names": np.array([1, 2])}, "names must be texts"),
        ({"names": np.array(["a", "b", "c"])}, r"shares must have the shape \(4, 3\)"),
        ({"feature": np.full(4, TIMBRE_SIZE, np.int32)}, "feature must name one"),
    ],
)
def test_a_forest_for_other_classes_or_features_is_refused(
    tmp_path: Path, forest: dict[str, Any], rule: str
) -> None:
    forest = dict(forest)
    names = forest.pop("names", two_trees().names)
    dataclasses.replace(two_trees().trees, **forest).save(tmp_path / "a.npz", names=names)
    with pytest.raises(ModelError, match=rf"a\.npz: is no forest of classes: .*{rule}"):
        ClassForest.load(tmp_path / "a.npz")


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    two_trees().save(tmp_path / "a.npz")
    content = (tmp_path / "a.npz").read_bytes()
    for size in range(0, len(content), 97):
        (tmp_path / "a.npz").write_bytes(content[:size])
        with pytest.raises(ModelError):
            ClassForest.load(tmp_path / "a.npz")


def test_the_forest_that_ships_answers_for_any_timbre() -> None:
    forest = shipped_classes()
    assert len(forest.names) == 15 and list(forest.names) == sorted(forest.names)
    for seed in range(20):
        random = generator(seed, "timbre").normal(0, 30, TIMBRE_SIZE).astype(np.float32)
        shares = forest.predict(random)
        assert shares.min() >= 0 and shares.sum() == pytest.approx(1, abs=0.02)
