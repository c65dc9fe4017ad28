"""Figures 5 and 6: precision-recall and ROC curves of onsets and frames.

As in the paper, each figure shows the onset and the frame output, with the area under each curve
in the legend. The frames of all test mixes are pooled.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence

from deep_plunder.evaluation.curves import Curve
from deep_plunder.util.plotting import COLOURS, ONSET, new_figure, save, tidy

__all__ = ["draw_precision_recall", "draw_roc"]

_COLOUR = {"onset": ONSET, "frame": COLOURS[1]}

_PIXELS = 4096


def _draw(
    path: str | os.PathLike[str],
    curves: Sequence[Curve],
    *,
    labels: tuple[str, str],
    area: str,
    chance: bool,
    title: str,
) -> None:
    figure = new_figure(5.2, 4.6)
    axes = figure.add_subplot()
    tidy(axes)
    if chance:
        axes.plot([0, 1], [0, 1], color="#999999", linewidth=1, linestyle="--", label="chance")
    for curve in curves:
        drawn = curve.thinned(_PIXELS)
        shown = "no curve" if math.isnan(curve.area) else f"{area} = {curve.area:.3f}"
        axes.plot(
            drawn.x,
            drawn.y,
            color=_COLOUR.get(curve.output, COLOURS[0]),
            linewidth=1.8,
            label=f"{curve.output} ({shown})",
        )
    axes.set(xlabel=labels[0], ylabel=labels[1], xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    axes.set_aspect("equal")
    axes.set_title(title, fontsize=10)
    axes.legend(loc="best", frameon=False, fontsize=9)
    save(figure, path)


def draw_precision_recall(
    path: str | os.PathLike[str], curves: Sequence[Curve], *, title: str = ""
) -> None:
    """Draw figure 5: the precision-recall curves.

    Parameters
    ----------
    path : path-like
        The picture to write.
    curves : sequence of Curve
        Curves of precision (y) against recall (x), with the average precision.
    title : str
        Title of the figure, e.g. the model's name.
    """
    _draw(
        path,
        curves,
        labels=("recall", "precision"),
        area="AP",
        chance=False,
        title=title or "Precision and recall of test frames",
    )


def draw_roc(path: str | os.PathLike[str], curves: Sequence[Curve], *, title: str = "") -> None:
    """Draw figure 6: the ROC curves.

    Parameters
    ----------
    path : path-like
        The picture to write.
    curves : sequence of Curve
        Curves of the true positive rate (y) against the false positive rate (x), with the area
        under each.
    title : str
        Title of the figure, e.g. the model's name.
    """
    _draw(
        path,
        curves,
        labels=("false positive rate", "true positive rate"),
        area="AUC",
        chance=True,
        title=title or "Receiver operating characteristic of test frames",
    )
