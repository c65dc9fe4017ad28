"""Read the user's list of songs: a playlist of any kind, or a folder.

`read_playlist` recognises the form by the content, not by the name, and returns the rows of

- the text that iTunes and Apple Music export (`itunes`),
- their ``Library.xml``, whole library or one playlist (`library_xml`),
- M3U and M3U8, with or without ``#EXTINF`` (`m3u`),
- a folder of audio with all folders below it, or one audio file.

Rows come in the order of the file; those of a folder are sorted by path. Nothing is filtered here:
`songs` does so, and states the reasons. A fault in a row costs at most that row. The size of a
playlist and the number of its rows are bounded, since all rows are held in memory. `locations`
finds the file for a location; its `resolve` can be imported from here too.

The paper (section 3.3) uses only iTunes' text export.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from deep_plunder.audio.source import AUDIO_SUFFIXES
from deep_plunder.corpus.playlists.encodings import decoded_lines, to_utf8
from deep_plunder.corpus.playlists.entries import PlaylistEntry
from deep_plunder.corpus.playlists.itunes import read_export
from deep_plunder.corpus.playlists.library_xml import library_rows
from deep_plunder.corpus.playlists.locations import relative, resolve
from deep_plunder.corpus.playlists.m3u import read_m3u
from deep_plunder.corpus.playlists.plist_binary import BINARY, read_binary_tracks
from deep_plunder.corpus.playlists.plist_xml import read_xml_tracks
from deep_plunder.errors import InputError
from deep_plunder.util.listing import entries_below

__all__ = ["MOST_BYTES", "MOST_LINES", "MOST_ROWS", "read_listed", "read_playlist", "resolve"]

MOST_BYTES = 512 << 20
"""Bytes of the largest playlist that is read, enough for 300,000 tracks of a Library.xml."""
MOST_ROWS = 1_000_000
"""Number of rows of the longest playlist that is read."""
MOST_LINES = 2_000_000
"""Largest number of lines in a text: rows, and comments and facts between them."""
_XML = (b"<?xml", b"<!DOCTYPE plist", b"<plist")
_HEAD_BYTES = 4096


def read_playlist(path: str | os.PathLike[str]) -> list[PlaylistEntry]:
    r"""Read a playlist in any known form, or list the files of a folder.

    Parameters
    ----------
    path : path-like
        A playlist, a folder, or an audio file.

    Returns
    -------
    rows : list of PlaylistEntry

    Raises
    ------
    InputError
        If there is nothing at `path`, or if it cannot be read, is in no known form, or exceeds
        `MOST_BYTES`, `MOST_LINES` or `MOST_ROWS`. Unreadable folders within a folder become rows.

    Examples
    --------
    >>> size = Path("list.m3u").write_text("#EXTM3U\ntide.mp3\n", encoding="utf-8")
    >>> [row.location for row in read_playlist("list.m3u")]
    ['./tide.mp3']
    """
    path = Path(path)
    source = os.fspath(path)
    if os.path.isdir(source):  # noqa: PTH112 (takes any text)
        return list(_folder_rows(source))
    if path.suffix.lower() in AUDIO_SUFFIXES and os.path.isfile(source):  # noqa: PTH113
        return [_file_row(source, 1, source)]
    return _parsed(source, _content(path), path.suffix.lower())


def read_listed(data: bytes, *, source: str) -> list[PlaylistEntry]:
    r"""Read a playlist of any form, or one path per line, as it comes from standard input.

    Parameters
    ----------
    data : bytes
        The playlist. Relative paths begin at the working directory.
    source : str
        Name of the playlist in the rows and in messages.

    Returns
    -------
    rows : list of PlaylistEntry

    Raises
    ------
    InputError
        See `read_playlist`.

    Examples
    --------
    >>> [row.location for row in read_listed(b"tide.mp3\ndune.mp3\n", source="-")]
    ['./tide.mp3', './dune.mp3']
    """
    if len(data) > MOST_BYTES:
        raise InputError(f"{source}: a playlist must be at most {MOST_BYTES >> 20} MiB")
    # The export of iTunes is a table of columns divided by tabs; paths seldom hold one.
    is_table = "\t" in to_utf8(data[:_HEAD_BYTES]).decode(errors="replace")
    return _parsed(source, data, ".txt" if is_table else ".m3u8")


def _parsed(source: str, data: bytes, suffix: str) -> list[PlaylistEntry]:
    try:
        rows = list(itertools.islice(_rows(source, data, suffix), MOST_ROWS + 1))
    except InputError as error:
        raise InputError(f"{source}: {error}") from error
    if len(rows) > MOST_ROWS:
        raise InputError(f"{source}: a playlist must have at most {MOST_ROWS} rows")
    return rows


def _content(path: Path) -> bytes:
    try:
        # A pipe to which nobody writes would block forever.
        if path.is_fifo():
            raise InputError(f"{path}: cannot be read as a playlist: is a pipe")
        with path.open("rb") as file:
            large = os.fstat(file.fileno()).st_size > MOST_BYTES
            data = b"" if large else file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path}: cannot be read as a playlist: {reason}") from error
    if large or len(data) > MOST_BYTES:
        raise InputError(f"{path}: a playlist must be at most {MOST_BYTES >> 20} MiB")
    if not (data[:_HEAD_BYTES].strip() or data.strip()):
        raise InputError(f"{path}: an empty file is not a playlist")
    return data


def _rows(source: str, data: bytes, suffix: str) -> Iterator[PlaylistEntry]:
    """Read the rows of a playlist, recognising its form."""
    if data.startswith(BINARY):
        return library_rows(read_binary_tracks(data), source=source)
    data = to_utf8(data)
    if data[:_HEAD_BYTES].lstrip().startswith(_XML):
        return library_rows(read_xml_tracks(data), source=source)
    if suffix in (".m3u", ".m3u8") or data[:_HEAD_BYTES].lstrip().upper().startswith(b"#EXTM3U"):
        # Except iTunes on a Mac, the players that write eight-bit M3U run on Windows.
        legacy = "cp1252" if suffix == ".m3u" and b"\n" in data else None
        return read_m3u(_bounded(decoded_lines(data, legacy=legacy)), source=source)
    return read_export(_bounded(decoded_lines(data, one_ending=True)), source=source)


def _bounded(lines: Iterable[str]) -> Iterator[str]:
    for count, line in enumerate(lines):
        if count == MOST_LINES:
            raise InputError(f"a playlist must have at most {MOST_LINES} lines")
        yield line


def _file_row(source: str, number: int, path: str, *, fault: str = "") -> PlaylistEntry:
    title, location = Path(path).stem, relative(path)
    return PlaylistEntry(source, number, title, location=location, fault=fault)


def _folder_rows(source: str) -> Iterator[PlaylistEntry]:
    """List the files below a folder, without hidden ones unless they look like ``._song.mp3``."""
    entries = entries_below(source, shadows=AUDIO_SUFFIXES)
    for number, (path, fault) in enumerate(entries, start=1):
        yield _file_row(source, number, os.fspath(path), fault=fault)
