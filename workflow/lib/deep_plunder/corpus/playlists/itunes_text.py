"""Write a playlist in the text format that iTunes exports on a Mac."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["HFS_FOLDER", "TextTrack", "itunes_text"]

HFS_FOLDER = "Macintosh HD:Users:me:Music:iTunes:iTunes Media:Music:"
"""The folder of the songs as stated in the exports; a path map leads from it to the songs."""

_COLUMNS = (
    *("Name", "Artist", "Composer", "Album", "Grouping", "Work"),
    *("Movement Number", "Movement Count", "Movement Name", "Genre", "Size", "Time"),
    *("Disc Number", "Disc Count", "Track Number", "Track Count", "Year"),
    *("Date Modified", "Date Added", "Bit Rate", "Sample Rate", "Volume Adjustment", "Kind"),
    *("Equalizer", "Comments", "Plays", "Last Played", "Skips", "Last Skipped", "My Rating"),
    "Location",
)


@dataclass(frozen=True, slots=True)
class TextTrack:
    """A row of the export; the number 0 becomes an empty cell."""

    title: str
    artist: str
    album: str
    genre: str
    kind: str
    seconds: float
    kbps: int
    rate: int
    size: int
    location: str


def itunes_text(tracks: Iterable[TextTrack], *, line_end: str) -> str:
    r"""Return tracks as text with a header line and one cell per column of iTunes.

    Parameters
    ----------
    tracks : iterable of TextTrack
    line_end : str
        iTunes on a Mac ends lines with ``"\r"``.

    Returns
    -------
    text : str
        The text, which iTunes encodes in UTF-16 with a byte-order mark.

    Examples
    --------
    >>> place = "Macintosh HD:tide.wav"
    >>> track = TextTrack("Tide", "Sine", "", "", "WAV", 90, 1411, 44100, 0, place)
    >>> text = itunes_text([track], line_end="\n")
    >>> text.splitlines()[1].split("\t")[0]
    'Tide'
    """
    lines = ["\t".join(_COLUMNS)]
    for number, track in enumerate(tracks, start=1):
        cells = {
            "Name": track.title,
            "Artist": track.artist,
            "Album": track.album,
            "Genre": track.genre,
            "Size": str(track.size or ""),
            "Time": str(round(track.seconds) or ""),
            "Track Number": str(number),
            "Year": "2020",
            "Date Modified": "2/18/20, 5:31 PM",
            "Date Added": "2/18/20, 5:31 PM",
            "Bit Rate": str(track.kbps or ""),
            "Sample Rate": str(track.rate or ""),
            "Kind": track.kind,
            "Location": track.location,
        }
        lines.append("\t".join(cells.get(column, "") for column in _COLUMNS))
    return "".join(line + line_end for line in lines)
