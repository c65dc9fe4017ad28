"""The forest of classes: its votes, its file, and files that are none."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deep_plunder.description.classes import ClassForest, load_classes
from deep_plunder.description.record import OTHER
from deep_plunder.description.traits import TRAITS
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
    return ClassForest(
        np.array(["kick", "snare"]), np.array([0.75, 0.75], np.float32), np.array(["", ""]),
        np.array([2.0, 2.0], np.float32), trees,
    )  # fmt: skip


def test_the_class_with_most_votes_is_stated_if_they_are_enough() -> None:
    low, high = np.zeros(TRAITS, np.float32), np.full(TRAITS, 2, np.float32)
    np.testing.assert_allclose(two_trees().trees.predict(np.stack([low, high])),
                               [[0.8, 0.2], [0.3, 0.7]])  # fmt: skip
    assert two_trees().class_of(low) == "kick"
    assert two_trees().class_of(high) == OTHER
    sure = dataclasses.replace(two_trees(), least=np.array([2.0, 0.7], np.float32))
    assert (sure.class_of(low), sure.class_of(high)) == (OTHER, "snare")


def test_a_wider_class_is_stated_where_none_of_its_classes_is_sure() -> None:
    names = np.array(["bass", "keys", "kick", "organ", "snare"])
    wider = np.array(["tone", "tone", "", "tone", ""])
    forest = ClassForest(
        names, np.full(5, 0.5, np.float32), wider, np.full(5, 0.625, np.float32), two_trees().trees
    )
    votes = {
        "sure of a class": ([0.5, 0.25, 0, 0.25, 0], "bass"),
        "sure of the wider class alone": ([0.25, 0.25, 0.25, 0.125, 0.125], "tone"),
        "sure of nothing": ([0.25, 0.25, 0.25, 0, 0.25], OTHER),
        "sure of a class of no wider one": ([0.25, 0.25, 0.5, 0, 0], "kick"),
    }
    rows = np.array([shares for shares, _ in votes.values()])
    assert forest.stated(rows) == [name for _, name in votes.values()]
    assert forest.shares_of_wider(rows)["tone"].tolist() == [0, 0.625, 0.5, 0]
    # A class of another kind with more votes speaks against it.
    low = dataclasses.replace(forest, least=np.full(5, 2, np.float32),
                              least_wider=np.full(5, 0.25, np.float32))  # fmt: skip
    assert low.stated(np.array([[0.2, 0.2, 0.6, 0, 0], [0.25, 0.25, 0.3, 0, 0.2]])) == [
        OTHER, "tone"
    ]  # fmt: skip


def test_a_forest_is_read_as_it_was_written(tmp_path: Path) -> None:
    forest = dataclasses.replace(two_trees(), wider=np.array(["drum", ""]))
    forest.save(tmp_path / "a.npz")
    read = ClassForest.load(tmp_path / "a.npz")
    assert read.wider.tolist() == ["drum", ""] and read.least_wider.tolist() == [2.0, 2.0]
    assert read.names.tolist() == ["kick", "snare"] and read.least.tolist() == [0.75, 0.75]
    measured = generator(0, "traits").normal(1.5, 1, (9, TRAITS)).astype(np.float32)
    np.testing.assert_array_equal(read.trees.predict(measured), two_trees().trees.predict(measured))


@pytest.mark.parametrize(
    ("forest", "rule"),
    [
        ({"names": np.array([], "U1")}, "names must be texts"),
        ({"names": np.array([1, 2])}, "names must be texts"),
        ({"names": np.array(["a", "b\n"])}, "names must be printable, got 'b.n'"),
        ({"least": np.array([0.5, 0.5])}, "least must be float32"),
        ({"least": np.array([0.5], np.float32)}, "least must be float32, one number per name"),
        ({"least": np.array([0.5, np.nan], np.float32)}, "least must be float32"),
        ({"wider": np.array(["a"])}, "wider must be texts, one per name"),
        ({"wider": np.array([1, 2])}, "wider must be texts, one per name"),
        ({"wider": np.array(["", " "])}, "names must be printable, got ' '"),
        ({"least_wider": np.array([0.5, 0.5])}, "least_wider must be float32"),
        (
            {
                "names": np.array(["a", "b", "c"]),
                "least": np.zeros(3, np.float32),
                "wider": np.array(["", "", ""]),
                "least_wider": np.zeros(3, np.float32),
            },
            r"shares must have the shape \(4, 3\)",
        ),
        ({"feature": np.full(4, TRAITS, np.int32)}, "feature must name one"),
    ],
)
def test_a_forest_for_other_classes_or_features_is_refused(
    tmp_path: Path, forest: dict[str, Any], rule: str
) -> None:
    forest = dict(forest)
    own = ("names", "least", "wider", "least_wider")
    more = {name: forest.pop(name, getattr(two_trees(), name)) for name in own}
    dataclasses.replace(two_trees().trees, **forest).save(tmp_path / "a.npz", **more)
    with pytest.raises(ModelError, match=rf"a\.npz: is no forest of classes: .*{rule}"):
        ClassForest.load(tmp_path / "a.npz")


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    two_trees().save(tmp_path / "a.npz")
    content = (tmp_path / "a.npz").read_bytes()
    for size in range(0, len(content), 97):
        (tmp_path / "a.npz").write_bytes(content[:size])
        with pytest.raises(ModelError):
            ClassForest.load(tmp_path / "a.npz")


def test_the_forest_that_ships_answers_for_any_traits() -> None:
    forest = load_classes()
    assert len(forest.names) == 15 and list(forest.names) == sorted(forest.names)
    assert load_classes() is forest
    random = generator(0, "traits").normal(0, 30, (20, TRAITS)).astype(np.float32)
    shares = forest.trees.predict(random)
    assert shares.min() >= 0
    np.testing.assert_allclose(shares.sum(axis=1), 1)
