"""Decode a network's outputs as the paper does: intervals to score and clips to cut.

The paper has two decoders. `decode_intervals` returns the intervals that Table 1 scores, as the
author's port of Onsets-and-Frames does. `walk_clips` returns the clips that are cut from songs
(section 5.2). `decoding.regions` goes beyond both. Frame ``i`` begins at ``i * hop_s`` seconds.

Deviations from the paper: none known. Where the paper leaves something open, the docstrings name
the choice.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deep_plunder.decoding.clip import ROUNDING_S, Clip
from deep_plunder.decoding.settings import check_threshold
from deep_plunder.errors import InputError
from deep_plunder.truth.labels import FRAME, ONSET

__all__ = ["PAPER_THRESHOLD", "decode_intervals", "walk_clips"]

PAPER_THRESHOLD = 0.2
"""Threshold of the onset output and of the frame output in `walk_clips` (section 5.2)."""


def _next(positions: NDArray[np.int64], start: int, default: int) -> int:
    index = int(np.searchsorted(positions, start))
    return int(positions[index]) if index < len(positions) else default


def decode_intervals(
    onset: ArrayLike,
    frame: ArrayLike,
    *,
    onset_threshold: float = 0.5,
    frame_threshold: float = 0.5,
    hop_s: float,
) -> NDArray[np.float64]:
    """Decode onset and frame vectors as the paper's evaluation does.

    An interval begins at each frame at which the onset vector rises above its threshold, and
    goes on while either vector is above its own threshold. A further onset before the end of an
    interval begins another interval and does not end the first. So sounds that follow each other
    without a gap become intervals that end together.

    Parameters
    ----------
    onset, frame : array_like, shape (n,)
        Probabilities or labels, one per frame.
    onset_threshold, frame_threshold : float
        A value counts if it is greater than the threshold. 0.5 is the port's default; the paper
        does not say.
    hop_s : float
        Seconds per frame (0.032 in the paper).

    Returns
    -------
    intervals : ndarray of float64, shape (k, 2)
        Onset and offset in seconds, in order of onset. Each interval lasts at least one frame.

    Raises
    ------
    InputError
        If a threshold is outside 0..1 or the vectors differ in length.

    References
    ----------
    Braun, "Deep Plunder", 2020, section 5.1; ``extract_notes`` of the PyTorch Onsets-and-Frames
    (Kim, 2019), for one pitch.

    Examples
    --------
    >>> decode_intervals([0, 1, 0, 0], [0, 1, 1, 0], hop_s=0.032).tolist()
    [[0.032, 0.096]]
    """
    check_threshold("onset_threshold", onset_threshold)
    check_threshold("frame_threshold", frame_threshold)
    onset, frame = np.asarray(onset), np.asarray(frame)
    if onset.ndim != 1 or onset.shape != frame.shape:
        raise InputError(f"onset and frame: need one length, got {onset.shape} and {frame.shape}")
    struck = onset > onset_threshold
    starts = np.flatnonzero(struck & ~np.concatenate([[False], struck[:-1]]))
    quiet = np.append(np.flatnonzero(~(struck | (frame > frame_threshold))), len(onset))
    ends = quiet[np.searchsorted(quiet, starts)]
    return np.stack([starts, ends], axis=1) * float(hop_s)


def walk_clips(
    probabilities: ArrayLike,
    *,
    onset_threshold: float = PAPER_THRESHOLD,
    frame_threshold: float = PAPER_THRESHOLD,
    hop_s: float,
    min_duration_s: float = 0.0,
) -> list[Clip]:
    """Find the clips that the paper cuts, in one walk over a song's outputs.

    A clip begins at the first frame at which the onset output is greater than its threshold. It
    ends at the first frame from there on at which the frame output is less than its threshold. If
    that is the same frame, there is no clip. The walk goes on at the end of the clip, so clips
    never overlap.

    Parameters
    ----------
    probabilities : array_like, shape (n, 3)
        Onset, offset and frame outputs.
    onset_threshold, frame_threshold : float
        Thresholds of the two outputs. 0.2 each in the paper.
    hop_s : float
        Seconds per frame.
    min_duration_s : float
        Shorter clips are left out after the walk, in seconds. The paper keeps all.

    Returns
    -------
    clips : list of Clip
        Clips in order of time. The score is the mean of the frame output over the clip.

    Raises
    ------
    InputError
        If a threshold is outside 0..1 or `probabilities` has another shape.

    References
    ----------
    Braun, "Deep Plunder", 2020, section 5.2.

    Examples
    --------
    >>> outputs = np.array([[0, 0, 0], [0.9, 0, 0.8], [0, 0, 0.6], [0, 0, 0.1]])
    >>> walk_clips(outputs, hop_s=0.5)
    [Clip(onset_s=0.5, offset_s=1.5, score=0.7)]
    """
    check_threshold("onset_threshold", onset_threshold)
    check_threshold("frame_threshold", frame_threshold)
    probabilities = np.asarray(probabilities)
    if probabilities.ndim != 2 or probabilities.shape[1] != 3:
        raise InputError(f"probabilities: must be (frames, 3), got {probabilities.shape}")
    total = len(probabilities)
    frame = probabilities[:, FRAME].astype(np.float64)
    onsets = np.flatnonzero(probabilities[:, ONSET] > onset_threshold)
    low = np.flatnonzero(~(frame >= frame_threshold))
    clips = []
    start = _next(onsets, 0, total)
    while start < total:
        end = _next(low, start, total)
        if end > start and (end - start) * hop_s >= min_duration_s - ROUNDING_S:
            clips.append(Clip(start * hop_s, end * hop_s, float(frame[start:end].mean())))
        start = _next(onsets, max(end, start + 1), total)
    return clips
