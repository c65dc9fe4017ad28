"""Draw a song: its spectrogram, the network's outputs and the regions found.

The spectrogram is pooled while the song is read, so a song of any length takes a few megabytes and
its picture has a bounded size. A song is broken into rows as a text is into lines: one minute per
row, or a twelfth of the song if it is longer than twelve minutes. Regions narrower than a pixel
are drawn one pixel wide, so none is lost even in a picture of six hours.
"""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from deep_plunder.decoding.clip import Clip
from deep_plunder.features.ticks import octave_ticks
from deep_plunder.truth.labels import FRAME, ONSET
from deep_plunder.util import plotting
from deep_plunder.util.counts import counted
from deep_plunder.util.names import one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from deep_plunder.features.spec import FeatureSpec

__all__ = ["RANGE", "Overview", "draw_song"]

_ROWS, _ROW_S, _COLUMNS = 12, 60.0, 1500
_INCHES = 14.0
# In inches: margins, the lines above the rows, the texts below a row, the space between its parts.
_LEFT, _RIGHT, _HEAD, _TEXTS, _BETWEEN = 0.5, 0.22, 0.42, 0.24, 0.1
RANGE = 9.0
"""Range of colours in units of the natural logarithm of the magnitude: 78 dB."""
# The lane of the regions lies between the spectrogram and the outputs, which go from 0 to 1.
_LANE, _LANE_TOP = 1.1, 2.0
# Width of a digit in the lane, in pixels.
_DIGIT = 6


class Overview:
    """A spectrogram of a song, pooled by maximum while frames are added.

    Parameters
    ----------
    seconds : float
        Length of the song according to its header. The real length may differ.
    hop_s : float
        Seconds per frame.

    Attributes
    ----------
    rows : int
        Number of rows of the picture.
    row_s : float
        Seconds per row.
    pool : int
        Frames per column.
    """

    def __init__(self, *, seconds: float, hop_s: float) -> None:
        self.hop_s = hop_s
        self.rows = min(_ROWS, max(1, math.ceil(seconds / _ROW_S - 1e-9)))
        # A short song fills its only row, a long song its twelve.
        self.row_s = max(seconds / self.rows, hop_s) if self.rows in (1, _ROWS) else _ROW_S
        self.pool = max(1, math.ceil(self.row_s / hop_s / _COLUMNS))
        self._columns: list[NDArray[np.float32]] = []
        self._rest: NDArray[np.float32] | None = None

    def add(self, features: NDArray[np.float32]) -> None:
        """Add the next frames.

        Parameters
        ----------
        features : ndarray of float32, shape (k, bands)
            Log-mel frames, any number.
        """
        if self._rest is not None:
            features = np.concatenate([self._rest, features])
        whole = len(features) // self.pool * self.pool
        pooled = features[:whole].reshape(-1, self.pool, features.shape[1]).max(axis=1)
        if len(pooled):
            self._columns.append(pooled)
        self._rest = features[whole:].copy()

    def image(self) -> NDArray[np.float32]:
        """Return the pooled spectrogram.

        Returns
        -------
        image : ndarray of float32, shape (columns, bands)
            Each column is the maximum of `pool` frames; the last may have fewer.
        """
        parts = list(self._columns)
        if self._rest is not None and len(self._rest):
            parts.append(self._rest.max(axis=0, keepdims=True))
        return np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)


def _clock(seconds: float, step: float) -> str:
    minutes, rest = divmod(max(seconds, 0.0), 60)
    second = f"{rest:04.1f}" if step < 1 else f"{round(rest):02d}"
    if seconds < 3600:
        return f"{int(minutes)}:{second}"
    return f"{int(minutes // 60)}:{int(minutes % 60):02d}:{second}"


def _tick_step(row_s: float) -> float:
    steps = (0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
    return next((step for step in steps if row_s / step <= 13), 7200)


def _draw_spectrogram(
    axes: Any, image: NDArray[np.float32], *, begin_s: float, end_s: float, top: float,
    spec: FeatureSpec,
) -> None:  # fmt: skip
    if len(image):
        axes.imshow(
            image.T,
            origin="lower",
            aspect="auto",
            cmap=plotting.SPECTROGRAM,
            vmin=top - RANGE,
            vmax=top,
            extent=(begin_s, end_s, -0.5, image.shape[1] - 0.5),
        )
    bands, texts = octave_ticks(spec, apart=0.1)
    axes.set_yticks(bands, texts, fontsize=6)
    axes.set_ylabel("Hz", fontsize=6)
    axes.set_ylim(-0.5, spec.mel_bands - 0.5)
    axes.tick_params(bottom=False, labelbottom=False, length=2)


def _pooled(values: NDArray[np.float32], pool: int) -> NDArray[np.float32]:
    firsts = np.arange(0, len(values), pool)
    pooled: NDArray[np.float32] = np.maximum.reduceat(values, firsts) if len(values) else values
    return pooled


def _draw_lane(
    axes: Any, clips: Sequence[tuple[int, Clip]], *, begin_s: float, end_s: float, pixel_s: float
) -> None:
    """Draw the regions as bars, filled up to their scores, with numbers and scores where they fit.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    clips : sequence of (int, Clip)
        The regions of the row, with their numbers.
    begin_s, end_s : float
        The row.
    pixel_s : float
        Seconds per pixel.
    """
    from matplotlib.collections import PolyCollection

    height = _LANE_TOP - _LANE
    spans = [(clip.onset_s, max(clip.offset_s - clip.onset_s, pixel_s)) for _, clip in clips]
    axes.broken_barh(spans, (_LANE, height), facecolor=plotting.REGION, alpha=0.3, linewidth=0)
    filled = []
    for (onset, length), (_, clip) in zip(spans, clips, strict=True):
        level = _LANE + height * min(max(clip.score, 0.0), 1.0)
        end = onset + length
        filled.append([(onset, _LANE), (end, _LANE), (end, level), (onset, level)])
    axes.add_collection(PolyCollection(filled, facecolor=plotting.REGION, linewidth=0))
    # White lines part regions that follow each other at once.
    ends = [onset + length for onset, length in spans if length > 3 * pixel_s]
    axes.vlines(ends, _LANE, _LANE_TOP, colors="white", linewidth=0.6)
    # `nexts` is one longer if there are no clips.
    nexts = [clip.onset_s for _, clip in clips[1:]] + [end_s]
    for (number, clip), next_s in zip(clips, nexts, strict=False):
        start_s = max(clip.onset_s, begin_s)
        for text in (f"{number}: {clip.score:.2f}", str(number)):
            if next_s - start_s >= (len(text) + 0.5) * _DIGIT * pixel_s:
                middle = (_LANE + _LANE_TOP) / 2
                axes.text(start_s + _DIGIT * pixel_s / 4, middle, text, fontsize=5,
                          va="center_baseline")  # fmt: skip
                break


def _row_axes(figure: Figure, row: int, rows: int) -> tuple[Axes, Axes]:
    """Add the axes of a row, spectrogram and outputs, at a fixed place.

    To arrange them by the size of their texts takes longer than to draw them.
    """
    width, height = figure.get_size_inches().tolist()
    pitch = (height - _HEAD) / rows
    top = height - _HEAD - row * pitch
    lower = (pitch - _TEXTS - _BETWEEN) * 3 / 8
    bottom = top - pitch + _TEXTS

    def axes(begin: float, end: float, **options: Any) -> Axes:
        span = (width - _LEFT - _RIGHT) / width
        return figure.add_axes(
            (_LEFT / width, begin / height, span, (end - begin) / height), **options
        )

    upper = axes(bottom + lower + _BETWEEN, top)
    return upper, axes(bottom, bottom + lower, sharex=upper)


def draw_song(
    path: str | os.PathLike[str],
    overview: Overview,
    probabilities: NDArray[np.float32],
    clips: Sequence[Clip],
    *,
    spec: FeatureSpec,
    title: str = "",
) -> None:
    """Draw a song: per row its spectrogram, the network's outputs and the regions found.

    Parameters
    ----------
    path : path-like
        The picture to write.
    overview : Overview
        The song's spectrogram.
    probabilities : ndarray, shape (frames, 3 to 5)
        The network's outputs, with columns in the order of `truth.labels.HEADS`.
    clips : sequence of Clip
        The regions found.
    spec : FeatureSpec
        Parameters of the features.
    title : str
        Line above the picture. Characters that cannot be printed become blanks.

    Examples
    --------
    >>> from deep_plunder.decoding.clip import Clip
    >>> from deep_plunder.features.spec import FeatureSpec
    >>> overview = Overview(seconds=2.0, hop_s=0.032)
    >>> overview.add(np.zeros((63, 229), np.float32))
    >>> outputs = np.zeros((63, 3), np.float32)
    >>> draw_song("song.png", overview, outputs, [Clip(0.5, 1.0, 0.9)], spec=FeatureSpec())
    """
    figure = plotting.new_figure(_INCHES, 0.6 + 1.7 * overview.rows, arranged=False)
    image = overview.image()
    top = float(np.quantile(image, 0.999)) if image.size else 0.0
    strips = {column: _pooled(probabilities[:, column], overview.pool) for column in (ONSET, FRAME)}
    column_s = overview.pool * overview.hop_s
    pixel_s = overview.row_s / (_INCHES * figure.dpi)
    # In rows of many minutes, onsets would hide the other curve.
    detailed = overview.row_s <= 2 * _ROW_S
    curves = ((FRAME, plotting.COLOURS[0]), (ONSET, plotting.ONSET))[: 1 + detailed]
    step = _tick_step(overview.row_s)
    for row in range(overview.rows):
        begin, end = row * overview.row_s, (row + 1) * overview.row_s
        upper, lower = _row_axes(figure, row, overview.rows)
        first, last = math.floor(begin / column_s), math.ceil(end / column_s)
        part = image[first:last]
        _draw_spectrogram(
            upper, part, begin_s=first * column_s, end_s=(first + len(part)) * column_s,
            top=top, spec=spec,
        )  # fmt: skip
        for column, colour in curves:
            values = strips[column][first:last]
            times = (first + 0.5 + np.arange(len(values))) * column_s
            lower.plot(times, values, color=colour, linewidth=0.6)
        shown = [
            (number, clip)
            for number, clip in enumerate(clips, start=1)
            if clip.offset_s > begin and clip.onset_s < end
        ]
        _draw_lane(lower, shown, begin_s=begin, end_s=end, pixel_s=pixel_s)
        ticks = np.arange(math.ceil(begin / step - 1e-9), math.floor(end / step + 1e-9) + 1) * step
        lower.set_xlim(begin, end)
        lower.set_xticks(ticks)
        lower.set_xticklabels([_clock(tick, step) for tick in ticks], fontsize=7)
        lower.set_ylim(0, _LANE_TOP)
        lower.set_yticks([])
        lower.spines[["top", "right", "left"]].set_visible(False)
        lower.tick_params(length=2)
    count = counted(len(clips), "region")
    onset = " and that it begins (green)" if detailed else ""
    figure.suptitle(
        f"{one_line(title)}\n{count} (orange, filled up to the score); curves: the network's "
        f"confidence that one sound is heard alone (black){onset}, 0 to 1".strip(),
        fontsize=9,
        y=1 - 0.05 / figure.get_figheight(),
        parse_math=False,
    )
    with warnings.catch_warnings():
        # Letters that the font lacks are drawn as boxes.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        plotting.save(figure, path, formats=())
