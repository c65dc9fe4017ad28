"""Decode a network's outputs as Onsets and Frames does: the alignment of the paper's footnote 4.

A note may only begin where the onset output says so. An onset inside a note ends it and begins the
next. A note ends where the frame output falls, or at an offset. `decoding.paper.decode_intervals`
differs: there an onset inside an interval begins another interval without ending the first.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from deep_plunder.decoding.clip import Clip
from deep_plunder.decoding.settings import check_threshold
from deep_plunder.errors import InputError
from deep_plunder.truth.labels import FRAME, OFFSET, ONSET

__all__ = ["align_notes"]


def align_notes(
    probabilities: ArrayLike,
    *,
    onset_threshold: float = 0.5,
    frame_threshold: float = 0.5,
    offset_threshold: float | None = None,
    hop_s: float,
) -> list[Clip]:
    """Find the notes in a network's outputs, each aligned with an onset.

    Parameters
    ----------
    probabilities : array_like, shape (n, 3 or more)
        Onset, offset and frame outputs. Further columns are ignored.
    onset_threshold, frame_threshold : float
        An output counts if it is greater than its threshold.
    offset_threshold : float, optional
        A frame whose offset output is greater ends a note, unless it has an onset too. By default
        offsets are not used, as in the article of 2018; MAESTRO added them.
    hop_s : float
        Seconds per frame.

    Returns
    -------
    clips : list of Clip
        Notes in order of time, which do not overlap. The score is the mean of the frame output
        over the note.

    Raises
    ------
    InputError
        If a threshold is outside 0..1 or `probabilities` has another shape.

    References
    ----------
    Hawthorne et al., "Onsets and Frames: Dual-Objective Piano Transcription", ISMIR 2018, section
    3; Hawthorne et al., "Enabling Factorized Piano Music Modeling and Generation with the MAESTRO
    Dataset", ICLR 2019, for offsets.

    Deviation: an onset outweighs an offset in the same frame, since sounds of the paper's mixes
    can follow each other without a gap.

    Examples
    --------
    >>> outputs = np.zeros((6, 3))
    >>> outputs[[1, 3], 0], outputs[1:5, 2] = 0.9, 0.8
    >>> [(clip.onset_s, clip.offset_s) for clip in align_notes(outputs, hop_s=0.5)]
    [(0.5, 1.5), (1.5, 2.5)]
    """
    check_threshold("onset_threshold", onset_threshold)
    check_threshold("frame_threshold", frame_threshold)
    outputs = np.asarray(probabilities)
    if outputs.ndim != 2 or outputs.shape[1] < 3:
        raise InputError(f"probabilities: must be (frames, 3 or more), got {outputs.shape}")
    struck = outputs[:, ONSET] > onset_threshold
    active = outputs[:, FRAME] > frame_threshold
    if offset_threshold is not None:
        check_threshold("offset_threshold", offset_threshold)
        active &= ~(outputs[:, OFFSET] > offset_threshold)
    active |= struck
    before = np.concatenate([[False], struck[:-1]])
    starts = np.flatnonzero(struck & ~before)
    # A note ends where nothing is active, or where the next one begins.
    ends = np.append(np.flatnonzero(~active), len(outputs))
    following = np.append(starts[1:], len(outputs))
    stops = np.minimum(ends[np.searchsorted(ends, starts)], following)
    frame = outputs[:, FRAME].astype(np.float64)
    return [
        Clip(start * hop_s, stop * hop_s, float(frame[start:stop].mean()))
        for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)
    ]
