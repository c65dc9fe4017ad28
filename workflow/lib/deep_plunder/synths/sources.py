"""Sources of sound: strings, modes, oscillators, noise and their envelopes.

Everything is vectorised over time, draws only from the generator that it is given, and works
at any sample rate. Times are seconds, frequencies hertz, a decay is the time in which a sound
falls by 60 dB. One-dimensional signals are mono; stereo ones have the shape ``(n, 2)``.
Nothing here comes from the paper, which brings no audio of its own.
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
"""Samples as floats; the first axis is time."""

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
        Hz.
    """
    return float(440.0 * 2.0 ** ((midi - 69.0) / 12.0))


def _times(seconds: float, rate: int) -> Signal:
    return np.arange(round(seconds * rate)) / rate


def decay(seconds: float, rate: int, t60: float) -> Signal:
    """Fall exponentially.

    Parameters
    ----------
    seconds : float
        Length of the envelope.
    rate : int
        Sample rate in Hz.
    t60 : float
        Seconds in which it falls by 60 dB.

    Returns
    -------
    envelope : ndarray of shape (n,)
        It begins with 1.
    """
    envelope: Signal = np.exp(-_LN_60_DB / t60 * _times(seconds, rate))
    return envelope


def gate(seconds: float, rate: int, *, attack: float, release: float) -> Signal:
    """Hold a note for `seconds`, then let it go.

    Parameters
    ----------
    seconds : float
        Time from the start of the attack to the start of the release.
    rate : int
        Sample rate in Hz.
    attack, release : float
        Length of the raised-cosine rise, and the time to fall by 60 dB at the end.

    Returns
    -------
    envelope : ndarray of shape (n,)
        0 to 1, `seconds` + `release` long.
    """
    rise = np.minimum(_times(seconds, rate) / attack, 1.0)
    return np.concatenate([0.5 - 0.5 * np.cos(np.pi * rise), decay(release, rate, release)])


def noise(rng: np.random.Generator, seconds: float, rate: int, *, width: float = 1.0) -> Signal:
    """Draw white noise of unit variance.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where it is drawn from.
    seconds : float
        Its length.
    rate : int
        Sample rate in Hz.
    width : float
        0 makes both sides equal, 1 makes them independent.

    Returns
    -------
    noise : ndarray of shape (n, 2)
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
    """Synthesize a struck body that rings: a sum of sines, each with a decay of its own.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws where in the stereo picture each mode lies.
    seconds : float
        Length of the sound.
    rate : int
        Sample rate in Hz. Modes above 0.45 of it are left out.
    frequencies, amplitudes, t60s : sequence of float, all of one length
        The modes: Hz, linear gain, seconds to fall by 60 dB.
    width : float
        0 puts all modes in the middle, 1 anywhere between left and right.

    Returns
    -------
    sound : ndarray of shape (n, 2)
        Starts at zero, since all modes start in sine phase.
    """
    total = np.zeros((round(seconds * rate), 2))
    sides = rng.uniform(-width, width, len(frequencies))
    for frequency, amplitude, t60, side in zip(frequencies, amplitudes, t60s, sides, strict=True):
        if frequency >= 0.45 * rate:
            continue
        count = min(round(1.5 * t60 * rate), len(total))
        pole = (2j * np.pi * frequency - _LN_60_DB / t60) / rate
        # A power series by rows of 512: a fraction of the work of a sine for each sample.
        rows = np.exp(pole * np.arange(0, count, 512))
        ring = amplitude * np.outer(rows, np.exp(pole * np.arange(512))).imag.ravel()[:count]
        total[:count, 0] += (1.0 - side) * ring
        total[:count, 1] += (1.0 + side) * ring
    return total


def chirp(seconds: float, rate: int, *, start: float, end: float, time_constant: float) -> Signal:
    """Sing a sine whose frequency falls (or rises) exponentially.

    Parameters
    ----------
    seconds : float
        Length of the sound.
    rate : int
        Sample rate in Hz.
    start, end : float
        Frequencies in Hz: the first one, and the one that it tends to.
    time_constant : float
        Seconds in which the way that is left shrinks to 1/e.

    Returns
    -------
    wave : ndarray of shape (n,)
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
    """Pluck a string: the algorithm of Karplus and Strong, tuned exactly.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws the noise that plucks.
    seconds : float
        Length of the sound.
    rate : int
        Sample rate in Hz.
    frequency : float
        Fundamental in Hz.
    t60 : float
        Decay of the fundamental; higher partials die sooner. High, soft strings die sooner too.
    softness : float
        0 to 0.5: weight of the loop filter's second tap; 0.5 is the original, dullest string.
    position : float
        Where the string is plucked, as a part of its length: 0.5 leaves out even partials.

    Returns
    -------
    sound : ndarray of shape (n,)

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
    # The filter weakens the fundamental too: make up for it, as far as the loop stays stable.
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
    """Modulate the phase of a sine by another one (J. Chowning, 1973).

    Parameters
    ----------
    seconds : float
        Length of the sound.
    rate : int
        Sample rate in Hz.
    frequency, ratio : float
        Carrier in Hz; modulator as a multiple of it.
    index : ndarray of shape (n,) or float
        Depth in radians: brightness over time.
    phase : float
        Phase of the modulator at the start, in radians.

    Returns
    -------
    wave : ndarray of shape (n,)
    """
    angle = 2 * np.pi * frequency * _times(seconds, rate)
    wave: Signal = np.sin(angle + index * np.sin(ratio * angle + phase))
    return wave


def _edge(phase: Signal, step: Signal) -> Signal:
    # PolyBLEP: rounds off the jump of the wave over one sample on each side.
    before, after = phase < step, phase > 1.0 - step
    rising = phase / step
    falling = (phase - 1.0) / step
    return before * (2.0 * rising - rising**2 - 1.0) + after * (falling + 1.0) ** 2


def saw(frequency: Signal, rate: int, *, phase: float = 0.0) -> Signal:
    """Make a saw wave with little aliasing (two-point PolyBLEP; Välimäki and Huovilainen, 2007).

    Parameters
    ----------
    frequency : ndarray of shape (n,)
        Frequency at each sample in Hz.
    rate : int
        Sample rate in Hz.
    phase : float
        Phase at the start, in turns.

    Returns
    -------
    wave : ndarray of shape (n,)
    """
    step = frequency / rate
    turns = np.mod(phase + np.cumsum(step), 1.0)
    return 2.0 * turns - 1.0 - _edge(turns, step)


def square(frequency: Signal, rate: int, *, phase: float = 0.0, duty: float = 0.5) -> Signal:
    """Make a pulse wave with little aliasing: the difference of two saws.

    Parameters
    ----------
    frequency, rate, phase
        See `saw`.
    duty : float
        How much of a period the pulse lasts, in turns.

    Returns
    -------
    wave : ndarray of shape (n,)
    """
    return saw(frequency, rate, phase=phase) - saw(frequency, rate, phase=phase + duty)
