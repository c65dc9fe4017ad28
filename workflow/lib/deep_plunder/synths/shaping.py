"""Shape sounds: filters, rooms, stereo, ends. See `sources` for the conventions."""

from __future__ import annotations

import numpy as np

from deep_plunder.synths.sources import Signal, decay, noise

__all__ = [
    "filtered",
    "finish",
    "fit",
    "hiss",
    "mix",
    "reverberate",
    "room",
    "stereo",
    "swept_lowpass",
]


def filtered(
    signal: Signal,
    rate: int,
    *,
    low: float | None = None,
    high: float | None = None,
    order: int = 2,
) -> Signal:
    """Apply a causal Butterworth band-pass, high-pass or low-pass filter.

    Parameters
    ----------
    signal : ndarray of shape (n,) or (n, channels)
        The signal, filtered along its first axis.
    rate : int
        Sample rate, in Hz.
    low, high : float, optional
        Edges of the band, in Hz. None leaves that side open, and so does a `high` of 0.45 times
        the sample rate or above.
    order : int
        Order of the filter; its slope is `order` times 6 dB per octave on each side.

    Returns
    -------
    filtered : ndarray of the shape of `signal`
        The filtered signal.
    """
    from scipy.signal import butter, sosfilt

    if low is not None:
        edge = min(low, 0.4 * rate)
        signal = sosfilt(butter(order, edge, "highpass", fs=rate, output="sos"), signal, axis=0)
    if high is not None and high < 0.45 * rate:
        signal = sosfilt(butter(order, high, "lowpass", fs=rate, output="sos"), signal, axis=0)
    return signal


def swept_lowpass(signal: Signal, rate: int, cutoff: Signal, *, bands: int = 6) -> Signal:
    """Apply a low-pass filter with a moving cut-off.

    A moving recursive filter cannot be vectorized. Instead, this function cross-fades between
    the outputs of `bands` fixed filters, equally spaced in pitch.

    Parameters
    ----------
    signal : ndarray of shape (n,) or (n, channels)
        The signal.
    rate : int
        Sample rate, in Hz.
    cutoff : ndarray of shape (n,)
        Cut-off at each sample, in Hz.
    bands : int
        Number of filters.

    Returns
    -------
    filtered : ndarray of the shape of `signal`
        The filtered signal.
    """
    octaves = np.log2(np.clip(cutoff, 30.0, 0.45 * rate))
    lowest, highest = float(octaves.min()), float(octaves.max())
    if highest - lowest < 0.05:
        return filtered(signal, rate, high=2.0**highest, order=4)
    place = (octaves - lowest) / (highest - lowest) * (bands - 1)
    total = np.zeros_like(signal)
    for band, octave in enumerate(np.linspace(lowest, highest, bands)):
        weight = np.maximum(0.0, 1.0 - np.abs(place - band))
        weight = weight if signal.ndim == 1 else weight[:, None]
        total += weight * filtered(signal, rate, high=2.0**octave, order=4)
    return total


def stereo(left: Signal, right: Signal | None = None) -> Signal:
    """Build a stereo signal from one or two mono signals.

    Parameters
    ----------
    left : ndarray of shape (n,)
        Signal on the left.
    right : ndarray of shape (n,), optional
        Signal on the right; `left` by default.

    Returns
    -------
    sides : ndarray of shape (n, 2)
        The stereo signal.
    """
    return np.stack([left, left if right is None else right], axis=1)


def fit(signal: Signal, length: int) -> Signal:
    """Cut a signal to a length, or extend it with silence.

    Parameters
    ----------
    signal : ndarray of shape (n, channels)
        The signal.
    length : int
        New length, in samples.

    Returns
    -------
    signal : ndarray of shape (length, channels)
        The signal with the new length.
    """
    return np.pad(signal, ((0, max(0, length - len(signal))), (0, 0)))[:length]


def mix(*parts: Signal) -> Signal:
    """Add signals that start together and may differ in length.

    Parameters
    ----------
    *parts : ndarray of shape (n, channels)
        One or more signals.

    Returns
    -------
    total : ndarray of shape (n, channels)
        The sum, as long as the longest signal.
    """
    length = max(len(part) for part in parts)
    total: Signal = np.sum([fit(part, length) for part in parts], axis=0)
    return total


def hiss(
    rng: np.random.Generator,
    rate: int,
    *,
    t60: float,
    low: float,
    high: float,
    width: float = 0.4,
) -> Signal:
    """Draw a decaying burst of band-limited noise.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    rate : int
        Sample rate, in Hz.
    t60 : float
        Time in which the noise falls by 60 dB, in seconds.
    low, high : float
        Edges of the band, in Hz; see `filtered`.
    width : float
        Stereo width; see `sources.noise`.

    Returns
    -------
    burst : ndarray of shape (n, 2)
        The noise with a length of 1.2 times `t60` and a peak of 1.
    """
    burst = filtered(noise(rng, 1.2 * t60, rate, width=width), rate, low=low, high=high)
    burst = burst * decay(1.2 * t60, rate, t60)[:, None]
    burst /= np.abs(burst).max()
    return burst


def room(rng: np.random.Generator, rate: int, *, t60: float, damping: float) -> Signal:
    """Draw the impulse response of a room: noise whose treble decays faster.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    rate : int
        Sample rate, in Hz.
    t60 : float
        Reverberation time below 2 kHz, in seconds.
    damping : float
        Reverberation time above 2 kHz, as a fraction of `t60`.

    Returns
    -------
    response : ndarray of shape (n, 2), float32
        The response, with unit energy on each side and a pre-delay of 12 ms.
    """
    wide = noise(rng, t60, rate)
    dull = filtered(wide, rate, high=2000.0)
    bright = filtered(wide, rate, low=2000.0)
    dull *= decay(t60, rate, t60)[:, None]
    bright *= decay(t60, rate, damping * t60)[:, None]
    tail = filtered(dull + bright, rate, low=120.0)
    tail = tail / np.sqrt(np.sum(tail**2, axis=0))
    return np.pad(tail, ((round(0.012 * rate), 0), (0, 0))).astype(np.float32)


def reverberate(send: Signal, response: Signal) -> Signal:
    """Compute the reverberation of a signal by convolution with one side of a room's response.

    The convolution runs in blocks, so that it needs little more memory than its result.

    Parameters
    ----------
    send : ndarray of shape (n,)
        The signal.
    response : ndarray of shape (m,)
        One side of the response from `room`.

    Returns
    -------
    wet : ndarray of shape (n,)
        The reverberation, cut at the end of `send`.
    """
    from scipy.signal import fftconvolve

    wet = np.zeros_like(send)
    block = max(2**17, len(response))
    for start in range(0, len(send), block):
        part = fftconvolve(send[start : start + block], response)[: len(send) - start]
        wet[start : start + len(part)] += part
    return wet


def finish(signal: Signal, rate: int, *, floor_db: float = -66.0) -> Signal:
    """Remove the DC offset and the silent tail of a sound, fade its ends, and normalize it.

    Parameters
    ----------
    signal : ndarray of shape (n, channels)
        The raw sound.
    rate : int
        Sample rate, in Hz.
    floor_db : float
        Level below which the tail is cut, in dB relative to the peak.

    Returns
    -------
    sound : ndarray of shape (m, channels), float32
        The finished sound with a peak of 1.
    """
    signal = filtered(signal, rate, low=22.0)
    level = np.abs(signal).max(axis=1)
    audible = np.flatnonzero(level > level.max() * 10.0 ** (floor_db / 20.0))
    signal = signal[: audible[-1] + 1].copy()
    rise = min(round(0.0005 * rate), len(signal))
    fall = min(round(0.012 * rate), len(signal))
    signal[:rise] *= np.sin(0.5 * np.pi * np.arange(rise) / rise)[:, None]
    signal[-fall:] *= np.cos(0.5 * np.pi * np.arange(1, fall + 1) / fall)[:, None]
    signal /= np.abs(signal).max()
    return signal.astype(np.float32)
