"""Extract clips from many songs, divided into parts that run as separate jobs.

A song that cannot be read does not stop the others: it has a row that says why. A disk that is
full is no fault of a song, and the next would fare no better: that ends the job.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from .cliplist import ExtractedSong
from .errors import AudioError
from .files import SafeNames
from .songs import Song
from .split import Assignment, members

__all__ = ["extract_songs", "name_files", "songs_of"]

_log = logging.getLogger(__name__)


def name_files(
    paths: Iterable[str | os.PathLike[str]], *, taken: Iterable[str] = ()
) -> list[tuple[str, str]]:
    """Give each file a name that is safe and its own.

    Parameters
    ----------
    paths : iterable of path-like
    taken : iterable of str
        Names that others have.

    Returns
    -------
    songs : list of (name, path)
        In the order given.
    """
    names = SafeNames(taken)
    return [(names.new(Path(path).stem), os.fspath(path)) for path in paths]


def songs_of(
    songs: Iterable[Song], assignments: Sequence[Assignment], *, split: str | None
) -> list[tuple[str, str]]:
    """Name the songs of a split, or all.

    Parameters
    ----------
    songs : iterable of Song
    assignments : sequence of Assignment
    split : str or None
        None for all songs.

    Returns
    -------
    songs : list of (name, path)
        In the order given.
    """
    own = None if split is None else set(members(assignments, kind="song", split=split))
    return [(song.song, song.path) for song in songs if own is None or song.song in own]


def extract_songs(
    model: Any,
    songs: Sequence[tuple[str, str]],
    folder: str | os.PathLike[str],
    **options: Any,
) -> list[ExtractedSong]:
    """Extract clips from songs one after the other.

    Parameters
    ----------
    model : deep_plunder.modelfile.LoadedModel
    songs : sequence of (name, path)
    folder : path-like
        Gets a folder for each song, which replaces one that is there.
    **options
        Of `deep_plunder.extraction.extract_song`.

    Returns
    -------
    rows : list of ExtractedSong
        In the order of `songs`. That there are any without a fault is not asked here but of all
        parts together, by `cliplist.list_clips`.

    Raises
    ------
    OSError
        If a song's folder cannot be written. Those that were there stay.
    ModelError, InputError
        As `deep_plunder.extraction.extract_song`.
    """
    from .extraction import extract_song

    rows = []
    for name, path in songs:
        fault = ""
        try:
            extract_song(model, path, Path(folder) / name, **options)
        except AudioError as error:
            fault = str(error)
            _log.warning("%s", fault)
        rows.append(ExtractedSong(name, path, fault))
    return rows
