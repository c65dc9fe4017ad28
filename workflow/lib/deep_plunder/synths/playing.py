"""Define the player of an instrument, which is drawn once and played often.

A maker, ``maker(rng, rate)``, draws the body of an instrument (ratios, decays, filters) and
returns its `Player`. Notes vary slightly, like the notes of a real instrument. The library and the
songs draw different instruments from the same makers, so no song contains a sound of the library.
The ranges were chosen by ear and by looking at spectra; they have no other source.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from deep_plunder.synths.sources import Signal

__all__ = ["Player", "vary"]

Player = Callable[[np.random.Generator, float, float], Signal]
"""A function ``player(rng, note, seconds)`` that plays a note.

`note` is a MIDI note number, and `seconds` is the time until its release. The result is float32 of
shape ``(n, 2)`` with a peak of 1."""


def vary(rng: np.random.Generator, value: float, *, by: float = 0.04) -> float:
    """Return a number times a random factor.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    value : float
        The number.
    by : float
        Standard deviation of the natural logarithm of the factor.

    Returns
    -------
    value : float
        The varied number.
    """
    return float(value * np.exp(by * rng.standard_normal()))
