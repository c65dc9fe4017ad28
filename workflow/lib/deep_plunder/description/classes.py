"""Recognise the class of a sound by a random forest on its timbre.

The forest that ships was trained on the public corpus by `training.classes`. It is stored
as plain arrays and needs no library of machine learning. Instruments of sources that it has not
heard are hard to tell apart by one short sound, so it answers only where it is sure.
"""

from __future__ import annotations

import dataclasses
import os
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deep_plunder.description.record import OTHER
from deep_plunder.description.timbre import TIMBRE_SIZE
from deep_plunder.errors import InputError, ModelError
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.files import atomic_path
from deep_plunder.util.npy import read_npz
from deep_plunder.util.resources import shipped_file

__all__ = ["SURE_CLASS", "ClassForest", "class_of", "shipped_classes"]

SURE_CLASS = 0.45
"""Least share of the trees' votes for a class that is stated."""

_PLACE = "resources/models/classes.npz"
_KINDS = {
    "names": "U", "roots": "i", "feature": "i", "threshold": "f", "left": "i", "right": "i",
    "votes": "u",
}  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class ClassForest:
    """A random forest: the nodes of all trees in joint arrays.

    Attributes
    ----------
    names : ndarray of str, shape (classes,)
        The classes.
    roots : ndarray of int32, shape (trees,)
        First node of each tree.
    feature : ndarray of int16, shape (nodes,)
        Value of the timbre that a node compares with its threshold.
    threshold : ndarray of float32, shape (nodes,)
    left, right : ndarray of int32, shape (nodes,)
        Next node if the value is at most the threshold, or above it. A leaf points to itself.
    votes : ndarray of uint8, shape (nodes, classes)
        Share of each class in a node, in 255ths.
    """

    names: NDArray[np.str_]
    roots: NDArray[np.int32]
    feature: NDArray[np.int16]
    threshold: NDArray[np.float32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    votes: NDArray[np.uint8]

    def predict(self, timbre: Float32Array) -> NDArray[np.float64]:
        """Return the share of votes of each class.

        Parameters
        ----------
        timbre : ndarray, shape (TIMBRE_SIZE,)
            From `description.timbre.timbre`.

        Returns
        -------
        shares : ndarray, shape (classes,)
            They sum to about 1.
        """
        nodes = self.roots
        while True:
            low = timbre[self.feature[nodes]] <= self.threshold[nodes]
            following = np.where(low, self.left[nodes], self.right[nodes])
            if np.array_equal(following, nodes):
                return np.asarray(self.votes[nodes].mean(axis=0) / 255, np.float64)
            nodes = following

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the arrays as an ``.npz`` file, whole or not at all.

        Parameters
        ----------
        path : path-like
            The file to write. It holds a checksum of each array.
        """
        arrays: dict[str, Any] = {name: getattr(self, name) for name in _KINDS}
        with atomic_path(path) as temporary, temporary.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> ClassForest:
        """Read a file that `save` wrote. No code in the file is run.

        Parameters
        ----------
        path : path-like

        Returns
        -------
        forest : ClassForest

        Raises
        ------
        ModelError
            If the file is damaged or holds no such forest.
        """
        try:
            arrays = read_npz(path)
            if rule := _fault(arrays):
                raise InputError(rule)
        except InputError as error:
            raise ModelError(f"{path}: is no forest of classes: {error}") from error
        return cls(**{name: arrays[name] for name in _KINDS})


def _fault(arrays: dict[str, NDArray[Any]]) -> str:
    """Return the rule that the arrays of a forest break, if any."""
    for name, kind in _KINDS.items():
        if name not in arrays or arrays[name].dtype.kind != kind or not arrays[name].size:
            return f"must hold {name}, not empty, of the right type"
    classes, nodes = arrays["names"].size, arrays["feature"].size
    shapes = {
        "names": (classes,), "roots": (arrays["roots"].size,), "feature": (nodes,),
        "threshold": (nodes,), "left": (nodes,), "right": (nodes,), "votes": (nodes, classes),
    }  # fmt: skip
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            return f"{name} must have the shape {shape}, has {arrays[name].shape}"
    own, left, right = np.arange(nodes), arrays["left"], arrays["right"]
    # A search moves on to later nodes until it reaches one that points to itself: it always ends.
    onward = (left > own) & (right > own) | (left == own) & (right == own)
    for name, good in (
        ("left and right", onward & (left < nodes) & (right < nodes)),
        ("roots", (arrays["roots"] >= 0) & (arrays["roots"] < nodes)),
        ("feature", (arrays["feature"] >= 0) & (arrays["feature"] < TIMBRE_SIZE)),
    ):
        if not good.all():
            return f"{name} must lead to a leaf, {int(np.argmin(good))} does not"
    return ""


@lru_cache(maxsize=1)
def shipped_classes() -> ClassForest:
    """Read the forest that ships.

    Returns
    -------
    forest : ClassForest

    Raises
    ------
    ModelError
        If this copy of the package lacks it.

    Examples
    --------
    >>> "kick" in shipped_classes().names
    True
    """
    return ClassForest.load(shipped_file(_PLACE))


def class_of(
    timbre: Float32Array, *, forest: ClassForest | None = None, sure: float = SURE_CLASS
) -> str:
    """Return the class of a sound.

    Parameters
    ----------
    timbre : ndarray, shape (TIMBRE_SIZE,)
        From `description.timbre.timbre`.
    forest : ClassForest, optional
        By default the one that ships.
    sure : float
        Least share of votes.

    Returns
    -------
    sound_class : str
        A class, or ``other`` if no class has that share.

    Examples
    --------
    >>> class_of(np.zeros(TIMBRE_SIZE, np.float32), sure=1.0)
    'other'
    """
    used = shipped_classes() if forest is None else forest
    shares = used.predict(timbre)
    best = int(shares.argmax())
    return str(used.names[best]) if shares[best] >= sure else OTHER
