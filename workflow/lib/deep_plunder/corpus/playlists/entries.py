"""The entry of a playlist that all readers return."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["FORMS", "PlaylistEntry"]

FORMS = "playlists are read as M3U, M3U8, a text export of iTunes, or its Library.xml"
"""The forms of playlists, for messages about other files."""


@dataclass(frozen=True, slots=True)
class PlaylistEntry:
    """One entry of a playlist.

    Attributes
    ----------
    source : str
        The playlist or folder, as given by the caller.
    row : int
        The place of the entry: the row of a text export (its header is row 1), the line of an
        M3U, the number of the track in a Library.xml, or the number of the file in a folder.
        Numbers begin at 1, and folders that cannot be read count too.
    title, artist : str
        Empty if not stated. The title of a file in a folder is its name.
    seconds : float
        Duration; NaN if not stated.
    bit_rate_kbps : float
        Bit rate; NaN if not stated.
    kind : str
        iTunes's name for the kind of file, in the user's language. It begins with ``Protected``
        if a Library.xml flags the track as protected.
    location : str
        As in the playlist. A location relative to an M3U file is joined to that file's folder,
        and a relative result begins with ``./`` or ``../``.
    fault : str
        The reason why this is no entry, otherwise empty. For a folder within a folder, which is
        then the location, the reason why it cannot be read.
    """

    source: str
    row: int
    title: str = ""
    artist: str = ""
    seconds: float = math.nan
    bit_rate_kbps: float = math.nan
    kind: str = ""
    location: str = ""
    fault: str = ""
