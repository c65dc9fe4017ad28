"""An entry of a playlist, as all readers give it."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["PlaylistEntry"]


@dataclass(frozen=True, slots=True)
class PlaylistEntry:
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
        Why this is no entry: of a folder below a folder, which is then the location, why it cannot
        be read. Else empty.
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
