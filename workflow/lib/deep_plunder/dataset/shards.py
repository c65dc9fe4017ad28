"""Write shards: the features and labels of many mixes as plain NumPy files.

A shard is ``NAME.npy`` (float32, or uint8 for detailed features; shape (mixes, frames, bands))
and beside it ``NAME.labels.npy`` (uint8, shape (mixes, frames, 3), or 4 with detailed features,
columns as in `truth.labels`). Any tool opens these files. ``NAME.sums.npy`` (uint64, shape
(mixes, blocks, 2)) holds the checksum of each block of 64 frames of both (the last block of a mix
may be shorter), so that reading a part checks only that part. The features file is renamed last
and removed first: where it exists, the other two exist and belong to it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from deep_plunder.features.spec import FeatureSpec
from deep_plunder.truth.labels import LABELS, OUTPUTS
from deep_plunder.util.checksums import block_sums
from deep_plunder.util.files import atomic_path, naming

__all__ = ["BLOCK", "LABELS_TYPE", "frame_sums", "label_columns", "labels_path",
           "shard_sums_path", "write_shard"]  # fmt: skip

BLOCK = 64
"""Frames of a block, which has one checksum for its features and one for its labels."""

LABELS_TYPE = np.dtype("u1")
"""Type of the labels."""


def labels_path(path: str | os.PathLike[str]) -> Path:
    """Return the path of the labels that belong to a file of features.

    Parameters
    ----------
    path : path-like
        ``NAME.npy``.

    Returns
    -------
    path : Path
        ``NAME.labels.npy`` in the same folder.
    """
    return Path(path).with_suffix(".labels.npy")


def shard_sums_path(path: str | os.PathLike[str]) -> Path:
    """Return the path of the checksums that belong to a file of features.

    Parameters
    ----------
    path : path-like
        ``NAME.npy``.

    Returns
    -------
    path : Path
        ``NAME.sums.npy`` in the same folder.
    """
    return Path(path).with_suffix(".sums.npy")


def label_columns(dtype: np.dtype[Any]) -> int:
    """Return the number of label columns that belong to features of a type.

    Parameters
    ----------
    dtype : numpy.dtype
        Type of the features.

    Returns
    -------
    columns : int
        3 for float32; 4 for bytes, where the isolation is known too.
    """
    return len(OUTPUTS if dtype.kind == "f" else LABELS)


def _write_header(file: BinaryIO, dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
    header = {"descr": dtype.str, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)


def _write_row(file: BinaryIO, row: NDArray[Any], dtype: np.dtype[Any], shape: Any) -> None:
    if row.shape != shape or row.dtype != dtype:
        raise ValueError(f"a row must be {dtype} {shape}, got {row.dtype} {row.shape}")
    file.write(np.ascontiguousarray(row).data)


def frame_sums(features: NDArray[Any], labels: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Compute the checksums of consecutive frames of a mix.

    Parameters
    ----------
    features : ndarray, shape (frames, bands)
        The frames, from the first of a block on.
    labels : ndarray of uint8, shape (frames, 3 or 4)
        Their labels.

    Returns
    -------
    sums : ndarray of uint64, shape (blocks, 2)
        Of the features and of the labels of each block.
    """
    sums = []
    for part in (features, labels):
        data = np.ascontiguousarray(part).reshape(-1).view(np.uint8)
        sums.append(block_sums(data, BLOCK * part.shape[1] * part.itemsize))
    return np.stack(sums, axis=1)


def write_shard(
    path: str | os.PathLike[str],
    items: Iterable[tuple[NDArray[Any], NDArray[np.uint8]]],
    *,
    count: int,
    frames: int,
    spec: FeatureSpec,
) -> None:
    """Write the features and labels of the mixes of a shard, all whole or not at all.

    Parameters
    ----------
    path : path-like
        ``NAME.npy``; the labels go to `labels_path` of it, the checksums to `shard_sums_path`.
    items : iterable of (features, labels)
        One pair per mix, taken one after another: `spec.dtype` of shape (frames, bands), and
        uint8 of shape (frames, 3), or 4 columns with detailed features.
    count : int
        Number of mixes.
    frames : int
        Number of frames of each.
    spec : FeatureSpec
        How the features were computed; gives the number of bands.

    Raises
    ------
    OSError
        If a file cannot be written, e.g. on a full disk. It names the shard.
    ValueError
        If an item has another shape or type, or their number is not `count`.
    """
    path = Path(path)
    shapes = (frames, spec.bands), (frames, label_columns(spec.dtype))
    sums: list[NDArray[np.uint64]] = []
    # Closed in reverse order: the features file is renamed last.
    with (
        atomic_path(path) as to_features,
        atomic_path(labels_path(path)) as to_labels,
        atomic_path(shard_sums_path(path)) as to_sums,
        naming(path),
    ):
        with to_features.open("wb") as features_file, to_labels.open("wb") as labels_file:
            _write_header(features_file, spec.dtype, (count, *shapes[0]))
            _write_header(labels_file, LABELS_TYPE, (count, *shapes[1]))
            for features, labels in items:
                _write_row(features_file, features, spec.dtype, shapes[0])
                _write_row(labels_file, labels, LABELS_TYPE, shapes[1])
                sums.append(frame_sums(features, labels))
        if len(sums) != count:
            raise ValueError(f"{path}: {len(sums)} items, count says {count}")
        stacked = np.array(sums, np.uint64).reshape(count, -(-frames // BLOCK), 2)
        np.save(to_sums, stacked, allow_pickle=False)
        path.unlink(missing_ok=True)
