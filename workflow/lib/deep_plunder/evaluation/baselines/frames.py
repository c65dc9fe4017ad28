"""Compute the features of frames by which the forest decides whether one sound is heard alone.

- level and percussive share of the whole spectrum and of four bands, separated by median filters
  on the spectrogram (FitzGerald, 2010);
- timbre: cepstrum, centroid, spread, flatness and roll-off;
- rise of the mel bands over one, two and four frames;
- mean and standard deviation of all of these over a fifth of a second on each side.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from deep_plunder.util.arrays import Float32Array

__all__ = ["FRAME_FEATURES", "frame_features"]

FRAME_FEATURES = 90
"""Number of features of a frame."""
N_FFT = 2048
"""Samples per window: 93 ms at 22.05 kHz."""
MEDIAN = 17
"""Length of the median filters in frames and in bins (FitzGerald, 2010)."""
CONTEXT = 8
"""Frames on each side over which features are averaged: 0.19 s."""

_BANDS, _CEPSTRUM, _BLOCK = 40, 13, 1024
_MARGIN = CONTEXT + MEDIAN
_EDGES_HZ = (0, 250, 1000, 4000)
_FLOOR = 1e-10


@lru_cache(maxsize=4)
def _mel(rate: int) -> Float32Array:
    import librosa

    matrix = librosa.filters.mel(sr=rate, n_fft=N_FFT, n_mels=_BANDS)
    return np.asarray(matrix, np.float32)


def _moving(values: Float32Array) -> list[Float32Array]:
    """Compute mean and standard deviation over `CONTEXT` frames on each side; repeat the edges."""
    padded = np.pad(values, ((CONTEXT, CONTEXT), (0, 0)), mode="edge")
    view = np.lib.stride_tricks.sliding_window_view(padded, 2 * CONTEXT + 1, axis=0)
    return [view.mean(axis=-1, dtype=np.float32), view.std(axis=-1, dtype=np.float32)]


def _block_features(spectrum: Float32Array, rate: int) -> Float32Array:
    """Compute the features of frames from their magnitudes, shape (frames, bins)."""
    from scipy.fft import dct
    from scipy.ndimage import median_filter

    power = spectrum**2
    harmonic = median_filter(spectrum, (MEDIAN, 1), mode="reflect") ** 2
    percussive = median_filter(spectrum, (1, MEDIAN), mode="reflect") ** 2
    share = percussive / (percussive + harmonic + _FLOOR)
    hertz = (np.arange(power.shape[1]) * (rate / N_FFT)).astype(np.float32)
    bands = [hertz >= 0, *(_in_band(hertz, k) for k in range(len(_EDGES_HZ)))]
    columns = []
    for band in bands:
        level = power[:, band].sum(axis=1) + _FLOOR
        columns += [10 * np.log10(level), (power * share)[:, band].sum(axis=1) / level]
    total = power.sum(axis=1) + _FLOOR
    weights = power / total[:, None]
    centroid = weights @ hertz
    columns.append(centroid)
    columns.append(np.sqrt(np.maximum((weights @ hertz**2) - centroid**2, 0)))
    columns.append(np.log(power + _FLOOR).mean(axis=1) - np.log(power.mean(axis=1) + _FLOOR))
    columns.append(hertz[np.argmax(np.cumsum(weights, axis=1) >= 0.85, axis=1)])
    mel = np.log(power @ _mel(rate).T + _FLOOR)
    for lag in (1, 2, 4):
        before = np.concatenate([np.repeat(mel[:1], lag, axis=0), mel])[: len(mel)]
        columns.append(np.maximum(mel - before, 0).mean(axis=1))
    cepstrum = dct(mel, type=2, norm="ortho", axis=1)[:, :_CEPSTRUM]
    own = np.concatenate([np.stack(columns, axis=1), cepstrum], axis=1).astype(np.float32)
    return np.concatenate([own, *_moving(own)], axis=1)


def _in_band(hertz: Float32Array, number: int) -> NDArray[np.bool_]:
    high = _EDGES_HZ[number + 1] if number + 1 < len(_EDGES_HZ) else np.inf
    inside: NDArray[np.bool_] = (hertz >= _EDGES_HZ[number]) & (hertz < high)
    return inside


def frame_features(signal: Float32Array, *, rate: int, hop: int) -> Float32Array:
    """Compute the features of each frame, block by block.

    Parameters
    ----------
    signal : ndarray of float32, shape (n,)
        Mono, full scale 1.0.
    rate, hop : int
        Samples per second and per frame.

    Returns
    -------
    features : ndarray of float32, shape (n // hop + 1, FRAME_FEATURES)
        Frame ``i`` is centred on sample ``hop * i``.

    References
    ----------
    FitzGerald, "Harmonic/percussive separation using median filtering", DAFx 2010.
    """
    padded = np.pad(np.asarray(signal, np.float32), N_FFT // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::hop]
    window = np.hanning(N_FFT + 1)[:-1].astype(np.float32)
    parts = []
    for start in range(0, len(windows), _BLOCK):
        first = max(0, start - _MARGIN)
        stop = min(start + _BLOCK, len(windows))
        spectrum = np.abs(np.fft.rfft(windows[first : stop + _MARGIN] * window)).astype(np.float32)
        features = _block_features(spectrum / np.float32(N_FFT), rate)
        parts.append(features[start - first : stop - first])
    return np.concatenate(parts)
