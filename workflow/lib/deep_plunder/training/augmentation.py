"""Augment training data: draw parts of mixes, and vary their levels and spectra.

Detailed and fine features hold levels in dB as bytes, so a change of level is an addition; it does
not change the direction. All random values come from the generator of the epoch. Random curves over
the bands follow Nam, Kim and Park, "FilterAugment: an acoustic environmental data augmentation
method", ICASSP 2022.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from deep_plunder.features.detailed import LOG_FLOOR, LOWEST, STEPS
from deep_plunder.util.arrays import Float64Array

__all__ = ["BAND_LIMITS_HZ", "augmented", "crop_starts"]

BAND_LIMITS_HZ = (3000.0, 16000.0)
"""Bounds of the highest frequency of parts that are limited (ours)."""

_DB = STEPS * np.log(10) / 20
_POINTS = (3, 8)
# The highest place of a hum, and how far it lies below the loudest band.
_HUM_PLACE, _HUM_DB = 0.06, (30.0, 65.0)
# How far a broad noise lies below the loudest band, and how far it falls over the spectrum.
_BROAD_DB, _SLOPE_DB = (45.0, 75.0), (0.0, 25.0)
# Standard deviation of the levels of a noise.
_SPREAD_DB = 2.0
_SILENT = round((np.log(LOG_FLOOR) - LOWEST) * STEPS)


def crop_starts(
    rng: np.random.Generator,
    *,
    items: int,
    frames: int,
    crop: int,
    positive_share: float = 0.0,
    onsets: Callable[[int], NDArray[np.int64]] | None = None,
) -> NDArray[np.int64]:
    """Draw the first frame of a part of each item.

    Parameters
    ----------
    rng : numpy.random.Generator
    items : int
        Number of items.
    frames, crop : int
        Number of frames of an item, and of a part.
    positive_share : float
        Probability that a part holds the onset of an isolated sound, if its item has one.
    onsets : callable, optional
        Function that returns the frames of the onsets of an item; needed for a `positive_share`.

    Returns
    -------
    starts : ndarray of int64, shape (items,)
        First frames, with equal probability for all parts inside an item; of parts that must hold
        an onset, for all onsets of the item and all places of the onset in the part.
    """
    starts = rng.integers(0, frames - crop + 1, items)
    if onsets is not None and positive_share:
        for item in np.flatnonzero(rng.random(items) < positive_share).tolist():
            places = onsets(item)
            if len(places):
                onset = int(places[int(rng.integers(len(places)))])
                low, high = max(0, onset - crop + 1), min(onset, frames - crop)
                starts[item] = rng.integers(low, high + 1)
    return starts


def augmented(
    features: NDArray[np.uint8],
    rng: np.random.Generator,
    *,
    gain_db: tuple[float, float],
    places: Float64Array,
    curve_db: float = 0.0,
    band_limit: float = 0.0,
    limits: tuple[float, float] = (0.0, 1.0),
    floor: float = 0.0,
    masks: float,
    mirror: bool,
) -> NDArray[np.uint8]:
    """Change the level and the spectrum of each item, mask bands, and swap left and right.

    Parameters
    ----------
    features : ndarray of uint8, shape (items, frames, bands)
        Detailed or fine features, changed in place.
    rng : numpy.random.Generator
    gain_db : pair of float
        Bounds of the change of level in dB, drawn for each item.
    places : ndarray of float64, shape (levels,)
        Place of each level in the spectrum (`features.layout.band_places`).
    curve_db : float
        Greatest change of level of a band, in dB. The change is linear between three to seven
        points of the spectrum, drawn for each item, and the same for the long and the short
        window.
    band_limit : float
        Probability that all bands of an item above a place are silent.
    limits : pair of float
        Bounds of that place.
    floor : float
        Probability that a steady noise lies under an item throughout: as often a hum in the lowest
        bands as a broad noise. It is 30 to 100 dB softer than the item's loudest band.
    masks : float
        Probability that up to 16 neighbouring bands of an item are silent throughout.
    mirror : bool
        Whether left and right are swapped with probability 0.5. Fine features are the same for
        both.

    Returns
    -------
    features : ndarray of uint8, shape (items, frames, bands)
        The same array.

    Examples
    --------
    >>> silence = np.ones((1, 2, 6), np.uint8)
    >>> places = np.array([0, 0.5, 1, 0, 1])
    >>> options = {"gain_db": (6, 6), "places": places, "masks": 0, "mirror": False}
    >>> augmented(silence + 9, np.random.default_rng(0), **options)[0, 0]
    array([21, 21, 21, 21, 21, 10], dtype=uint8)
    """
    levels = len(places)
    for item in features:
        steps = np.full(levels, float(rng.uniform(*gain_db)))
        if curve_db:
            points = np.sort(rng.random(int(rng.integers(*_POINTS))))
            steps += np.interp(places, points, rng.uniform(-curve_db, curve_db, len(points)))
        steps = np.round(steps * _DB).astype(np.int16)
        part = item[:, :levels]
        # A band at the floor of the features stays there.
        moved = np.where(part > 2, part.astype(np.int16) + steps, part)
        part[:] = np.clip(moved, 0, 255)
        if floor and rng.random() < floor:
            _add_floor(part, rng, places)
        if band_limit and rng.random() < band_limit:
            part[:, places > rng.uniform(*limits)] = _SILENT
        if rng.random() < masks:
            first = int(rng.integers(levels))
            part[:, first : first + int(rng.integers(2, 17))] = 0
        if mirror and rng.random() < 0.5:
            item[:, levels:] = 255 - item[:, levels:]
    return features


def _add_floor(part: NDArray[np.uint8], rng: np.random.Generator, places: Float64Array) -> None:
    """Lay a steady noise under an item, in place: powers add up."""
    loudest = float(part.max())
    if rng.random() < 0.5:
        below = float(rng.uniform(*_HUM_DB))
        heard = places <= rng.uniform(0, _HUM_PLACE)
        noise = np.full(int(heard.sum()), loudest - below * _DB)
    else:
        below = float(rng.uniform(*_BROAD_DB))
        heard = np.ones(len(places), bool)
        noise = loudest - (below + float(rng.uniform(*_SLOPE_DB)) * places) * _DB
    # The last bands hold the difference of the channels, which is zero if both have the same noise.
    if rng.random() < 0.5:
        residual = np.flatnonzero(np.diff(places) < 0)[-1] + 1
        heard[residual:] = False
        noise = noise[: int(heard.sum())]
    varied = noise + rng.normal(0, _SPREAD_DB * _DB, (len(part), len(noise)))
    # The logarithm of a power is twice that of a magnitude.
    half = STEPS / 2
    added = np.logaddexp(part[:, heard] / half, varied / half) * half
    part[:, heard] = np.clip(np.round(added), 0, 255)
