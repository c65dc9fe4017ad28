"""Measure how often the classes that a forest states are right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deep_plunder.description.record import OTHER

__all__ = ["ALL", "ClassScore", "Confusion", "score_classes", "wider_classes"]

ALL = "all"
"""Name of the row of all classes in ``classes.tsv``."""

_MELODIC = "melodic"
_MELODIC_CLASSES = ("bass", "guitar", "keys", "strings", "synth", "vox", "wind")


@dataclass(frozen=True, slots=True)
class ClassScore:
    """A row of ``classes.tsv``, of sounds of sources that the forest has not heard.

    Attributes
    ----------
    sounds : str
        ``whole``, or ``cut`` to 60 ms to 1.2 s.
    sound_class : str
        The class, a wider class, or ``all``.
    count : int
        Number of sounds of the class; for ``all`` those of every class but ``other``.
    answered : float
        Share of them for which this or another class is stated, in per cent.
    precision : float
        Share of right answers among the sounds for which this class is stated, in per cent; for
        ``all``, among the sounds for which any class is stated. A wider class is right for a sound
        of each of its classes.
    recall : float
        Share of the sounds of this class for which this class is stated, in per cent; for ``all``,
        for which their class or its wider class is.
    """

    sounds: str
    sound_class: str
    count: int
    answered: float
    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """A row of ``confusion.tsv``.

    Attributes
    ----------
    true, stated : str
        Class of the library, and the class that was stated.
    count : int
        Number of sounds, whole and cut.
    """

    true: str
    stated: str
    count: int


def wider_classes(names: Sequence[str]) -> dict[str, str]:
    """Return the wider class of each class that has one.

    Parameters
    ----------
    names : sequence of str
        The classes of a library.

    Returns
    -------
    wider : dict of str
        ``melodic`` for those classes of the corpus that are played as notes, if the library has
        several of them.

    Examples
    --------
    >>> wider_classes(["bass", "keys", "kick"])
    {'bass': 'melodic', 'keys': 'melodic'}
    >>> wider_classes(["bass", "kick"])
    {}
    """
    melodic = [name for name in names if name in _MELODIC_CLASSES]
    if len(melodic) < 2 or _MELODIC in names:
        return {}
    return dict.fromkeys(melodic, _MELODIC)


def score_classes(
    classes: NDArray[np.str_],
    stated: NDArray[np.str_],
    *,
    wider: Mapping[str, str] | None = None,
) -> tuple[list[ClassScore], list[Confusion]]:
    """Compare the classes that were stated with the true ones.

    Parameters
    ----------
    classes : ndarray of str, shape (sounds,)
        The true classes.
    stated : ndarray of str, shape (sounds, versions)
        The class that was stated for each sound, whole and cut; ``other`` for none.
    wider : mapping of str, optional
        From `wider_classes`.

    Returns
    -------
    scores : list of ClassScore
        Of whole sounds and of cut ones, each of all classes, then class by class, then of the
        wider classes.
    confusion : list of Confusion
    """
    above = dict(wider or {})
    wide_of = np.array([above.get(name, "") for name in classes.tolist()], dtype="U")
    every = [name for name in np.unique(classes).tolist() if name != OTHER]
    scores = []
    for kind, part in (("whole", stated[:, :1]), ("cut", stated[:, 1:])):
        true, wide = (
            np.repeat(each[:, np.newaxis], part.shape[1], axis=1) for each in (classes, wide_of)
        )
        if not true.size:
            continue
        right = (part == true) | (part == wide)
        for name in (ALL, *every, *sorted(set(above.values()))):
            own = true != OTHER if name == ALL else (true == name) | (wide == name)
            answered = part != OTHER if name == ALL else part == name
            good = answered & right
            scores.append(
                ClassScore(
                    kind, name, int(own.sum()), _per_cent(part[own] != OTHER),
                    _per_cent(good[answered]), _per_cent(good[own]),
                )
            )  # fmt: skip
    pairs = Counter(
        zip(np.repeat(classes, stated.shape[1]).tolist(), stated.ravel().tolist(), strict=True)
    )
    rows = [Confusion(true, shown, count) for (true, shown), count in sorted(pairs.items())]
    return scores, rows


def _per_cent(flags: NDArray[np.bool_]) -> float:
    return round(100 * float(flags.mean()), 1) if flags.size else 0.0
