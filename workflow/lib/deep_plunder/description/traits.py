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

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from deep_plunder.corpus.onsets import find_onset, mono
from deep_plunder.description.beginning import beginning
from deep_plunder.description.pitch import Pitch, find_pitch
from deep_plunder.description.timbre import TIMBRE_SIZE, timbres
from deep_plunder.util.arrays import Float32Array, Float64Array

__all__ = ["TRAITS", "all_traits", "traits"]

# Seconds count from the onset.
_LONGEST_S = 2.0
# The level is measured in steps, and smoothed over some of them.
_STEP_S = 0.002
_SMOOTH = 5
_FALLS_DB = (6, 12, 20, 30, 40)
_FALLS = np.array([10 ** (-fall / 10) for fall in _FALLS_DB])
_HARMONICS = 10
# The stretch in which harmonics are measured, and the width of a harmonic to either side, as a
# share of its frequency.
_TONE_S = (0.03, 0.23)
_NEAR = 0.03
_EDGES_HZ = (20, 60, 120, 250, 500, 1000, 2000, 4000, 8000, 11000, 16000)
_SPANS_S = ((0.0, 0.03), (0.03, 0.12), (0.12, 0.5))
# 60 dB below the whole.
_FLOOR = 1e-6
# The note of a sound without a pitch.
_NO_NOTE = -1.0
# Samples per transform: many stretches share the overhead, and the arrays still fit the caches.
_TRANSFORMED = 1 << 15

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
    # From the end on, the greatest power so far rises: each fall ends where it reaches a share.
    behind = np.searchsorted(np.maximum.accumulate(power[::-1]), power[peak] * _FALLS)
    falls = len(power) - 1 - peak - behind
    centre = float((np.arange(len(power)) * power).sum() / power.sum())
    steps = [peak - first, *falls.tolist(), len(power), centre]
    return [step / rate * count for count in steps]


@lru_cache(maxsize=32)
def _window(length: int) -> Float64Array:
    return np.hanning(length + 2)[1:-1]


@lru_cache(maxsize=8)
def _frequencies(size: int, rate: int) -> Float64Array:
    hertz: Float64Array = np.fft.rfftfreq(size, 1 / rate).astype(np.float64)
    return hertz


def _spectra(
    parts: Sequence[Float64Array], rate: int
) -> Iterator[tuple[list[int], Float64Array, Float64Array]]:
    """Yield the spectra of stretches, those of equal transforms together.

    Each item holds the places of its stretches, the frequencies, and the power per stretch and
    frequency, with a zero behind each.
    """
    from scipy.fft import rfft

    places: dict[int, list[int]] = {}
    for place, part in enumerate(parts):
        size = max(256, 1 << (max(len(part), 1) - 1).bit_length())
        places.setdefault(size, []).append(place)
    for size, those in places.items():
        count = max(1, _TRANSFORMED // size)
        for begin in range(0, len(those), count):
            some = those[begin : begin + count]
            signals = np.zeros((len(some), size))
            for signal, place in zip(signals, some, strict=True):
                part = parts[place]
                np.multiply(part, _window(len(part)), out=signal[: len(part)])
            spectra = rfft(signals, axis=1)
            power = np.zeros((len(some), size // 2 + 2))
            np.square(spectra.real, out=power[:, :-1])
            power[:, :-1] += np.square(spectra.imag)
            yield some, _frequencies(size, rate), power


def _sums(power: Float64Array, first: NDArray[np.intp], stop: NDArray[np.intp]) -> Float64Array:
    """Return the sums over ranges of bins, which are given per row."""
    rows = np.arange(len(power))[:, np.newaxis] * power.shape[1]
    bounds = np.stack([first + rows, stop + rows], axis=2)
    sums = np.add.reduceat(power.ravel(), bounds.ravel())[::2].reshape(first.shape)
    return np.where(first < stop, sums, 0.0)


def _tones(
    signals: Sequence[Float64Array], rate: int, pitches: Sequence[Pitch | None]
) -> Float64Array:
    """Return note, confidence, share of the harmonics, their levels, and the share of odd ones."""
    values = np.zeros((len(signals), 4 + _HARMONICS))
    values[:, 0] = _NO_NOTE
    pitched = [(row, pitch) for row, pitch in enumerate(pitches) if pitch is not None]
    begin, end = (round(second * rate) for second in _TONE_S)
    signals = [signals[row] for row, _ in pitched]
    parts = [each[begin:end] if len(each) > 2 * begin else each for each in signals]
    for places, hertz, power in _spectra(parts, rate):
        rows = [pitched[place][0] for place in places]
        found = [pitched[place][1] for place in places]
        notes = np.array([pitch.note + pitch.cents / 100 for pitch in found])
        own = 440 * 2 ** ((notes[:, np.newaxis] - 69) / 12) * np.arange(1, _HARMONICS + 1)
        wide = np.maximum(_NEAR * own, hertz[1])
        first = np.searchsorted(hertz, own - wide)
        levels = _sums(power, first, np.searchsorted(hertz, own + wide, "right"))
        whole = np.maximum(levels.sum(axis=1), 1e-20)
        total = np.maximum(power.sum(axis=1), 1e-20)
        values[rows, 0] = notes
        values[rows, 1] = [pitch.confidence for pitch in found]
        values[rows, 2] = np.minimum(1.0, whole / total)
        values[rows, 3:-1] = 10 * np.log10(levels / whole[:, np.newaxis] + _FLOOR)
        values[rows, -1] = levels[:, ::2].sum(axis=1) / whole
    return values


def _bands(signals: Sequence[Float64Array], rate: int) -> Float64Array:
    """Return the level of each band in each stretch, in dB relative to the stretch."""
    spans = [[round(second * rate) for second in span] for span in _SPANS_S]
    parts = [signal[begin:end] for signal in signals for begin, end in spans]
    values = np.empty((len(parts), len(_EDGES_HZ) - 1))
    for places, hertz, power in _spectra(parts, rate):
        bins = np.tile(np.searchsorted(hertz, _EDGES_HZ), (len(places), 1))
        total = np.maximum(power.sum(axis=1, keepdims=True), 1e-20)
        values[places] = 10 * np.log10(_sums(power, bins[:, :-1], bins[:, 1:]) / total + _FLOOR)
    return values.reshape(len(signals), -1)


def traits(samples: Float32Array, rate: int) -> Float32Array:
    """Measure the traits of a sound.

    Parameters
    ----------
    samples : ndarray, shape (n, channels)
        A sound. Its onset is found within the first second.
    rate : int
        Samples per second.

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
    onset_s = find_onset(samples[:rate], rate)
    measured: Float32Array = all_traits(
        [samples],
        rate,
        pitches=[find_pitch(samples, rate)],
        onsets_s=[onset_s],
        beginnings=[beginning(samples, rate, onset_s)],
    )[0]
    return measured


def all_traits(
    sounds: Sequence[Float32Array],
    rate: int,
    *,
    pitches: Sequence[Pitch | None],
    onsets_s: Sequence[float],
    beginnings: Sequence[Float32Array],
) -> Float32Array:
    """Measure the traits of sounds; many at once cost less than one by one.

    Parameters
    ----------
    sounds : sequence of ndarray, shape (n, channels)
        At least one.
    rate : int
        Samples per second.
    pitches : sequence of Pitch or None
        From `description.pitch.find_pitches`.
    onsets_s : sequence of float
        The onsets within the first second, in seconds.
    beginnings : sequence of ndarray
        From `description.beginning.beginning`, with these onsets.

    Returns
    -------
    traits : ndarray, shape (k, TRAITS), float32
        See `traits`.

    Examples
    --------
    >>> silence = np.zeros((4410, 2), np.float32)
    >>> heard = [beginning(silence, 44100, 0.0)]
    >>> found = all_traits([silence], 44100, pitches=[None], onsets_s=[0.0], beginnings=heard)
    >>> found.shape == (1, TRAITS)
    True
    """
    signals = []
    for samples, onset_s in zip(sounds, onsets_s, strict=True):
        start = round(onset_s * rate)
        signal = mono(samples[start : start + round(_LONGEST_S * rate)]).astype(np.float64)
        signals.append(signal if signal.any() else np.full(max(1, len(signal)), 1e-9))
    values = [
        timbres(beginnings),
        np.array([_course(signal, rate) for signal in signals]),
        _tones(signals, rate, pitches),
        _bands(signals, rate),
    ]
    return np.concatenate(values, axis=1).astype(np.float32)
