"""Recognise the class of a sound by a random forest on its traits.

The forest that ships was trained on the public corpus by `training.classes`. It is stored
as plain arrays and needs no library of machine learning. Instruments of sources that it has not
heard are hard to tell apart by one short sound, so it answers only where it is sure: each class
needs so many votes that most answers were right in training.
"""

from __future__ import annotations

import dataclasses
import os
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from deep_plunder.description.record import OTHER
from deep_plunder.description.traits import TRAITS
from deep_plunder.errors import InputError, ModelError
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.names import shown
from deep_plunder.util.npy import read_npz
from deep_plunder.util.resources import shipped_file
from deep_plunder.util.trees import Trees

__all__ = ["ClassForest", "load_classes"]

_PLACE = "resources/models/classes.npz"


@dataclasses.dataclass(frozen=True, slots=True)
class ClassForest:
    """A random forest with the names of its classes.

    Attributes
    ----------
    names : ndarray of str, shape (classes,)
        The classes.
    least : ndarray of float32, shape (classes,)
        Least share of the trees' votes with which a class is stated. Above 1 it never is.
    trees : Trees
        For the traits of a sound.
    """

    names: NDArray[np.str_]
    least: NDArray[np.float32]
    trees: Trees

    def class_of(self, traits: Float32Array) -> str:
        """Return the class of a sound.

        Parameters
        ----------
        traits : ndarray, shape (TRAITS,)
            From `description.traits.traits`.

        Returns
        -------
        sound_class : str
            The class with most votes, or ``other`` if they are too few.

        Examples
        --------
        >>> load_classes().class_of(np.zeros(TRAITS, np.float32))
        'other'
        """
        [stated] = self.classes_of(traits[np.newaxis])
        return stated

    def classes_of(self, traits: Float32Array) -> list[str]:
        """Return the classes of sounds; many at once cost less than one by one.

        Parameters
        ----------
        traits : ndarray, shape (n, TRAITS)
            From `description.traits.traits`.

        Returns
        -------
        classes : list of str
            See `class_of`.

        Examples
        --------
        >>> load_classes().classes_of(np.zeros((2, TRAITS), np.float32))
        ['other', 'other']
        """
        votes = self.trees.predict(traits)
        best = votes.argmax(axis=1)
        sure = votes[np.arange(len(votes)), best] >= self.least[best]
        names = np.where(sure, self.names[best], OTHER)
        return [str(name) for name in names]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the forest as an ``.npz`` file, whole or not at all.

        Parameters
        ----------
        path : path-like
            The file to write.
        """
        self.trees.save(path, names=self.names, least=self.least)

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
            names, least = (arrays.get(name, np.empty(0)) for name in ("names", "least"))
            if names.dtype.kind != "U" or names.ndim != 1 or not names.size:
                raise InputError("names must be texts, not empty")
            odd = [str(name) for name in names if not name.isprintable() or not name.strip()]
            if odd:
                raise InputError(f"names must be printable, got {odd[0]!r}")
            if least.dtype != np.float32 or least.shape != names.shape or np.isnan(least).any():
                raise InputError("least must be float32, one number per name")
            trees = Trees.of_arrays(arrays, features=TRAITS, classes=names.size)
        except InputError as error:
            raise ModelError(f"{shown(path)}: is no forest of classes: {error}") from error
        return cls(names, least, trees)


@lru_cache(maxsize=1)
def _shipped() -> ClassForest:
    return ClassForest.load(shipped_file(_PLACE))


def load_classes(path: str | os.PathLike[str] | None = None) -> ClassForest:
    """Read a forest of classes.

    Parameters
    ----------
    path : path-like, optional
        A file that `ClassForest.save` wrote. By default the one that ships.

    Returns
    -------
    forest : ClassForest

    Raises
    ------
    ModelError
        If the file is damaged or missing.

    Examples
    --------
    >>> "kick" in load_classes().names
    True
    """
    return _shipped() if path is None else ClassForest.load(path)
