"""Random generators that depend on the item they draw for, and small ways to draw from them.

Each item (a mix, a cycle of a queue, an epoch) has a generator of its own, made of the configured
seed and of the item's names. No global random state is read or changed, so the order of drawing
does not matter.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

__all__ = ["Item", "chance", "generator", "log_uniform", "pick", "uniform", "weighted"]

Item = TypeVar("Item")


def chance(rng: np.random.Generator, probability: float) -> bool:
    """Return True with a probability.

    Parameters
    ----------
    rng : numpy.random.Generator
    probability : float, 0 to 1

    Returns
    -------
    yes : bool
    """
    return bool(rng.random() < probability)


def uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw a number between two others.

    Parameters
    ----------
    rng : numpy.random.Generator
    low, high : float

    Returns
    -------
    number : float
    """
    return float(low + (high - low) * rng.random())


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw a positive number, each octave as likely as the next.

    Parameters
    ----------
    rng : numpy.random.Generator
    low, high : float, above 0

    Returns
    -------
    number : float
    """
    return math.exp(uniform(rng, math.log(low), math.log(high)))


def pick(rng: np.random.Generator, items: Sequence[Item]) -> Item:
    """Draw one of several with equal probability.

    Parameters
    ----------
    rng : numpy.random.Generator
    items : sequence
        At least one.

    Returns
    -------
    item : object
    """
    return items[min(int(rng.random() * len(items)), len(items) - 1)]


def weighted(rng: np.random.Generator, items: Sequence[Item], weights: Sequence[float]) -> Item:
    """Draw one of several by their weights.

    Parameters
    ----------
    rng : numpy.random.Generator
    items : sequence
        At least one.
    weights : sequence of float, as many
        Not negative; their sum is above 0 and need not be 1.

    Returns
    -------
    item : object
    """
    edges = np.cumsum(np.asarray(weights, np.float64))
    place = int(np.searchsorted(edges, rng.random() * edges[-1], side="right"))
    return items[min(place, len(items) - 1)]


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """Make the random generator that belongs to one item.

    Parameters
    ----------
    seed : int
        The seed of the configuration.
    *names : str or int
        The item that the generator is for, e.g. ``"mix", "train", 17``. The string ``"1"`` and the
        integer ``1`` are different names.

    Returns
    -------
    generator : numpy.random.Generator
        A PCG64 whose state is a SHA-256 digest of all arguments: the same on every machine,
        and unrelated for any two different argument lists.
    """
    digest = hashlib.sha256(repr((int(seed), *names)).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))
