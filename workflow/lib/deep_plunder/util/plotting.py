"""Common parts of all figures: colours, figures without a window, reproducible files.

Matplotlib's global state (pyplot, rcParams) is neither read nor changed outside `save`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from deep_plunder.util.files import atomic_path

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["COLOURS", "OFFSET", "ONSET", "REGION", "SPECTROGRAM", "new_figure", "save", "tidy"]

ONSET = "#1a9641"
"""Colour of onsets: green, as in the paper's Figure 1."""
OFFSET = "#2166ac"
"""Colour of offsets: blue, as in the paper's Figure 1."""
REGION = "#f4a11d"
"""Colour of regions: the spans in which one sound is heard alone."""
COLOURS = ("#333333", "#d7301f", "#2166ac", "#1a9641", "#f4a11d", "#762a83")
"""Colours of curves, in order; they stay apart for the colour-blind and in grey."""
SPECTROGRAM = "magma"
"""Colour map of spectrograms."""


def new_figure(width: float, height: float) -> Figure:
    """Make an empty figure that draws itself in memory.

    Parameters
    ----------
    width, height : float
        Size in inches.

    Returns
    -------
    figure : matplotlib.figure.Figure
        With constrained layout: labels and titles do not overlap.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def tidy(axes: Axes) -> None:
    """Take the upper and right edges off, and lay a faint grid behind the data.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        The axes to change.
    """
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(True, color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)


def save(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write a figure, whole or not at all; the same figure gives the same bytes.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure to save.
    path : path-like
        The file; its suffix (``.png``, ``.svg``, ``.pdf``) chooses the format.
    """
    import matplotlib

    with atomic_path(path) as temporary:
        kind = temporary.suffix.lower()
        # No dates, no version, and ids in SVG that do not depend on the run.
        metadata = {
            ".png": {"Software": None},
            ".svg": {"Date": None, "Creator": None},
            ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
        }.get(kind)
        with matplotlib.rc_context({"svg.hashsalt": "deep-plunder"}):
            figure.savefig(temporary, metadata=metadata)
