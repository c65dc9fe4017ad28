"""Random forests as plain arrays: their file, its checks, and the search for leaves.

A forest that scikit-learn trained becomes arrays, which need no library of machine learning to
answer and can hold no code. The answers equal those of scikit-learn.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deep_plunder.errors import InputError
from deep_plunder.util.arrays import Float32Array, Float64Array
from deep_plunder.util.files import atomic_path

__all__ = ["Trees"]

_TYPES = {
    "roots": np.int32, "feature": np.int32, "threshold": np.float32, "left": np.int32,
    "right": np.int32, "shares": np.float64,
}  # fmt: skip
# Rows that are searched at once: a few megabytes per hundred trees.
_ROWS = 2048


@dataclasses.dataclass(frozen=True, slots=True)
class Trees:
    """A random forest: the nodes of all trees in joint arrays.

    Attributes
    ----------
    roots : ndarray of int32, shape (trees,)
        First node of each tree.
    feature : ndarray of int32, shape (nodes,)
        Feature that a node compares with its threshold.
    threshold : ndarray of float32, shape (nodes,)
    left, right : ndarray of int32, shape (nodes,)
        Next node if the feature is at most the threshold, or above it. A leaf points to itself.
    shares : ndarray of float64, shape (nodes, classes)
        Share of each class in a leaf, 0..1.
    """

    roots: NDArray[np.int32]
    feature: NDArray[np.int32]
    threshold: NDArray[np.float32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    shares: NDArray[np.float64]

    def predict(self, features: Float32Array) -> Float64Array:
        """Return the share of each class, as the mean over the trees.

        Parameters
        ----------
        features : ndarray of float32, shape (n, features)

        Returns
        -------
        shares : ndarray of float64, shape (n, classes)

        Examples
        --------
        >>> trees = Trees(
        ...     roots=np.array([0]), feature=np.array([0, 0, 0]),
        ...     threshold=np.array([0.5, 0, 0]), left=np.array([1, 1, 2]),
        ...     right=np.array([2, 1, 2]), shares=np.array([[0.5, 0.5], [1, 0], [0, 1]]),
        ... )
        >>> trees.predict(np.array([[0.4], [0.6]])).tolist()
        [[1.0, 0.0], [0.0, 1.0]]
        """
        found = np.empty((len(features), self.shares.shape[1]))
        for start in range(0, len(features), _ROWS):
            rows = features[start : start + _ROWS]
            found[start : start + _ROWS] = self.shares[self._leaves(rows)].mean(axis=1)
        return found

    def _leaves(self, features: Float32Array) -> NDArray[np.int32]:
        """Return the leaf of each row in each tree."""
        rows = np.arange(len(features))[:, np.newaxis]
        nodes = np.tile(self.roots, (len(features), 1))
        while True:
            low = features[rows, self.feature[nodes]] <= self.threshold[nodes]
            following = np.where(low, self.left[nodes], self.right[nodes])
            if np.array_equal(following, nodes):
                return nodes
            nodes = following

    def save(self, path: str | os.PathLike[str], **more: NDArray[Any]) -> None:
        """Write the arrays as an ``.npz`` file, whole or not at all.

        Parameters
        ----------
        path : path-like
            The file to write. It holds a checksum of each array.
        **more : ndarray
            More arrays for the same file.
        """
        arrays = {name: getattr(self, name) for name in _TYPES}
        with atomic_path(path) as temporary, temporary.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays, **more)

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[Any]], *, features: int, classes: int) -> Trees:
        """Return the forest of a file if each search in it ends at a leaf.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            Named as the attributes; others are ignored.
        features, classes : int
            Number of features of a row, and of classes.

        Returns
        -------
        trees : Trees

        Raises
        ------
        InputError
            If an array is missing or of another type or shape, a node names no later node or no
            feature, or a share is not in 0..1.
        """
        for name, kind in _TYPES.items():
            if name not in arrays:
                raise InputError(f"lacks {name}")
            if arrays[name].dtype != kind or not arrays[name].size:
                rule = f"{name} must be {np.dtype(kind)}, not empty"
                raise InputError(f"{rule}, got {arrays[name].dtype} {arrays[name].shape}")
        nodes = arrays["feature"].size
        shapes: dict[str, tuple[int, ...]] = dict.fromkeys(_TYPES, (nodes,))
        shapes |= {"roots": (arrays["roots"].size,), "shares": (nodes, classes)}
        for name, shape in shapes.items():
            if arrays[name].shape != shape:
                rule = f"{name} must have the shape {shape}"
                raise InputError(f"{rule}, got {arrays[name].shape}")
        own, left, right = np.arange(nodes), arrays["left"], arrays["right"]
        rules = {
            "roots must be nodes": _within(arrays["roots"], nodes),
            "feature must name one": _within(arrays["feature"], features),
            "left and right must be nodes": _within(left, nodes) & _within(right, nodes),
            # A search that only moves on ends.
            "left and right must lie behind their node, or be the node itself": (
                (left > own) & (right > own) | (left == own) & (right == own)
            ),
            "threshold must be finite": np.isfinite(arrays["threshold"]),
            "shares must be in 0..1": (arrays["shares"] >= 0) & (arrays["shares"] <= 1),
        }
        for rule, good in rules.items():
            if not good.all():
                raise InputError(f"{rule}, number {int(np.argmin(good.ravel()))} is not")
        return cls(**{name: arrays[name] for name in _TYPES})

    @classmethod
    def of_model(cls, model: Any) -> Trees:
        """Return the trees of a forest of scikit-learn.

        Parameters
        ----------
        model : sklearn.ensemble.BaseForest
            A trained classifier, such as ``RandomForestClassifier``.

        Returns
        -------
        trees : Trees
            The classes have the order of ``model.classes_``.
        """
        parts: dict[str, list[NDArray[Any]]] = {name: [] for name in _TYPES}
        first = 0
        for estimator in model.estimators_:
            tree = estimator.tree_
            own = np.arange(tree.node_count)
            leaf = tree.children_left < 0
            counts = tree.value[:, 0] * leaf[:, np.newaxis]
            parts["roots"].append(np.array([first]))
            parts["feature"].append(np.where(leaf, 0, tree.feature))
            parts["threshold"].append(_rounded_down(np.where(leaf, 0.0, tree.threshold)))
            parts["left"].append(first + np.where(leaf, own, tree.children_left))
            parts["right"].append(first + np.where(leaf, own, tree.children_right))
            parts["shares"].append(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-300))
            first += tree.node_count
        return cls(
            **{name: np.concatenate(part).astype(_TYPES[name]) for name, part in parts.items()}
        )


def _within(numbers: NDArray[Any], count: int) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (numbers >= 0) & (numbers < count)
    return inside


def _rounded_down(thresholds: Float64Array) -> Float32Array:
    """Return the greatest floats of single precision that are not above the thresholds.

    A feature in single precision compares with the one as with the other.
    """
    near = thresholds.astype(np.float32)
    down: Float32Array = np.where(near > thresholds, np.nextafter(near, np.float32(-np.inf)), near)
    return down
