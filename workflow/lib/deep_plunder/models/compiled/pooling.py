"""ReLU and max pooling along the features, in compiled code.

One pass over the features computes both. The gradient needs one byte per pooled number: the place
of the greatest feature, or a mark that none is above 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from deep_plunder.models.compiled.compiling import compiled
from deep_plunder.util.arrays import Float32Array

__all__ = ["backward", "forward"]


@compiled
def _forward(features: Any, pool: int, pooled: Any, places: Any) -> None:
    for row in range(pooled.shape[0]):
        for k in range(pooled.shape[1]):
            best, place = np.float32(0), pool
            for j in range(pool):
                value = features[row, k * pool + j]
                # NaN stays NaN.
                if value > best or value != value:
                    best, place = value, j
            pooled[row, k] = best
            places[row, k] = place


@compiled
def _backward(gradient: Any, places: Any, pool: int, slopes: Any) -> None:
    for row in range(gradient.shape[0]):
        for k in range(gradient.shape[1]):
            for j in range(pool):
                slopes[row, k * pool + j] = (
                    gradient[row, k] if places[row, k] == j else np.float32(0)
                )


def forward(features: Float32Array, pool: int) -> tuple[Float32Array, NDArray[np.uint8]]:
    """Compute the maximum of 0 and each `pool` neighbouring features.

    Parameters
    ----------
    features : ndarray of float32, shape (batch, frames, bands)
    pool : int
        Number of features per maximum, below 256. A rest of fewer features is left out.

    Returns
    -------
    pooled : ndarray of float32, shape (batch, frames, bands // pool)
    places : ndarray of uint8, of the same shape
        Place of the maximum among its features, or `pool` if none is above 0; for `backward`.
    """
    batch, frames, bands = features.shape
    pooled = np.empty((batch, frames, bands // pool), np.float32)
    places = np.empty(pooled.shape, np.uint8)
    width = bands // pool
    flat = np.ascontiguousarray(features).reshape(batch * frames, bands)
    _forward(flat, pool, pooled.reshape(-1, width), places.reshape(-1, width))
    return pooled, places


def backward(
    gradient: Float32Array, places: NDArray[np.uint8], pool: int, bands: int
) -> Float32Array:
    """Compute the gradient of `features` of `forward` from that of `pooled`.

    Parameters
    ----------
    gradient : ndarray of float32, shape (batch, frames, bands // pool)
    places : ndarray of uint8, of the same shape
        The second result of `forward`.
    pool, bands : int

    Returns
    -------
    gradient : ndarray of float32, shape (batch, frames, bands)
    """
    batch, frames, width = gradient.shape
    slopes = np.zeros((batch, frames, bands), np.float32)
    _backward(
        np.ascontiguousarray(gradient).reshape(-1, width),
        places.reshape(-1, width),
        pool,
        slopes.reshape(-1, bands),
    )
    return slopes
