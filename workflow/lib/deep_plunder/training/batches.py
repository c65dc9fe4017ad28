"""Choose the items of each batch of a training.

Items form an endless sequence of shuffled passes, which each epoch continues.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deep_plunder.training.spec import TrainingSpec
from deep_plunder.util.rng import generator

__all__ = ["Items", "epoch_batches", "sampled_batches"]


class Items(Protocol):
    """Items to fit a network to, such as a `dataset.shard_set.ShardSet`."""

    def __len__(self) -> int:
        """Return the number of items."""

    frames: int

    def batch(
        self, indices: ArrayLike, *, starts: ArrayLike | None = None, frames: int | None = None
    ) -> tuple[NDArray[Any], NDArray[np.uint8]]:
        """Return features (b, frames, bands) and labels (b, frames, 3 or 4) of parts of items."""

    def onsets(self, index: int) -> NDArray[np.int64]:
        """Return the frames of an item in which an isolated sound begins."""


def epoch_batches(
    epoch: int, *, items: int, training: TrainingSpec, seed: int
) -> Iterator[NDArray[np.int64]]:
    """Choose the items of the batches of one epoch.

    Parameters
    ----------
    epoch : int
        Number of the epoch, from 1.
    items : int
        Number of items.
    training : TrainingSpec
        Settings with the steps per epoch and the items per batch.
    seed : int
        The seed of the configuration.

    Yields
    ------
    indices : ndarray of int64, shape (batch_size,)
        Items of the next batch. Consecutive epochs continue one sequence, in which each item
        occurs once per pass.
    """
    first = (epoch - 1) * training.steps_per_epoch * training.batch_size
    orders: dict[int, NDArray[np.int64]] = {}
    for step in range(training.steps_per_epoch):
        start = first + step * training.batch_size
        indices = np.empty(training.batch_size, np.int64)
        for k in range(training.batch_size):
            turn, place = divmod(start + k, items)
            if turn not in orders:
                orders = {turn: generator(seed, "training", "pass", turn).permutation(items)}
            indices[k] = orders[turn][place]
        yield indices


def sampled_batches(
    *, items: int, training: TrainingSpec, seed: int
) -> Iterator[NDArray[np.int64]]:
    """Choose the training items that the statistics of batch normalization are computed from.

    Parameters
    ----------
    items : int
        Number of training items.
    training : TrainingSpec
        Settings with the number of such batches, `norm_batches`, and the items per batch.
    seed : int
        The seed of the configuration.

    Yields
    ------
    indices : ndarray of int64, shape (batch_size,)
        Items of the next batch, each at most once; the last batch may be smaller.
    """
    size = training.batch_size
    order = generator(seed, "training", "statistics").permutation(items)
    order = order[: training.norm_batches * size]
    for start in range(0, len(order), size):
        yield order[start : start + size]
