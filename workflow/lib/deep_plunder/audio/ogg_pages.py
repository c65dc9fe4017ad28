"""Find the links of an Ogg file by the headers of its pages.

Ogg streams may be chained: each begins where the one before it ends (RFC 3533, section 4).
Recordings of internet radio and joined files are chains. The links may differ in rate.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

__all__ = ["Link", "find_links"]

_HEADER = 27
_MAGIC = b"OggS\0"
_BEGINS, _ENDS = 2, 4
_OPUS = b"OpusHead"
# A header with the lengths of all of its segments.
_LONGEST = _HEADER + 255
_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Link:
    """One stream of a chained Ogg file.

    Attributes
    ----------
    start, stop : int
        First byte of its first page, and the byte after its last page.
    opus : bool
        Whether it holds Opus.
    ended : bool
        Whether its last page is whole and marked as the last.
    """

    start: int
    stop: int
    opus: bool
    ended: bool


def _next_page(descriptor: int, place: int) -> int | None:
    """Return the place of the next page, past bytes that belong to no page."""
    while piece := os.pread(descriptor, _PIECE, place):
        found = piece.find(_MAGIC)
        if found >= 0:
            return place + found
        if len(piece) < len(_MAGIC):
            return None
        place += len(piece) - len(_MAGIC) + 1
    return None


def find_links(descriptor: int) -> list[Link]:
    """Find the links of a chained Ogg file.

    Parameters
    ----------
    descriptor : int
        The open file.

    Returns
    -------
    links : list of Link
        In the order of the file. A file without a chain has one link; a file that is not Ogg, or
        that begins in the middle of a stream, has none.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    size = os.fstat(descriptor).st_size
    links: list[Link] = []
    beginning = False
    page, place = 0, 0
    while True:
        head = os.pread(descriptor, _LONGEST, place)
        if head[: len(_MAGIC)] != _MAGIC:
            # The page before may be cut off, so another may begin within its stated length.
            found = _next_page(descriptor, page + 1) if links else None
            if found is None:
                break
            if found < links[-1].stop:
                links[-1] = replace(links[-1], stop=found, ended=False)
            page = place = found
            continue
        if len(head) < _HEADER:
            break
        begins = bool(head[5] & _BEGINS)
        content = _HEADER + head[26]
        page = place
        place += content + sum(head[_HEADER:content])
        # Streams that are played at the same time all begin before any of them goes on.
        if begins and not beginning:
            links.append(Link(page, page, head[content:].startswith(_OPUS), False))
        if links:
            links[-1] = replace(links[-1], stop=min(place, size), ended=bool(head[5] & _ENDS))
        beginning = begins
    return links
