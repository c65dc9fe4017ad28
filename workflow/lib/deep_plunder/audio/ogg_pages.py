"""Find the links of an Ogg file by the headers of its pages.

Ogg streams may be chained, each beginning anew where the one before it ends (RFC 3533, section
4); internet radio is recorded so, and files are joined so. The links may differ in rate.
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
    """Return the place of the next page, where bytes that belong to none lie between."""
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
        First byte of each, and the byte after its last. One that is not chained has one link;
        what is no Ogg file has none.

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
            # The page before may have been cut off: another may begin inside what it claims.
            found = _next_page(descriptor, page + 1) if starts else None
            if found is None:
                break
            page = place = found
            continue
        if len(head) < _HEADER:
            break
        begins = bool(head[5] & _BEGINS)
        # Streams that sound, or are seen, at the same time all begin before any goes on.
        if begins and not beginning:
            starts.append(place)
        beginning = begins
        page = place
        place += _HEADER + head[26] + sum(head[_HEADER : _HEADER + head[26]])
    ends = [*starts[1:], os.fstat(descriptor).st_size]
    # A file that begins amid a stream has pages, but no link that could be decoded.
    return list(zip(starts, ends, strict=True)) if starts else []
