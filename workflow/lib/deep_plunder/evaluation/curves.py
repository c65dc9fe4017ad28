"""Precision-recall and ROC curves over frames."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Area", "Curve", "CurvePoint", "precision_recall", "roc"]


@dataclasses.dataclass(frozen=True, slots=True)
class Area:
    """The areas under the curves of one output.

    Attributes
    ----------
    output : str
        ``"onset"`` or ``"frame"``.
    average_precision, roc_auc : float
        0..1, over all test frames; NaN where these hold no positive or no negative.
    frames, positives : int
        Test frames that count, and how many of them are positive.
    """

    output: str
    average_precision: float
    roc_auc: float
    frames: int
    positives: int


@dataclasses.dataclass(frozen=True, slots=True)
class CurvePoint:
    """One point of a curve, as `curves.tsv` holds them (thinned to about 1,000 a curve).

    Attributes
    ----------
    curve : str
        ``"precision_recall"`` or ``"roc"``.
    output : str
        ``"onset"`` or ``"frame"``.
    threshold : float
        A frame is positive from this probability on.
    x, y : float
        Recall and precision, or false and true positive rate.
    """

    curve: str
    output: str
    threshold: float
    x: float
    y: float


def _none(output: str) -> Curve:

    nothing = np.empty(0)
    return Curve(output, nothing, nothing, nothing, math.nan)


def precision_recall(output: str, truth: NDArray[Any], scores: NDArray[Any]) -> Curve:
    """Compute the precision-recall curve over frames, exactly.

    Parameters
    ----------
    output : str
        Name of the output.
    truth : ndarray, shape (n,)
        Labels, 0 or 1.
    scores : ndarray, shape (n,)
        Probabilities.

    Returns
    -------
    curve : figures.curves.Curve
        With the average precision.

    References
    ----------
    scikit-learn, `precision_recall_curve` and `average_precision_score`.
    """
    from sklearn.metrics import average_precision_score, precision_recall_curve

    if not truth.any():
        return _none(output)
    precision, recall, threshold = precision_recall_curve(truth, scores, drop_intermediate=True)
    area = float(average_precision_score(truth, scores))
    # The last point, recall 0, is the convention's and has no threshold.
    return Curve(output, recall, precision, np.append(threshold, np.inf), area)


def roc(output: str, truth: NDArray[Any], scores: NDArray[Any]) -> Curve:
    """Compute the receiver operating characteristic over frames, exactly.

    Parameters
    ----------
    output, truth, scores
        See `precision_recall`.

    Returns
    -------
    curve : figures.curves.Curve
        With the area under it.

    References
    ----------
    scikit-learn, `roc_curve` and `auc`.
    """
    from sklearn.metrics import auc, roc_curve

    if not truth.any() or truth.all():
        return _none(output)
    false_positive, true_positive, threshold = roc_curve(truth, scores)
    area = float(auc(false_positive, true_positive))
    return Curve(output, false_positive, true_positive, threshold, area)


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve.

    Attributes
    ----------
    output : str
        ``"onset"`` or ``"frame"``.
    x, y : ndarray, shape (n,)
        Its points: recall and precision, or false and true positive rate. Empty where there is
        no curve, since the test frames have no positive or no negative.
    threshold : ndarray, shape (n,)
        A frame is positive from this probability on.
    area : float
        Average precision, or area under the curve; NaN where there is no curve.
    """

    output: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    threshold: NDArray[np.float64]
    area: float

    def thinned(self, points: int) -> Curve:
        """Return some points, spread evenly along the curve's length.

        Parameters
        ----------
        points : int
            Curves of so many points or fewer stay as they are.

        Returns
        -------
        curve : Curve
            Of at most `points` + 1 points, ends included; its area is that of the whole.
        """
        if len(self.x) <= points:
            return self
        steps = np.hypot(np.diff(self.x), np.diff(self.y))
        length = np.concatenate([[0.0], np.cumsum(steps)])
        kept = np.searchsorted(length, np.linspace(0, length[-1], points))
        kept = np.unique(np.concatenate([[0], kept, [len(self.x) - 1]]))
        return Curve(self.output, self.x[kept], self.y[kept], self.threshold[kept], self.area)
