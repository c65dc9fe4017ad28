"""Move the edges of regions to where a recording changes, to a few milliseconds.

A network tells edges to a frame or two. A clip should begin with its attack, not before it, and
end before the attack of the next sound. Both are looked for within a frame or two of where the
network puts them, in the recording at its own rate:

- An onset goes to where the spectrum changes most from one 8 ms to the next: the mean over
  frequency bands of how many dB each rises, plus half of how many it falls. In that a note shows
  that cuts a louder one, as monophonic instruments play them. Where nothing changes much the
  network's time is kept.
- An offset goes to shortly before the steepest rise near it, where there is one, and to where
  the sound has decayed.

A clip much of whose power (0.4) lies below the lowest band that the network hears is left out:
neither the network nor a listener can hear what else the clip contains.

Only clips are read, by the second, and what lies around their edges: memory does not depend on
the length of the recording.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deep_plunder.audio import reading
from deep_plunder.util.arrays import Float32Array

if TYPE_CHECKING:
    from deep_plunder.decoding.clip import Clip

__all__ = ["change", "refine_clips"]

# All chosen on a bench of real music by the average precision of clips.
_WINDOW_S = 0.008
_STEP_S = 0.001
_BANDS = 16
_LOWEST_HZ, _HIGHEST_HZ = 150.0, 16_000.0
# What is so far below the loudest band nearby is not heard.
_UNDER_DB = 50.0
# Looked at as well, every so often, to know how loud what begins will be.
_AFTER_S, _AFTER_STEP_S = 0.038, 0.004
_FALL = 0.5
# How much less a change counts at the ends of the search than where the network puts the edge.
_TAPER = 0.5
_ONSET_DB = 2.0
_OFFSET_DB = 4.0
# A clip ends this long before the attack that follows it: what begins is heard before its
# spectrum changes most, and a clip must not end with a trace of it.
_GAP_S = 0.012
# A sound is heard above -50 dBFS, as in the truth of scenes, measured over 5 ms.
_UNHEARD = 1e-5
_LEVEL_S = 0.005
# The part of a clip's power that may lie below what the network hears.
_DEEP = 0.4
_DEEP_STEP_S = 0.0014
# What is read of a clip at a time.
_BLOCK_S = 1.0
# Frames that an edge may move.
_REACH = 1.5


@lru_cache(maxsize=8)
def _tables(length: int, rate: int) -> tuple[Float32Array, int, NDArray[np.intp]]:
    """Make the window, the length of the transform and the first bin of each band."""
    from scipy.fft import next_fast_len, rfftfreq

    # 8 ms at 44.1 kHz are a prime number of samples: zeros to a length that is quick to transform.
    padded = int(next_fast_len(length, real=True))
    edges = np.geomspace(min(_LOWEST_HZ, rate / 4), min(_HIGHEST_HZ, rate / 2), _BANDS)
    frequencies = rfftfreq(padded, 1 / rate)
    bins = np.unique(np.searchsorted(frequencies, edges[:-1]))
    # Of few samples the spectrum may end below the last edges.
    bins = bins[(bins > 0) & (bins < len(frequencies))]
    return np.hanning(length).astype(np.float32), padded, np.concatenate([[0], bins])


def change(
    samples: Float32Array, rate: int, *, fall: float, after_s: float = 0.0
) -> tuple[NDArray[np.float64], float]:
    """Measure how much the spectrum changes at each millisecond.

    Parameters
    ----------
    samples : ndarray, shape (n, channels), float32
        A short stretch of a recording.
    rate : int
        Float32Array a second.
    fall : float
        How much a band that falls counts, beside one that rises.
    after_s : float
        Seconds at the end of the stretch in which no change is measured, only how loud it is.

    Returns
    -------
    decibels : ndarray of float64, shape (k,)
        Mean change over the bands, from the 8 ms before to the 8 ms after; empty where the
        stretch is too short.
    first_s : float
        Seconds from the stretch's beginning to the first of them; the others follow at a step
        of ``max(1, round(0.001 * rate)) / rate`` seconds.

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
    # Windows of samples that lie side by side are several times quicker to multiply.
    channels = np.ascontiguousarray(samples.T)
    # As of `sliding_window_view`, which takes as long to make them as to multiply them.
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
    # Real and imaginary parts side by side.
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
        # Before a recording there is silence.
        heard = np.concatenate([np.zeros((-first, heard.shape[1]), np.float32), heard])
    values, offset_s = change(heard, rate, fall=fall, after_s=_AFTER_S)
    times = first / rate + offset_s + np.arange(len(values)) * step_s
    distance = np.abs(times - near_s) / reach_s
    values = np.where(distance <= 1, values * (1 - _TAPER * distance**2), -np.inf)
    if not len(values) or values.max() < least_db:
        return None
    return max(0.0, float(times[values.argmax()]))


def _decayed(recording: reading.Reader, onset_s: float, offset_s: float) -> float:
    """Find where a sound is no longer heard; `offset_s` if it is heard to its end."""
    rate = recording.info.rate
    step = max(1, round(_LEVEL_S * rate))
    size = max(1, round(_BLOCK_S * rate) // step) * step
    first, stop = round(onset_s * rate), round(offset_s * rate)
    for end in range(stop, first, -size):
        begin = max(first, end - size)
        heard = recording.read(begin, end)
        # From the end back, in whole steps.
        steps = heard[len(heard) % step :].reshape(-1, step * heard.shape[1])
        power = np.einsum("ij,ij->i", steps, steps)
        loud = np.flatnonzero(power > _UNHEARD * steps.shape[1])
        if len(loud):
            last = end - (len(steps) - 1 - int(loud[-1])) * step
            return offset_s if last >= stop else last / rate
    return offset_s


def _end(
    recording: reading.Reader, clip: Clip, onset_s: float, limit_s: float, *, reach_s: float
) -> float:
    """Find the end of a clip that begins at `onset_s`, no later than `limit_s`."""
    if clip.offset_s >= limit_s - reach_s:
        # What follows is another clip, whose attack is known.
        return limit_s - _GAP_S
    attack_s = _steepest(recording, clip.offset_s, reach_s=reach_s, fall=0, least_db=_OFFSET_DB)
    if attack_s is not None:
        return min(attack_s, limit_s) - _GAP_S
    return _decayed(recording, onset_s, clip.offset_s)


def _deep(recording: reading.Reader, onset_s: float, offset_s: float, lowest_hz: float) -> bool:
    """Return whether more than a share `_DEEP` of a clip's power lies below a frequency."""
    from scipy.fft import next_fast_len, rfft

    rate = recording.info.rate
    # What is so deep is heard in sums of some samples, and windows hardly change within these.
    size = max(1, round(_DEEP_STEP_S * rate))
    first, stop = round(onset_s * rate), round(offset_s * rate)
    count = -(-(stop - first) // max(1, round(_BLOCK_S * rate)))
    edges = np.linspace(first, stop, count + 1).astype(int)
    below = power = 0.0
    for begin, end in itertools.pairwise(edges.tolist()):
        heard = recording.read(begin, end)
        steps = len(heard) // size
        if not steps:
            continue
        parts = np.ascontiguousarray(heard[: steps * size].T).reshape(-1, steps, size)
        window = 0.5 - 0.5 * np.cos(np.linspace(0, 2 * np.pi, steps, dtype=np.float32))
        sums = parts @ np.ones(size, np.float32)
        # A few lines lie below: zeros make them finer, so that no single one decides.
        padded = int(next_fast_len(4 * steps, real=True))
        spectrum = rfft(sums * window, padded, axis=1)
        deep = np.square(np.abs(spectrum[:, : math.ceil(lowest_hz * padded * size / rate)]))
        below += float(deep.sum())
        # Parseval's theorem: of the half of the spectrum from 0 Hz on, which has no counterpart.
        whole = np.einsum("cij,cij->i", parts, parts) @ window**2 * padded * size
        power += float(whole + deep[:, 0].sum()) / 2
    return below > _DEEP * power


def refine_clips(
    recording: reading.Recording,
    clips: Sequence[Clip],
    *,
    hop_s: float,
    min_s: float = 0.0,
    min_score: float = 0.0,
    lowest_hz: float = 0.0,
) -> list[Clip]:
    """Move the edges of clips to where their recording changes.

    Parameters
    ----------
    recording : path-like or Reader
    clips : sequence of Clip
        In order of time, without overlap.
    hop_s : float
        Seconds per frame of the network: edges move by one and a half at most, but for ends that
        move back to where a sound has decayed.
    min_s : float
        Clips that become shorter are left out.
    min_score : float
        Clips of a lower score are left out too; they bound their neighbours all the same.
    lowest_hz : float
        So are clips much of whose power lies below it.

    Returns
    -------
    clips : list of Clip
        In the same order, without overlap.

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
    if not clips:
        return []
    reach_s = _REACH * hop_s
    refined: list[Clip] = []
    with reading.reader(recording) as file:

        @cache
        def onset_of(clip: Clip) -> float:
            found = _steepest(file, clip.onset_s, reach_s=reach_s, fall=_FALL, least_db=_ONSET_DB)
            return clip.onset_s if found is None else found

        for clip, following in zip(clips, [*clips[1:], None], strict=True):
            if clip.score < min_score:
                continue
            onset_s = onset_of(clip)
            limit_s = file.info.seconds if following is None else onset_of(following)
            offset_s = _end(file, clip, onset_s, limit_s, reach_s=reach_s)
            if offset_s - onset_s < max(min_s, _GAP_S):
                continue
            if not (lowest_hz and _deep(file, onset_s, offset_s, lowest_hz)):
                refined.append(dataclasses.replace(clip, onset_s=onset_s, offset_s=offset_s))
    return refined
