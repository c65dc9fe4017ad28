"""Find the clips of songs that were changed in ways that a listener does not hear.

A variant has the same clips as the plain song where their onsets are within 30 ms, one to one.
Under a hiss that never stops, which a listener hears well, no clip should be cut.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np

from deep_plunder.audio import writing
from deep_plunder.audio.encoding import encode
from deep_plunder.audio.reading import read
from deep_plunder.audio.resampling import resample
from deep_plunder.decoding.clip import Clip
from deep_plunder.errors import AudioError
from deep_plunder.evaluation.bench.find import Finder, FoundClip, unread_songs
from deep_plunder.evaluation.bench.layout import songs_of
from deep_plunder.evaluation.probes.kinds import CHANGES, HISS
from deep_plunder.evaluation.probes.noises import noise_of
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.rng import generator
from deep_plunder.util.tables import Number, Words, read_records, write_records

__all__ = ["VariantRow", "common_onsets", "find_in_variants"]

_log = logging.getLogger(__name__)

_SAME_S = 0.03
_FEWEST = 5
_OFFSET = 0.02
_QUIET = 0.1
_SHIFT_S = 0.0073
_RATE = 48000
_MP3_KBPS = 192


@dataclass(frozen=True, slots=True)
class VariantRow:
    """The clips of a song and of its variant.

    Attributes
    ----------
    change : str
        Name of the change.
    song : str
        Name of the song.
    plain, clips, common : int
        Numbers of clips of the plain song, of the variant, and of those that both have.
    """

    change: Annotated[str, Words(tuple(CHANGES))]
    song: str
    plain: Number
    clips: Number
    common: Number


def common_onsets(one: Sequence[float], other: Sequence[float]) -> int:
    """Count the onsets that two lists share, one to one, within 30 ms.

    Parameters
    ----------
    one, other : sequence of float
        Onsets in seconds, in any order.

    Returns
    -------
    common : int

    Examples
    --------
    >>> common_onsets([1.0, 2.0, 3.0], [1.02, 1.03, 3.04])
    1
    """
    left, right, common = sorted(one), sorted(other), 0
    i = j = 0
    while i < len(left) and j < len(right):
        if abs(left[i] - right[j]) <= _SAME_S:
            i, j, common = i + 1, j + 1, common + 1
        elif left[i] < right[j]:
            i += 1
        else:
            j += 1
    return common


def _write_variant(change: str, audio: Float32Array, rate: int, folder: Path, *, seed: int) -> Path:
    """Write a variant of a song in floats, except where a format is part of the change."""
    path = folder / "song.wav"
    if change == "mp3":
        path = folder / "song.mp3"
        encode(path, audio, rate, mp3_kbps=_MP3_KBPS)
        return path
    if change == "quiet":
        writing.write(path, audio * np.float32(_QUIET), rate, subtype="PCM_24")
        return path
    if change == "48 kHz":
        audio, rate = resample(audio, rate, _RATE), _RATE
    elif change == "shifted":
        audio = np.pad(audio, ((round(_SHIFT_S * rate), 0), (0, 0)))
    elif change == "offset":
        audio = audio + np.float32(_OFFSET)
    elif change == "polarity":
        audio = -audio
    else:
        hiss = noise_of(HISS, len(audio), rate, generator(seed, "probes", change))
        audio = audio + hiss[:, : audio.shape[1]]
    writing.write(path, audio, rate, subtype="FLOAT")
    return path


def _onsets(clips: Sequence[Clip], min_score: float) -> list[float]:
    return [clip.onset_s for clip in clips if clip.score >= min_score]


def find_in_variants(
    find: Finder,
    bench: str | os.PathLike[str],
    plain: str | os.PathLike[str],
    path: str | os.PathLike[str],
    *,
    min_score: float,
    songs: int,
    seed: int,
) -> list[VariantRow]:
    """Find clips in variants of the songs of a bench, and compare them with the plain songs'.

    Parameters
    ----------
    find : callable
        Function from a song's file to its regions.
    bench : path-like
        Folder of the bench.
    plain : path-like
        Folder that `evaluation.bench.find.find_all` wrote for the bench with the same finder.
    path : path-like
        Table to write.
    min_score : float
        Regions with this score or more are cut by default.
    songs : int
        Most songs. Songs with fewer than five clips, or more than two channels, are left out.
    seed : int
        The seed of the hiss.

    Returns
    -------
    rows : list of VariantRow

    Raises
    ------
    InputError
        If the bench or a table cannot be read.
    """
    rows: list[VariantRow] = []
    chosen, unread = 0, {song.song for song in unread_songs(plain)}
    for song in songs_of(bench):
        table = Path(plain) / f"{song.name}.tsv"
        if song.name in unread or not table.exists() or chosen == songs:
            continue
        onsets = [clip.onset_s for clip in read_records(table, FoundClip) if clip.cut]
        if len(onsets) < _FEWEST:
            continue
        try:
            audio, rate = read(song.audio)
        except AudioError as error:
            _log.warning("%s", error)
            continue
        if audio.shape[1] > 2:
            continue
        chosen += 1
        rows += _compared(find, song.name, onsets, audio, rate, min_score=min_score, seed=seed)
        _log.info("%s: %d clips", song.name, len(onsets))
    write_records(path, VariantRow, rows)
    return rows


def _compared(
    find: Callable[[Path], Sequence[Clip]],
    song: str,
    onsets: Sequence[float],
    audio: Float32Array,
    rate: int,
    *,
    min_score: float,
    seed: int,
) -> list[VariantRow]:
    rows = []
    for change in CHANGES:
        with tempfile.TemporaryDirectory() as folder:
            file = _write_variant(change, audio, rate, Path(folder), seed=seed)
            found = _onsets(find(file), min_score)
        late = round(_SHIFT_S * rate) / rate if change == "shifted" else 0.0
        common = common_onsets(onsets, [onset - late for onset in found])
        rows.append(VariantRow(change, song, len(onsets), len(found), common))
    return rows
