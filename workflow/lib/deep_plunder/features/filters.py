"""Windows and mel filters, equal to TensorFlow's to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np

from deep_plunder.features import tf_rounding
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.util.arrays import Float32Array

__all__ = ["hann_window", "mel_weights"]


def hann_window(length: int) -> Float32Array:
    """Compute the periodic Hann window of `tf.signal.hann_window`.

    Parameters
    ----------
    length : int
        Number of samples. An odd window is symmetric, as TensorFlow's.

    Returns
    -------
    window : ndarray of float32, shape (length,)

    Examples
    --------
    >>> hann_window(4).tolist()
    [0.0, 0.5, 1.0, 0.5]
    """
    count = np.arange(length, dtype=np.float32)
    angle = np.float32(2 * np.pi) * count / np.float32(length - length % 2)
    return np.float32(0.5) - np.float32(0.5) * tf_rounding.cos(angle)


def _mel(frequency: Any) -> Any:
    argument = np.float32(1) + np.asarray(frequency, np.float32) / np.float32(700)
    # TensorFlow leaves single numbers to the C library, which rounds to the nearest.
    logarithm = tf_rounding.log(argument) if argument.ndim else np.float32(np.log(float(argument)))
    return np.float32(1127) * logarithm


def _steps(first: Any, last: Any, count: int) -> Float32Array:
    step = (np.float32(last) - np.float32(first)) / np.float32(count - 1)
    values = np.float32(first) + step * np.arange(count, dtype=np.float32)
    values[-1] = last
    return values


def mel_weights(spec: FeatureSpec) -> Float32Array:
    """Compute the matrix of `tf.signal.linear_to_mel_weight_matrix`.

    Parameters
    ----------
    spec : FeatureSpec

    Returns
    -------
    weights : ndarray of float32, shape (n_fft // 2 + 1, mel_bands)
        Column k is a triangle on the HTK mel scale with its peak, 1, at the band's centre.
        The bin of frequency 0 has no weight.

    Examples
    --------
    >>> mel_weights(FeatureSpec()).shape
    (1025, 229)
    """
    bins = _mel(_steps(0, spec.sample_rate / 2, spec.n_fft // 2 + 1)[1:])[:, None]
    edges = _steps(_mel(spec.fmin), _mel(spec.fmax), spec.mel_bands + 2)
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    rise, fall = (bins - low) / (centre - low), (high - bins) / (high - centre)
    weights = np.maximum(np.minimum(rise, fall), np.float32(0))
    return np.pad(weights, [(1, 0), (0, 0)])
