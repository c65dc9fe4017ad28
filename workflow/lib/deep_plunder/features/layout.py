"""Where the levels of a frame lie in the spectrum."""

from __future__ import annotations

import numpy as np

from deep_plunder.features.spec import FeatureSpec
from deep_plunder.util.arrays import Float64Array

__all__ = ["band_places", "place_of"]


def place_of(hertz: float, spec: FeatureSpec) -> float:
    """Return the place of a frequency on the mel scale.

    Parameters
    ----------
    hertz : float
    spec : FeatureSpec

    Returns
    -------
    place : float
        0 at ``spec.fmin``, 1 at ``spec.fmax``.

    Examples
    --------
    >>> from deep_plunder.features.spec import FeatureSpec
    >>> [round(place_of(hertz, FeatureSpec()), 2) for hertz in (30, 440, 8000)]
    [0.0, 0.18, 1.0]
    """
    low, high, here = (np.log1p(value / 700) for value in (spec.fmin, spec.fmax, hertz))
    return float((here - low) / (high - low))


def band_places(spec: FeatureSpec) -> Float64Array:
    """Return the places of the levels of a frame on the mel scale.

    Parameters
    ----------
    spec : FeatureSpec

    Returns
    -------
    places : ndarray of float64, shape (spec.levels,)
        0 to 1 in each window.

    Examples
    --------
    >>> band_places(FeatureSpec(mel_bands=3, short_bands=2, hop=256))
    array([0. , 0.5, 1. , 0. , 1. , 0. , 1. ])
    """
    long = np.linspace(0, 1, spec.mel_bands)
    short = np.linspace(0, 1, spec.short_bands)
    if spec.is_fine:
        from deep_plunder.features.fine import short_centres

        short = np.array([place_of(hertz, spec) for hertz in short_centres(spec)])
    return np.concatenate([long, *[short] * (spec.short_steps + 1)])
