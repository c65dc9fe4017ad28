"""Bring the sounds of packages to one rate and level, trim silence, and recognise copies."""

from __future__ import annotations

import numpy as np

from deep_plunder.audio.resampling import resample
from deep_plunder.util.arrays import Float32Array

__all__ = ["RATE", "levelled", "loudness_course"]

RATE = 44100
"""Sampling rate of the library in Hz."""

LONGEST_S = 3.2
"""Greatest length of a sound in seconds; longer ones are faded out."""

_SHORTEST_S = 0.04
_FADE_S = 0.3
_BEFORE_S = 0.002
_HEAD_DB, _TAIL_DB = -50.0, -60.0
_SILENT, _QUIET, _RAISED, _LOUD = 0.003, 0.2, 0.4, 0.98
_MONO = 0.002
_COURSE_STEPS = 40


def levelled(samples: Float32Array, rate: int) -> Float32Array | None:
    """Resample a sound to the library's rate, trim silence, and adjust its level.

    Parameters
    ----------
    samples : numpy.ndarray
        Shape (frames, 1 or 2).
    rate : int
        Sampling rate in Hz.

    Returns
    -------
    sound : numpy.ndarray or None
        The sound at `RATE`, in mono if both channels are nearly equal. It begins 2 ms before it
        first reaches 50 dB below its peak, ends where it last reaches 60 dB below, and is faded
        out at `LONGEST_S`. Its level changes only if its peak is below 0.2 or above 0.98. None if
        it is silent or shorter than 40 ms.

    Examples
    --------
    >>> tone = 0.1 * np.sin(np.arange(44100) * 0.05)[:, np.newaxis]
    >>> float(abs(levelled(tone, 44100)).max().round(1))
    0.4
    >>> levelled(np.zeros((44100, 1)), 44100) is None
    True
    """
    if samples.shape[1] == 2:
        middle, side = samples.mean(axis=1), (samples[:, 0] - samples[:, 1]) / 2
        if np.square(side).sum() < _MONO * np.square(middle).sum():
            samples = middle[:, None]
    if rate != RATE:
        samples = resample(samples, rate, RATE)
    level = np.abs(samples).max(axis=1, initial=0)
    peak = level.max(initial=0)
    if peak < _SILENT:
        return None
    first = max(0, int(np.argmax(level > peak * 10 ** (_HEAD_DB / 20))) - int(_BEFORE_S * RATE))
    stop = len(level) - int(np.argmax(level[::-1] > peak * 10 ** (_TAIL_DB / 20)))
    samples = samples[first:stop].copy()
    if len(samples) < _SHORTEST_S * RATE:
        return None
    if len(samples) > LONGEST_S * RATE:
        samples, fade = samples[: int(LONGEST_S * RATE)], int(_FADE_S * RATE)
        samples[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)[:, None]
    if peak < _QUIET:
        samples *= _RAISED / peak
    elif peak > _LOUD:
        samples *= _LOUD / peak
    return samples


def loudness_course(sound: Float32Array) -> tuple[int, ...]:
    """Compute a coarse course of a sound's loudness, which is equal for copies.

    Soundfonts borrow samples from each other, and change their level or rate. Such copies have the
    same length within 5 ms and, every 10 ms, the same loudness relative to the peak.

    Parameters
    ----------
    sound : numpy.ndarray
        Shape (frames, channels), at `RATE`.

    Returns
    -------
    course : tuple of int
        The length in steps of 5 ms, then up to 40 levels in steps of 2.5 dB.

    Examples
    --------
    >>> tone = np.sin(np.arange(4410) * 0.3)[:, np.newaxis]
    >>> loudness_course(tone) == loudness_course(tone / 2)
    True
    """
    steps = np.arange(0, len(sound), RATE // 100)
    level = np.sqrt(np.add.reduceat(np.square(sound).mean(axis=1), steps))[:_COURSE_STEPS]
    heights = np.round(np.log10(level / level.max() + 1e-3) * 8).astype(int)
    return (len(sound) // (RATE // 200), *heights.tolist())
