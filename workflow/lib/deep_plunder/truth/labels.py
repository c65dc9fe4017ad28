"""Encode regions in seconds as label vectors, one row per frame.

A region is a span of a mix in which one library sound is heard. The labels have three columns,
one per output of the networks: onset, offset, frame. This order (`OUTPUTS`) holds in every
array. A fourth column, where it is known, is the isolation: how many dB everything else lies
below the loudest sound, from 0 to `ISOLATION_FULL_DB`.

Conventions: frame ``i`` covers the seconds ``[i, i + 1) / frame_rate``; a region covers the
frames ``[left, right)`` with ``left = round(onset * frame_rate)`` and
``right = min(n, max(left + 1, round(offset * frame_rate)))``. Halves are rounded to the even
neighbour, as both Python's `round` and `numpy.rint` do, on the product in double precision.

Deviation from the port of Onsets-and-Frames: the port holds one code per frame (onset, frame or
offset), so a later code erases an earlier one. Here each kind has its own column, and nothing is
erased. Where one region ends on the frame on which another begins, that frame is both an offset
and an onset. An offset inside another region leaves no hole in the frames of that region.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deep_plunder.errors import InputError

if TYPE_CHECKING:
    from deep_plunder.truth.isolation import IsolationTruth

__all__ = [
    "FRAME",
    "HEADS",
    "IGNORED",
    "ISOLATION",
    "ISOLATION_FULL_DB",
    "ISOLATION_UNKNOWN",
    "LABELS",
    "OFFSET",
    "ONE_FROM_DB",
    "ONSET",
    "OUTPUTS",
    "SEVERAL",
    "SEVERAL_BELOW_DB",
    "encode",
    "encode_truth",
    "frame_bounds",
    "widened",
]

OUTPUTS = ("onset", "offset", "frame")

LABELS = (*OUTPUTS, "isolation")

HEADS = (*LABELS, "several")
"""Outputs that networks may have. The label of `several` follows from the isolation."""

ONSET, OFFSET, FRAME, ISOLATION, SEVERAL = range(5)

IGNORED = 2
"""Label of onset, offset or frame where no answer of a network is right or wrong."""

ISOLATION_UNKNOWN = 255
"""Label of the isolation where it is unknown."""

ISOLATION_FULL_DB = 40
"""Isolation, in dB, at which a network's isolation output is 1."""

SEVERAL_BELOW_DB, ONE_FROM_DB = 15, 30
"""Isolation, in dB, below which several sounds are heard, and from which on one is; between them
no answer is right or wrong (as `mixes.scenes.spec.SceneSpec`)."""

# Least share of a frame that is alone, for its label to be 1.
_ALONE_SHARE = 0.5
# Another frame is ignored if more than this share of it is alone, or is unknown.
_EDGE_SHARE, _UNKNOWN_SHARE = 0.1, 0.3
# Least share of a frame whose isolation is known, for the frame to have one.
_KNOWN_SHARE = 0.5


def frame_bounds(regions: ArrayLike, *, frames: int, frame_rate: float) -> NDArray[np.int64]:
    """Find the first frame of each region and the first frame after it.

    Parameters
    ----------
    regions : array_like, shape (k, 2)
        Onset and offset in seconds, in any order of rows.
    frames : int
        Number of frames in the mix.
    frame_rate : float
        Frames per second (31.25 at 16 kHz and a hop of 512).

    Returns
    -------
    bounds : ndarray of int64, shape (k, 2)
        ``left`` and ``right``. A region covers at least one frame. If its first frame is past the
        end, both bounds are `frames`.

    Raises
    ------
    InputError
        If a region is not two finite numbers with ``0 <= onset <= offset``.

    References
    ----------
    Braun, "Deep Plunder", 2020, section 3.1, and its port of Onsets-and-Frames.
    """
    seconds = np.asarray(regions, dtype=np.float64)
    if seconds.size == 0:
        return np.empty((0, 2), np.int64)
    if seconds.ndim != 2 or seconds.shape[1] != 2:
        raise InputError(f"regions: must be rows of onset and offset, got shape {seconds.shape}")
    good = np.isfinite(seconds).all(axis=1)
    good &= (seconds[:, 0] >= 0) & (seconds[:, 0] <= seconds[:, 1])
    if not good.all():
        row = int(np.argmin(good))
        rule = "must be finite seconds with 0 <= onset <= offset"
        raise InputError(f"region {row}: {rule}, got {seconds[row].tolist()}")
    # Seconds far beyond the end would not fit an int64.
    seconds = np.minimum(seconds, frames / frame_rate + 1)
    left, right = np.minimum(np.rint(seconds * frame_rate), frames).astype(np.int64).T
    return np.stack([left, np.minimum(frames, np.maximum(left + 1, right))], axis=1)


def encode(regions: ArrayLike, *, frames: int, frame_rate: float) -> NDArray[np.uint8]:
    """Encode regions as label vectors.

    Parameters
    ----------
    regions : array_like, shape (k, 2)
        Onset and offset in seconds, in any order of rows.
    frames : int
        Number of frames in the mix.
    frame_rate : float
        Frames per second.

    Returns
    -------
    labels : ndarray of uint8, shape (frames, 3)
        Columns `ONSET`, `OFFSET`, `FRAME`, each 0 or 1. The onset is the region's first frame,
        the offset the first frame after it (none when the region lasts to the end).

    Raises
    ------
    InputError
        See `frame_bounds`.

    Examples
    --------
    >>> encode([[0.032, 0.096]], frames=5, frame_rate=31.25).T.tolist()
    [[0, 1, 0, 0, 0], [0, 0, 0, 1, 0], [0, 1, 1, 0, 0]]
    """
    labels = np.zeros((frames, len(OUTPUTS)), np.uint8)
    for left, right in frame_bounds(regions, frames=frames, frame_rate=frame_rate):
        if left < frames:
            labels[left:right, FRAME] = 1
            labels[right : right + 1, OFFSET] = 1
            labels[left, ONSET] = 1
    return labels


def _shares(steps: NDArray[Any], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of a value per step over each span between edges, given in steps."""
    summed = np.concatenate([[0.0], np.cumsum(steps, dtype=np.float64)])
    at_edges = np.interp(edges, np.arange(len(summed)), summed)
    return np.asarray(np.diff(at_edges) / np.diff(edges))


def encode_truth(truth: IsolationTruth, *, frames: int, frame_rate: float) -> NDArray[np.uint8]:
    """Encode the truth about a scene as label vectors.

    Parameters
    ----------
    truth : IsolationTruth
        The regions, and the state and isolation of each step.
    frames : int
        Number of frames in the mix.
    frame_rate : float
        Frames per second.

    Returns
    -------
    labels : ndarray of uint8, shape (frames, 4)
        Onsets and offsets as in `encode`. A frame is 1 where at least half of it is alone. It is
        `IGNORED` where a region only touches it, or more than 30 % of it is unknown. In unknown
        frames onset and offset are `IGNORED` too, except those of regions. The isolation is in
        dB, rounded, or `ISOLATION_UNKNOWN`.
    """
    from deep_plunder.truth.isolation import ALONE, STEP_S, UNKNOWN

    bounds = [(onset_s, offset_s) for onset_s, offset_s, *_ in truth.regions]
    labels = np.full((frames, len(LABELS)), ISOLATION_UNKNOWN, np.uint8)
    labels[:, : len(OUTPUTS)] = encode(bounds, frames=frames, frame_rate=frame_rate)
    edges = np.arange(frames + 1) / (frame_rate * STEP_S)
    # Frames behind the last step get a length above 0, by which their shares are divided.
    edges = np.minimum(edges, len(truth.state) + np.arange(frames + 1) * 1e-9)
    alone = _shares(truth.state == ALONE, edges)
    unknown = _shares(truth.state == UNKNOWN, edges) > _UNKNOWN_SHARE
    frame = np.where(unknown | (alone > _EDGE_SHARE), IGNORED, 0)
    labels[:, FRAME] = np.where(alone >= _ALONE_SHARE, 1, frame)
    for column in (ONSET, OFFSET):
        labels[unknown & (labels[:, column] == 0) & (alone < _ALONE_SHARE), column] = IGNORED
    known = ~np.isnan(truth.isolation_db)
    share = _shares(known, edges)
    summed = _shares(np.where(known, truth.isolation_db, 0), edges)
    isolation = np.clip(np.rint(summed / np.maximum(share, 1e-9)), 0, ISOLATION_FULL_DB)
    labels[:, ISOLATION] = np.where(share >= _KNOWN_SHARE, isolation, ISOLATION_UNKNOWN)
    return labels


def widened(labels: NDArray[np.uint8], *, spread: float) -> NDArray[np.float32]:
    """Soften labels: also mark the frames beside an onset or offset.

    An event near a frame border fits the frames on both sides of it.

    Parameters
    ----------
    labels : ndarray of uint8, shape (..., frames, at least 2)
        Columns in the order of `LABELS`.
    spread : float
        Label of the frames beside an onset or offset, also of ignored ones; 0 changes nothing.

    Returns
    -------
    labels : ndarray of float32, of the same shape
    """
    wide = labels.astype(np.float32)
    if spread:
        events = wide[..., :FRAME]
        positive = events == 1
        near = np.zeros_like(positive)
        near[..., 1:, :] |= positive[..., :-1, :]
        near[..., :-1, :] |= positive[..., 1:, :]
        events[near & ~positive] = spread
    return wide
