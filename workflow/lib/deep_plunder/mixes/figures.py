"""Figure 2: a mix as waveform and spectrogram, with the regions of its library sounds.

The paper shows one labelled sound in Sonic Visualiser. This figure shows the whole mix, broken
into rows like lines of text. The spectrogram shows the log-mel features that the networks receive
(section 3.1).
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from deep_plunder.features.log_mel import features_from_audio
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.features.ticks import octave_ticks
from deep_plunder.truth.regions import Region
from deep_plunder.util import plotting
from deep_plunder.util.names import one_line

__all__ = ["draw_mix"]

_ROW_S = 20.0
_INCHES = 14.0
_COLUMNS = 1400
# Natural logarithm of the magnitude: 78 dB.
_RANGE = 9.0


def _envelope(mono: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the minimum and maximum of each of up to `_COLUMNS` columns, shape (2, columns)."""
    edges = np.linspace(0, len(mono), min(_COLUMNS, len(mono)) + 1).astype(int)[:-1]
    return np.stack([np.minimum.reduceat(mono, edges), np.maximum.reduceat(mono, edges)])


def _draw_regions(axes: Any, regions: Sequence[Region], *, named: bool) -> None:
    for region in regions:
        axes.axvspan(region.onset_s, region.offset_s, color=plotting.REGION, alpha=0.3, linewidth=0)
        axes.axvline(region.onset_s, color=plotting.ONSET, linewidth=0.8)
        axes.axvline(region.offset_s, color=plotting.OFFSET, linewidth=0.8)
        if named:
            axes.text(
                region.onset_s,
                1.0,
                f" {one_line(region.sound_class, 24)}",
                transform=axes.get_xaxis_transform(),
                fontsize=6,
                va="top",
                rotation=90,
                clip_on=True,
                parse_math=False,
            )


def draw_mix(
    path: str | os.PathLike[str],
    audio: npt.NDArray[np.int16],
    rate: int,
    regions: Sequence[Region],
) -> None:
    """Draw the waveform and the spectrogram of a mix with its regions.

    Parameters
    ----------
    path : path-like
        The image file to write.
    audio : ndarray of int16, shape (samples, 2)
        The mix.
    rate : int
        Sample rate, in Hz.
    regions : sequence of Region
        The regions of its library sounds.

    Examples
    --------
    >>> audio = np.zeros((44100, 2), np.int16)
    >>> draw_mix("mix.png", audio, 44100, [Region(0, 0.2, 0.7, "kick/a.wav", "kick")])
    """
    spec = FeatureSpec()
    features = features_from_audio(audio, rate, spec)
    top = float(np.quantile(features, 0.999))
    mono = audio.mean(axis=1, dtype=np.float32) / 32768
    seconds = len(audio) / rate
    rows = max(1, math.ceil(seconds / _ROW_S - 1e-9))
    row_s = min(_ROW_S, seconds)
    figure = plotting.new_figure(_INCHES, 0.6 + 2.4 * rows)
    grid = figure.add_gridspec(2 * rows, 1, height_ratios=[2, 3] * rows)
    for row in range(rows):
        begin, end = row * row_s, (row + 1) * row_s
        within = [r for r in regions if r.offset_s > begin and r.onset_s < end]
        wave, image = figure.add_subplot(grid[2 * row]), figure.add_subplot(grid[2 * row + 1])
        low, high = _envelope(mono[round(begin * rate) : round(end * rate)])
        stop = min(end, seconds)
        times = begin + (np.arange(len(low)) + 0.5) * (stop - begin) / len(low)
        wave.fill_between(times, low, high, color=plotting.COLOURS[0], linewidth=0.3)
        wave.set_ylim(-1, 1)
        wave.set_yticks([])
        wave.tick_params(bottom=False, labelbottom=False)
        first, last = math.floor(begin / spec.hop_s), math.ceil(end / spec.hop_s)
        part = features[first:last]
        image.imshow(
            part.T,
            origin="lower",
            aspect="auto",
            cmap=plotting.SPECTROGRAM,
            vmin=top - _RANGE,
            vmax=top,
            extent=(
                first * spec.hop_s, (first + len(part)) * spec.hop_s, -0.5, spec.mel_bands - 0.5
            ),
        )  # fmt: skip
        image.set_yticks(*octave_ticks(spec), fontsize=6)
        image.set_ylabel("Hz", fontsize=7)
        image.tick_params(axis="x", labelsize=7, length=2)
        _draw_regions(wave, within, named=True)
        for region in within:
            image.axvline(region.onset_s, color=plotting.ONSET, linewidth=0.8)
            image.axvline(region.offset_s, color=plotting.OFFSET, linewidth=0.8)
        for axes in (wave, image):
            axes.set_xlim(begin, end)
            axes.spines[:].set_visible(False)
    image.set_xlabel("seconds", fontsize=8)
    figure.suptitle(
        f"A mix of {seconds:g} s: {len(regions)} library sounds (orange, from the green onset to "
        "the blue offset) between excerpts of songs",
        fontsize=9,
    )
    plotting.save(figure, path)
