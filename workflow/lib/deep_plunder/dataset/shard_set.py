"""Read shards in any order: the mixes of several shards as one sequence.

Files are read row by row. Memory maps would do without copies, but a full disk, or a file that
shrinks, kills a process that uses one without a message.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deep_plunder.dataset.shards import (
    BLOCK,
    LABELS_TYPE,
    frame_sums,
    label_columns,
    labels_path,
    shard_sums_path,
)
from deep_plunder.errors import InputError
from deep_plunder.truth.labels import IGNORED, ISOLATION, ONSET
from deep_plunder.util.exact import read_array
from deep_plunder.util.npy import NPY_ERRORS

__all__ = ["ShardSet"]

_FEATURES = (np.dtype("<f4"), np.dtype("u1"))


@dataclass(frozen=True, slots=True)
class _Array:
    """Where an array lies in a file."""

    path: Path
    dtype: np.dtype[Any]
    offset: int
    shape: tuple[int, ...]

    @contextmanager
    def opened(self) -> Iterator[Callable[[int, int, int], NDArray[Any]]]:
        """Open the file; yield a function that reads frames of a mix, up to its end at most."""
        _, frames, columns = self.shape
        width = columns * self.dtype.itemsize
        with ExitStack() as stack:
            with self._named():
                file = stack.enter_context(self.path.open("rb", buffering=0))

            def read(mix: int, start: int, stop: int) -> NDArray[Any]:
                place = self.offset + (mix * frames + start) * width
                shape = min(stop, frames) - start, columns
                with self._named():
                    return read_array(file.fileno(), place, shape, self.dtype)

            yield read

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except (OSError, EOFError) as error:
            raise InputError(f"{self.path}: cannot be read any more: {error}") from error


def _locate(path: Path, dtypes: Sequence[np.dtype[Any]], kind: str) -> _Array:
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise InputError(f"{path}: {kind} of a shard: no such file") from None
    except NPY_ERRORS as error:
        raise InputError(f"{path}: {kind} of a shard: not a whole .npy file: {error}") from error
    if not isinstance(array, np.memmap):
        raise InputError(f"{path}: {kind} of a shard: not a .npy file")
    if array.ndim != 3 or array.dtype not in dtypes or not array.flags.c_contiguous:
        rule = f"must be {dtypes[0]} of 3 dimensions in C order"
        raise InputError(f"{path}: {kind} of a shard: {rule}, got {array.dtype} {array.shape}")
    size, needed = path.stat().st_size, array.offset + array.nbytes
    if size != needed:
        raise InputError(f"{path}: {kind} of a shard: must have {needed} bytes, has {size}")
    return _Array(path, array.dtype, array.offset, array.shape)


def _read_sums(path: Path, shape: tuple[int, ...]) -> NDArray[np.uint64]:
    try:
        sums: NDArray[np.uint64] = np.load(path, allow_pickle=False)
    except NPY_ERRORS as error:
        raise InputError(f"{path}: checksums of a shard: not a whole .npy file: {error}") from error
    if sums.dtype != np.uint64 or sums.shape != shape:
        rule = f"checksums of a shard: must be uint64 {shape}"
        raise InputError(f"{path}: {rule}, got {sums.dtype} {sums.shape}")
    return sums


@dataclass(frozen=True, slots=True)
class _Shard:
    """The files of a shard."""

    features: _Array
    labels: _Array
    sums: NDArray[np.uint64]

    def check(self, mix: int, first: int, features: NDArray[Any], labels: NDArray[Any]) -> None:
        """Check whole blocks of a mix, from a frame on that is the first of a block."""
        found = frame_sums(features, labels)
        block = first // BLOCK
        wrong = np.argwhere(found != self.sums[mix, block : block + len(found)])
        if len(wrong):
            path = (self.features, self.labels)[wrong[0, 1]].path
            start = first + int(wrong[0, 0]) * BLOCK
            raise InputError(
                f"{path}: mix {mix}: frames from {start} on must have the checksum in "
                f"{shard_sums_path(self.features.path).name}: is damaged; remove "
                f"{self.features.path} to make both again"
            )


def _open_shard(path: Path) -> _Shard:
    features = _locate(path, _FEATURES, "features")
    labels = _locate(labels_path(path), [LABELS_TYPE], "labels")
    expected = (*features.shape[:2], label_columns(features.dtype))
    if labels.shape != expected:
        rule = f"must have the shape {expected} to belong to {path.name}"
        raise InputError(f"{labels.path}: {rule}, got {labels.shape}")
    with labels.opened() as read:
        mixes = (read(mix, 0, labels.shape[1]) for mix in range(labels.shape[0]))
        highest = max((int(rows[:, :ISOLATION].max(initial=0)) for rows in mixes), default=0)
    if highest > IGNORED:
        raise InputError(f"{labels.path}: labels must be in 0..{IGNORED}, got {highest}")
    blocks = -(-features.shape[1] // BLOCK)
    return _Shard(
        features, labels, _read_sums(shard_sums_path(path), (features.shape[0], blocks, 2))
    )


class ShardSet:
    """Several shards as one sequence of mixes.

    Parameters
    ----------
    paths : sequence of path-like
        Features files, in the order of mixes; their labels and checksums lie beside them.

    Attributes
    ----------
    frames, bands : int
        Frames of a mix, and numbers of a frame: the same in all shards, as is their type.

    Raises
    ------
    InputError
        If there is no shard, one is missing, not whole or not ours, its files do not belong
        together, or shards differ in frames or bands.
    """

    def __init__(self, paths: Sequence[str | os.PathLike[str]]) -> None:
        if not paths:
            raise InputError("shards: at least one is needed, got none")
        self._shards = [_open_shard(Path(path)) for path in paths]
        first = self._shards[0].features
        self.frames, self.bands = first.shape[1:]
        for features in (shard.features for shard in self._shards):
            if features.shape[1:] != first.shape[1:]:
                rule = f"must have frames and bands {first.shape[1:]} as {first.path.name}"
                raise InputError(f"{features.path}: {rule}, got {features.shape[1:]}")
            if features.dtype != first.dtype:
                rule = f"must be {first.dtype} as {first.path.name}"
                raise InputError(f"{features.path}: {rule}, got {features.dtype}")
        self._dtype = first.dtype
        self._ends = np.cumsum([shard.features.shape[0] for shard in self._shards])

    def __len__(self) -> int:
        return int(self._ends[-1])

    def onsets(self, index: int) -> NDArray[np.int64]:
        """Find the onsets of isolated sounds in a mix.

        Parameters
        ----------
        index : int
            Position in the sequence of all mixes.

        Returns
        -------
        frames : ndarray of int64, shape (k,)
            The frames labelled as onsets, in order.

        Raises
        ------
        InputError
            If the file of labels has gone or shrunk since the shards were opened.
        """
        return np.flatnonzero(self.labels(index)[:, ONSET] == 1)

    def labels(self, index: int) -> NDArray[np.uint8]:
        """Read the labels of a mix, without a look at their checksums.

        Parameters
        ----------
        index : int
            Position in the sequence of all mixes.

        Returns
        -------
        labels : ndarray of uint8, shape (frames, 3 or 4)

        Raises
        ------
        InputError
            If the file of labels has gone or shrunk since the shards were opened.
        """
        number = int(np.searchsorted(self._ends, index, side="right"))
        shard = self._shards[number]
        before = self._ends[number] - shard.labels.shape[0]
        with shard.labels.opened() as read:
            labels: NDArray[np.uint8] = read(index - before, 0, self.frames)
        return labels

    def batch(
        self, indices: ArrayLike, *, starts: ArrayLike | None = None, frames: int | None = None
    ) -> tuple[NDArray[Any], NDArray[np.uint8]]:
        """Read some mixes, or a part of each.

        Parameters
        ----------
        indices : array_like of int, shape (b,)
            Positions in the sequence of all mixes, in any order; repetitions are allowed.
        starts : array_like of int, shape (b,), optional
            First frame that is read of each; by default 0.
        frames : int, optional
            How many frames are read of each; by default all.

        Returns
        -------
        features : ndarray of float32 or uint8, shape (b, frames, bands)
        labels : ndarray of uint8, shape (b, frames, 3 or 4)
            Both are new arrays, in the order of `indices`.

        Raises
        ------
        IndexError
            If an index is not in ``0..len(self) - 1``.
        InputError
            If a file is gone or shorter than when the shards were opened, or if the checksum of the
            part that is read differs from the stored one.
        """
        wanted = np.asarray(indices, dtype=np.int64).reshape(-1)
        outside = wanted[(wanted < 0) | (wanted >= len(self))]
        if len(outside):
            raise IndexError(f"indices must be in 0..{len(self) - 1}, got {outside[0]}")
        count = self.frames if frames is None else frames
        first = np.zeros(len(wanted), np.int64) if starts is None else np.asarray(starts)
        if len(first) and not (first.min() >= 0 and first.max() + count <= self.frames):
            rule = f"starts must be in 0..{self.frames - count}"
            raise IndexError(f"{rule}, got {first.min()}..{first.max()}")
        features = np.empty((len(wanted), count, self.bands), self._dtype)
        labels = np.empty((len(wanted), count, label_columns(self._dtype)), np.uint8)
        shards = np.searchsorted(self._ends, wanted, side="right")
        for number in np.unique(shards):
            shard = self._shards[number]
            before = self._ends[number] - shard.features.shape[0]
            with shard.features.opened() as read_features, shard.labels.opened() as read_labels:
                for row in np.flatnonzero(shards == number).tolist():
                    mix, start = int(wanted[row] - before), int(first[row])
                    whole, stop = start - start % BLOCK, start + count
                    until = stop + -stop % BLOCK
                    mix_features = read_features(mix, whole, until)
                    mix_labels = read_labels(mix, whole, until)
                    shard.check(mix, whole, mix_features, mix_labels)
                    features[row] = mix_features[start - whole : stop - whole]
                    labels[row] = mix_labels[start - whole : stop - whole]
        return features, labels
