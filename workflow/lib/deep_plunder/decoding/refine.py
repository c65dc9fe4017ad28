"""Move the edges of regions to where a recording changes, to a few milliseconds.

A network finds edges to a frame or two. A clip should begin with its attack, not before it, and
end before the attack of the next sound. This module looks for both within one and a half frames
of the network's edges, in the recording at its own sample rate:

- An onset moves to the point where the spectrum changes most between two neighbouring windows of
  8 ms. The change is the mean over frequency bands of the rise in dB, where a fall counts half.
  Falls count because a note of a monophonic instrument may cut off a louder one. Where no change
  is large enough, the onset stays.
- An offset moves to shortly before the steepest rise near it. Where there is no such rise, it
  moves back to the end of the audible decay.

A constant offset (`audio.offsets`) counts in no measure of level, since nobody hears it.

A clip is left out if much of its power lies below the lowest band that the network hears
(`decoding.deep`), or if a steady sound above the highest band goes on through it
(`decoding.steady`).

Only the first ten seconds, clips and the surroundings of their edges are read, clips a second at a
time, so memory does not depend on the length of the recording.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deep_plunder.audio import reading
from deep_plunder.audio.offsets import constant_offset
from deep_plunder.decoding.deep import is_deep
from deep_plunder.decoding.steady import is_under_steady
from deep_plunder.util.arrays import Float32Array

if TYPE_CHECKING:
    from deep_plunder.decoding.clip import Clip

__all__ = ["change", "refine_clips"]

# All chosen on a bench of real music by the average precision of clips.
_WINDOW_S = 0.008
_STEP_S = 0.001
_BANDS = 16
_LOWEST_HZ, _HIGHEST_HZ = 150.0, 16_000.0
# A band this far below the loudest one nearby is inaudible.
_UNDER_DB = 50.0
# The level of this long a stretch after the search, sampled at this step, sets the loudest band.
_AFTER_S, _AFTER_STEP_S = 0.038, 0.004
_FALL = 0.5
# Discount on a change at either end of the search, relative to one at the network's edge.
_TAPER = 0.5
_ONSET_DB = 2.0
_OFFSET_DB = 4.0
# Distance from the end of a clip to the next attack: a sound is audible before its spectrum
# changes most, and no trace of it may remain in the clip.
_GAP_S = 0.012
# A sound is audible above -50 dBFS, as in the truth of scenes, measured over 5 ms.
_UNHEARD = 1e-5
_LEVEL_S = 0.005
# Seconds of a clip that are read at a time.
_BLOCK_S = 1.0
# Greatest move of an edge, in frames.
_REACH = 1.5


@lru_cache(maxsize=8)
def _tables(length: int, rate: int) -> tuple[Float32Array, int, NDArray[np.intp]]:
    """Return the window, the length of the transform and the first bin of each band."""
    from scipy.fft import next_fast_len, rfftfreq

    # 8 ms at 44.1 kHz are a prime number of samples, which is slow to transform.
    padded = int(next_fast_len(length, real=True))
    edges = np.geomspace(min(_LOWEST_HZ, rate / 4), min(_HIGHEST_HZ, rate / 2), _BANDS)
    frequencies = rfftfreq(padded, 1 / rate)
    bins = np.unique(np.searchsorted(frequencies, edges[:-1]))
    # At low rates the spectrum may end below the last edges.
    bins = bins[(bins > 0) & (bins < len(frequencies))]
    return np.hanning(length).astype(np.float32), padded, np.concatenate([[0], bins])


def change(
    samples: Float32Array, rate: int, *, fall: float, after_s: float = 0.0
) -> tuple[NDArray[np.float64], float]:
    """Compute how much the spectrum changes at each millisecond.

    Parameters
    ----------
    samples : ndarray, shape (n, channels), float32
        A short stretch of a recording.
    rate : int
        Samples per second.
    fall : float
        Weight of a falling band relative to a rising one.
    after_s : float
        Seconds at the end of the stretch of which only the level is measured, not the change.

    Returns
    -------
    decibels : ndarray of float64, shape (k,)
        Mean change over the bands, from the 8 ms before a point to the 8 ms after it, in dB. Empty
        if the stretch is too short.
    first_s : float
        Seconds from the beginning of the stretch to the first of these points. The others follow
        at a step of ``max(1, round(0.001 * rate)) / rate`` seconds.

    Examples
    --------
    >>> samples = np.zeros((4410, 1), np.float32)
    >>> samples[2205:] = np.random.default_rng(1).normal(size=(2205, 1)) / 10
    >>> decibels, first_s = change(samples, 44100, fall=0.5)
    >>> attack_s = first_s + int(decibels.argmax()) * 44 / 44100
    >>> round(attack_s, 2)
    0.05
    """
    from scipy.fft import rfft

    length, step = max(2, round(_WINDOW_S * rate)), max(1, round(_STEP_S * rate))
    first_s = length / rate
    lag = max(1, round(_WINDOW_S * rate / step))
    measured = len(samples) - round(after_s * rate)
    if measured < length + lag * step:
        return np.empty(0), first_s
    count = (measured - length) // step + 1
    # Windows of contiguous samples are several times quicker to multiply.
    channels = np.ascontiguousarray(samples.T)
    # `sliding_window_view` would do the same, but takes as long as the multiplication.
    shape = (len(channels), (len(samples) - length) // step + 1, length)
    along = channels.strides[1]
    windows = np.lib.stride_tricks.as_strided(
        channels, shape, (channels.strides[0], step * along, along), writeable=False
    )
    window, padded, bins = _tables(length, rate)
    sparse = max(1, round(_AFTER_STEP_S * rate / step))
    later = windows[:, count::sparse]
    tapered = np.empty((len(windows), count + later.shape[1], length), np.float32)
    np.multiply(windows[:, :count], window, out=tapered[:, :count])
    np.multiply(later, window, out=tapered[:, count:])
    parts = rfft(tapered, padded, axis=-1).view(np.float32)
    np.square(parts, out=parts)
    bands = np.add.reduceat(parts.sum(axis=0), 2 * bins, axis=1)
    level = 10 * np.log10(bands + bands.max() * 10 ** (-_UNDER_DB / 10) + 1e-12)
    moved = level[lag:count] - level[: count - lag]
    return np.where(moved > 0, moved, -fall * moved).mean(axis=1, dtype=np.float64), first_s


def _steepest(
    recording: reading.Reader, near_s: float, *, reach_s: float, fall: float, least_db: float
) -> float | None:
    """Find the greatest change near a time, unless it is less than `least_db`."""
    rate = recording.info.rate
    step_s = max(1, round(_STEP_S * rate)) / rate
    first = round((near_s - reach_s - _WINDOW_S) * rate)
    stop = max(0, round((near_s + reach_s + _WINDOW_S + _AFTER_S) * rate))
    if first >= recording.info.frames or stop == 0:
        return None
    heard = recording.read(max(0, first), stop)
    if first < 0:
        heard = np.concatenate([np.zeros((-first, heard.shape[1]), np.float32), heard])
    values, offset_s = change(heard, rate, fall=fall, after_s=_AFTER_S)
    times = first / rate + offset_s + np.arange(len(values)) * step_s
    distance = np.abs(times - near_s) / reach_s
    values = np.where(distance <= 1, values * (1 - _TAPER * distance**2), -np.inf)
    if not len(values) or values.max() < least_db:
        return None
    return max(0.0, float(times[values.argmax()]))


def _decayed(
    recording: reading.Reader, onset_s: float, offset_s: float, constant: Float32Array
) -> float:
    """Find where a sound has decayed; return `offset_s` if it is audible up to there."""
    rate = recording.info.rate
    step = max(1, round(_LEVEL_S * rate))
    size = max(1, round(_BLOCK_S * rate) // step) * step
    first, stop = round(onset_s * rate), round(offset_s * rate)
    for end in range(stop, first, -size):
        begin = max(first, end - size)
        heard = recording.read(begin, end) - constant
        # Whole steps, counted from the end.
        steps = heard[len(heard) % step :].reshape(-1, step * heard.shape[1])
        power = np.einsum("ij,ij->i", steps, steps)
        loud = np.flatnonzero(power > _UNHEARD * steps.shape[1])
        if len(loud):
            last = end - (len(steps) - 1 - int(loud[-1])) * step
            return offset_s if last >= stop else last / rate
    return offset_s


def _end(
    recording: reading.Reader,
    clip: Clip,
    onset_s: float,
    limit_s: float,
    *,
    reach_s: float,
    constant: Float32Array,
) -> float:
    """Find the end of a clip that begins at `onset_s`, no later than `limit_s`."""
    if clip.offset_s >= limit_s - reach_s:
        # Another clip follows, and its attack is known.
        return limit_s - _GAP_S
    attack_s = _steepest(recording, clip.offset_s, reach_s=reach_s, fall=0, least_db=_OFFSET_DB)
    if attack_s is not None:
        return min(attack_s, limit_s) - _GAP_S
    return _decayed(recording, onset_s, clip.offset_s, constant)


def refine_clips(
    recording: reading.Recording,
    clips: Sequence[Clip],
    *,
    hop_s: float,
    min_s: float = 0.0,
    min_score: float = 0.0,
    heard_hz: tuple[float, float] = (0.0, math.inf),
) -> list[Clip]:
    """Move the edges of clips to where their recording changes.

    Parameters
    ----------
    recording : path-like or Reader
        The recording that the clips belong to.
    clips : sequence of Clip
        Clips in order of time, without overlap.
    hop_s : float
        Seconds per frame of the network. Edges move by at most one and a half frames, except ends
        that move back to where a sound has decayed.
    min_s : float
        Clips that end up shorter are left out, in seconds.
    min_score : float
        Clips with a lower score are left out. Their onsets still bound the clips before them.
    heard_hz : (float, float)
        Lowest and highest frequency that the network hears. Clips with much of their power below
        the lowest are left out (`decoding.deep`), and so are clips during which a steady sound
        above the highest goes on (`decoding.steady`). By default neither are.

    Returns
    -------
    clips : list of Clip
        The clips kept, in the same order, without overlap.

    Raises
    ------
    AudioError
        If the recording cannot be read.

    Examples
    --------
    >>> from deep_plunder.audio import writing
    >>> from deep_plunder.decoding.clip import Clip
    >>> tone = np.sin(np.arange(44100) * 0.1).astype(np.float32)[:, np.newaxis] / 2
    >>> tone[:22050] = 0
    >>> writing.write("tone.wav", tone, 44100)
    >>> [clip] = refine_clips("tone.wav", [Clip(0.49, 0.9, 0.8)], hop_s=0.032)
    >>> round(clip.onset_s, 2)
    0.5
    """
    refined: list[Clip] = []
    if not clips:
        return refined
    reach_s = _REACH * hop_s
    lowest_hz, highest_hz = heard_hz
    with reading.reader(recording) as file:
        constant = constant_offset(file)

        @cache
        def onset_of(clip: Clip) -> float:
            found = _steepest(file, clip.onset_s, reach_s=reach_s, fall=_FALL, least_db=_ONSET_DB)
            return clip.onset_s if found is None else found

        for clip, following in zip(clips, [*clips[1:], None], strict=True):
            if clip.score < min_score:
                continue
            onset_s = onset_of(clip)
            limit_s = file.info.seconds if following is None else onset_of(following)
            offset_s = _end(file, clip, onset_s, limit_s, reach_s=reach_s, constant=constant)
            if offset_s - onset_s < max(min_s, _GAP_S):
                continue
            if not (
                is_deep(file, onset_s, offset_s, below_hz=lowest_hz)
                or is_under_steady(file, onset_s, offset_s, above_hz=highest_hz)
            ):
                refined.append(dataclasses.replace(clip, onset_s=onset_s, offset_s=offset_s))
    return refined
