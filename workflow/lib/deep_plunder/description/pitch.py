"""Find the root note of a sound.

YIN finds the pitch of each frame of the first second. The note is the median of the frames,
weighted by how loud and how periodic they are: noise repeats nothing, so the attack of a struck
string counts little. The confidence is the share of the sound that agrees with the note. A drum
without a clear pitch has a low one, and gets no note. ``experiments/description`` measures it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deep_plunder.corpus.onsets import find_onset
from deep_plunder.description.beginning import RATE, beginning
from deep_plunder.util.arrays import Float32Array, Float64Array
from deep_plunder.util.windows import window_blocks

__all__ = ["SURE", "Pitch", "find_pitch", "find_pitches", "yin"]

SURE = 0.8
"""Least confidence of a note that is stated."""

_FRAME, _HOP = 2048, 512
# Frames per transform, so that its arrays fit a core's caches.
_BLOCK = 16
# Half a frame is a period of 21.5 Hz; the shortest period belongs to the highest note of a piano.
_SHORTEST = 5
# Normal difference below which a frame repeats itself: the threshold of YIN.
_LITTLE = 0.1
# Greatest distance in semitones of a frame that agrees with the note.
_AGREE = 0.5
_LOWEST_NOTE, _HIGHEST_NOTE = 0, 127


@dataclass(frozen=True, slots=True)
class Pitch:
    """The pitch of a sound.

    Attributes
    ----------
    note : int
        Nearest MIDI note, 0..127; 69 is the A of 440 Hz.
    cents : float
        Deviation of the pitch from the note, -50..50 cents.
    confidence : float
        Share of the sound whose pitch is within 50 cents of this one, 0..1.
    """

    note: int
    cents: float
    confidence: float


def yin(frames: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Find the period of each frame by YIN.

    The period is the first at which the frame differs little from itself, or else the one at which
    it differs least. A parabola through the difference there and beside it places the minimum
    between samples.

    Parameters
    ----------
    frames : ndarray, shape (n, size)
        Samples. Periods from 5 samples to half a frame are found.

    Returns
    -------
    periods : ndarray, shape (n,)
        In samples.
    periodicity : ndarray, shape (n,)
        Correlation of each frame with itself one period later, 0..1; 0 for silence.

    References
    ----------
    De Cheveigné and Kawahara, "YIN, a fundamental frequency estimator for speech and music", 2002,
    steps 2 to 5, with their threshold 0.1.

    Examples
    --------
    >>> periods, periodicity = yin(np.sin(2 * np.pi * np.arange(2048)[np.newaxis] / 50.25))
    >>> periods.round(1).tolist(), periodicity.round(1).tolist()
    ([50.2], [1.0])
    """
    from scipy.fft import irfft, next_fast_len, rfft

    size = frames.shape[1]
    longest = size // 2
    # Just enough zeros that no lag up to the longest wraps around.
    padded = int(next_fast_len(size + longest, real=True))
    spectra = rfft(frames, padded, axis=1)
    power = np.square(spectra.real) + np.square(spectra.imag)
    correlation = irfft(power, padded, axis=1)[:, : longest + 1]
    sums = np.zeros((len(frames), size + 1))
    np.cumsum(np.square(frames), axis=1, out=sums[:, 1:])
    # For each lag, the energy of the frame without its end, and without its beginning.
    energy = sums[:, size - longest :][:, ::-1] + (sums[:, -1:] - sums[:, : longest + 1])
    # The difference of each lag, then in its place the normal one, relative to shorter lags.
    normal = energy - 2 * correlation
    np.maximum(normal, 0.0, out=normal)
    total = np.cumsum(normal[:, 1:], axis=1)
    normal[:, 1:] *= np.arange(1, longest + 1)
    normal[:, 1:] /= np.maximum(total, 1e-300, out=total)
    normal[:, 0] = 1.0
    middle = normal[:, _SHORTEST:-1]
    trough = (middle <= normal[:, _SHORTEST - 1 : -2]) & (middle < normal[:, _SHORTEST + 1 :])
    good = trough & (middle < _LITTLE)
    first = np.where(good.any(axis=1), good.argmax(axis=1), middle.argmin(axis=1)) + _SHORTEST
    rows = np.arange(len(frames))
    before, at, after = (normal[rows, first + step] for step in (-1, 0, 1))
    bend = before - 2 * at + after
    shift = np.where(bend > 0, (before - after) / np.where(bend > 0, 2 * bend, 1.0), 0.0)
    norm = np.maximum(energy[rows, first] / 2, 1e-12)
    periodicity = np.clip(correlation[rows, first] / norm, 0.0, 1.0)
    return first + np.clip(shift, -0.5, 0.5), periodicity


def find_pitch(samples: Float32Array, rate: int) -> Pitch | None:
    """Find the pitch of a sound.

    Parameters
    ----------
    samples : ndarray, shape (n,) or (n, channels)
        A sound. Its first second after the onset decides.
    rate : int
        Samples per second.

    Returns
    -------
    pitch : Pitch or None
        None for silence, and for sounds of less than 10 ms.

    Examples
    --------
    >>> times = np.arange(44100) / 44100
    >>> tone = np.exp(-3 * times) * np.sign(np.sin(2 * np.pi * 220 * times))
    >>> find_pitch(tone.astype(np.float32), 44100).note
    57
    """
    [pitch] = find_pitches([beginning(samples, rate, find_onset(samples, rate))])
    return pitch


def find_pitches(beginnings: Sequence[Float32Array]) -> list[Pitch | None]:
    """Find the pitches of sounds; many at once cost less than one by one.

    Parameters
    ----------
    beginnings : sequence of ndarray
        Each from `description.beginning.beginning`.

    Returns
    -------
    pitches : list of Pitch or None
        See `find_pitch`.

    Examples
    --------
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(2205) / 22050).astype(np.float32)
    >>> find_pitches([np.zeros(2205, np.float32), tone])[0] is None
    True
    """
    pitches: list[Pitch | None] = [None] * len(beginnings)
    heard, signals = [], []
    for row, samples in enumerate(beginnings):
        if len(samples) >= 0.01 * RATE and samples.any():
            heard.append(row)
            signals.append(np.zeros(max(_FRAME, len(samples))))
            signals[-1][: len(samples)] = samples
    if not heard:
        return pitches
    measured = [
        np.stack([*yin(frames), np.sqrt(np.square(frames).mean(axis=1))])
        for frames in window_blocks(signals, _FRAME, _HOP, count=_BLOCK)
    ]
    periods, periodicity, levels = np.concatenate(measured, axis=1)
    notes = 69 + 12 * np.log2(RATE / periods / 440)
    weights = levels * periodicity**2
    first = 0
    for row, signal in zip(heard, signals, strict=True):
        own = slice(first, first + 1 + (len(signal) - _FRAME) // _HOP)
        first = own.stop
        pitches[row] = _agreed(notes[own], weights[own], levels[own])
    return pitches


def _agreed(notes: Float64Array, weights: Float64Array, levels: Float64Array) -> Pitch | None:
    """Return the pitch on which the frames of a sound agree."""
    if weights.sum() <= 0:
        return None
    order = np.argsort(notes, kind="stable")
    sums = np.cumsum(weights[order])
    median = notes[order][np.searchsorted(sums, sums[-1] / 2)]
    near = np.abs(notes - median) < _AGREE
    exact = float((notes[near] * weights[near]).sum() / weights[near].sum())
    note = min(max(round(exact), _LOWEST_NOTE), _HIGHEST_NOTE)
    return Pitch(note, 100 * (exact - note), float((weights * near).sum() / levels.sum()))
