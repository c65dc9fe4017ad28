"""Draw a song's outputs and regions as lines of text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deep_plunder.decoding.clip import Clip
from deep_plunder.truth.labels import FRAME

__all__ = ["draw_lines"]

_LEVELS = " ▁▂▃▄▅▆▇█"
_REGION = "━"
_ROW_S = 60.0
_COLUMNS = 90


def draw_lines(
    outputs: NDArray[np.float32],
    clips: Sequence[Clip],
    *,
    hop_s: float,
) -> list[str]:
    """Draw the frame output as bars, a minute per line, with the regions below it.

    A bar is as high as the greatest output within it.

    Parameters
    ----------
    outputs : ndarray, shape (n, 3) or (n, 4)
        See `models.inference.predict_song`.
    clips : sequence of Clip
        The regions.
    hop_s : float
        Seconds per frame.

    Returns
    -------
    lines : list of str
        Two lines per row: the time and the bars, then the regions.

    Examples
    --------
    >>> outputs = np.zeros((8, 3), np.float32)
    >>> outputs[2:6, 2] = 1.0
    >>> hop_s = 60 / 90
    >>> for line in draw_lines(outputs, [Clip(2 * hop_s, 6 * hop_s, 0.9)], hop_s=hop_s):
    ...     print(line.rstrip())
    00:00   ████
            ━━━━
    """
    column_s = _ROW_S / _COLUMNS
    count = int(np.ceil(len(outputs) * hop_s / column_s - 1e-9))
    levels = np.zeros(count)
    places = np.minimum((np.arange(len(outputs)) * hop_s / column_s + 1e-9).astype(int), count - 1)
    np.maximum.at(levels, places, outputs[:, FRAME])
    marks = np.zeros(count, bool)
    for clip in clips:
        first = int(clip.onset_s / column_s + 1e-9)
        marks[first : max(first + 1, int(np.ceil(clip.offset_s / column_s - 1e-9)))] = True
    top = len(_LEVELS) - 1
    bars = [_LEVELS[round(float(level) * top)] for level in levels]
    lines = []
    for begin in range(0, count, _COLUMNS):
        minutes, seconds = divmod(round(begin * column_s), 60)
        part = slice(begin, begin + _COLUMNS)
        lines.append(f"{minutes:02}:{seconds:02} " + "".join(bars[part]))
        lines.append(" " * 6 + "".join(_REGION if mark else " " for mark in marks[part]))
    return lines
