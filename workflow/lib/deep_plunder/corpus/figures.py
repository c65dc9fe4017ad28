"""Figure 1: mel spectrograms of sounds with their onsets (green) and offsets (blue).

The paper shows one sound. A grid of sounds makes the faults of a method visible.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from deep_plunder.audio import reading
from deep_plunder.corpus.library import Sound
from deep_plunder.features.log_mel import log_mel, to_mono
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.features.ticks import octave_ticks
from deep_plunder.util.names import one_line
from deep_plunder.util.plotting import OFFSET, ONSET, SPECTROGRAM, new_figure, save

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["choose_sounds", "plot_onsets"]

_COUNT = 24
# A finer hop than that of the features, since sounds may be shorter than one of their frames.
_SPEC = FeatureSpec(hop=128, n_fft=1024, mel_bands=96)
_RANGE_DB = 80.0


def choose_sounds(sounds: Sequence[Sound], count: int) -> list[Sound]:
    """Choose sounds that represent a library: from each class in turn, spread over its lengths.

    Parameters
    ----------
    sounds : sequence of Sound
        The library.
    count : int
        Greatest number of sounds to choose.

    Returns
    -------
    chosen : list of Sound
        Sorted by class, then by the length of the region. The choice does not depend on the
        order of `sounds`.

    Examples
    --------
    >>> names = ["kick/a.wav", "kick/b.wav", "snare/a.wav"]
    >>> sounds = [Sound(name, name.split("/")[0], name, 1.0, 44100, 1, 0.0, 0.9) for name in names]
    >>> [sound.sound for sound in choose_sounds(sounds, 2)]
    ['kick/b.wav', 'snare/a.wav']
    """
    classes: dict[str, list[Sound]] = {}
    for sound in sorted(sounds, key=lambda s: (s.offset_s - s.onset_s, s.sound)):
        classes.setdefault(sound.sound_class, []).append(sound)
    names = sorted(classes)
    counts = dict.fromkeys(names, 0)
    while sum(counts.values()) < min(count, len(sounds)):
        for name in names:
            if counts[name] < len(classes[name]) and sum(counts.values()) < count:
                counts[name] += 1
    chosen = []
    for name in names:
        members, taken = classes[name], counts[name]
        # The middle of each of the equal parts of the class.
        chosen += [members[(2 * i + 1) * len(members) // (2 * taken)] for i in range(taken)]
    return chosen


def _draw(axes: Axes, sound: Sound) -> None:
    samples, rate = reading.read(sound.path)
    # Room on both sides, so that lines at the very edges are visible.
    pad = max(rate // 20, len(samples) // 20)
    padded = np.pad(samples, ((pad, pad), (0, 0)))
    decibels = 20 / np.log(10) * log_mel(to_mono(padded, rate, _SPEC), _SPEC).T
    left = -pad / rate
    # A frame covers the samples that follow its time, so it is drawn at its middle.
    left += _SPEC.n_fft / 2 / _SPEC.sample_rate
    top = float(decibels.max())
    axes.imshow(
        decibels,
        origin="lower",
        aspect="auto",
        cmap=SPECTROGRAM,
        vmin=top - _RANGE_DB,
        vmax=top,
        extent=(left, left + decibels.shape[1] * _SPEC.hop_s, -0.5, _SPEC.mel_bands - 0.5),
        interpolation="nearest",
    )
    axes.axvline(sound.onset_s, color=ONSET, linewidth=1.6)
    axes.axvline(sound.offset_s, color=OFFSET, linewidth=1.6)
    axes.set_xlim(-pad / rate, (len(samples) + pad) / rate)
    axes.set_facecolor("black")
    bands, texts = octave_ticks(_SPEC, apart=0.15)
    axes.set_yticks(bands, texts)
    axes.tick_params(labelsize=6, length=2)
    name = sound.sound.rpartition("/")[2].rpartition(".")[0]
    title = f"{one_line(sound.sound_class, 16)}: {one_line(name, 24)}"
    axes.set_title(title, fontsize=6, parse_math=False)


def plot_onsets(sounds: Sequence[Sound], path: str | os.PathLike[str], *, columns: int = 4) -> None:
    """Draw Figure 1.

    Parameters
    ----------
    sounds : sequence of Sound
        The library, from which `choose_sounds` chooses 24, or one of each class if there are more
        classes.
    path : path-like
        The picture to write.
    columns : int
        Number of sounds side by side.

    Raises
    ------
    AudioError
        If a sound can no longer be read.

    Examples
    --------
    >>> from deep_plunder.audio import writing
    >>> writing.write("a.wav", np.full((44100, 1), 0.5, np.float32), 44100)
    >>> plot_onsets([Sound("a.wav", "kick", "a.wav", 1.0, 44100, 1, 0.0, 0.9)], "onsets.png")
    """
    classes = len({sound.sound_class for sound in sounds})
    chosen = choose_sounds(sounds, max(_COUNT, classes))
    rows = -(-len(chosen) // columns)
    figure = new_figure(2.6 * columns, 1.5 * rows + 0.6)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for axes, sound in zip(grid.flat, chosen, strict=False):
        axes.set_axis_on()
        _draw(axes, sound)
    figure.supxlabel("seconds", fontsize=8)
    figure.supylabel("Hz", fontsize=8)
    figure.suptitle("Onset (green) and offset (blue) of sounds of the library", fontsize=9)
    save(figure, path)
