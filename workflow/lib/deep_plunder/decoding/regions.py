"""Find regions in a network's outputs, with the settings of the model's decoder.

A region begins at a peak of the onset output. It goes on while the frame output stays above a
share of its maximum so far, so clear regions end where the output drops, and faint regions are not
cut short. The frame output must reach a least height near the onset (hysteresis). A new onset ends
a region and begins the next, as in Onsets and Frames (Hawthorne et al., 2018, section 3), since
monophonic lines have no gap between notes.

The thresholds are low. The score alone decides whether a region is kept, and
`decoding.calibration` maps it to the probability that the clip is usable. So the least score for
cutting is chosen independently of where regions begin and end.

Frame ``i`` covers the seconds ``[i, i + 1) * hop_s``. A sound whose onset is on frame ``i`` begins
within half a frame of ``i * hop_s`` (`truth.labels`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deep_plunder.decoding.clip import ROUNDING_S, Clip
from deep_plunder.decoding.settings import DetectionSpec
from deep_plunder.errors import InputError
from deep_plunder.truth.labels import FRAME, ONSET, SEVERAL
from deep_plunder.util.arrays import Float64Array

__all__ = ["find_regions", "score_spans"]

_LENGTH_POWER, _LONG_S = 0.75, 0.25
"""Power of the length in a region's score, and the length in seconds above which it is constant."""

# Frames in which peaks are sought at a time: 17 minutes.
_BLOCK = 1 << 16


def _highest(values: Float64Array, before: int, after: int) -> Float64Array:
    """Return each frame's maximum from `before` frames before it to `after` after it."""
    padded = np.concatenate([np.full(before, -np.inf), values, np.full(after, -np.inf)])
    highest: Float64Array = np.lib.stride_tricks.sliding_window_view(
        padded, before + after + 1
    ).max(-1)
    return highest


def _peaks(onset: Float64Array, reach: int) -> NDArray[np.bool_]:
    """Return the peaks: the highest value within reach, and the first of equal values."""
    before = np.concatenate([[-np.inf], _highest(onset, reach - 1, 0)[:-1]])
    return (onset > before) & (onset >= _highest(onset, 0, reach))


def _starts(onset: NDArray[Any], spec: DetectionSpec, reach: int) -> NDArray[np.intp]:
    """Return the frames of the peaks that reach the threshold."""
    found = [np.zeros(0, np.intp)]
    for begin in range(0, len(onset), _BLOCK):
        first = max(0, begin - reach)
        block = onset[first : begin + _BLOCK + reach].astype(np.float64)
        starts = first + np.flatnonzero(_peaks(block, reach) & (block >= spec.onset))
        found.append(starts[(starts >= begin) & (starts < begin + _BLOCK)])
    return np.concatenate(found)


def _spans(
    outputs: NDArray[Any], spec: DetectionSpec, *, reach: int, longest: int
) -> Iterator[tuple[int, int, float]]:
    """Yield the first frame of each region, the frame after its last, and its end in frames."""
    total = len(outputs)
    starts = _starts(outputs[:, ONSET], spec, reach)
    is_cut = outputs[starts, ONSET].astype(np.float64) >= spec.split
    cuts = np.append(starts[is_cut], total)
    done = 0
    for start in starts.tolist():
        if start < done:
            continue
        cut = int(cuts[np.searchsorted(cuts, start + 1)])
        stop = min(cut, start + longest)
        frame = outputs[start : max(stop, start + reach + 1), FRAME].astype(np.float64)
        sounding = frame[: min(reach + 1, cut - start)] >= spec.high
        if not sounding.any():
            continue
        first = int(np.argmax(sounding))
        sustained = frame[first : stop - start]
        needed = np.maximum(spec.low, spec.share * np.maximum.accumulate(sustained))
        fallen = np.flatnonzero(~(sustained >= needed))
        if len(fallen):
            fall = first + int(fallen[0])
            stop = start + fall
            # The output crosses the threshold between two frames.
            last, after, level = frame[fall - 1], frame[fall], needed[fallen[0]]
            yield start, stop, stop - 0.5 + float((last - level) / max(last - after, 1e-9))
        else:
            yield start, stop, float(stop)
        done = stop


def find_regions(probabilities: ArrayLike, *, spec: DetectionSpec, hop_s: float) -> list[Clip]:
    """Find the regions in which one sound is heard alone.

    Parameters
    ----------
    probabilities : array_like, shape (n, 3 to 5)
        Outputs in the order of `truth.labels.HEADS`.
    spec : DetectionSpec
        Thresholds and durations of the decoder.
    hop_s : float
        Seconds per frame.

    Returns
    -------
    clips : list of Clip
        Every region, however unlikely, in order of time and without overlap. The score is raw:
        it ranks regions and has no unit (see `decoding.calibration`).

    Raises
    ------
    InputError
        If `probabilities` has another shape.

    References
    ----------
    Hawthorne et al., "Onsets and Frames", ISMIR 2018, section 3.

    Examples
    --------
    >>> outputs = np.zeros((50, 3))
    >>> outputs[10, 0], outputs[10:30, 2] = 0.9, 0.8
    >>> [clip] = find_regions(outputs, spec=DetectionSpec(), hop_s=0.016)
    >>> round(clip.onset_s, 3), round(clip.offset_s, 3)
    (0.16, 0.482)
    """
    outputs = np.asarray(probabilities)
    if outputs.ndim != 2 or outputs.shape[1] not in (3, 4, 5):
        raise InputError(f"probabilities: must be (frames, 3 to 5), got {outputs.shape}")
    if not len(outputs):
        return []
    reach = max(1, round(spec.reach_s / hop_s))
    clips = []
    longest = max(1, math.ceil(spec.max_s / hop_s))
    for start, stop, end in _spans(outputs, spec, reach=reach, longest=longest):
        offset_s = min(end * hop_s, start * hop_s + spec.max_s)
        if offset_s - start * hop_s >= spec.min_s - ROUNDING_S:
            begin = outputs[start : min(start + reach + 1, stop), ONSET]
            score = _score(begin, outputs[start:stop], offset_s - start * hop_s)
            clips.append(Clip(start * hop_s, offset_s, score))
    return clips


def _score(onset: NDArray[Any], span: NDArray[Any], length_s: float) -> float:
    """Compute a region's raw score from the onset output at its start, its outputs and its length.

    Several sounds lower it, where the network distinguishes one sound from several.
    """
    # The geometric mean: one doubtful frame outweighs a slight gain on the others.
    frame = math.exp(float(np.log(np.maximum(span[:, FRAME], 1e-4)).mean()))
    several = float(span[:, SEVERAL].mean()) if span.shape[1] > SEVERAL else 0.0
    long = min(length_s, _LONG_S) ** _LENGTH_POWER
    return float(float(onset.max()) * frame * (1 - several) * long)


def score_spans(
    probabilities: ArrayLike,
    spans: Sequence[tuple[float, float]],
    *,
    spec: DetectionSpec,
    hop_s: float,
) -> list[float]:
    """Compute the raw scores of given spans, as `find_regions` does for those that it finds.

    Parameters
    ----------
    probabilities : array_like, shape (n, 3 to 5)
        See `find_regions`.
    spans : sequence of (float, float)
        Onset and offset of each span, in seconds.
    spec : DetectionSpec
    hop_s : float
        Seconds per frame.

    Returns
    -------
    scores : list of float
        0 for a span without a frame.

    Examples
    --------
    >>> outputs = np.zeros((50, 3))
    >>> outputs[10, 0], outputs[10:30, 2] = 0.9, 0.8
    >>> [found] = find_regions(outputs, spec=DetectionSpec(), hop_s=0.032)
    >>> spans = [(found.onset_s, found.offset_s), (1.0, 1.5)]
    >>> same, other = score_spans(outputs, spans, spec=DetectionSpec(), hop_s=0.032)
    >>> abs(same - found.score) < 0.02, other < 0.001
    (True, True)
    """
    outputs = np.asarray(probabilities)
    reach = max(1, round(spec.reach_s / hop_s))
    scores = []
    for onset_s, offset_s in spans:
        start = round(onset_s / hop_s)
        span = outputs[start : max(round(offset_s / hop_s), start + 1)]
        # Refined edges may lie on either side of the peak.
        onset = outputs[max(0, start - reach) : start + reach + 1, ONSET]
        scores.append(_score(onset, span, offset_s - onset_s) if len(span) else 0.0)
    return scores
