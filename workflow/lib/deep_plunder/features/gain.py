"""Raise the detailed features of a quiet song to the level of others.

A network finds other clips in a copy of a song that is much quieter (the probe `quiet`). The level
of a song is the 99th percentile of the levels of the loudest band of each frame. Finished songs
have similar levels: nine of ten of the 51 in the benches `dev` and `val` lie within 8.1 dB
(``experiments/tools/measure_songs.py``). A song is raised to the lowest level that is usual among
them; louder songs stay as they are.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deep_plunder.features.detailed import levels, magnitudes, to_bytes

if TYPE_CHECKING:
    from deep_plunder.features.spec import FeatureSpec

__all__ = ["gain_of", "level_of", "raised"]

_MEASURED_S = 600.0
_LOUD = 0.99
# Lowest usual level, a natural logarithm (36 dB). One of the 51 songs lies below it.
_LEAST = 4.1
# Greatest gain, a natural logarithm (36 dB): more would raise the noise of recordings that hold
# nothing else.
_MOST = 4.1


def level_of(parts: Sequence[NDArray[np.uint8]], spec: FeatureSpec) -> float:
    """Return the level of a song.

    Parameters
    ----------
    parts : sequence of ndarray of uint8, shape (k, spec.bands)
        Its detailed features, in order. Only the first ten minutes count.
    spec : FeatureSpec

    Returns
    -------
    level : float
        A natural logarithm.

    Examples
    --------
    >>> from deep_plunder.features.spec import FeatureSpec
    >>> spec = FeatureSpec(hop=256, short_bands=80)
    >>> level_of([np.zeros((3, spec.bands), np.uint8)], spec) < level_of(
    ...     [np.full((3, spec.bands), 200, np.uint8)], spec
    ... )
    True
    """
    loudest = np.concatenate([part[:, : spec.mel_bands].max(axis=1) for part in parts])
    measured = loudest[: round(_MEASURED_S * spec.frame_rate)]
    return float(levels(np.quantile(measured, _LOUD)))


def gain_of(level: float) -> float:
    """Return the gain of a song with a level.

    Parameters
    ----------
    level : float
        See `level_of`.

    Returns
    -------
    gain : float
        A natural logarithm, at least 0.

    Examples
    --------
    >>> gain_of(4.0) > 0, gain_of(5.0)
    (True, 0.0)
    """
    return min(max(0.0, _LEAST - level), _MOST)


def raised(features: Iterable[NDArray[np.uint8]], spec: FeatureSpec) -> Iterator[NDArray[np.uint8]]:
    """Yield the features of a song, raised if it is quiet.

    Parameters
    ----------
    features : iterable of ndarray of uint8, shape (k, spec.bands)
        Consecutive parts of any lengths. The level is that of the first ten minutes, so these and
        one part are held, 15 MB.
    spec : FeatureSpec
        Must describe detailed features (`features.detailed`).

    Yields
    ------
    features : ndarray of uint8, shape (k, spec.bands)
        The same parts. All levels are raised by the same number of decibels, at most by 36, and
        the directions stay. Silence stays silent.

    Examples
    --------
    >>> from deep_plunder.features.log_mel import features_from_audio
    >>> from deep_plunder.features.spec import FeatureSpec
    >>> spec = FeatureSpec(hop=256, short_bands=80)
    >>> tone = np.sin(np.arange(16000) / 4) / 2
    >>> loud, quiet = (features_from_audio(x, 16000, spec) for x in (tone, tone / 100))
    >>> bool((next(raised([loud], spec)) == loud).all())
    True
    >>> [int(x[20, :229].max()) for x in (loud, quiet, next(raised([quiet], spec)))]
    [242, 168, 214]
    """
    parts = iter(features)
    first: list[NDArray[np.uint8]] = []
    count = 0
    for part in parts:
        first.append(part)
        count += len(part)
        if count >= _MEASURED_S * spec.frame_rate:
            break
    if not count:
        return
    gain = gain_of(level_of(first, spec))
    table = to_bytes(magnitudes(np.arange(256, dtype=np.uint8)) * np.float32(np.exp(gain)))
    for part in itertools.chain(first, parts):
        if gain:
            part = part.copy()
            part[:, : spec.levels] = table[part[:, : spec.levels]]
        yield part
