"""Find the chunks of WAV, RF64, AIFF and CAF files."""

from __future__ import annotations

import os
import re
import struct

__all__ = [
    "CHUNK_NAME",
    "NEARLY_GREATEST",
    "SOUND",
    "behind_odd",
    "chunks",
    "end_of_chunks",
    "is_unknown",
    "lacking_padding",
]

CHUNK_NAME = re.compile(rb"[ -~]{4}")
"""The name of a chunk of WAV, RF64, AIFF and CAF."""
SOUND = (b"data", b"SSND")
"""The names of the chunks that hold the sound."""
NEARLY_GREATEST = 0xFFFF_0000
"""The same where a writer leaves the greatest number, which whole frames make a little less."""

_MOST_CHUNKS = 1000
# What writers leave that cannot go back: sox in AIFF, and the greatest numbers. Of them they take
# off a header, or the rest of a frame.
_LEFT = (0x7F00_0000, 0x8000_0000, 0xFFFF_FFFF)
_TAKEN_OFF = 1 << 16
_MORE_THAN_ANY = 1 << 40


def is_unknown(length: int) -> bool:
    """Return whether a declared length is that of a writer to a pipe, which does not know it.

    Parameters
    ----------
    length : int
        Number of bytes above 0.

    Returns
    -------
    unknown : bool

    Examples
    --------
    >>> is_unknown(0xFFFF_FFFF), is_unknown(3_000_000_000)
    (True, False)
    """
    return length >= _MORE_THAN_ANY or any(abs(length - left) <= _TAKEN_OFF for left in _LEFT)


def chunks(
    descriptor: int, start: int, end: int, *, head: str, even: bool
) -> list[tuple[bytes, int, int]]:
    """Find the consecutive chunks of a file, by their heads alone.

    Parameters
    ----------
    descriptor : int
        The open file.
    start, end : int
        Places in bytes of the first chunk, and of the end of the file.
    head : str
        Layout of a chunk's name and length, as in `struct`.
    even : bool
        Whether a byte pads a chunk of odd length. A writer may have left it out: if a chunk begins
        where this byte should be, it is taken for that chunk.

    Returns
    -------
    chunks : list of (bytes, int, int)
        Name, place of the content and length of each chunk. The last may end anywhere.
    """
    found: list[tuple[bytes, int, int]] = []
    size = struct.calcsize(head)
    while start + size <= end and len(found) < _MOST_CHUNKS:
        name, length = struct.unpack(head, os.pread(descriptor, size, start))
        found.append((name, start + size, length))
        start += size + length
        if even and length % 2:
            start = behind_odd(descriptor, start, end, head)
    return found


def behind_odd(descriptor: int, stop: int, end: int, head: str) -> int:
    """Return where the chunk begins that follows one of odd length.

    Parameters
    ----------
    descriptor, end, head
        See `chunks`.
    stop : int
        Place where the content of the chunk of odd length ends.

    Returns
    -------
    start : int
        `stop` if a chunk begins there: a name, and a length that the file has. Otherwise the place
        after the byte of padding.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    content = os.pread(descriptor, struct.calcsize(head), stop)
    if len(content) < struct.calcsize(head):
        return stop + 1
    name, length = struct.unpack(head, content)
    named = CHUNK_NAME.fullmatch(name) is not None
    # A writer to a pipe does not know the length of the sound.
    held = name in SOUND or stop + len(content) + length <= end
    return stop if named and held else stop + 1


def lacking_padding(descriptor: int, end: int, head: str) -> tuple[int, list[int]]:
    """Find the chunks before the sound that lack the byte which pads an odd length.

    Parameters
    ----------
    descriptor : int
        The open file, WAV, RF64 or AIFF.
    end : int
        Length of the file in bytes.
    head : str
        See `chunks`.

    Returns
    -------
    sound : int
        Place in bytes where the sound begins; 0 if there is none.
    places : list of int
        Places at which a byte is missing.
    """
    places: list[int] = []
    expected = 12
    for name, place, length in chunks(descriptor, 12, end, head=head, even=True):
        if place - struct.calcsize(head) < expected:
            places.append(expected - 1)
        if name in SOUND:
            return place, places
        expected = place + length + length % 2
    return 0, []


def end_of_chunks(
    descriptor: int, start: int, end: int, *, head: str, even: bool, first: bytes = b""
) -> tuple[int, int]:
    """Find where the consecutive chunks of a file end.

    Parameters
    ----------
    descriptor, start, end, head, even
        See `chunks`.
    first : bytes
        Name that begins a file. Where it follows, it begins another one.

    Returns
    -------
    begin, stop : int
        Places where the last chunk begins, and where it ends by its length, perhaps behind the end
        of the file. Both are the same place if what follows there is no chunk of known length.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    begin = stop = start
    for name, place, length in chunks(descriptor, start, end, head=head, even=even):
        begin, stop = place - struct.calcsize(head), place + length
        if not CHUNK_NAME.fullmatch(name) or name == first or is_unknown(length):
            return begin, begin
    return begin, stop
