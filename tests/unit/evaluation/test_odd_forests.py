"""A forest from a stranger ends its search, or is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deep_plunder.errors import ModelError
from deep_plunder.evaluation.baselines.forest import Forest
from deep_plunder.evaluation.baselines.trees import FRAME_FEATURES

SOUND: dict[str, Any] = {
    "roots": np.array([0, 3], np.int32),
    "feature": np.array([4, 0, 0, 0], np.int32),
    "left": np.array([1, 1, 2, 3], np.int32),
    "right": np.array([2, 1, 2, 3], np.int32),
    "threshold": np.array([0.5, 0.0, 0.0, 0.0]),
    "value": np.array([0.5, 0.1, 0.9, 0.3]),
}


def _load(folder: Path, arrays: dict[str, Any]) -> Forest:
    np.savez(folder / "forest.npz", **arrays)
    return Forest.load(folder / "forest.npz")


def test_a_sound_forest_says_the_mean_of_its_leaves(tmp_path: Path) -> None:
    features = np.zeros((2, FRAME_FEATURES), np.float32)
    features[1, 4] = 1.0
    found = _load(tmp_path, SOUND).predict(features)
    np.testing.assert_allclose(found, [(0.1 + 0.3) / 2, (0.9 + 0.3) / 2])


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"left": np.array([1, 0, 2, 3], np.int32)}, "must lie behind their node"),
        ({"right": np.array([0, 1, 2, 3], np.int32)}, "must lie behind their node"),
        ({"left": np.array([1, 2, 1, 3], np.int32)}, "must lie behind their node"),
        ({"left": np.array([1, 1, 2, 9], np.int32)}, "must be nodes"),
        ({"roots": np.array([-1], np.int32)}, "roots must be nodes"),
        ({"roots": np.array([], np.int32)}, "not empty"),
        ({"feature": np.array([90, 0, 0, 0], np.int32)}, "feature must name one"),
        ({"value": np.array([0.5, 2.0, 0.9, 0.3])}, "value in 0..1"),
        ({"value": np.array([0.5, np.nan, 0.9, 0.3])}, "value in 0..1"),
        ({"threshold": np.array([np.inf, 0, 0, 0])}, "threshold must be finite"),
        ({"threshold": np.array([0.5])}, "as long as feature"),
        ({"left": np.array([1.0, 1.0, 2.0, 3.0])}, "left must be int32"),
        ({"left": np.array([[1, 1, 2, 3]], np.int32)}, "left must be int32"),
        ({"left": np.array(["a"])}, "left must be int32"),
    ],
)
def test_forests_that_cannot_be(tmp_path: Path, change: dict[str, Any], rule: str) -> None:
    with pytest.raises(ModelError, match=rule) as caught:
        _load(tmp_path, SOUND | change)
    assert str(caught.value).startswith(f"{tmp_path}/forest.npz: is not a forest: ")


def test_an_array_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="lacks value"):
        _load(tmp_path, {name: array for name, array in SOUND.items() if name != "value"})


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
        "threshold": np.zeros(nodes),
        "value": np.full(nodes, 0.5),
    }
    try:
        forest = _load(tmp_path_factory.mktemp("forest"), arrays)
    except ModelError:
        return
    features = np.array([[-1.0], [1.0]], np.float32).repeat(FRAME_FEATURES, axis=1)
    np.testing.assert_allclose(forest.predict(features), 0.5)
