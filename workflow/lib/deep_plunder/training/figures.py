"""Draw figure 4: the losses of a training, epoch by epoch, on a logarithmic axis.

The figure shows the total loss and its terms: onset, offset, frame, l2, and isolation if the
network has that output. Each has one colour, with a solid line for training and a dashed line with
points for validation. The best epoch is marked. The paper's Figure 4 shows the first four.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from deep_plunder.errors import InputError
from deep_plunder.training.spec import SELECTIONS, HistoryRow
from deep_plunder.util.plotting import COLOURS, OFFSET, ONSET, REGION, new_figure, save, tidy
from deep_plunder.util.tables import read_records

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw_history", "history_figure"]

_TERMS = {
    "loss": ("total", COLOURS[0]),
    "onset_loss": ("onset", ONSET),
    "offset_loss": ("offset", OFFSET),
    "frame_loss": ("frame", REGION),
    "l2_loss": ("l2", COLOURS[5]),
    "isolation_loss": ("isolation", COLOURS[1]),
    "several_loss": ("several", COLOURS[0]),
}


def history_figure(
    history: list[HistoryRow], *, title: str = "", select_by: str = "total"
) -> Figure:
    """Draw the losses of a training.

    Parameters
    ----------
    history : list of HistoryRow
        One row per epoch, at least one.
    title : str
        Title of the figure, e.g. the model's name.
    select_by : str
        See `TrainingSpec`: the validation loss whose lowest epoch is marked.

    Returns
    -------
    figure : matplotlib.figure.Figure
        Losses over epochs, on a logarithmic axis. Losses of zero, such as l2 without weights for
        it, are not drawn.
    """
    from matplotlib.ticker import MaxNLocator

    figure = new_figure(8, 4.5)
    axes = figure.add_subplot()
    epochs = np.array([row.epoch for row in history])
    for name, (label, colour) in _TERMS.items():
        for prefix, style in (("", ".-"), ("val_", "o--")):
            losses = np.array([getattr(row, prefix + name) for row in history])
            # On a logarithmic axis zero has no place, and it would stretch the axis.
            drawn = losses > 0
            if drawn.any():
                text = f"{label}, validation" if prefix else label
                axes.plot(epochs[drawn], losses[drawn], style, color=colour, label=text, ms=4)
    values = np.array([getattr(row, f"val_{SELECTIONS[select_by]}") for row in history])
    if np.isfinite(values).any():
        best = epochs[np.nanargmin(values)]
        axes.axvline(best, color="#999999", linewidth=1, linestyle=":", label=f"best, epoch {best}")
    axes.set_yscale("log")
    axes.set_xlabel("Epoch")
    axes.set_ylabel("Loss (logarithmic)")
    axes.set_title(title)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    tidy(axes)
    figure.legend(loc="outside right upper", frameon=False, fontsize=9)
    return figure


def draw_history(
    history_path: str | os.PathLike[str],
    path: str | os.PathLike[str],
    *,
    title: str = "",
    select_by: str = "total",
) -> None:
    """Draw the losses that `training.train.train` wrote.

    Parameters
    ----------
    history_path : path-like
        Table of `training.spec.HistoryRow`.
    path : path-like
        The picture to write.
    title, select_by : str
        See `history_figure`.

    Raises
    ------
    InputError
        If the table cannot be read or holds no epoch.
    """
    history = read_records(history_path, HistoryRow)
    if not history:
        raise InputError(f"{history_path}: holds no epoch to draw")
    save(history_figure(history, title=title, select_by=select_by), path)
