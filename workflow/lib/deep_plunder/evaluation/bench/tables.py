"""Score the regions found in the songs of a bench, and write small tables.

The scores of a bench are two rows of `BenchRow`. The first is for all regions, however unlikely,
and shows the quality of the ranking. The second is for the regions that the finder cuts by
default.
"""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any

from deep_plunder.decoding.calibration import ReliabilityBin
from deep_plunder.evaluation.bench.find import FoundClip, unread_songs
from deep_plunder.evaluation.bench.layout import songs_of, truth_of
from deep_plunder.evaluation.bench.scores import (
    BenchScore,
    SongScore,
    reliability_of,
    score,
    score_song,
)
from deep_plunder.util.tables import read_records, write_records

__all__ = ["BenchRow", "SongRow", "score_bench"]

BenchRow = dataclasses.make_dataclass(
    "BenchRow",
    [("regions", str), *((field.name, field.type) for field in dataclasses.fields(BenchScore))],
    namespace={"__doc__": "Scores as in `BenchScore`, for ``all`` regions found or those ``cut``."},
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
        "__doc__": "Scores of one song of a bench, in per cent, and seconds found wrongly. The "
        "scores of a song without true regions are zero."
    },
    frozen=True,
    slots=True,
)


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
    reliability_path: str | os.PathLike[str],
) -> list[Any]:
    """Score the regions that `evaluation.bench.find.find_all` wrote.

    Parameters
    ----------
    bench : path-like
        Folder of the bench.
    folder : path-like
        Folder of the tables ``NAME.tsv``. If a song has no table, no region was found in it. Songs
        that could not be read are not scored.
    path : path-like
        Table to write: two rows of `BenchRow`, for all regions and for those cut.
    songs_path : path-like
        Table to write: one `SongRow` per song, for the regions cut.
    reliability_path : path-like
        Table to write: the reliability of the scores of all regions, rows of `ReliabilityBin`.
        Empty where scores are no probabilities.

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
    unread = {song.song for song in unread_songs(folder)}
    for song in songs_of(bench):
        if song.name in unread:
            continue
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
    write_records(reliability_path, ReliabilityBin, reliability_of(every))
    write_records(songs_path, SongRow, [_row(song) for song in cut])
    return rows
