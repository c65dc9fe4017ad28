"""Tell from names, sizes and times of change whether a user's files changed.

A library may hold thousands of files, so nothing is read. Hidden files and what is not audio by
its name do not count: a file manager's droppings rerun nothing.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Container, Iterable, Sequence
from pathlib import Path

from deep_plunder.audio.source import AUDIO_SUFFIXES
from deep_plunder.corpus.playlists.reading import read_playlist, resolve
from deep_plunder.errors import DeepPlunderError
from deep_plunder.util.files import files_below

__all__ = ["fingerprint_folder", "fingerprint_songs"]


def fingerprint_folder(
    folder: str | os.PathLike[str], *, suffixes: Container[str] = AUDIO_SUFFIXES
) -> str:
    """Give a digest of the audio files below a folder.

    Parameters
    ----------
    folder : path-like
        Links to folders are followed, each folder once.
    suffixes : container of str
        Of files that count, in lower case, where it is not audio that does.

    Returns
    -------
    fingerprint : str
        16 hexadecimal digits.

    Examples
    --------
    >>> Path("library").mkdir()
    >>> empty = fingerprint_folder("library")
    >>> Path("library/kick.wav").touch()
    >>> fingerprint_folder("library") == empty
    False
    """
    root = Path(folder)
    return _digest(
        (os.fsencode(path.relative_to(root)), path) for path in files_below(root, suffixes=suffixes)
    )


def fingerprint_songs(
    sources: Iterable[str | os.PathLike[str]], *, path_map: Sequence[str] = ()
) -> str:
    """Give a digest of the audio files that playlists and folders name.

    Parameters
    ----------
    sources : iterable of path-like
        As of `deep_plunder.corpus.songs.select_songs`. One that cannot be read counts as naming
        none.
    path_map : sequence of str
        ``OLD=NEW``, as of `deep_plunder.playlists.resolve`.

    Returns
    -------
    fingerprint : str
        16 hexadecimal digits.

    Examples
    --------
    >>> len(fingerprint_songs(["playlist.txt"]))
    16
    """
    files: set[Path] = set()
    for source in sources:
        if Path(source).is_dir():
            files.update(files_below(source, suffixes=AUDIO_SUFFIXES))
            continue
        try:
            rows = read_playlist(source)
        except DeepPlunderError:
            # The stage that needs it will say what is wrong.
            continue
        found = (resolve(row.location, path_map=path_map) for row in rows)
        files.update(path for path in found if path is not None)
    return _digest((os.fsencode(path), path) for path in files)


def _digest(files: Iterable[tuple[bytes, Path]]) -> str:
    lines = []
    for name, path in files:
        try:
            stat = path.stat()
        except OSError:
            continue
        lines.append(b"%b\0%d\0%d\n" % (name, stat.st_size, stat.st_mtime_ns))
    return hashlib.sha256(b"".join(sorted(lines))).hexdigest()[:16]
