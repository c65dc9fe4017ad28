"""Recognise the class of a sound by a random forest on its timbre.

The forest that ships was trained on the public corpus by `training.classes`. It is stored
as plain arrays and needs no library of machine learning. Instruments of sources that it has not
heard are hard to tell apart by one short sound, so it answers only where it is sure.
"""

from __future__ import annotations

import dataclasses
import os
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from deep_plunder.description.record import OTHER
from deep_plunder.description.timbre import TIMBRE_SIZE
from deep_plunder.errors import InputError, ModelError
from deep_plunder.util.arrays import Float32Array, Float64Array
from deep_plunder.util.npy import read_npz
from deep_plunder.util.resources import shipped_file
from deep_plunder.util.trees import Trees

__all__ = ["SURE_CLASS", "ClassForest", "class_of", "shipped_classes"]

SURE_CLASS = 0.45
"""Least share of the trees' votes for a class that is stated."""

_PLACE = "resources/models/classes.npz"


@dataclasses.dataclass(frozen=True, slots=True)
class ClassForest:
    """A random forest with the names of its classes.

    Attributes
    ----------
    names : ndarray of str, shape (classes,)
        The classes.
    trees : Trees
        For the values of a timbre.
    """

    names: NDArray[np.str_]
    trees: Trees

    def predict(self, timbre: Float32Array) -> Float64Array:
        """Return the share of votes of each class.

        Parameters
        ----------
        timbre : ndarray, shape (TIMBRE_SIZE,)
            From `description.timbre.timbre`.

        Returns
        -------
        shares : ndarray, shape (classes,)
            They sum to 1.
        """
        shares: Float64Array = self.trees.predict(timbre[np.newaxis])[0]
        return shares

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the forest as an ``.npz`` file, whole or not at all.

        Parameters
        ----------
        path : path-like
            The file to write.
        """
        self.trees.save(path, names=self.names)

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
            names = arrays.get("names", np.empty(0))
            if names.dtype.kind != "U" or names.ndim != 1 or not names.size:
                raise InputError("names must be texts, not empty")
            trees = Trees.of_arrays(arrays, features=TIMBRE_SIZE, classes=names.size)
        except InputError as error:
            raise ModelError(f"{path}: is no forest of classes: {error}") from error
        return cls(names, trees)


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
