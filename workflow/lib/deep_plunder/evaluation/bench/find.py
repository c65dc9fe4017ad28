"""Find regions in the songs of a bench.

A finder is a trained model or a baseline that returns regions with scores. Each song gets a table
of `FoundClip`. One song is in memory at a time. A song that cannot be decoded, or whose truth
cannot be read, is listed with its reason and not scored.
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
from deep_plunder.evaluation.bench.layout import songs_of, truth_of
from deep_plunder.util.checksums import check_files, sums_path
from deep_plunder.util.files import atomic_directory
from deep_plunder.util.names import shown
from deep_plunder.util.tables import Seconds, read_records, write_records

__all__ = ["Finder", "FoundClip", "UnreadSong", "find_all", "unread_songs"]

_log = logging.getLogger(__name__)

Finder = Callable[[Path], Sequence[Clip]]

# In a folder of its own, since a song may have any name.
_SET_ASIDE = Path("set_aside", "songs.tsv")


@dataclasses.dataclass(frozen=True, slots=True)
class UnreadSong:
    """A song that could not be read: a row of ``regions/set_aside/songs.tsv``.

    Attributes
    ----------
    song : str
        Name of the song in the bench.
    reason : str
        Reason of the `AudioError`, or ``"damaged"`` where another file than the sound is at fault.
    detail : str
        Message of the error, one line that names the file.
    """

    song: str
    reason: str
    detail: str


@dataclasses.dataclass(frozen=True, slots=True)
class FoundClip:
    """A region that a finder found: a row of ``regions/NAME.tsv``.

    Attributes
    ----------
    onset_s, offset_s : float
        Beginning and end, in seconds.
    score : float
        Score for ranking.
    cut : bool
        Whether the finder cuts this region by default.
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
        Function from a song's file to its regions.
    bench : path-like
        Folder of the bench.
    folder : path-like
        Folder to write: per song ``NAME.tsv``, rows of `FoundClip`, and
        ``set_aside/songs.tsv``, rows of `UnreadSong`.
    min_score : float
        Regions with this score or more are those that the finder cuts by default.

    Raises
    ------
    InputError
        If the bench cannot be used, or none of its songs can.
    """
    songs = songs_of(bench)
    unread: list[UnreadSong] = []
    with atomic_directory(folder) as temporary:
        for song in songs:
            try:
                check_files(sums_path(song.audio), [song.audio.name], remove=Path(bench))
                truth_of(bench, song.name)
                clips = find(song.audio)
            except InputError as error:
                _log.warning("%s", error)
                reason = error.reason if isinstance(error, AudioError) else "damaged"
                unread.append(UnreadSong(song.name, reason, str(error)))
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


def unread_songs(folder: str | os.PathLike[str]) -> list[UnreadSong]:
    """Read the list of the songs that `find_all` could not read.

    Parameters
    ----------
    folder : path-like
        Folder that `find_all` wrote.

    Returns
    -------
    songs : list of UnreadSong
        Empty if the folder has no such table, as when other means wrote it.

    Raises
    ------
    InputError
        If the table cannot be read.
    """
    path = Path(folder) / _SET_ASIDE
    return read_records(path, UnreadSong) if path.exists() else []
