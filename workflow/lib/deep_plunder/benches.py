"""Benches: folders of real songs with exact truth, and what finders leave for them.

Form of a bench, for each song NAME:

- ``audio/NAME.*``: the song, in any format;
- ``regions/NAME.tsv``: isolated regions, columns ``onset_s`` and ``offset_s`` (others are ignored);
- ``ignore/NAME.tsv``: stretches that are not scored, the same columns; may be missing;
- ``labels32ms/NAME.npy``: uint8, a value for each frame of 32 ms: 0, 1 isolated, 2 not counted.

A folder of tracker modules is no bench by itself; `trackers` makes one of it.

A finder gives regions with scores: a trained model or a baseline. Its regions are kept as a table
of `FoundClip` a song, its figures as two rows of `BenchRow`: of all regions, however unlikely, by
which a ranking is judged, and of those that it would cut by itself. One song is in memory at a
time.
"""

from __future__ import annotations

import dataclasses
import logging
import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .audio import AUDIO_SUFFIXES
from .decoding import Clip
from .errors import InputError
from .files import atomic_directory, atomic_path
from .realbench import BenchScore, SongScore, Truth, score, score_song
from .tables import read_records, write_records

__all__ = ["BenchRow", "BenchSong", "FoundClip", "SongRow", "Span", "find_all", "score_bench",
           "songs_of", "truth_of", "write_truth"]  # fmt: skip

_log = logging.getLogger(__name__)

Finder = Callable[[Path], Sequence[Clip]]


@dataclasses.dataclass(frozen=True, slots=True)
class Span:
    """A row of ``regions/NAME.tsv`` and ``ignore/NAME.tsv``, in seconds."""

    onset_s: float
    offset_s: float


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


@dataclasses.dataclass(frozen=True, slots=True)
class BenchSong:
    """A song of a bench.

    Attributes
    ----------
    name : str
    audio : Path
    """

    name: str
    audio: Path


BenchRow = dataclasses.make_dataclass(
    "BenchRow",
    [("regions", str), *((field.name, field.type) for field in dataclasses.fields(BenchScore))],
    namespace={
        "__doc__": "Figures as `realbench.BenchScore`, of ``all`` regions found or those ``cut``."
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


def songs_of(folder: str | os.PathLike[str]) -> list[BenchSong]:
    """List the songs of a bench, by name.

    Parameters
    ----------
    folder : path-like

    Returns
    -------
    songs : list of BenchSong
        Those that have labels.

    Raises
    ------
    InputError
        If there are none, or one has no audio.
    """
    root = Path(folder)
    audio = {
        path.stem: path
        for path in sorted((root / "audio").glob("*"))
        if path.suffix.lower() in AUDIO_SUFFIXES
    }
    songs = []
    for labels in sorted((root / "labels32ms").glob("*.npy")):
        if labels.stem not in audio:
            raise InputError(f"{root}: audio: there must be a file for {labels.name}")
        songs.append(BenchSong(labels.stem, audio[labels.stem]))
    if not songs:
        raise InputError(f"{root}: labels32ms: must hold a .npy a song, holds none")
    return songs


def _spans(path: Path) -> NDArray[np.float64]:
    rows = [(row.onset_s, row.offset_s) for row in read_records(path, Span)]
    spans = np.array(sorted(rows), np.float64).reshape(-1, 2)
    if not np.isfinite(spans).all() or (spans[:, 1] < spans[:, 0]).any():
        raise InputError(f"{path}: must hold finite seconds with onset_s <= offset_s")
    return spans


def truth_of(folder: str | os.PathLike[str], name: str) -> Truth:
    """Read what is known of a song.

    Parameters
    ----------
    folder : path-like
        The bench.
    name : str
        The song.

    Returns
    -------
    truth : realbench.Truth

    Raises
    ------
    InputError
        If a file cannot be read or holds something else.
    """
    root = Path(folder)
    path = root / "labels32ms" / f"{name}.npy"
    try:
        labels = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    if labels.ndim != 1 or labels.dtype.kind not in "iub" or not len(labels):
        raise InputError(f"{path}: must be integers, a value a frame, got {labels.dtype}")
    ignore = root / "ignore" / f"{name}.tsv"
    return Truth(
        name=name,
        regions=_spans(root / "regions" / f"{name}.tsv"),
        ignore=_spans(ignore) if ignore.exists() else np.empty((0, 2)),
        labels=labels.astype(np.uint8),
    )


def write_truth(folder: str | os.PathLike[str], truth: Truth) -> None:
    """Write what is known of a song into a bench, in the form that `truth_of` reads.

    Parameters
    ----------
    folder : path-like
        The bench; folders that are missing are made.
    truth : realbench.Truth
    """
    root = Path(folder)
    for name, spans in (("regions", truth.regions), ("ignore", truth.ignore)):
        rows = [Span(onset, offset) for onset, offset in spans.tolist()]
        write_records(root / name / f"{truth.name}.tsv", Span, rows)
    labels = root / "labels32ms" / f"{truth.name}.npy"
    labels.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(labels) as temporary, temporary.open("wb") as file:
        np.save(file, truth.labels, allow_pickle=False)


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
