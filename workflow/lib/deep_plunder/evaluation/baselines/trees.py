"""Check the trees of a random forest that was read from a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deep_plunder.errors import InputError

__all__ = ["FRAME_FEATURES", "checked_trees"]

FRAME_FEATURES = 90
"""Number of features of a frame, from which each node compares one."""

_TYPES = {
    "roots": np.int32,
    "feature": np.int32,
    "left": np.int32,
    "right": np.int32,
    "threshold": np.float64,
    "value": np.float64,
}


def checked_trees(arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return the arrays of a forest if a search through its trees ends at a leaf, always.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        Named as the attributes of `forest.Forest`; others are ignored.

    Returns
    -------
    trees : dict of str to ndarray

    Raises
    ------
    InputError
        If an array is missing or of another type or length, or a node names no node behind it.
    """
    trees = {name: arrays[name] for name in _TYPES if name in arrays}
    for name, kind in _TYPES.items():
        if name not in trees:
            raise InputError(f"lacks {name}")
        if trees[name].dtype != kind or trees[name].ndim != 1 or not len(trees[name]):
            rule = f"{name} must be {np.dtype(kind)} of one dimension, not empty"
            raise InputError(f"{rule}, got {trees[name].dtype} {trees[name].shape}")
    nodes = len(trees["feature"])
    own = np.arange(nodes)
    left, right = trees["left"], trees["right"]
    rules = (
        ("arrays must be as long as feature", all(len(trees[n]) == nodes for n in [*_TYPES][2:])),
        ("roots must be nodes", _within(trees["roots"], nodes)),
        ("feature must name one", _within(trees["feature"], FRAME_FEATURES)),
        ("left and right must be nodes", _within(left, nodes) and _within(right, nodes)),
    )
    for rule, holds in rules:
        if not holds:
            raise InputError(rule)
    # What only leads on ends, and a leaf leads to itself.
    if not (((left > own) & (right > own)) | ((left == own) & (right == own))).all():
        raise InputError("left and right must lie behind their node, or be the node itself")
    if not (np.isfinite(trees["threshold"]).all() and _shares(trees["value"])):
        raise InputError("threshold must be finite and value in 0..1")
    return trees


def _within(numbers: NDArray[Any], count: int) -> bool:
    return bool(((numbers >= 0) & (numbers < count)).all())


def _shares(values: NDArray[Any]) -> bool:
    return bool(((values >= 0) & (values <= 1)).all())
