"""Find regions in the songs of a bench.

A finder is a trained model or a baseline: it returns regions with scores. The regions of a song
become a table of `FoundClip`. One song is in memory at a time. A song that cannot be decoded is
set aside with its reason, and not scored.
"""

from __future__ import annotations

import dataclasses
import logging
import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from deep_plunder.decoding.clip import Clip
from deep_plunder.errors import AudioError, InputError
from deep_plunder.evaluation.bench.layout import songs_of
from deep_plunder.util.checksums import check_files, sums_path
from deep_plunder.util.files import atomic_directory
from deep_plunder.util.names import shown
from deep_plunder.util.tables import Seconds, read_records, write_records

__all__ = ["Finder", "FoundClip", "UnreadSong", "find_all", "unread_songs"]

_log = logging.getLogger(__name__)

Finder = Callable[[Path], Sequence[Clip]]

# In a folder of its own: a song may have any name.
_SET_ASIDE = Path("set_aside", "songs.tsv")


@dataclasses.dataclass(frozen=True, slots=True)
class UnreadSong:
    """A song in which nothing was looked for: a row of ``regions/set_aside/songs.tsv``.

    Attributes
    ----------
    song : str
        Its name in the bench.
    reason : str
        Of the `AudioError`.
    detail : str
        One line, with the file.
    """

    song: str
    reason: str
    detail: str


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

    onset_s: Seconds
    offset_s: Seconds
    score: float
    cut: bool


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
        Gets ``NAME.tsv``, rows of `FoundClip`, a song, and ``set_aside/songs.tsv``, rows of
        `UnreadSong`.
    min_score : float
        Regions of this score or more are those that the finder would cut by itself.

    Raises
    ------
    InputError
        If the bench, or no song of it, can be used.
    """
    songs = songs_of(bench)
    unread: list[UnreadSong] = []
    with atomic_directory(folder) as temporary:
        for song in songs:
            check_files(sums_path(song.audio), [song.audio.name], remove=Path(bench))
            try:
                clips = find(song.audio)
            except AudioError as error:
                _log.warning("%s", error)
                unread.append(UnreadSong(song.name, error.reason, str(error)))
                continue
            rows = (
                FoundClip(clip.onset_s, clip.offset_s, clip.score, clip.score >= min_score)
                for clip in clips
            )
            write_records(temporary / f"{song.name}.tsv", FoundClip, rows)
            _log.info("%s: %d regions", song.name, len(clips))
        if len(unread) == len(songs):
            raise InputError(f"{shown(bench)}: no song can be used: {unread[0].detail}")
        write_records(temporary / _SET_ASIDE, UnreadSong, unread)


def unread_songs(folder: str | os.PathLike[str]) -> frozenset[str]:
    """Read the names of the songs that `find_all` set aside.

    Parameters
    ----------
    folder : path-like
        What `find_all` wrote.

    Returns
    -------
    names : frozenset of str
        Empty, too, where regions were found by other means and nothing says so.

    Raises
    ------
    InputError
        If the table cannot be read.
    """
    path = Path(folder) / _SET_ASIDE
    rows = read_records(path, UnreadSong) if path.exists() else []
    return frozenset(row.song for row in rows)
