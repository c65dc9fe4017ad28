"""Choose the least score of the clips that are cut by default."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deep_plunder.decoding.calibration import apply
from deep_plunder.decoding.settings import Calibration
from deep_plunder.evaluation.bench.scores import SongScore

__all__ = ["least_score"]

_USABLE = 0.5
_DIGITS = 1e4


def _judged(song: SongScore, curve: Calibration) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the calibrated score of each region of a song, and whether it is usable."""
    scores = apply(curve, [region.score for region in song.found])
    # Rounded down, so that a region whose score equals the chosen one is kept.
    usable = np.array([region.usable for region in song.found], np.bool_)
    return np.floor(scores * _DIGITS) / _DIGITS, usable


def least_score(songs: Sequence[SongScore], curve: Calibration) -> float:
    """Choose the lowest least score whose F1 is not significantly below the best.

    The measure is the F1 of usable clips, averaged over the songs that have true regions. All
    least scores whose mean F1 lies within one standard error of the highest count as equally good
    (the rule of Breiman et al., 1984, section 3.4.3); the lowest of them finds the most sounds. Of
    the clips from the least score on, over all songs, at least half must be usable. This rule is
    dropped where it would halve the F1, since a poor model would then cut next to nothing.

    Parameters
    ----------
    songs : sequence of SongScore
        All regions found, with raw scores.
    curve : Calibration

    Returns
    -------
    score : float
        In 0..1.

    Examples
    --------
    >>> from deep_plunder.evaluation.bench.layout import BenchTruth
    >>> from deep_plunder.evaluation.bench.scores import score_song
    >>> truth = BenchTruth("a", np.array([[1.0, 2.0]]), np.empty((0, 2)), np.zeros(200, np.uint8))
    >>> truth.labels[32:63] = 1
    >>> song = score_song(truth, [(1.0, 2.0, 0.7), (3.0, 4.0, 0.2), (5.0, 6.0, 0.3)])
    >>> least_score([song], Calibration((0.5, 1.0), (0.5, 0.9)))
    0.6599
    """
    judged = [_judged(song, curve) for song in songs]
    levels = np.unique(np.concatenate([scores for scores, _ in judged]))
    counts, usable = np.zeros((2, len(levels)), np.int64)
    measures = []
    for song, (scores, good) in zip(songs, judged, strict=True):
        above = scores[None, :] >= levels[:, None]
        found, right = above.sum(axis=1), (above & good).sum(axis=1)
        counts += found
        usable += right
        if song.regions:
            measures.append(2 * right / (found + song.regions))
    means = np.mean(measures, axis=0)
    enough = np.where(usable >= _USABLE * counts, means, -1.0)
    if enough.max() >= means.max() / 2:
        means = enough
    best = int(np.argmax(means))
    error = np.std([measure[best] for measure in measures]) / np.sqrt(len(measures))
    return float(levels[int(np.argmax(means >= means[best] - error))])
