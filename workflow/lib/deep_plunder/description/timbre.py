"""Describe the timbre of a sound by numbers.

The first second from the onset on is analysed in 32 mel bands. Their levels are averaged over
stretches that grow with time: the attack changes fast, the decay slowly. The cosine transform of
the levels of each stretch (cepstrum) separates the rough shape of the spectrum from its detail.
Levels are relative to the loudest frame, so the level of the sound does not matter.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np

from deep_plunder.audio.resampling import resample
from deep_plunder.corpus.onsets import find_onset, mono
from deep_plunder.features.filters import mel_weights
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.util.arrays import Float32Array, Float64Array
from deep_plunder.util.windows import windows

__all__ = ["TIMBRE_SIZE", "embedding", "timbre"]

_RATE = 22050
_WINDOW, _HOP = 512, 110
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
        sample_rate=_RATE, n_fft=_WINDOW, hop=_HOP, mel_bands=_BANDS, fmin=40, fmax=_RATE / 2
    )
    weights = mel_weights(spec).astype(np.float64)
    # The lowest bands are narrower than a bin: each gets at least the bin that is nearest.
    centres = np.linspace(0, 1, _BANDS)
    for band in np.flatnonzero(weights.sum(axis=0) == 0).tolist():
        weights[1 + round(2 * centres[band]), band] = 1.0
    scaled: Float64Array = weights / weights.sum(axis=0)
    return scaled


def _levels(samples: Float32Array, rate: int, onset_s: float) -> Float64Array:
    """Compute the level of each band in each stretch, in dB below the loudest frame."""
    start = round(onset_s * rate)
    part = resample(mono(samples[start : start + rate]), rate, _RATE)
    signal = np.zeros(_WINDOW // 2 + max(_WINDOW, len(part)))
    signal[_WINDOW // 2 :][: len(part)] = part
    frames = windows(signal, _WINDOW, _HOP)
    power = np.square(np.abs(np.fft.rfft(frames * np.hanning(_WINDOW), axis=1))) @ _weights()
    edges = [round(edge * _RATE / _HOP) for edge in _EDGES_S]
    # A sound that ends within a stretch is silent in the rest of it.
    means = [power[begin:end].sum(axis=0) / (end - begin) for begin, end in pairwise(edges)]
    loudest = max(float(power.sum(axis=1).max()), 1e-20)
    levels: Float64Array = 10 * np.log10(np.array(means) / loudest + _FLOOR)
    return levels


def timbre(samples: Float32Array, rate: int, *, onset_s: float | None = None) -> Float32Array:
    """Compute the timbre of a sound.

    Parameters
    ----------
    samples : ndarray, shape (n, channels)
        A sound.
    rate : int
        Samples per second.
    onset_s : float, optional
        The onset within the first second, in seconds. By default it is found.

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
    from scipy.fft import dct

    if onset_s is None:
        onset_s = find_onset(samples[:rate], rate)
    levels = _levels(samples, rate, onset_s)
    power = 10 ** (levels / 10)
    total = 10 * np.log10(power.sum(axis=1))
    bands = np.arange(_BANDS)
    shares = power / power.sum(axis=1, keepdims=True)
    centroid = shares @ bands
    spread = np.sqrt((shares * np.square(bands - centroid[:, np.newaxis])).sum(axis=1))
    peaks = levels.max(axis=0)
    values = [
        dct(levels, axis=1, norm="ortho")[:, :_CEPSTRA].ravel(),
        total,
        np.diff(total),
        centroid,
        spread,
        levels.mean(axis=1) - total,
        dct(peaks, norm="ortho")[:_PEAK_CEPSTRA],
        peaks,
    ]
    return np.concatenate(values).astype(np.float32)


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
