"""Read M3U and M3U8: a line per file, comments, and ``#EXTINF`` lines about the next file.

A line is a comment only if its very first character is ``#``; an indented one names a file.
Programs do not escape names of files that begin with ``#``. So a line that looks like a comment,
but names an existing audio file, is an entry.

There is no standard; the forms are those that common players write.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from deep_plunder.audio.source import AUDIO_SUFFIXES
from deep_plunder.corpus.playlists.entries import PlaylistEntry
from deep_plunder.corpus.playlists.locations import relative, resolve

__all__ = ["read_m3u"]

_ABSOLUTE = re.compile(r"/|\\|[A-Za-z]:[\\/]|[A-Za-z][A-Za-z0-9+.-]+://|(?i:file:/)")
# Quoted attributes, which may hold commas, can stand between the length and the caption.
_INFO = re.compile(
    r'#EXTINF:\s*(-?[\d.]*+(?![^\s,])|)(?:[^,"]++|"[^"]*+")*+(?:,(.*))?', re.I | re.S
)
_SECONDS = re.compile(r"\d{1,9}(?:\.\d{1,20})?", re.ASCII)
_BLANKS = " \t"


def read_m3u(lines: Iterable[str], *, source: str) -> Iterator[PlaylistEntry]:
    """Read the entries of an M3U.

    Parameters
    ----------
    lines : iterable of str
        Lines without their ends.
    source : str
        Path of the M3U. Locations may be relative to its folder.

    Yields
    ------
    row : PlaylistEntry

    Examples
    --------
    >>> lines = ["#EXTM3U", "#EXTINF:225,Sine - Tide", "tide.mp3"]
    >>> [row] = read_m3u(lines, source="lists/a.m3u")
    >>> row.title, row.seconds, row.location
    ('Tide', 225.0, './lists/tide.mp3')
    """
    folder = os.path.dirname(source)  # noqa: PTH120 (keeps the path as it was given)
    title, artist, seconds = "", "", math.nan
    for number, raw in enumerate(lines, start=1):
        line = raw.strip(_BLANKS)
        if (info := _INFO.match(raw)) is not None:
            seconds, caption = _duration(info[1]), (info[2] or "").strip()
            artist, dash, title = caption.partition(" - ")
            if not dash:
                artist, title = "", artist
        elif line.strip() and not (raw.startswith("#") and _is_comment(line, folder)):
            location = _location(line, folder)
            yield PlaylistEntry(source, number, title, artist, seconds, location=location)
            title, artist, seconds = "", "", math.nan


def _duration(text: str) -> float:
    seconds = float(text) if _SECONDS.fullmatch(text) else 0.0
    return seconds if seconds > 0 else math.nan


def _location(line: str, folder: str) -> str:
    return line if _ABSOLUTE.match(line) else relative(os.path.join(folder, line))  # noqa: PTH118


def _is_comment(line: str, folder: str) -> bool:
    if line[:4].upper() == "#EXT" or Path(line[-80:]).suffix.lower() not in AUDIO_SUFFIXES:
        return True
    path = resolve(_location(line, folder))
    return path is None or not os.path.isfile(path)  # noqa: PTH113 (takes any text)
