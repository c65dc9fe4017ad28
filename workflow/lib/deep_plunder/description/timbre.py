"""Describe the timbre of a sound by numbers.

The first second from the onset on is analysed in 32 mel bands. Their levels are averaged over
stretches that grow with time: the attack changes fast, the decay slowly. The cosine transform of
the levels of each stretch (cepstrum) separates the rough shape of the spectrum from its detail.
Levels are relative to the loudest frame, so the level of the sound does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from deep_plunder.corpus.onsets import find_onset
from deep_plunder.description.beginning import RATE, beginning
from deep_plunder.features.filters import mel_weights
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.util.arrays import Float32Array, Float64Array
from deep_plunder.util.windows import window_blocks

__all__ = ["TIMBRE_SIZE", "embedding", "timbre", "timbres"]

_WINDOW, _HOP = 512, 110
# Frames per transform, so that its arrays fit a core's caches.
_BLOCK = 64
_BANDS, _CEPSTRA, _PEAK_CEPSTRA = 32, 14, 20
# Edges of the stretches, in seconds.
_EDGES_S = (0.0, 0.01, 0.03, 0.06, 0.12, 0.25, 0.5, 1.0)
_STRETCHES = len(_EDGES_S) - 1
# 60 dB below the loudest frame.
_FLOOR = 1e-6

TIMBRE_SIZE = _STRETCHES * (_CEPSTRA + 4) + (_STRETCHES - 1) + _PEAK_CEPSTRA + _BANDS
"""Number of values of a timbre."""


@lru_cache(maxsize=1)
def _weights() -> Float64Array:
    spec = FeatureSpec(
        sample_rate=RATE, n_fft=_WINDOW, hop=_HOP, mel_bands=_BANDS, fmin=40, fmax=RATE / 2
    )
    weights = mel_weights(spec).astype(np.float64)
    # The lowest bands are narrower than a bin: each gets at least the bin that is nearest.
    centres = np.linspace(0, 1, _BANDS)
    for band in np.flatnonzero(weights.sum(axis=0) == 0).tolist():
        weights[1 + round(2 * centres[band]), band] = 1.0
    scaled: Float64Array = weights / weights.sum(axis=0)
    return scaled


@lru_cache(maxsize=1)
def _hann() -> Float64Array:
    return np.hanning(_WINDOW)


def _levels(beginnings: Sequence[Float32Array]) -> Float64Array:
    """Compute the level of each band in each stretch, in dB below the loudest frame."""
    from scipy.fft import rfft

    signals = []
    for part in beginnings:
        signals.append(np.zeros(_WINDOW // 2 + max(_WINDOW, len(part))))
        signals[-1][_WINDOW // 2 :][: len(part)] = part
    counts = np.array([1 + (len(signal) - _WINDOW) // _HOP for signal in signals])
    # One more row, which is silent, ends the last stretch of the last sound.
    power = np.zeros((counts.sum() + 1, _BANDS))
    done = 0
    for frames in window_blocks(signals, _WINDOW, _HOP, count=_BLOCK):
        spectra = rfft(frames * _hann(), axis=1)
        squares = np.square(spectra.real) + np.square(spectra.imag)
        power[done : done + len(frames)] = squares @ _weights()
        done += len(frames)
    edges = np.array([round(edge * RATE / _HOP) for edge in _EDGES_S])
    firsts = np.cumsum(counts) - counts
    # A sound that ends within a stretch is silent in the rest of it.
    bounds = firsts[:, np.newaxis] + np.minimum(edges, counts[:, np.newaxis])
    sums = np.add.reduceat(power, bounds.ravel(), axis=0).reshape(len(signals), -1, _BANDS)[:, :-1]
    sums[bounds[:, :-1] == bounds[:, 1:]] = 0
    means = sums / np.diff(edges)[:, np.newaxis]
    loudest = np.maximum(np.maximum.reduceat(power.sum(axis=1), firsts), 1e-20)
    levels: Float64Array = 10 * np.log10(means / loudest[:, np.newaxis, np.newaxis] + _FLOOR)
    return levels


def timbre(samples: Float32Array, rate: int) -> Float32Array:
    """Compute the timbre of a sound.

    Parameters
    ----------
    samples : ndarray, shape (n, channels)
        A sound. Its onset is found within the first second.
    rate : int
        Samples per second.

    Returns
    -------
    timbre : ndarray, shape (TIMBRE_SIZE,), float32
        Per stretch: 14 cepstra, level in dB, centroid and spread in bands, flatness in dB. Then
        the changes of level from stretch to stretch, and the highest level of each band, as 20
        cepstra and as they are.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=(44100, 2)).astype(np.float32)
    >>> timbre(noise, 44100).shape == (TIMBRE_SIZE,)
    True
    """
    onset_s = find_onset(samples[:rate], rate)
    found: Float32Array = timbres([beginning(samples, rate, onset_s)])[0]
    return found


def timbres(beginnings: Sequence[Float32Array]) -> Float32Array:
    """Compute the timbres of sounds; many at once cost less than one by one.

    Parameters
    ----------
    beginnings : sequence of ndarray
        At least one, each from `description.beginning.beginning`.

    Returns
    -------
    timbres : ndarray, shape (n, TIMBRE_SIZE), float32
        See `timbre`.

    Examples
    --------
    >>> timbres([np.zeros(2205, np.float32), np.ones(100, np.float32)]).shape == (2, TIMBRE_SIZE)
    True
    """
    from scipy.fft import dct

    levels = _levels(beginnings)
    power = 10 ** (levels / 10)
    total = 10 * np.log10(power.sum(axis=2))
    bands = np.arange(_BANDS)
    shares = power / power.sum(axis=2, keepdims=True)
    centroid = shares @ bands
    spread = np.sqrt((shares * np.square(bands - centroid[:, :, np.newaxis])).sum(axis=2))
    peaks = levels.max(axis=1)
    values = [
        dct(levels, axis=2, norm="ortho")[:, :, :_CEPSTRA].reshape(len(levels), -1),
        total,
        np.diff(total),
        centroid,
        spread,
        levels.mean(axis=2) - total,
        dct(peaks, axis=1, norm="ortho")[:, :_PEAK_CEPSTRA],
        peaks,
    ]
    return np.concatenate(values, axis=1).astype(np.float32)


def embedding(samples: Float32Array, rate: int) -> Float32Array:
    """Compute numbers whose distances tell how alike two sounds are.

    They are the cepstra of the first 120 ms, the part that even short clips have.

    Parameters
    ----------
    samples : ndarray, shape (n, channels)
        A sound.
    rate : int
        Samples per second.

    Returns
    -------
    embedding : ndarray, shape (56,), float32

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=(44100, 2)).astype(np.float32)
    >>> embedding(noise, 44100).shape
    (56,)
    """
    return timbre(samples, rate)[: 4 * _CEPSTRA]
