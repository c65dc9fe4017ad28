"""Draw the reliability diagram: the share of usable clips against their score."""

from __future__ import annotations

import os
from collections.abc import Sequence

from deep_plunder.decoding.calibration import ReliabilityBin, expected_error
from deep_plunder.util.plotting import COLOURS, REGION, new_figure, save, tidy

__all__ = ["draw_reliability"]


def draw_reliability(
    path: str | os.PathLike[str], bins: Sequence[ReliabilityBin], *, title: str = ""
) -> None:
    """Draw the reliability diagram, and below it a histogram of the scores.

    Parameters
    ----------
    path : path-like
        The picture to write.
    bins : sequence of ReliabilityBin
        Bins of clips by score.
    title : str
        Title of the figure.

    References
    ----------
    DeGroot and Fienberg, "The comparison and evaluation of forecasters", 1983.
    """
    figure = new_figure(4.6, 5.4)
    grid = figure.add_gridspec(2, 1, height_ratios=[4, 1])
    axes = figure.add_subplot(grid[0])
    tidy(axes)
    axes.plot([0, 1], [0, 1], color="#999999", linewidth=1, linestyle="--", label="perfect")
    filled = [part for part in bins if part.clips]
    axes.plot(
        [part.score for part in filled],
        [part.usable for part in filled],
        color=COLOURS[0],
        marker="o",
        linewidth=1.8,
        label=f"clips (expected error {expected_error(bins):.3f})",
    )
    axes.set(xlabel="score", ylabel="share of usable clips", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    axes.set_title(title or "Score and usable clips", fontsize=10)
    axes.legend(loc="upper left", frameon=False, fontsize=9)
    lower = figure.add_subplot(grid[1], sharex=axes)
    tidy(lower)
    lower.bar(
        [part.low for part in bins],
        [part.clips for part in bins],
        width=[part.high - part.low for part in bins],
        align="edge",
        color=REGION,
        edgecolor="white",
    )
    lower.set(ylabel="clips")
    save(figure, path)
