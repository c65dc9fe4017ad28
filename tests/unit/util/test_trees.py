"""Trees answer as scikit-learn does; a forest from a stranger ends its search, or is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deep_plunder.errors import InputError
from deep_plunder.util.npy import read_npz
from deep_plunder.util.rng import generator
from deep_plunder.util.trees import Trees

FEATURES = 5
SOUND: dict[str, Any] = {
    "roots": np.array([0, 3], np.int32),
    "feature": np.array([4, 0, 0, 0], np.int32),
    "left": np.array([1, 1, 2, 3], np.int32),
    "right": np.array([2, 1, 2, 3], np.int32),
    "threshold": np.array([0.5, 0.0, 0.0, 0.0], np.float32),
    "shares": np.array([[0.5, 0.5], [0.9, 0.1], [0.1, 0.9], [0.7, 0.3]]),
}


def _load(folder: Path, arrays: dict[str, Any]) -> Trees:
    np.savez(folder / "forest.npz", **arrays)
    return Trees.of_arrays(read_npz(folder / "forest.npz"), features=FEATURES, classes=2)


def test_a_sound_forest_says_the_mean_of_its_leaves(tmp_path: Path) -> None:
    features = np.zeros((2, FEATURES), np.float32)
    features[1, 4] = 1.0
    found = _load(tmp_path, SOUND).predict(features)
    np.testing.assert_allclose(found, [[0.8, 0.2], [0.4, 0.6]])


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"left": np.array([1, 0, 2, 3], np.int32)}, "must lie behind their node"),
        ({"right": np.array([0, 1, 2, 3], np.int32)}, "must lie behind their node"),
        ({"left": np.array([1, 2, 1, 3], np.int32)}, "must lie behind their node"),
        ({"left": np.array([1, 1, 2, 9], np.int32)}, "must be nodes"),
        ({"roots": np.array([-1], np.int32)}, "roots must be nodes, number 0 is not"),
        ({"roots": np.array([], np.int32)}, "not empty"),
        ({"feature": np.array([4, 0, 0, 5], np.int32)}, "feature must name one, number 3 is not"),
        ({"shares": np.array([[0.5, 2.0], [0, 0], [0, 0], [0, 0]])}, r"shares must be in 0\.\.1"),
        ({"shares": np.full((4, 2), np.nan)}, r"shares must be in 0\.\.1"),
        ({"shares": np.full((4, 3), 0.5)}, r"shares must have the shape \(4, 2\), got \(4, 3\)"),
        ({"threshold": np.array([np.inf, 0, 0, 0], np.float32)}, "threshold must be finite"),
        ({"threshold": np.array([0.5], np.float32)}, r"must have the shape \(4,\), got \(1,\)"),
        ({"left": np.array([1.0, 1.0, 2.0, 3.0])}, "left must be int32"),
        ({"left": np.array([[1, 1, 2, 3]], np.int32)}, r"left must have the shape \(4,\)"),
        ({"left": np.array(["a"])}, "left must be int32"),
    ],
)
def test_forests_that_cannot_be(tmp_path: Path, change: dict[str, Any], rule: str) -> None:
    with pytest.raises(InputError, match=rule):
        _load(tmp_path, SOUND | change)


def test_an_array_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="lacks shares"):
        _load(tmp_path, {name: array for name, array in SOUND.items() if name != "shares"})


@settings(deadline=None)
@given(
    links=st.lists(st.tuples(st.integers(-1, 6), st.integers(-1, 6)), min_size=1, max_size=6),
    roots=st.lists(st.integers(-1, 6), min_size=1, max_size=3),
)
def test_whatever_links_are_accepted_lead_to_an_end(
    tmp_path_factory: pytest.TempPathFactory, links: list[tuple[int, int]], roots: list[int]
) -> None:
    nodes = len(links)
    arrays = {
        "roots": np.array(roots, np.int32),
        "feature": np.zeros(nodes, np.int32),
        "left": np.array([left for left, _ in links], np.int32),
        "right": np.array([right for _, right in links], np.int32),
        "threshold": np.zeros(nodes, np.float32),
        "shares": np.full((nodes, 2), 0.5),
    }
    try:
        forest = _load(tmp_path_factory.mktemp("forest"), arrays)
    except InputError:
        return
    features = np.array([[-1.0], [1.0]], np.float32).repeat(FEATURES, axis=1)
    np.testing.assert_allclose(forest.predict(features), 0.5)


def test_trees_decide_as_scikit_learn_does() -> None:
    from sklearn.ensemble import RandomForestClassifier

    random = generator(3, "rows")
    # Values of few steps often lie exactly on a threshold.
    rows = random.normal(size=(300, FEATURES)).round(1).astype(np.float32)
    model = RandomForestClassifier(7, max_depth=6, random_state=0)
    model.fit(rows, rows[:, 0] * rows[:, 1] > 0)
    others = random.normal(size=(3000, FEATURES)).round(1).astype(np.float32)
    ours = Trees.of_model(model).predict(others)
    np.testing.assert_allclose(ours, model.predict_proba(others), atol=1e-12)
