"""Find a mains hum in detailed features, and take it away.

A hum at 50 or 60 Hz that a listener hardly hears fills the pauses between sounds, and a network
takes it for another sound.

The floor of a band is the 20th percentile of its levels over 20 seconds. It is steady if the 5th
percentile, the trough, is at most 10 dB below. Of the bands from 40 to 72 Hz, the one with the
highest trough holds a hum if

- its floor is steady and at least -40 dB: the levels of notes fall further in their pauses,
- its floor is at least 25 dB below the loudest bands, and
- its trough is at least 20 dB above that of some band from 75 to 140 Hz: a broad noise has no such
  gap.

Then each band up to 250 Hz with a steady floor loses it by spectral subtraction (Boll, 1979).
Features without a hum stay as they are. The limits are chosen so that music does not meet the rule:
none of the 51 songs of the benches `dev` and `val` does (``experiments/tools/measure_songs.py``).

References
----------
.. [1] S. Boll, "Suppression of acoustic noise in speech using spectral subtraction", IEEE
   Transactions on Acoustics, Speech, and Signal Processing, 1979.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deep_plunder.features.detailed import levels, magnitudes, to_bytes
from deep_plunder.features.layout import band_places, place_of
from deep_plunder.util.arrays import Float32Array

if TYPE_CHECKING:
    from deep_plunder.features.spec import FeatureSpec

__all__ = ["without_hum"]

_BLOCK_S = 20.0
# The bands in which a hum is looked for, those between it and its harmonics, and the highest that
# its harmonics and the sidelobes of the windows reach.
_HUM_HZ, _GAP_HZ, _REACH_HZ = (40.0, 72.0), (75.0, 140.0), 250.0
# Quantiles of the levels of a band, and of the loudest band of each frame.
_FLOOR, _TROUGH, _LOUD = 0.20, 0.05, 0.95
# Greatest distance from the trough to a steady floor. The magnitudes of narrow noise, which have a
# Rayleigh distribution, have 6 to 7.
_STEADY_DB = 10.0
_UNDER_DB, _ABOVE_GAP_DB, _SOFTEST_DB = 25.0, 20.0, -40.0
# Multiple of the floor that is subtracted. Such noise exceeds it in 3 % of the frames.
_OVER = 4.0
# Decibels of a level of 1, a natural logarithm.
_DB = 20 / np.log(10)


@lru_cache(maxsize=8)
def _bands(spec: FeatureSpec) -> tuple[NDArray[np.intp], ...]:
    """Return the bands of the hum, of the gap, and all that a hum reaches."""
    places = band_places(spec)
    long = np.arange(spec.levels) < spec.mel_bands

    def between(low_hz: float, high_hz: float) -> NDArray[np.bool_]:
        return (places >= place_of(low_hz, spec)) & (places <= place_of(high_hz, spec))

    return (
        np.flatnonzero(between(*_HUM_HZ) & long),
        np.flatnonzero(between(*_GAP_HZ) & long),
        np.flatnonzero(between(spec.fmin, _REACH_HZ)),
    )


def _decibels(features: NDArray[np.uint8]) -> Float32Array:
    return np.asarray(levels(features) * np.float32(_DB), np.float32)


def _holds_hum(block: NDArray[np.uint8], spec: FeatureSpec) -> bool:
    """Return whether a block of features meets the rule of this module."""
    hum, gap, _ = _bands(spec)
    if not len(hum) or not len(gap):
        return False
    trough, floor = np.quantile(_decibels(block[:, hum]), (_TROUGH, _FLOOR), axis=0)
    place = int(trough.argmax())
    if floor[place] < _SOFTEST_DB or floor[place] - trough[place] > _STEADY_DB:
        return False
    in_gap = np.quantile(_decibels(block[:, gap]), _TROUGH, axis=0).min()
    loudest = np.quantile(_decibels(block[:, : spec.mel_bands].max(axis=1)), _LOUD)
    return bool(trough[place] - in_gap >= _ABOVE_GAP_DB and floor[place] <= loudest - _UNDER_DB)


def _cleaned(block: NDArray[np.uint8], spec: FeatureSpec) -> NDArray[np.uint8]:
    """Return a block of features without its hum."""
    bands = _bands(spec)[2]
    reached = block[:, bands]
    trough, floor = np.quantile(reached, (_TROUGH, _FLOOR), axis=0).astype(np.uint8)
    is_steady = levels(floor) - levels(trough) <= _STEADY_DB / _DB
    heard, hum = magnitudes(reached), np.float32(_OVER) * magnitudes(floor)
    cleaned = block.copy()
    cleaned[:, bands] = np.where(
        is_steady, to_bytes(np.sqrt(np.maximum(heard**2 - hum**2, 0))), reached
    )
    return cleaned


def without_hum(
    features: Iterable[NDArray[np.uint8]], spec: FeatureSpec
) -> Iterator[NDArray[np.uint8]]:
    """Yield the features of a song without a mains hum.

    Parameters
    ----------
    features : iterable of ndarray of uint8, shape (k, spec.bands)
        Consecutive parts of any lengths. At most 40 seconds and one part of them are held.
    spec : FeatureSpec
        Must describe detailed features (`features.detailed`).

    Yields
    ------
    features : ndarray of uint8, shape (n, spec.bands)
        Blocks of 20 seconds; the last one has up to 40. They do not depend on the lengths of the
        parts. A block without a hum keeps all values.

    Examples
    --------
    >>> from deep_plunder.features.log_mel import features_from_audio
    >>> from deep_plunder.features.spec import FeatureSpec
    >>> spec = FeatureSpec(hop=256, short_bands=80)
    >>> seconds = np.arange(4 * 16000) / 16000
    >>> tone = np.where(seconds % 1 > 0.5, np.sin(4000 * seconds) / 2, 0)
    >>> hum = np.sin(2 * np.pi * 50 * seconds) / 300
    >>> plain, hummed = (features_from_audio(x, 16000, spec) for x in (tone, tone + hum))
    >>> [cleaned] = without_hum([hummed], spec)
    >>> [int(np.abs(x[12, :9] - plain[12, :9].astype(int)).max()) for x in (hummed, cleaned)]
    [153, 0]
    """
    size = round(_BLOCK_S * spec.frame_rate)
    parts: list[NDArray[np.uint8]] = []
    count = 0
    for part in features:
        parts.append(part)
        count += len(part)
        if count < 2 * size:
            continue
        held = np.concatenate(parts)
        while len(held) >= 2 * size:
            block, held = held[:size], held[size:]
            yield _cleaned(block, spec) if _holds_hum(block, spec) else block
        parts, count = [held], len(held)
    if count:
        block = np.concatenate(parts)
        yield _cleaned(block, spec) if _holds_hum(block, spec) else block
