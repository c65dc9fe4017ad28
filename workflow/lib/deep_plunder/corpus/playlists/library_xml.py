"""Convert the tracks of a ``Library.xml``, the property list of iTunes and Apple Music, to rows.

A field of the wrong type counts as missing. An entry that is no track stays in its place, with the
reason.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from deep_plunder.corpus.playlists.entries import PlaylistEntry
from deep_plunder.corpus.playlists.plist_fields import PlistTrack

__all__ = ["library_rows"]


def library_rows(tracks: Iterable[PlistTrack], *, source: str) -> Iterator[PlaylistEntry]:
    """Convert tracks to rows.

    Parameters
    ----------
    tracks : iterable of PlistTrack
        The tracks from `plist_xml` or `plist_binary`.
    source : str
        Path of the library.

    Yields
    ------
    row : PlaylistEntry

    Examples
    --------
    >>> track = PlistTrack({"Name": "Tide", "Total Time": 90000.0})
    >>> [row] = library_rows([track], source="Library.xml")
    >>> row.title, row.seconds
    ('Tide', 90.0)
    """
    for number, track in enumerate(tracks, start=1):
        seconds = track.quantity("Total Time") / 1000
        bit_rate = track.quantity("Bit Rate")
        if math.isnan(bit_rate):
            bit_rate = track.quantity("Size") * 8 / seconds / 1000
        kind = track.text("Kind")
        if track.fields.get("Protected") is True and not kind.startswith("Protected"):
            kind = f"Protected {kind}".strip()
        yield PlaylistEntry(
            source=source,
            row=number,
            title=track.text("Name"),
            artist=track.text("Artist"),
            seconds=seconds,
            bit_rate_kbps=bit_rate,
            kind=kind,
            location=track.text("Location"),
            fault=track.fault,
        )
