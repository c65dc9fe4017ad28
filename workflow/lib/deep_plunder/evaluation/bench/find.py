"""Find regions in the songs of a bench, and score them.

A finder is a trained model or a baseline: it returns regions with scores. The regions of a song
become a table of `FoundClip`. The figures of a bench are two rows of `BenchRow`: of all regions,
however unlikely, which is how a ranking is judged, and of those that the finder would cut by
default. One song is in memory at a time.
"""

from __future__ import annotations

import dataclasses
import logging
import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from deep_plunder.decoding.clip import Clip
from deep_plunder.evaluation.bench.layout import songs_of, truth_of
from deep_plunder.evaluation.bench.scores import BenchScore, SongScore, score, score_song
from deep_plunder.util.files import atomic_directory
from deep_plunder.util.tables import read_records, write_records

__all__ = ["BenchRow", "Finder", "FoundClip", "SongRow", "find_all", "score_bench"]

_log = logging.getLogger(__name__)

Finder = Callable[[Path], Sequence[Clip]]


@dataclasses.dataclass(frozen=True, slots=True)
class FoundClip:
    """A region that was found: a row of ``regions/NAME.tsv`` of a finder.

    Attributes
    ----------
    onset_s, offset_s : float
        Where it begins and ends, in seconds.
    score : float
        What it is ranked by.
    cut : bool
        Whether the finder would cut it by itself.
    """

    onset_s: float
    offset_s: float
    score: float
    cut: bool


BenchRow = dataclasses.make_dataclass(
    "BenchRow",
    [("regions", str), *((field.name, field.type) for field in dataclasses.fields(BenchScore))],
    namespace={
        "__doc__": "Figures as in `BenchScore`, of ``all`` regions found or of those ``cut``."
    },
    frozen=True,
    slots=True,
)

SongRow = dataclasses.make_dataclass(
    "SongRow",
    [("song", str), ("regions", int), ("clips", int)]
    + [
        (f"{view}_{part}", float)
        for view in ("frame", "note", "note_offset")
        for part in ("precision", "recall", "f1")
    ]
    + [("usable", float), ("found", float), ("false_s", float)],
    namespace={
        "__doc__": "Figures of one song of a bench, in per cent, and seconds found wrongly. The "
        "figures of a song without true regions are zeros."
    },
    frozen=True,
    slots=True,
)


def find_all(
    find: Finder,
    bench: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    *,
    min_score: float = -math.inf,
) -> None:
    """Find regions in each song of a bench, song by song.

    Parameters
    ----------
    find : callable
        From a song's file to its regions.
    bench : path-like
    folder : path-like
        Gets ``NAME.tsv``, rows of `FoundClip`, a song.
    min_score : float
        Regions of this score or more are those that the finder would cut by itself.

    Raises
    ------
    InputError, AudioError
        If the bench or a song of it cannot be used.
    """
    with atomic_directory(folder) as temporary:
        for song in songs_of(bench):
            clips = find(song.audio)
            rows = (
                FoundClip(clip.onset_s, clip.offset_s, clip.score, clip.score >= min_score)
                for clip in clips
            )
            write_records(temporary / f"{song.name}.tsv", FoundClip, rows)
            _log.info("%s: %d regions", song.name, len(clips))


def _row(song: SongScore) -> Any:
    views = [*song.frame, *song.note, *song.note_with_offset]
    usable = sum(found.usable for found in song.found) / max(1, len(song.found))
    values = [*views, usable, song.covered / max(1, song.regions)]
    percent = [100 * float(value) for value in values]
    return SongRow(song.song, song.regions, len(song.found), *percent, song.false_s)


def score_bench(
    bench: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    *,
    path: str | os.PathLike[str],
    songs_path: str | os.PathLike[str],
) -> list[Any]:
    """Score what `find_all` left.

    Parameters
    ----------
    bench : path-like
    folder : path-like
        Of ``NAME.tsv``. A song without one counts as one in which nothing was found.
    path : path-like
        Gets two rows of `BenchRow`: of all regions, and of those cut.
    songs_path : path-like
        Gets a `SongRow` a song, of the regions cut.

    Returns
    -------
    rows : list of BenchRow

    Raises
    ------
    InputError
        If a file cannot be read.
    """
    every: list[SongScore] = []
    cut: list[SongScore] = []
    for song in songs_of(bench):
        table = Path(folder) / f"{song.name}.tsv"
        clips = read_records(table, FoundClip) if table.exists() else []
        truth = truth_of(bench, song.name)
        for songs, kept in ((every, clips), (cut, [clip for clip in clips if clip.cut])):
            songs.append(score_song(truth, [(c.onset_s, c.offset_s, c.score) for c in kept]))
    rows = [
        BenchRow(kind, *dataclasses.astuple(score(songs)))
        for kind, songs in (("all", every), ("cut", cut))
    ]
    write_records(path, BenchRow, rows)
    write_records(songs_path, SongRow, [_row(song) for song in cut])
    return rows
