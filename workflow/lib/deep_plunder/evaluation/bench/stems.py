"""Render songs that come as two recordings into a bench of certainly false clips.

A song of the game Frets on Fire is a folder with two files: ``guitar.ogg``, and ``song.ogg`` for
the rest of the band. Their sum is the song. Where both sound, and neither is much louder than the
other, certainly more than one sound is heard. Of all other stretches nothing is known, since either
file may hold several sounds. They are ignored, and there are no true regions. So all scored clips
of such a bench are certainly false, and `BenchScore.unscored` counts the others.

A recording sounds where its mean power over both channels and 24 ms is above -45 dBFS. It is much
louder than the other if the difference exceeds 15 dB.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from deep_plunder.audio.reading import read
from deep_plunder.audio.resampling import resample, stereo
from deep_plunder.errors import AudioError, InputError
from deep_plunder.evaluation.bench.find import UnreadSong
from deep_plunder.evaluation.bench.kinds import STEMS, stem_folders
from deep_plunder.evaluation.bench.rendered import exact_truth, write_song
from deep_plunder.truth.isolation import NOT_ALONE, STEP_S, UNKNOWN, IsolationTruth
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.files import atomic_directory
from deep_plunder.util.names import SafeNames
from deep_plunder.util.tables import write_records

__all__ = ["RATE", "read_songs", "read_stem", "render_stems", "together"]

_log = logging.getLogger(__name__)

RATE = 44100
"""Samples per second of rendered songs."""
_PEAK = 0.9
_SOUNDS = 10 ** (-45 / 10)
_WITHIN = 10 ** (-15 / 10)
_STEPS = 6


def _power(audio: Float32Array) -> NDArray[np.float64]:
    """Compute the mean power of the 24 ms around each step of 4 ms."""
    step = STEP_S * RATE
    count = int(len(audio) / step)
    sums = np.concatenate([[0.0], np.cumsum((audio.astype(np.float64) ** 2).mean(axis=1))])
    first = np.clip(np.rint((np.arange(count) - (_STEPS - 1) / 2) * step), 0, len(audio))
    last = np.clip(first + round(_STEPS * step), 0, len(audio))
    power: NDArray[np.float64] = np.diff(sums[np.stack([first, last]).astype(int)], axis=0)[0]
    return power / (_STEPS * step)


def together(one: Float32Array, other: Float32Array) -> NDArray[np.bool_]:
    """Find where two recordings certainly sound together.

    Parameters
    ----------
    one, other : ndarray of float32, shape (n, 2)
        At 44.1 kHz, at the levels of the song.

    Returns
    -------
    together : ndarray of bool, shape (steps,)
        For each step of 4 ms.
    """
    powers = np.stack([_power(one), _power(other)])
    lower, higher = powers.min(axis=0), powers.max(axis=0)
    both: NDArray[np.bool_] = (lower > _SOUNDS) & (lower >= _WITHIN * higher)
    return both


def read_stem(path: str | os.PathLike[str]) -> Float32Array:
    """Read a recording.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    stem : ndarray of float32, shape (n, 2)
        At `RATE`.

    Raises
    ------
    AudioError
        If the file cannot be decoded.
    """
    audio, rate = read(path)
    return resample(stereo(audio), rate, RATE)


def read_songs(
    source: str | os.PathLike[str], aside: list[UnreadSong]
) -> Iterator[tuple[str, Float32Array, Float32Array]]:
    """Read all songs below a folder, one after the other.

    Parameters
    ----------
    source : path-like
        Folder with songs (`evaluation.bench.kinds.stem_folders`).
    aside : list of UnreadSong
        Receives the songs that could not be used.

    Yields
    ------
    name : str
        A safe name, given once.
    guitar, rest : ndarray of float32, shape (n, 2)
        Its recordings at `RATE`, whose sum has a peak of 0.9.

    Raises
    ------
    InputError
        At the end, if no song could be used.
    """
    names, count = SafeNames(), 0
    for path in stem_folders(source):
        try:
            stems = [read_stem(path / name) for name in STEMS]
        except AudioError as error:
            _log.warning("rejected: %s", error)
            aside.append(UnreadSong(path.name, error.reason, str(error)))
            continue
        length = max(map(len, stems))
        guitar, rest = (np.pad(stem, ((0, length - len(stem)), (0, 0))) for stem in stems)
        gain = np.float32(_PEAK / max(float(np.abs(guitar + rest).max(initial=0)), 1e-9))
        yield names.new(path.name), guitar * gain, rest * gain
        count += 1
    if not count:
        reason = aside[0].detail if aside else f"no folder holds {' and '.join(STEMS)}"
        raise InputError(f"{os.fspath(source)}: must hold a song that can be used: {reason}")


def render_stems(source: str | os.PathLike[str], folder: str | os.PathLike[str]) -> None:
    """Render all songs below a folder into a bench.

    Parameters
    ----------
    source : path-like
        Folder with songs (`evaluation.bench.kinds.stem_folders`).
    folder : path-like
        The bench to write (`evaluation.bench.layout`), with songs as 16-bit WAV with a peak of
        0.9. Its ``set_aside.tsv`` lists the songs that could not be used.

    Raises
    ------
    InputError
        If no song can be used.
    OSError
        If a file cannot be written. The error names the folder.
    """
    aside: list[UnreadSong] = []
    with atomic_directory(folder) as temporary:
        for name, guitar, rest in read_songs(source, aside):
            both = together(guitar, rest)
            state = np.where(both, NOT_ALONE, UNKNOWN).astype(np.uint8)
            unknown = np.full(len(state), np.nan, np.float32)
            truth = exact_truth(name, IsolationTruth(state, unknown, []))
            write_song(temporary, truth, guitar + rest, RATE)
            _log.info("%s: %.0f %% certainly several sounds", name, 100 * both.mean())
        write_records(temporary / "set_aside.tsv", UnreadSong, aside)
