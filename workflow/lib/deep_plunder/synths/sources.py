"""Synthesize sources of sound: strings, modes, oscillators, noise and envelopes.

All functions are vectorized over time and work at any sample rate. Random numbers come only from
the generator that the caller passes. Times are in seconds and frequencies in hertz. A decay time
is the time in which a sound falls by 60 dB. Mono signals have one dimension; stereo signals have
the shape ``(n, 2)``. The paper describes no synthesis, so none of this follows it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Signal",
    "chirp",
    "decay",
    "fm",
    "gate",
    "hertz",
    "modes",
    "noise",
    "saw",
    "square",
    "string",
]

Signal = NDArray[np.floating[Any]]
"""Samples as floating-point numbers. The first axis is time."""

_LN_60_DB = math.log(1000.0)


def hertz(midi: float) -> float:
    """Return the frequency of a MIDI note number.

    Parameters
    ----------
    midi : float
        Note number; 69 is 440 Hz.

    Returns
    -------
    frequency : float
        Frequency, in Hz.
    """
    return float(440.0 * 2.0 ** ((midi - 69.0) / 12.0))


def _times(seconds: float, rate: int) -> Signal:
    return np.arange(round(seconds * rate)) / rate


def decay(seconds: float, rate: int, t60: float) -> Signal:
    """Compute an envelope with an exponential decay.

    Parameters
    ----------
    seconds : float
        Length of the envelope, in seconds.
    rate : int
        Sample rate, in Hz.
    t60 : float
        Time in which the envelope falls by 60 dB, in seconds.

    Returns
    -------
    envelope : ndarray of shape (n,)
        The envelope, which begins at 1.
    """
    envelope: Signal = np.exp(-_LN_60_DB / t60 * _times(seconds, rate))
    return envelope


def gate(seconds: float, rate: int, *, attack: float, release: float) -> Signal:
    """Compute the envelope of a note that is held and then released.

    Parameters
    ----------
    seconds : float
        Time from the start of the attack to the start of the release, in seconds.
    rate : int
        Sample rate, in Hz.
    attack, release : float
        Length of the raised-cosine attack, and time in which the release falls by 60 dB, in
        seconds.

    Returns
    -------
    envelope : ndarray of shape (n,)
        The envelope, from 0 to 1, with a length of `seconds` + `release`.
    """
    rise = np.minimum(_times(seconds, rate) / attack, 1.0)
    return np.concatenate([0.5 - 0.5 * np.cos(np.pi * rise), decay(release, rate, release)])


def noise(rng: np.random.Generator, seconds: float, rate: int, *, width: float = 1.0) -> Signal:
    """Draw white noise of unit variance.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    seconds : float
        Length of the noise, in seconds.
    rate : int
        Sample rate, in Hz.
    width : float
        Stereo width: with 0 both sides are equal, with 1 they are independent.

    Returns
    -------
    noise : ndarray of shape (n, 2)
        The noise.
    """
    middle, left, right = rng.standard_normal((3, round(seconds * rate)))
    own, common = np.sqrt(width), np.sqrt(1.0 - width)
    return np.stack([own * left + common * middle, own * right + common * middle], axis=1)


def modes(
    rng: np.random.Generator,
    seconds: float,
    rate: int,
    *,
    frequencies: Sequence[float] | Signal,
    amplitudes: Sequence[float] | Signal,
    t60s: Sequence[float] | Signal,
    width: float = 0.3,
) -> Signal:
    """Synthesize a struck body: a sum of sines, each with its own decay.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness for the panning of the modes.
    seconds : float
        Length of the sound, in seconds.
    rate : int
        Sample rate, in Hz. Modes at 0.45 times this rate or above are omitted.
    frequencies, amplitudes, t60s : sequence of float, all of one length
        Frequency in Hz, linear gain, and decay time in seconds of each mode.
    width : float
        Stereo width: with 0 all modes are in the middle, with 1 anywhere between left and right.

    Returns
    -------
    sound : ndarray of shape (n, 2)
        The sound. It starts at zero, since all modes start in sine phase.
    """
    total = np.zeros((round(seconds * rate), 2))
    sides = rng.uniform(-width, width, len(frequencies))
    for frequency, amplitude, t60, side in zip(frequencies, amplitudes, t60s, sides, strict=True):
        if frequency >= 0.45 * rate:
            continue
        count = min(round(1.5 * t60 * rate), len(total))
        pole = (2j * np.pi * frequency - _LN_60_DB / t60) / rate
        # Products of two short power series cost much less than one sine per sample.
        rows = np.exp(pole * np.arange(0, count, 512))
        ring = amplitude * np.outer(rows, np.exp(pole * np.arange(512))).imag.ravel()[:count]
        total[:count, 0] += (1.0 - side) * ring
        total[:count, 1] += (1.0 + side) * ring
    return total


def chirp(seconds: float, rate: int, *, start: float, end: float, time_constant: float) -> Signal:
    """Synthesize a sine whose frequency falls or rises exponentially.

    Parameters
    ----------
    seconds : float
        Length of the sound, in seconds.
    rate : int
        Sample rate, in Hz.
    start, end : float
        Initial frequency, and the frequency that the sine approaches, in Hz.
    time_constant : float
        Time in which the distance to `end` shrinks to 1/e, in seconds.

    Returns
    -------
    wave : ndarray of shape (n,)
        The wave.
    """
    time = _times(seconds, rate)
    bend = (start - end) * time_constant * (1.0 - np.exp(-time / time_constant))
    wave: Signal = np.sin(2 * np.pi * (end * time + bend))
    return wave


def string(
    rng: np.random.Generator,
    seconds: float,
    rate: int,
    *,
    frequency: float,
    t60: float,
    softness: float,
    position: float,
) -> Signal:
    """Synthesize a plucked string by the algorithm of Karplus and Strong, tuned exactly.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness for the noise of the pluck.
    seconds : float
        Length of the sound, in seconds.
    rate : int
        Sample rate, in Hz.
    frequency : float
        Fundamental frequency, in Hz.
    t60 : float
        Decay time of the fundamental, in seconds. Higher partials decay faster. A high and soft
        string also decays faster, since the gain of the loop is limited.
    softness : float
        Weight of the second tap of the loop filter, 0 to 0.5. The original algorithm has 0.5, the
        dullest string.
    position : float
        Plucking position as a fraction of the string's length; 0.5 removes the even partials.

    Returns
    -------
    sound : ndarray of shape (n,)
        The sound.

    References
    ----------
    K. Karplus and A. Strong, "Digital synthesis of plucked-string and drum timbres", Computer
    Music Journal 7(2), 1983; D. Jaffe and J. Smith, "Extensions of the Karplus-Strong
    plucked-string algorithm", the same number (tuning, pluck position).
    """
    count = round(seconds * rate)
    period = rate / frequency
    whole = int(period - softness)
    part = period - softness - whole
    taps = np.convolve([1.0 - softness, softness], [1.0 - part, part])
    # The filter also weakens the fundamental. The gain makes up for it while the loop is stable.
    turn = np.exp(-2j * np.pi / period)
    gain = 10.0 ** (-3.0 / (frequency * t60)) / abs(taps[0] + taps[1] * turn + taps[2] * turn**2)
    taps *= min(gain, 0.9999)
    pluck = rng.standard_normal(whole)
    pluck -= np.roll(pluck, max(1, round(position * whole)))
    pluck = np.convolve(np.tile(pluck - pluck.mean(), 2), np.ones(3) / 3.0)[whole : 2 * whole]
    sound = np.zeros(count + 3 * whole + 2)
    first = 2
    sound[first : first + whole] = pluck
    for start in range(first + whole, first + count, whole):
        past = sound[start - whole - 2 : start]
        sound[start : start + whole] = (
            taps[0] * past[2:] + taps[1] * past[1:-1] + taps[2] * past[:-2]
        )
    return sound[first : first + count]


def fm(
    seconds: float,
    rate: int,
    *,
    frequency: float,
    ratio: float,
    index: Signal | float,
    phase: float = 0.0,
) -> Signal:
    """Synthesize a sine whose phase another sine modulates (J. Chowning, 1973).

    Parameters
    ----------
    seconds : float
        Length of the sound, in seconds.
    rate : int
        Sample rate, in Hz.
    frequency, ratio : float
        Frequency of the carrier in Hz, and frequency of the modulator as a multiple of it.
    index : ndarray of shape (n,) or float
        Depth of the modulation in radians, which controls the brightness.
    phase : float
        Phase of the modulator at the start, in radians.

    Returns
    -------
    wave : ndarray of shape (n,)
        The wave.
    """
    angle = 2 * np.pi * frequency * _times(seconds, rate)
    wave: Signal = np.sin(angle + index * np.sin(ratio * angle + phase))
    return wave


def _edge(phase: Signal, step: Signal) -> Signal:
    # PolyBLEP: smooths the jump of the wave over one sample on each side.
    before, after = phase < step, phase > 1.0 - step
    rising = phase / step
    falling = (phase - 1.0) / step
    return before * (2.0 * rising - rising**2 - 1.0) + after * (falling + 1.0) ** 2


def saw(frequency: Signal, rate: int, *, phase: float = 0.0) -> Signal:
    """Synthesize a saw wave with little aliasing.

    The method is the two-point PolyBLEP (Välimäki and Huovilainen, 2007).

    Parameters
    ----------
    frequency : ndarray of shape (n,)
        Frequency at each sample, in Hz.
    rate : int
        Sample rate, in Hz.
    phase : float
        Phase at the start, in periods.

    Returns
    -------
    wave : ndarray of shape (n,)
        The wave.
    """
    step = frequency / rate
    turns = np.mod(phase + np.cumsum(step), 1.0)
    return 2.0 * turns - 1.0 - _edge(turns, step)


def square(frequency: Signal, rate: int, *, phase: float = 0.0, duty: float = 0.5) -> Signal:
    """Synthesize a pulse wave with little aliasing, as the difference of two saw waves.

    Parameters
    ----------
    frequency, rate, phase
        See `saw`.
    duty : float
        Length of the pulse, in periods.

    Returns
    -------
    wave : ndarray of shape (n,)
        The wave.
    """
    return saw(frequency, rate, phase=phase) - saw(frequency, rate, phase=phase + duty)
