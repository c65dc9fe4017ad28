"""Measure the loudness of a short sound by ITU-R BS.1770.

The recommendation weights the samples by two filters (K-weighting), adds the mean squares of the
channels, and states the result in LUFS, decibels relative to full scale. Momentary loudness is
measured over 400 ms. The loudness of a clip is the greatest momentary loudness that a meter shows
while the clip is played in silence. So neither a long decay nor silence makes a sound quieter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from deep_plunder.util.arrays import Float32Array, Float64Array

__all__ = ["QUIETEST_LUFS", "k_weighting", "loudness", "loudnesses"]

QUIETEST_LUFS = -120.0
"""Lowest loudness that is stated; silence has it. Below the noise of 16-bit recordings."""

_WINDOW_S = 0.4
_HOP_S = 0.01
# Sounds that are filtered at once.
_BLOCK = 8
# Offset of the recommendation: a sine of 997 Hz at full scale in one channel has -3.01 LUFS.
_OFFSET_DB = -0.691


def _shelf(rate: int) -> list[float]:
    """Return the filter that models the head: a high shelf of 4 dB."""
    gain, quality, frequency = 3.999843853973347, 0.7071752369554196, 1681.974450955533
    k = math.tan(math.pi * frequency / rate)
    high = 10 ** (gain / 20)
    middle = high**0.4996667741545416
    b = [
        high + middle * k / quality + k * k,
        2 * (k * k - high),
        high - middle * k / quality + k * k,
    ]
    return [*b, 1 + k / quality + k * k, 2 * (k * k - 1), 1 - k / quality + k * k]


def _high_pass(rate: int) -> list[float]:
    """Return the high-pass filter, whose numerator the recommendation sets to 1, -2, 1."""
    quality, frequency = 0.5003270373238773, 38.13547087602444
    k = math.tan(math.pi * frequency / rate)
    scale = 1 + k / quality + k * k
    return [scale, -2 * scale, scale, scale, 2 * (k * k - 1), 1 - k / quality + k * k]


@lru_cache(maxsize=16)
def k_weighting(rate: int) -> Float64Array:
    """Return the filters of the K-weighting for any sample rate.

    Parameters
    ----------
    rate : int
        Samples per second. The shelf lies at 1.7 kHz; below 4 kHz there is none.

    Returns
    -------
    sections : ndarray, shape (2, 6)
        Second-order sections, as `scipy.signal.sosfilt` takes them. At 48 kHz they are those of
        the recommendation. At other rates they have the same analogue prototype.

    References
    ----------
    ITU-R BS.1770-5, annex 1. The prototype: Mansbridge et al., "Implementation and Evaluation of
    Autonomous Multi-track Fader Control", AES Convention 132, 2012.

    Examples
    --------
    >>> k_weighting(48000).round(5)[0].tolist()
    [1.53512, -2.6917, 1.19839, 1.0, -1.69066, 0.73248]
    """
    sections = [_shelf(rate), _high_pass(rate)][rate < 4000 :]
    return np.array([np.array(section) / section[3] for section in sections])


def loudness(samples: Float32Array, rate: int) -> float:
    """Measure the greatest momentary loudness of a sound.

    Parameters
    ----------
    samples : ndarray, shape (n,) or (n, channels)
        A sound, full scale 1.0.
    rate : int
        Samples per second.

    Returns
    -------
    loudness : float
        In LUFS, at least `QUIETEST_LUFS`. All channels count alike; the recommendation weights
        surround channels by 1.41, but a recording does not say which of its channels they are.

    References
    ----------
    ITU-R BS.1770-5, annex 1; EBU Tech 3341, momentary loudness.

    Examples
    --------
    >>> sine = np.sin(2 * np.pi * 997 * np.arange(48000) / 48000).astype(np.float32)
    >>> round(loudness(sine, 48000), 2)
    -3.01
    """
    [found] = loudnesses([samples], rate)
    return found


def loudnesses(sounds: Sequence[Float32Array], rate: int) -> list[float]:
    """Measure the loudness of sounds; many at once cost less than one by one.

    Parameters
    ----------
    sounds : sequence of ndarray, shape (n,) or (n, channels)
        All with the same number of channels.
    rate : int
        Samples per second.

    Returns
    -------
    loudnesses : list of float
        See `loudness`.

    Examples
    --------
    >>> loudnesses([np.zeros(4800, np.float32), np.zeros(0, np.float32)], 48000)
    [-120.0, -120.0]
    """
    found = [QUIETEST_LUFS] * len(sounds)
    order = sorted(range(len(sounds)), key=lambda row: len(sounds[row]))
    rows = [row for row in order if len(sounds[row])]
    while rows:
        # Sounds of about the same length, so that little beyond their ends is filtered.
        longest = 2 * len(sounds[rows[0]])
        some = [row for row in rows[:_BLOCK] if len(sounds[row]) <= longest]
        rows = rows[len(some) :]
        for row, power in zip(some, _powers([sounds[row] for row in some], rate), strict=True):
            found[row] = max(QUIETEST_LUFS, _OFFSET_DB + 10 * math.log10(max(power, 1e-30)))
    return found


def _powers(sounds: Sequence[Float32Array], rate: int) -> list[float]:
    """Return the greatest weighted power of sounds in order of length, the shortest first."""
    from scipy.signal import sosfilt

    lengths = [len(samples) for samples in sounds]
    longest, channels = lengths[-1], sounds[0].size // lengths[0]
    # The filter is quicker along contiguous samples.
    signals = np.zeros((len(sounds), channels, longest))
    for signal, samples in zip(signals, sounds, strict=True):
        signal[:, : len(samples)] = samples.reshape(len(samples), -1).T
    weighted = sosfilt(k_weighting(rate), signals)
    power = np.square(weighted, out=weighted).sum(axis=1)
    window, hop = max(1, round(_WINDOW_S * rate)), max(1, round(_HOP_S * rate))
    sums = np.zeros(longest + 1)
    found = []
    for own, length in zip(power, lengths, strict=True):
        np.cumsum(own[:length], out=sums[1 : length + 1])
        ends = np.append(np.arange(hop, length, hop), length)
        found.append(float((sums[ends] - sums[np.maximum(ends - window, 0)]).max()) / window)
    return found
