"""Common parts of all figures: colours, figures without a window, reproducible files.

Matplotlib's global state (pyplot, rcParams) is neither read nor changed outside `save`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from deep_plunder.util.files import atomic_path

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "COLOURS", "FORMATS", "OFFSET", "ONSET", "REGION", "SPECTROGRAM", "new_figure", "save", "tidy",
]  # fmt: skip

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
FORMATS = (".png", ".svg")
"""Suffixes of the files of a figure: one for screens, one for print and for editing."""

# No dates and no versions.
_METADATA: dict[str, dict[str, None]] = {
    ".png": {"Software": None},
    ".svg": {"Date": None, "Creator": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


def new_figure(width: float, height: float, *, arranged: bool = True) -> Figure:
    """Make an empty figure that draws itself in memory.

    Parameters
    ----------
    width, height : float
        Size in inches.
    arranged : bool
        Whether axes are arranged such that labels and titles do not overlap (constrained layout).

    Returns
    -------
    figure : matplotlib.figure.Figure
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=120, layout="constrained" if arranged else None)
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


def save(figure: Figure, path: str | os.PathLike[str], *, formats: Iterable[str] = FORMATS) -> None:
    """Write a figure in each format, whole or not at all; the same figure gives the same bytes.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure to save.
    path : path-like
        The file; its suffix (``.png``, ``.svg``, ``.pdf``) is one of the formats.
    formats : iterable of str
        Suffixes of further files, which are written beside it.

    Examples
    --------
    >>> save(new_figure(3, 2), "empty.png")
    >>> sorted(path.name for path in Path().glob("empty.*"))
    ['empty.png', 'empty.svg']
    """
    import matplotlib

    path = Path(path)
    for suffix in dict.fromkeys([path.suffix.lower(), *formats]):
        own = path.suffix.lower() == suffix
        with (
            atomic_path(path if own else path.with_suffix(suffix)) as temporary,
            # Ids in SVG are hashes, of random salt by default.
            matplotlib.rc_context({"svg.hashsalt": "deep-plunder"}),
        ):
            figure.savefig(temporary, metadata=_METADATA.get(suffix))
