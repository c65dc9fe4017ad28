"""Read what a user brings as the list of songs: playlists of every kind, or a folder.

`read_playlist` looks at the content, not at the name, and gives the rows of

- the text that iTunes and Apple Music export (`itunes`),
- their ``Library.xml`` (a property list, whole library or one playlist),
- M3U and M3U8, with or without ``#EXTINF``,
- a folder of audio with all that is below it, or one audio file.

Rows come in the file's order (a folder's sorted by path) and nothing is filtered here: that, and
the reasons for it, is the task of `songs`. Where a location lies on this machine is the task of
`locations`, whose `resolve` is offered here too.

The paper (section 3.3) knows iTunes' text export only.
"""

from __future__ import annotations

import dataclasses
import math
import os
import plistlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from .audio import AUDIO_SUFFIXES
from .errors import InputError
from .files import entries_below
from .itunes import decode, read_tracks
from .locations import resolve

__all__ = ["Row", "read_playlist", "resolve"]

_PROPERTY_LIST = (b"<?xml", b"<!DOCTYPE plist", b"<plist", b"bplist00")
_ABSOLUTE = re.compile(r"/|\\|[A-Za-z]:[\\/]|[A-Za-z][A-Za-z0-9+.-]+://|(?i:file:/)")


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One entry of a playlist.

    Attributes
    ----------
    source : str
        The playlist or folder, as it was given.
    row : int
        Where in it: the row of a text export (its header is row 1), the line of an M3U, the
        number of the track in a Library.xml or of the file in a folder (the first is 1), where
        a folder that cannot be read counts too.
    title, artist : str
        Empty where not said. The title of a file in a folder is its name.
    seconds : float
        NaN where not said.
    bit_rate_kbps : float
        NaN where not said.
    kind : str
        What iTunes calls the kind of file, in the user's language. ``Protected`` begins
        it where a Library.xml flags the track so.
    location : str
        As the playlist holds it. One relative to an M3U file is joined to that file's folder,
        and a relative result begins with ``./`` or ``../``.
    fault : str
        Why a folder below a folder, which is then the location, cannot be read. Else empty.
    """

    source: str
    row: int
    title: str
    artist: str
    seconds: float
    bit_rate_kbps: float
    kind: str
    location: str
    fault: str = ""


def read_playlist(path: str | os.PathLike[str]) -> list[Row]:
    """Read a playlist of any known form, or list the files of a folder.

    Parameters
    ----------
    path : path-like
        A playlist, a folder, or an audio file.

    Returns
    -------
    rows : list of Row

    Raises
    ------
    InputError
        If there is nothing at `path`, or it cannot be read, or is in none of the forms. Of a
        folder, those below that cannot be read are rows.
    """
    path = Path(path)
    source = os.fspath(path)
    if os.path.isdir(source):  # noqa: PTH112 (takes any text)
        return list(_folder_rows(source))
    if path.suffix.lower() in AUDIO_SUFFIXES and os.path.isfile(source):  # noqa: PTH113
        return [_file_row(source, 1, source)]
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{source}: cannot be read as a playlist: {reason}") from error
    if not data.strip():
        raise InputError(f"{source}: an empty file is not a playlist")
    if data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_PROPERTY_LIST):
        return list(_library_rows(source, data))
    suffix = path.suffix.lower()
    # Unlike iTunes, the players that write M3U in eight bits are at home on Windows.
    text = decode(data, legacy="cp1252" if suffix == ".m3u" else None)
    if text.lstrip().startswith("<?xml"):
        return list(_library_rows(source, data))
    if suffix in (".m3u", ".m3u8") or text.lstrip().upper().startswith("#EXTM3U"):
        return list(_m3u_rows(source, text))
    try:
        return [
            Row(
                source=source,
                row=track.row,
                title=track.title,
                artist=track.artist,
                seconds=track.seconds,
                bit_rate_kbps=track.bit_rate_kbps,
                kind=track.kind,
                location=track.location,
            )
            for track in read_tracks(text)
        ]
    except InputError as error:
        raise InputError(f"{source}: {error}") from error


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _quantity(value: Any) -> float:
    usable = isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0
    return float(value) if usable else math.nan


def _library_rows(source: str, data: bytes) -> Iterator[Row]:
    try:
        library = plistlib.loads(data)
    except (plistlib.InvalidFileException, ExpatError, ValueError, IndexError, TypeError) as error:
        raise InputError(f"{source}: not a readable Library.xml: {error}") from error
    tracks = library.get("Tracks") if isinstance(library, dict) else None
    if not isinstance(tracks, dict):
        raise InputError(f"{source}: a property list without Tracks is not a Library.xml")
    for number, track in enumerate(tracks.values(), start=1):
        if not isinstance(track, dict):
            continue
        seconds = _quantity(track.get("Total Time")) / 1000
        bit_rate = _quantity(track.get("Bit Rate"))
        if math.isnan(bit_rate):
            bit_rate = _quantity(track.get("Size")) * 8 / seconds / 1000
        kind = _plain(track.get("Kind"))
        if track.get("Protected") is True and not kind.startswith("Protected"):
            kind = f"Protected {kind}".strip()
        yield Row(
            source=source,
            row=number,
            title=_plain(track.get("Name")),
            artist=_plain(track.get("Artist")),
            seconds=seconds,
            bit_rate_kbps=bit_rate,
            kind=kind,
            location=_plain(track.get("Location")),
        )


def _relative(path: str) -> str:
    """Mark a relative path as one, so that it is not taken for an HFS location."""
    return path if path.startswith(("/", "./", "../")) else f"./{path}"


def _m3u_rows(source: str, text: str) -> Iterator[Row]:
    folder = os.path.dirname(source)  # noqa: PTH120 (keeps the path as it was given)
    title, artist, seconds = "", "", math.nan
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        line = raw.strip()
        if line.upper().startswith("#EXTINF:"):
            length, _, caption = line[len("#EXTINF:") :].partition(",")
            found = re.match(r"\s*(\d+(?:\.\d+)?)", length)
            seconds = float(found.group(1)) if found and float(found.group(1)) > 0 else math.nan
            artist, dash, title = caption.strip().partition(" - ")
            if not dash:
                artist, title = "", artist
        elif line and not line.startswith("#"):
            relative = not _ABSOLUTE.match(line)
            location = _relative(os.path.join(folder, line)) if relative else line  # noqa: PTH118
            yield Row(source, number, title, artist, seconds, math.nan, "", location)
            title, artist, seconds = "", "", math.nan


def _file_row(source: str, number: int, path: str) -> Row:
    return Row(source, number, Path(path).stem, "", math.nan, math.nan, "", _relative(path))


def _folder_rows(source: str) -> Iterator[Row]:
    """List files below a folder: hidden ones only where they look like macOS's ``._song.mp3``."""
    entries = entries_below(source, shadows=AUDIO_SUFFIXES)
    for number, (path, fault) in enumerate(entries, start=1):
        row = _file_row(source, number, os.fspath(path))
        yield dataclasses.replace(row, fault=fault)
