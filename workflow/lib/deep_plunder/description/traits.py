"""Measure the traits of a sound by which its class is recognised.

Besides the timbre they are:

- the course of the level: how fast the sound begins and falls, and its length;
- the pitch with its confidence, and the levels of the harmonics above it: a bass differs from a
  guitar by its pitch, an organ from a flute by its harmonics, wherever on the keyboard they play;
- the share of ten bands from 20 Hz to 16 kHz in three stretches: finer than the timbre at the
  lowest end, where drums differ, and higher up, where cymbals do.

Levels are relative to the sound's own, so its loudness does not matter.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from deep_plunder.corpus.onsets import find_onset, mono
from deep_plunder.description.pitch import Pitch, find_pitch
from deep_plunder.description.timbre import TIMBRE_SIZE, timbre
from deep_plunder.util.arrays import Float32Array, Float64Array

__all__ = ["TRAITS", "traits"]

_LONGEST_S = 2.0
_STEP_S = 0.002
_SMOOTH = 5
_FALLS_DB = (6, 12, 20, 30, 40)
_HARMONICS = 10
_TONE_S = (0.03, 0.23)
_NEAR = 0.03
_EDGES_HZ = (20, 60, 120, 250, 500, 1000, 2000, 4000, 8000, 11000, 16000)
_SPANS_S = ((0.0, 0.03), (0.03, 0.12), (0.12, 0.5))
_FLOOR = 1e-6
_NO_NOTE = -1.0

TRAITS = (
    TIMBRE_SIZE + (len(_FALLS_DB) + 3) + (3 + _HARMONICS + 1) + len(_SPANS_S) * (len(_EDGES_HZ) - 1)
)
"""Number of traits."""


def _course(signal: Float64Array, rate: int) -> list[float]:
    """Return attack, falls, length and centre of the level, in seconds."""
    step = max(1, round(_STEP_S * rate))
    power = np.add.reduceat(np.square(signal), np.arange(0, len(signal), step)) / step
    power = np.convolve(power, np.full(_SMOOTH, 1 / _SMOOTH))[: len(power)]
    peak = int(power.argmax())
    first = int(np.argmax(power > power[peak] / 100))
    ends = [int(np.flatnonzero(power >= power[peak] * 10 ** (-fall / 10))[-1]) for fall in
            _FALLS_DB]  # fmt: skip
    centre = float(np.average(np.arange(len(power)), weights=power))
    steps = [peak - first, *(end - peak for end in ends), len(power), centre]
    return [step / rate * count for count in steps]


def _power(signal: Float64Array, rate: int) -> tuple[Float64Array, Float64Array]:
    """Return the frequencies and the power of a stretch's spectrum."""
    size = max(256, 1 << (max(len(signal), 1) - 1).bit_length())
    windowed = signal * np.hanning(len(signal) + 2)[1:-1]
    power: Float64Array = np.square(np.abs(np.fft.rfft(windowed, size)))
    return np.fft.rfftfreq(size, 1 / rate).astype(np.float64), power


def _tone(signal: Float64Array, rate: int, pitch: Pitch | None) -> list[float]:
    """Return note, confidence, share of the harmonics, their levels, and the share of odd ones."""
    if pitch is None:
        return [_NO_NOTE, 0.0, 0.0, *[0.0] * (_HARMONICS + 1)]
    begin, end = (round(second * rate) for second in _TONE_S)
    part = signal[begin:end] if len(signal) > 2 * begin else signal
    hertz, power = _power(part, rate)
    note = pitch.note + pitch.cents / 100
    lowest = 440 * 2 ** ((note - 69) / 12)
    levels = np.zeros(_HARMONICS)
    for number in range(_HARMONICS):
        own = (number + 1) * lowest
        wide = max(_NEAR * own, hertz[1])
        levels[number] = power[(hertz >= own - wide) & (hertz <= own + wide)].sum()
    total = max(float(power.sum()), 1e-20)
    whole = max(float(levels.sum()), 1e-20)
    decibels = 10 * np.log10(levels / whole + _FLOOR)
    odd = float(levels[::2].sum()) / whole
    return [note, pitch.confidence, min(1.0, whole / total), *decibels.tolist(), odd]


def _bands(signal: Float64Array, rate: int) -> list[float]:
    """Return the level of each band in each stretch, in dB relative to the stretch."""
    values = []
    for begin_s, end_s in _SPANS_S:
        part = signal[round(begin_s * rate) : round(end_s * rate)]
        hertz, power = _power(part, rate)
        total = max(float(power.sum()), 1e-20)
        sums = [power[(hertz >= low) & (hertz < high)].sum() for low, high in pairwise(_EDGES_HZ)]
        values += (10 * np.log10(np.array(sums) / total + _FLOOR)).tolist()
    return values


def traits(
    samples: Float32Array, rate: int, *, pitch: Pitch | None = None, onset_s: float | None = None
) -> Float32Array:
    """Measure the traits of a sound.

    Parameters
    ----------
    samples : ndarray, shape (n, channels)
        A sound.
    rate : int
        Samples per second.
    pitch : Pitch, optional
        Its pitch, if `description.pitch.find_pitch` has found it already.
    onset_s : float, optional
        The onset within the first second, in seconds. By default it is found.

    Returns
    -------
    traits : ndarray, shape (TRAITS,), float32
        Timbre; attack, falls by 6 to 40 dB, length and centre of the level in seconds; note,
        confidence, share of the harmonics, their levels in dB, share of the odd ones; levels of
        bands in dB.

    Examples
    --------
    >>> times = np.arange(44100) / 44100
    >>> tone = np.exp(-3 * times) * np.sign(np.sin(2 * np.pi * 220 * times))
    >>> measured = traits(tone.astype(np.float32)[:, np.newaxis], 44100)
    >>> measured.shape == (TRAITS,)
    True
    """
    found = find_pitch(samples, rate) if pitch is None else pitch
    if onset_s is None:
        onset_s = find_onset(samples[:rate], rate)
    start = round(onset_s * rate)
    signal = mono(samples[start : start + round(_LONGEST_S * rate)]).astype(np.float64)
    if not signal.any():
        signal = np.full(max(1, len(signal)), 1e-9)
    values = [*_course(signal, rate), *_tone(signal, rate, found), *_bands(signal, rate)]
    return np.concatenate([timbre(samples, rate, onset_s=onset_s), np.array(values)]).astype(
        np.float32
    )
