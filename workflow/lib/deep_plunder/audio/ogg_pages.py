"""Find the links of an Ogg file by the headers of its pages.

Ogg streams may be chained: each begins where the one before it ends (RFC 3533, section 4).
Recordings of internet radio and joined files are chains. The links may differ in rate.
"""

from __future__ import annotations

import os

__all__ = ["find_links"]

_HEADER = 27
_MAGIC = b"OggS\0"
_BEGINS = 2
# A header with the lengths of all of its segments.
_LONGEST = _HEADER + 255
_PIECE = 1 << 16


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


def find_links(descriptor: int) -> list[tuple[int, int]]:
    """Find the links of a chained Ogg file.

    Parameters
    ----------
    descriptor : int
        The open file.

    Returns
    -------
    links : list of (int, int)
        First byte of each link, and the byte after its last; the last ends with its last page. A
        file without a chain has one link; a file that is not Ogg has none.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    starts: list[int] = []
    beginning = False
    page, place = 0, 0
    while True:
        head = os.pread(descriptor, _LONGEST, place)
        if head[: len(_MAGIC)] != _MAGIC:
            # The page before may be cut off, so another may begin within its stated length.
            found = _next_page(descriptor, page + 1) if starts else None
            if found is None:
                break
            page = place = found
            continue
        if len(head) < _HEADER:
            break
        begins = bool(head[5] & _BEGINS)
        # Streams that are played at the same time all begin before any of them goes on.
        if begins and not beginning:
            starts.append(place)
        beginning = begins
        page = place
        place += _HEADER + head[26] + sum(head[_HEADER : _HEADER + head[26]])
    ends = [*starts[1:], min(place, os.fstat(descriptor).st_size)]
    # A file that begins in the middle of a stream has pages, but no link that can be decoded.
    return list(zip(starts, ends, strict=True)) if starts else []
