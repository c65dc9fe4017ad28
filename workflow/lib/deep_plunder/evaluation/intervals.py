"""Compute intervals of mean scores by a bootstrap over songs and mixes.

Mixes share songs: excerpts of one song lie in many mixes. If only mixes were drawn again, the
intervals would say nothing about other songs. So songs and mixes are both drawn with replacement
(the pigeonhole bootstrap of Owen, 2007). The weight of a mix is the number of times that it was
drawn, times the mean number of draws of the songs of its excerpts.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from deep_plunder.util.arrays import Float64Array
from deep_plunder.util.rng import generator
from deep_plunder.util.tables import Number, read_records

__all__ = ["IntervalRow", "bootstrap_means", "interval_rows", "songs_in_mixes"]

_DRAWS = 2000
_PERCENTILES = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """A mean score with its interval: a row of ``intervals.tsv``.

    Attributes
    ----------
    output, metric : str
        The score, named as in Table 1.
    mean : float
        Mean over the test mixes, in per cent.
    low, high : float
        Bounds of the interval of 95 % of the mean, in per cent.
    """

    output: str
    metric: str
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class _Excerpt:
    mix: Number
    kind: str
    source: str


def songs_in_mixes(plans: Iterable[str | os.PathLike[str]], mixes: int) -> list[list[str]]:
    """Return the songs of the excerpts in each mix.

    Parameters
    ----------
    plans : iterable of path-like
        Plans of the test mixes in the paper's style (`mixes.events.Event`).
    mixes : int
        Number of test mixes.

    Returns
    -------
    songs : list of list of str
        Names of songs per mix, once per excerpt. Mixes that are in no plan have none.

    Raises
    ------
    InputError
        If a plan cannot be read.
    """
    songs: list[list[str]] = [[] for _ in range(mixes)]
    for plan in plans:
        for row in read_records(plan, _Excerpt):
            if row.kind == "song" and row.mix < mixes:
                songs[row.mix].append(row.source)
    return songs


def bootstrap_means(scores: Float64Array, songs: Sequence[Sequence[str]]) -> Float64Array:
    """Compute the mean scores of songs and mixes that are drawn 2000 times with replacement.

    Parameters
    ----------
    scores : ndarray, shape (mixes, metrics)
        Scores of each mix.
    songs : sequence of sequence of str
        Songs of each mix, once per excerpt. The weight of a mix without songs depends on how
        often the mix itself is drawn alone.

    Returns
    -------
    means : ndarray, shape (2000, metrics)
        The draws are the same for equal numbers of mixes and songs.

    References
    ----------
    Owen, "The pigeonhole bootstrap", Annals of Applied Statistics, 2007.

    Examples
    --------
    >>> scores = np.array([[1.0], [0.0]])
    >>> bool((bootstrap_means(scores, [["a"], ["b"]]) <= 1).all())
    True
    """
    rng = generator(0, "bootstrap")
    names = sorted({song for own in songs for song in own})
    # Share of the excerpts of each mix that come from each song.
    shares = np.zeros((len(songs), len(names)))
    for mix, own in enumerate(songs):
        for song in own:
            shares[mix, names.index(song)] += 1 / len(own)
    alone = np.array([not own for own in songs])
    means = np.empty((_DRAWS, scores.shape[1]))
    for draw in range(_DRAWS):
        weights = np.zeros(len(scores))
        # A draw of songs that no drawn mix holds has no mean.
        while not weights.any():
            drawn = rng.multinomial(len(scores), np.full(len(scores), 1 / len(scores)))
            weights = drawn.astype(np.float64)
            if names:
                song_draw = rng.multinomial(len(names), np.full(len(names), 1 / len(names)))
                weights *= np.where(alone, 1, shares @ song_draw)
        means[draw] = weights @ scores / weights.sum()
    return means


def interval_rows(
    files: Sequence[Mapping[str, float]],
    metrics: Mapping[str, tuple[str, str]],
    songs: Sequence[Sequence[str]],
) -> list[IntervalRow]:
    """Compute the mean of each score and its interval of 95 %.

    Parameters
    ----------
    files : sequence of mapping
        Scores of each mix, as fractions.
    metrics : mapping
        Key of each score -> its output and metric.
    songs : sequence of sequence of str
        Songs of each mix (`songs_in_mixes`).

    Returns
    -------
    rows : list of IntervalRow
        One row per metric, in the order of `metrics`, in per cent.
    """
    scores = 100 * np.array([[file[key] for key in metrics] for file in files], np.float64)
    low, high = np.percentile(bootstrap_means(scores, songs), _PERCENTILES, axis=0)
    return [
        IntervalRow(*names, *(round(float(value), 6) for value in values))
        for names, values in zip(
            metrics.values(), zip(scores.mean(axis=0), low, high, strict=True), strict=True
        )
    ]
