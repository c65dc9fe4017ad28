"""What an instrument is: drawn once, played often.

A maker, ``draw(rng, rate)``, draws an instrument's body (ratios, decays, filters) and
gives its `Player`. Each note varies a little, as the notes of a real instrument do. The
library and the songs draw different instruments from the same makers, so that no sound of the
library is in a song. Ranges are by ear and by the look of the spectra; they follow no source.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from deep_plunder.synths.sources import Signal

__all__ = ["Player", "vary"]

Player = Callable[[np.random.Generator, float, float], Signal]
"""Plays ``(generator, MIDI note, seconds held)``: float32 of shape ``(n, 2)``, peak 1."""


def vary(rng: np.random.Generator, value: float, *, by: float = 0.04) -> float:
    """Change a number by a random factor.

    Parameters
    ----------
    rng : numpy.random.Generator
    value : float
    by : float
        Standard deviation of the logarithm of the factor.

    Returns
    -------
    value : float
    """
    return float(value * np.exp(by * rng.standard_normal()))
