"""Small ways to draw from a random generator."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

__all__ = ["chance", "log_uniform", "pick", "uniform", "weighted"]

Item = TypeVar("Item")


def chance(rng: np.random.Generator, probability: float) -> bool:
    """Say yes with a probability."""
    return bool(rng.random() < probability)


def uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw a number between two others."""
    return float(low + (high - low) * rng.random())


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw a positive number, each octave as likely as the next."""
    return math.exp(uniform(rng, math.log(low), math.log(high)))


def pick(rng: np.random.Generator, items: Sequence[Item]) -> Item:
    """Draw one of several, each as likely."""
    return items[min(int(rng.random() * len(items)), len(items) - 1)]


def weighted(rng: np.random.Generator, items: Sequence[Item], weights: Sequence[float]) -> Item:
    """Draw one of several by their weights."""
    edges = np.cumsum(np.asarray(weights, np.float64))
    place = int(np.searchsorted(edges, rng.random() * edges[-1], side="right"))
    return items[min(place, len(items) - 1)]
