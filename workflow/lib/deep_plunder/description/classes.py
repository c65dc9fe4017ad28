"""Recognise the class of a sound by a random forest on its traits.

The forest that ships was trained on the public corpus by `training.classes`. It is stored
as plain arrays and needs no library of machine learning. Instruments of sources that it has not
heard are hard to tell apart by one short sound, so it answers only where it is sure: each class
needs so many votes that most answers were right in training. Keys, guitars, strings and the like
are told from drums more surely than from each other. So several classes can have a wider class,
which is stated where none of them is sure, but their votes together are.
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
from deep_plunder.util.arrays import Float32Array, Float64Array
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
    wider : ndarray of str, shape (classes,)
        The wider class to which each class belongs; empty for none.
    least_wider : ndarray of float32, shape (classes,)
        Least share of the votes for all of its classes with which the wider class is stated.
    trees : Trees
        For the traits of a sound.
    """

    names: NDArray[np.str_]
    least: NDArray[np.float32]
    wider: NDArray[np.str_]
    least_wider: NDArray[np.float32]
    trees: Trees

    @property
    def wider_names(self) -> list[str]:
        """Names of the wider classes, sorted."""
        return sorted({str(name) for name in self.wider if name})

    def class_of(self, traits: Float32Array) -> str:
        """Return the class of a sound.

        Parameters
        ----------
        traits : ndarray, shape (TRAITS,)
            From `description.traits.traits`.

        Returns
        -------
        sound_class : str
            The class with most votes, or a wider class, or ``other`` if they are too few.

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
        return self.stated(self.trees.predict(traits))

    def stated(self, votes: Float64Array) -> list[str]:
        """Return the classes that votes are enough for.

        Parameters
        ----------
        votes : ndarray, shape (n, classes)
            Shares of the trees' votes.

        Returns
        -------
        classes : list of str
            See `class_of`.

        Examples
        --------
        >>> forest = load_classes()
        >>> forest.stated(np.eye(len(forest.names)))[:2]
        ['bass', 'clap']
        """
        best, sure = self._sure(votes)
        found = [str(name) for name in np.where(sure, self.names[best], OTHER)]
        for wide, share in self.shares_of_wider(votes).items():
            enough = (share > 0) & (share >= self.least_wider[self.wider == wide][0])
            for row in np.flatnonzero(enough).tolist():
                found[row] = wide
        return found

    def shares_of_wider(self, votes: Float64Array) -> dict[str, Float64Array]:
        """Return the votes for each wider class.

        Parameters
        ----------
        votes : ndarray, shape (n, classes)
            Shares of the trees' votes.

        Returns
        -------
        shares : dict of ndarray, shape (n,)
            By name: the votes for its classes together. They are 0 where a class is sure, or where
            a class outside of the wider one has more votes.

        Examples
        --------
        >>> forest = load_classes()
        >>> even = np.full((1, len(forest.names)), 1 / len(forest.names))
        >>> [f"{share:.2f}" for share in forest.shares_of_wider(even)["melodic"]]
        ['0.47']
        """
        _, sure = self._sure(votes)
        shares = {}
        for wide in self.wider_names:
            own = self.wider == wide
            share = votes[:, own].sum(axis=1)
            others = votes[:, ~own].max(axis=1, initial=0.0)
            shares[wide] = np.where(~sure & (share > others), share, 0.0)
        return shares

    def _sure(self, votes: Float64Array) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        best = votes.argmax(axis=1)
        sure: NDArray[np.bool_] = votes[np.arange(len(votes)), best] >= self.least[best]
        return best, sure

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the forest as an ``.npz`` file, whole or not at all.

        Parameters
        ----------
        path : path-like
            The file to write.
        """
        self.trees.save(
            path, names=self.names, least=self.least, wider=self.wider,
            least_wider=self.least_wider,
        )  # fmt: skip

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
        except InputError as error:
            raise ModelError(str(error)) from error
        try:
            names, least, wider, least_wider = (
                arrays.get(name, np.empty(0)) for name in ("names", "least", "wider", "least_wider")
            )
            if names.dtype.kind != "U" or names.ndim != 1 or not names.size:
                raise InputError("names must be texts, not empty")
            if wider.dtype.kind != "U" or wider.shape != names.shape:
                raise InputError("wider must be texts, one per name")
            every = [*names, *filter(None, wider)]
            odd = [str(name) for name in every if not name.isprintable() or not name.strip()]
            if odd:
                raise InputError(f"names must be printable, got {odd[0]!r}")
            for name, bound in (("least", least), ("least_wider", least_wider)):
                if bound.dtype != np.float32 or bound.shape != names.shape or np.isnan(bound).any():
                    raise InputError(f"{name} must be float32, one number per name")
            trees = Trees.of_arrays(arrays, features=TRAITS, classes=names.size)
        except InputError as error:
            raise ModelError(f"{shown(path)}: is no forest of classes: {error}") from error
        return cls(names, least, wider, least_wider, trees)


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
