"""Compute fingerprints of files, which change if and only if a file's name or content changes.

The times of files do not count: a file that is touched, copied or dated in the future keeps its
fingerprint. Hidden files and files without the suffix of audio do not count either, so the records
that a file manager leaves rerun nothing.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Container, Iterable, Sequence
from pathlib import Path

from deep_plunder.audio.source import AUDIO_SUFFIXES
from deep_plunder.corpus.playlists.reading import read_playlist, resolve
from deep_plunder.errors import DeepPlunderError
from deep_plunder.util.contents import ContentDigests
from deep_plunder.util.listing import files_below

__all__ = ["fingerprint_files", "fingerprint_folder", "fingerprint_songs"]


def fingerprint_files(
    paths: Iterable[str | os.PathLike[str]], *, digests: ContentDigests | None = None
) -> str:
    """Compute a digest of files.

    Parameters
    ----------
    paths : iterable of path-like
        The files, in any order. A file that cannot be read counts as missing.
    digests : ContentDigests, optional
        Cache of the content of files.

    Returns
    -------
    fingerprint : str
        16 hexadecimal digits.

    Examples
    --------
    >>> fingerprint_files([]) == fingerprint_files(["missing.wav"])
    True
    """
    return _digest(((os.fsencode(path), Path(path)) for path in paths), digests)


def fingerprint_folder(
    folder: str | os.PathLike[str],
    *,
    suffixes: Container[str] = AUDIO_SUFFIXES,
    digests: ContentDigests | None = None,
) -> str:
    """Compute a digest of the audio files below a folder.

    Parameters
    ----------
    folder : path-like
        The folder, whose own name does not count. Links to folders are followed, each folder once.
    suffixes : container of str
        Suffixes in lower case of the files that count; those of audio by default.
    digests : ContentDigests, optional
        Cache of the content of files.

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
        (
            (os.fsencode(path.relative_to(root)), path)
            for path in files_below(root, suffixes=suffixes)
        ),
        digests,
    )


def fingerprint_songs(
    sources: Iterable[str | os.PathLike[str]],
    *,
    path_map: Sequence[str] = (),
    without: str | os.PathLike[str] | None = None,
    digests: ContentDigests | None = None,
) -> str:
    """Compute a digest of playlists and folders, and of all audio files in them.

    Parameters
    ----------
    sources : iterable of path-like
        See `deep_plunder.corpus.songs.select_songs`. A source that cannot be read counts as
        empty.
    path_map : sequence of str
        ``OLD=NEW`` (see `deep_plunder.corpus.playlists.reading.resolve`).
    without : path-like, optional
        Folder whose files do not count, although a playlist names them.
    digests : ContentDigests, optional
        Cache of the content of files.

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
    for source in map(Path, sources):
        if source.is_dir():
            files.update(files_below(source, suffixes=AUDIO_SUFFIXES))
            continue
        files.add(source)
        try:
            rows = read_playlist(source)
        except DeepPlunderError:
            # The stage that needs the file will report the fault.
            continue
        found = (resolve(row.location, path_map=path_map) for row in rows)
        files.update(path for path in found if path is not None)
    if without is not None:
        left_out = Path(without).absolute()
        files = {path for path in files if not path.absolute().is_relative_to(left_out)}
    return fingerprint_files(files, digests=digests)


def _digest(files: Iterable[tuple[bytes, Path]], digests: ContentDigests | None) -> str:
    names = {path: name for name, path in files}
    contents = (digests or ContentDigests()).of(names)
    lines = sorted(b"%b\0%b\n" % (names[path], text.encode()) for path, text in contents.items())
    return hashlib.sha256(b"".join(lines)).hexdigest()[:16]
