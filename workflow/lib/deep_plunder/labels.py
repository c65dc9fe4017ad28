"""Turn regions in seconds into label vectors a frame.

A region is a span of a mix in which one library sound is heard. Three label columns are made,
one an output of the networks, in the order `OUTPUTS`: onset, offset, frame. This order holds
wherever the three stand in one array.

Conventions: frame ``i`` stands for the seconds ``[i, i + 1) / frame_rate``; a region covers the
frames ``[left, right)`` with ``left = round(onset * frame_rate)`` and
``right = min(n, max(left + 1, round(offset * frame_rate)))``. Halves are rounded to the even
neighbour, as both Python's `round` and `numpy.rint` do, on the product in double precision.

Deviation from the port of Onsets-and-Frames: the port keeps one code a frame (onset, frame or
offset), where what is written later erases what is there. Here each kind has a column of its
own, so nothing is erased whatever the order: where a region ends on the frame on which another
begins, that frame is an offset and an onset, and an offset inside another region (overlap)
leaves no hole in its frames.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import InputError

__all__ = ["FRAME", "OFFSET", "ONSET", "OUTPUTS", "Region", "encode", "frame_bounds"]

OUTPUTS = ("onset", "offset", "frame")
ONSET, OFFSET, FRAME = range(3)


@dataclass(frozen=True, slots=True)
class Region:
    """A span of a mix in which one library sound is heard.

    Attributes
    ----------
    mix : int
        Number of the mix within its split.
    onset_s, offset_s : float
        Where the sound begins and ends, in seconds of the mix.
    sound : str
        Name of the sound in the library.
    sound_class : str
        Its class.
    """

    mix: int
    onset_s: float
    offset_s: float
    sound: str
    sound_class: str


def frame_bounds(regions: ArrayLike, *, frames: int, frame_rate: float) -> NDArray[np.int64]:
    """Find the first frame of each region and the first frame after it.

    Parameters
    ----------
    regions : array_like, shape (k, 2)
        Onset and offset in seconds, in any order of rows.
    frames : int
        Number of frames of the whole.
    frame_rate : float
        Frames a second (31.25 at 16 kHz and a hop of 512).

    Returns
    -------
    bounds : ndarray of int64, shape (k, 2)
        ``left`` and ``right``. A region lies on at least one frame, unless it begins so late
        that its first frame is past the end: then both bounds are `frames`.

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
    """Write regions as label vectors.

    Parameters
    ----------
    regions : array_like, shape (k, 2)
        Onset and offset in seconds, in any order of rows.
    frames : int
        Number of frames of the whole.
    frame_rate : float
        Frames a second.

    Returns
    -------
    labels : ndarray of uint8, shape (frames, 3)
        Columns `ONSET`, `OFFSET`, `FRAME`, each 0 or 1. The onset is the region's first frame,
        the offset the first frame after it (none when the region lasts to the end).

    Raises
    ------
    InputError
        As `frame_bounds`.

    Examples
    --------
    >>> encode([[0.032, 0.096]], frames=5, frame_rate=31.25).T.tolist()
    [[0, 1, 0, 0, 0], [0, 0, 0, 1, 0], [0, 1, 1, 0, 0]]
    """
    labels = np.zeros((frames, 3), np.uint8)
    for left, right in frame_bounds(regions, frames=frames, frame_rate=frame_rate):
        if left < frames:
            labels[left:right, FRAME] = 1
            labels[right : right + 1, OFFSET] = 1
            labels[left, ONSET] = 1
    return labels
