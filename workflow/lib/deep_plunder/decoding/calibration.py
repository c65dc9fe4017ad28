"""Calibrate raw scores: map them to the probability that a clip is usable.

A raw score ranks regions and has no unit. On songs whose truth is known, each region is usable or
not (`evaluation.bench.scores`). The share of usable regions among those with about the same score
estimates the probability that a new region with this score is usable, as long as the music is of
the same kind. Few songs support few parameters, so the curve is a line through a handful of knots.
Each knot is the mean of a group of regions. Isotonic regression pools groups until the knots rise,
so the calibrated score ranks regions as the raw score does.

All functions are pure. A `Calibration` is plain numbers, stored in a model's card as part of its
`Decoder`.

References
----------
.. [1] B. Zadrozny and C. Elkan, "Transforming classifier scores into accurate multiclass
   probability estimates", KDD 2002.
.. [2] M. P. Naeini et al., "Obtaining well calibrated probabilities using Bayesian binning", AAAI
   2015: the expected calibration error.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from deep_plunder.decoding.settings import Calibration
from deep_plunder.errors import InputError
from deep_plunder.util.arrays import Float64Array

__all__ = ["ReliabilityBin", "apply", "expected_error", "fit", "reliability"]

_LEAST_USABLE = 8
"""Least number of usable regions in a group: with fewer, its mean is mostly chance."""


@dataclasses.dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """The clips with about the same score: a row of `reliability.tsv`.

    Attributes
    ----------
    low, high : float
        Bounds of the scores.
    clips : int
        Number of clips.
    weight : float
        Sum of the clips' weights, scaled so that equal weights are 1 each.
    score : float
        Weighted mean of the scores; NaN where there are no clips.
    usable : float
        Weighted share of the clips that are usable; NaN where there are no clips.
    """

    low: float
    high: float
    clips: int
    weight: float
    score: float
    usable: float


def _checked(
    scores: ArrayLike, usable: ArrayLike, weights: ArrayLike | None
) -> tuple[Float64Array, Float64Array, Float64Array]:
    raw, good = np.asarray(scores, np.float64), np.asarray(usable, np.float64)
    heavy = np.ones(raw.shape) if weights is None else np.asarray(weights, np.float64)
    if raw.ndim != 1 or raw.shape != good.shape or raw.shape != heavy.shape:
        got = f"{raw.shape}, {good.shape} and {heavy.shape}"
        raise InputError(f"scores, usable and weights: need one length, got {got}")
    if not (np.isfinite(raw).all() and np.isfinite(heavy).all() and (heavy > 0).all()):
        raise InputError("scores, weights: must be finite numbers, weights above 0")
    return raw, good, heavy * (len(heavy) / max(heavy.sum(), 1e-300))


def fit(
    scores: ArrayLike,
    usable: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    knots: int = 8,
) -> Calibration:
    """Fit a calibration to regions that are known to be usable or not.

    Parameters
    ----------
    scores : array_like, shape (n,)
        Raw scores, above 0.
    usable : array_like of bool, shape (n,)
        Whether each region is usable.
    weights : array_like, shape (n,), optional
        Weight of each region. Only the proportions matter. By default all are equal.
    knots : int
        Greatest number of groups of regions. Each group holds about the same number of usable
        regions.

    Returns
    -------
    calibration : Calibration

    Raises
    ------
    InputError
        If all regions are usable, or none is, or a score is not above 0.

    Notes
    -----
    Each group is smoothed by one further region with the mean share of all regions, so that no
    small group gets the probability 0 or 1.

    Examples
    --------
    >>> scores = np.linspace(0.01, 1, 200)
    >>> usable = np.arange(200) % 4 < np.repeat([1, 3], 100)
    >>> curve = fit(scores, usable, knots=2)
    >>> [round(value, 2) for value in curve.probabilities]
    [0.38, 0.74]
    """
    from scipy.optimize import isotonic_regression

    raw, good, heavy = _checked(scores, usable, weights)
    if not 0 < good.sum() < len(good):
        got = f"{int(good.sum())} of {len(good)}"
        raise InputError(f"usable: some regions must be and some must not, got {got}")
    if raw.min() <= 0:
        raise InputError(f"scores: must be above 0, got {raw.min()}")
    order = np.argsort(raw, kind="stable")
    raw, good, heavy = raw[order], good[order], heavy[order]
    base = float((good * heavy).sum() / heavy.sum())
    groups = max(1, min(knots, int(good.sum()) // _LEAST_USABLE))
    # Each group ends with a usable region, except the very last, which takes the rest.
    lasts = np.searchsorted(np.cumsum(good), np.arange(1, groups) * good.sum() / groups)
    # Regions with the same score stay together.
    ends = np.unique(np.searchsorted(raw, raw[lasts], side="right"))
    parts = [part for part in np.split(np.arange(len(raw)), ends) if len(part)]
    totals = np.array([heavy[part].sum() for part in parts])
    shares = np.array([(good[part] * heavy[part]).sum() + base for part in parts]) / (totals + 1)
    shares = np.clip(isotonic_regression(shares, weights=totals + 1).x, 1e-4, 1 - 1e-4)
    # Pooled groups share one probability, so they become one knot.
    blocks = [
        np.concatenate([parts[i] for i in np.flatnonzero(shares == share)])
        for share in np.unique(shares)
    ]
    places = [float(np.average(raw[block], weights=heavy[block])) for block in blocks]
    return Calibration(tuple(places), tuple(np.unique(shares).tolist()))


def apply(calibration: Calibration, scores: ArrayLike) -> Float64Array:
    """Return the probability for each raw score.

    Parameters
    ----------
    calibration : Calibration
    scores : array_like, shape (n,)
        Raw scores of at least 0.

    Returns
    -------
    probabilities : ndarray of float64, shape (n,)
        They rise strictly with the scores: linearly from 0 to the first knot and between knots.
        Beyond the last knot, the distance from 1 shrinks in proportion to 1 / score.

    Examples
    --------
    >>> curve = Calibration(scores=(0.1, 0.4), probabilities=(0.3, 0.9))
    >>> apply(curve, [0.05, 0.1, 0.25]).round(2).tolist()
    [0.15, 0.3, 0.6]
    """
    raw = np.maximum(np.asarray(scores, np.float64), 0.0)
    x, y = np.array((0.0, *calibration.scores)), np.array((0.0, *calibration.probabilities))
    beyond = 1 - (1 - y[-1]) * x[-1] / np.maximum(raw, x[-1])
    probabilities: Float64Array = np.where(raw > x[-1], beyond, np.interp(raw, x, y))
    return probabilities


def reliability(
    probabilities: ArrayLike,
    usable: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    bins: int = 10,
) -> list[ReliabilityBin]:
    """Compare probabilities with the shares of usable clips, bin by bin.

    Parameters
    ----------
    probabilities : array_like, shape (n,)
        Predicted probabilities, 0..1.
    usable : array_like of bool, shape (n,)
        Whether each clip is usable.
    weights : array_like, shape (n,), optional
        See `fit`.
    bins : int
        Number of bins, of equal width.

    Returns
    -------
    bins : list of ReliabilityBin

    Examples
    --------
    >>> low, high = reliability([0.2, 0.4, 0.9], [False, True, True], bins=2)
    >>> low.clips, round(low.score, 2), low.usable
    (2, 0.3, 0.5)
    """
    chances, good, heavy = _checked(probabilities, usable, weights)
    place = np.clip((chances * bins).astype(np.int64), 0, bins - 1)
    found = []
    for index in range(bins):
        inside = place == index
        weight = float(heavy[inside].sum())
        mean = float((heavy * chances)[inside].sum()) / weight if weight else math.nan
        share = float((heavy * good)[inside].sum()) / weight if weight else math.nan
        edges = index / bins, (index + 1) / bins
        found.append(ReliabilityBin(*edges, int(inside.sum()), weight, mean, share))
    return found


def expected_error(bins: Sequence[ReliabilityBin]) -> float:
    """Compute the expected calibration error.

    Parameters
    ----------
    bins : sequence of ReliabilityBin

    Returns
    -------
    error : float
        Weighted mean, over the clips, of the distance between the score of their bin and its share
        of usable clips; 0 where there are no clips.

    Examples
    --------
    >>> bins = reliability([0.2, 0.4, 0.9], [False, True, True], bins=2)
    >>> round(expected_error(bins), 2)
    0.17
    """
    total = sum(part.weight for part in bins)
    wrong = sum(part.weight * abs(part.score - part.usable) for part in bins if part.clips)
    return wrong / total if total else 0.0
