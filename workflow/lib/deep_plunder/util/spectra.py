"""Compute magnitudes of spectra."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deep_plunder.util.arrays import Float32Array

__all__ = ["magnitudes_by_bin"]


def magnitudes_by_bin(spectra: NDArray[np.complex64]) -> Float32Array:
    """Compute magnitudes with one row per bin, as a sparse product with bands takes them.

    Such a product would copy an array of any other order, which takes longer than the product.

    Parameters
    ----------
    spectra : ndarray of complex64, shape (frames, bins)

    Returns
    -------
    magnitudes : ndarray of float32, shape (bins, frames)

    Examples
    --------
    >>> magnitudes_by_bin(np.array([[1, 2j, 3 + 4j]], np.complex64)).tolist()
    [[1.0], [2.0], [5.0]]
    """
    magnitudes = np.empty(spectra.shape[::-1], np.float32)
    return np.abs(spectra.T, out=magnitudes)
