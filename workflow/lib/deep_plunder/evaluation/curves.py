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
        Areas over all test frames, 0..1. NaN if all of these are positive, or none is.
    frames, positives : int
        Number of test frames that count, and of positive ones among them.
    """

    output: str
    average_precision: float
    roc_auc: float
    frames: int
    positives: int


@dataclasses.dataclass(frozen=True, slots=True)
class CurvePoint:
    """A point of a curve: a row of `curves.tsv`, which has about 1,000 points per curve.

    Attributes
    ----------
    curve : str
        ``"precision_recall"`` or ``"roc"``.
    output : str
        ``"onset"`` or ``"frame"``.
    threshold : float
        Frames with this probability or more count as positive.
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
    """Compute the precision-recall curve over frames.

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
    curve : Curve
        Precision (y) against recall (x), with the average precision as its area.

    References
    ----------
    scikit-learn, `precision_recall_curve` and `average_precision_score`.
    """
    from sklearn.metrics import average_precision_score, precision_recall_curve

    if not truth.any():
        return _none(output)
    precision, recall, threshold = precision_recall_curve(truth, scores, drop_intermediate=True)
    area = float(average_precision_score(truth, scores))
    # scikit-learn adds the last point, recall 0, which has no threshold.
    return Curve(output, recall, precision, np.append(threshold, np.inf), area)


def roc(output: str, truth: NDArray[Any], scores: NDArray[Any]) -> Curve:
    """Compute the receiver operating characteristic over frames.

    Parameters
    ----------
    output, truth, scores
        See `precision_recall`.

    Returns
    -------
    curve : Curve
        True positive rate (y) against false positive rate (x), with the area under the curve.

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
    """A precision-recall or ROC curve of an output.

    Attributes
    ----------
    output : str
        ``"onset"`` or ``"frame"``.
    x, y : ndarray, shape (n,)
        Points of the curve: recall and precision, or false and true positive rate. Empty if the
        test frames have no positive frame or, for ROC, no negative one.
    threshold : ndarray, shape (n,)
        Frames with this probability or more count as positive.
    area : float
        Average precision, or area under the ROC curve. NaN if the curve is empty.
    """

    output: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    threshold: NDArray[np.float64]
    area: float

    def thinned(self, points: int) -> Curve:
        """Return the curve with fewer points, spread evenly along its length.

        Parameters
        ----------
        points : int
            Number of points. Curves with no more points stay unchanged.

        Returns
        -------
        curve : Curve
            At most `points` + 1 points, both ends included, and the area of the full curve.
        """
        if len(self.x) <= points:
            return self
        steps = np.hypot(np.diff(self.x), np.diff(self.y))
        length = np.concatenate([[0.0], np.cumsum(steps)])
        kept = np.searchsorted(length, np.linspace(0, length[-1], points))
        kept = np.unique(np.concatenate([[0], kept, [len(self.x) - 1]]))
        return Curve(self.output, self.x[kept], self.y[kept], self.threshold[kept], self.area)
