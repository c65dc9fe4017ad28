"""Mixes and parts with choices as one sequence of training items.

The module stands apart from `dataset.choices`, so that a training depends on no code that reads
songs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deep_plunder.dataset.shard_set import ShardSet
from deep_plunder.errors import InputError
from deep_plunder.truth.labels import FRAME, IGNORED

__all__ = ["WithChoices"]


class WithChoices:
    """Mixes and parts with choices as one sequence of training items.

    Parts are few, so each is repeated in the sequence until the parts have their share.

    Parameters
    ----------
    mixes : ShardSet
    parts : ShardSet
        A shard that `dataset.choices.write_choices` wrote.
    share : float
        Share of the parts among all items, above 0 and below 1. Each part is an item at least
        once.

    Attributes
    ----------
    frames, bands : int
        See `dataset.shard_set.ShardSet`.

    Raises
    ------
    InputError
        If mixes and parts differ in frames or bands.
    """

    def __init__(self, mixes: ShardSet, parts: ShardSet, *, share: float) -> None:
        for name in ("frames", "bands"):
            found, wanted = getattr(parts, name), getattr(mixes, name)
            if found != wanted:
                rule = f"must have {wanted} {name}, as the mixes have"
                raise InputError(f"choices: {rule}, got {found}")
        self._mixes, self._parts = mixes, parts
        self.frames, self.bands = mixes.frames, mixes.bands
        wanted = share / (1 - share) * len(mixes)
        self._times = max(1, round(wanted / len(parts)))
        labels = map(parts.labels, range(len(parts)))
        self._judged = [np.flatnonzero(each[:, FRAME] != IGNORED) for each in labels]

    def __len__(self) -> int:
        return len(self._mixes) + self._times * len(self._parts)

    def _part(self, index: int) -> int:
        return (index - len(self._mixes)) % len(self._parts)

    def onsets(self, index: int) -> NDArray[np.int64]:
        """Find the onsets of isolated sounds in an item.

        Parameters
        ----------
        index : int
            Position in the sequence.

        Returns
        -------
        frames : ndarray of int64, shape (k,)
            The frames labelled as onsets, in order.
        """
        if index < len(self._mixes):
            return self._mixes.onsets(index)
        return self._parts.onsets(self._part(index))

    def batch(
        self, indices: ArrayLike, *, starts: ArrayLike | None = None, frames: int | None = None
    ) -> tuple[NDArray[Any], NDArray[np.uint8]]:
        """Read some items, or a part of each.

        Parameters
        ----------
        indices, starts, frames
            See `dataset.shard_set.ShardSet.batch`. Frames of a part with choices in which there
            is no choice teach nothing. The nearest frames with a choice are read instead.

        Returns
        -------
        features : ndarray of float32 or uint8, shape (b, frames, bands)
        labels : ndarray of uint8, shape (b, frames, 3 or 4)
        """
        wanted = np.asarray(indices, np.int64).reshape(-1)
        count = self.frames if frames is None else frames
        first = np.zeros(len(wanted), np.int64) if starts is None else np.array(starts, np.int64)
        is_mix = wanted < len(self._mixes)
        parts = np.array([self._part(index) for index in wanted[~is_mix]], np.int64)
        if count < self.frames:
            moved = zip(parts, first[~is_mix], strict=True)
            first[~is_mix] = [self._moved(part, start, count) for part, start in moved]
        read = [
            self._mixes.batch(wanted[is_mix], starts=first[is_mix], frames=count),
            self._parts.batch(parts, starts=first[~is_mix], frames=count),
        ]
        places = np.argsort(np.concatenate([np.flatnonzero(is_mix), np.flatnonzero(~is_mix)]))
        features, labels = (np.concatenate(both)[places] for both in zip(*read, strict=True))
        return features, labels

    def _moved(self, part: int, start: int, count: int) -> int:
        """Return `start`, or one that puts the nearest judged frame in the middle of the part."""
        judged = self._judged[part]
        if not len(judged) or ((judged >= start) & (judged < start + count)).any():
            return start
        nearest = int(judged[np.abs(judged - (start + count // 2)).argmin()])
        return min(max(nearest - count // 2, 0), self.frames - count)
