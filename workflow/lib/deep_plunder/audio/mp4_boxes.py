"""Read the boxes of MP4 files that state the length of the sound and the parts played.

An MP4 file is a tree of boxes: size, four letters, content. The track of the sound has a table of
the durations of its packets (``stts``). Unless all is played in order, it also has an edit list
(``elst``): parts of the track with their lengths, and pauses (empty edits). Layout: ISO/IEC
14496-12, sections 4.2, 8.6.1.2 and 8.6.6.
"""

from __future__ import annotations

import struct
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from deep_plunder.audio.source import fault

__all__ = ["Track", "codings", "read_track"]

_PARENTS = frozenset({b"mdia", b"minf", b"stbl", b"edts"})
_WANTED = frozenset({b"hdlr", b"mdhd", b"elst", b"stts"})
# Bytes of a table: far more than any song needs.
_MOST_BYTES = 1 << 24
_MOST_EDITS = 10_000


@dataclass(frozen=True, slots=True)
class Track:
    """The first sound track of a file.

    Attributes
    ----------
    scale : int
        Ticks per second in the track: the unit of its packets and of the beginnings of edits.
    movie_scale : int
        Ticks per second in the file as a whole: the unit of the lengths of edits.
    edits : tuple of (int, int)
        Length of each edit, and its beginning in the track, which is -1 for a pause.
    packets : tuple of (int, int)
        Number and duration of the packets in each run of equal ones, in order.
    fragmented : bool
        Whether most packets are listed elsewhere, fragment by fragment.
    """

    scale: int
    movie_scale: int
    edits: tuple[tuple[int, int], ...]
    packets: tuple[tuple[int, int], ...]
    fragmented: bool

    @property
    def plain(self) -> bool:
        """Whether the edits play one part of the track at most, without a pause."""
        return not self.edits or (
            len(self.edits) == 1 and self.edits[0][0] > 0 and self.edits[0][1] >= 0
        )

    @property
    def total(self) -> int:
        """Length of all packets, in ticks of the track."""
        return sum(count * ticks for count, ticks in self.packets)

    @property
    def first(self) -> int:
        """The tick of the track at which the last of the edits begins."""
        return max((time for _, time in self.edits), default=0)


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Find the boxes between two places of a file.

    Parameters
    ----------
    file : binary file
    start, end : int
        Places in bytes.

    Yields
    ------
    name : bytes
        Four letters.
    start, end : int
        Places in bytes of the beginning and the end of the content.
    """
    while start + 8 <= end:
        file.seek(start)
        head = file.read(16)
        if len(head) < 8:
            return
        size, name = struct.unpack(">I4s", head[:8])
        content = start + 8
        if size == 1 and len(head) == 16:
            size, content = struct.unpack(">Q", head[8:])[0], start + 16
        elif size == 0:
            size = end - start
        if size < content - start:
            return
        yield name, content, min(start + size, end)
        start += size


def _content(file: BinaryIO, start: int, end: int) -> bytes:
    file.seek(start)
    return file.read(min(end - start, _MOST_BYTES))


def _scale(content: bytes) -> int:
    """Return the ticks per second of a ``mvhd`` or ``mdhd``."""
    return int(struct.unpack_from(">I", content, 20 if content[0] else 12)[0])


def _edits(content: bytes) -> tuple[tuple[int, int], ...]:
    row = ">Qqhh" if content[0] else ">Iihh"
    size, count = struct.calcsize(row), struct.unpack_from(">I", content, 4)[0]
    rows = struct.iter_unpack(
        row, content[8 : 8 + (len(content) - 8) // size * size][: count * size]
    )
    # An edit at speed 0 stands still at one sample, so it is silent.
    return tuple((duration, time if speed else -1) for duration, time, speed, _ in rows)


def _packets(content: bytes) -> tuple[tuple[int, int], ...]:
    count = struct.unpack_from(">I", content, 4)[0]
    rows = content[8 : 8 + 8 * count]
    return tuple(struct.iter_unpack(">II", rows[: len(rows) // 8 * 8]))


def _leaves(
    file: BinaryIO, start: int, end: int, parents: Container[bytes], *, depth: int = 8
) -> Iterator[tuple[bytes, int, int]]:
    """Find the boxes that hold no others, at any depth.

    Parameters
    ----------
    file : binary file
    start, end : int
        Places in bytes.
    parents : container of bytes
        Names of the boxes that hold boxes.
    depth : int
        Greatest depth; the standard needs 6 levels.

    Yields
    ------
    name, start, end
        See `_boxes`.
    """
    for name, low, high in _boxes(file, start, end):
        if name not in parents:
            yield name, low, high
        elif depth:
            yield from _leaves(file, low, high, parents, depth=depth - 1)


def _track(file: BinaryIO, start: int, end: int) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for name, low, high in _leaves(file, start, end, _PARENTS):
        # QuickTime has a second hdlr, for the data, further in.
        if name in _WANTED and name not in found:
            found[name] = _content(file, low, high)
    return found


def codings(file: BinaryIO) -> list[bytes]:
    """Read the coding of the samples of each track.

    Parameters
    ----------
    file : binary file

    Returns
    -------
    codings : list of bytes
        The four letters of each track's sample description (``stsd``).
    """
    end = file.seek(0, 2)
    return [
        coding
        for name, start, stop in _leaves(file, 0, end, _PARENTS | {b"moov", b"trak"})
        if name == b"stsd"
        for coding, _, _ in _boxes(file, start + 8, stop)
    ]


def _compressed(file: BinaryIO, end: int) -> int:
    """Return the size of a compressed index (``cmov``) once decompressed, in bytes, or 0."""
    for name, low, high in _leaves(file, 0, end, frozenset({b"moov", b"cmov"})):
        if name == b"cmvd":
            return int.from_bytes(_content(file, low, min(high, low + 4)))
    return 0


def read_track(file: BinaryIO) -> Track | None:
    """Read the description of the first sound track in an MP4 file.

    Parameters
    ----------
    file : binary file

    Returns
    -------
    track : Track or None
        None if there is no sound track, or its description is damaged.

    Raises
    ------
    AudioError
        If the track asks for more memory or time than any recording needs.
    """
    end = file.seek(0, 2)
    if (size := _compressed(file, end)) > _MOST_BYTES:
        detail = f"its index may have up to {_MOST_BYTES} bytes, has {size} in compressed form"
        raise fault(file.name, "too large", detail)
    movie = next(((low, high) for name, low, high in _boxes(file, 0, end) if name == b"moov"), None)
    if movie is None:
        return None
    movie_scale, fragmented = 0, False
    found: dict[bytes, bytes] | None = None
    try:
        for name, low, high in _boxes(file, *movie):
            if name == b"mvhd":
                movie_scale = _scale(_content(file, low, high))
            elif name == b"mvex":
                fragmented = True
            elif name == b"trak" and found is None:
                parts = _track(file, low, high)
                if parts.get(b"hdlr", b"")[8:12] == b"soun":
                    found = parts
        if found is None:
            return None
        scale = _scale(found[b"mdhd"])
        edits = _edits(found[b"elst"]) if b"elst" in found else ()
        packets = _packets(found[b"stts"])
    except (struct.error, KeyError, IndexError):
        return None
    if not (scale and movie_scale):
        return None
    if len(edits) > _MOST_EDITS:
        detail = f"it may have up to {_MOST_EDITS} edits, has {len(edits)}"
        raise fault(file.name, "too large", detail)
    return Track(scale, movie_scale, edits, packets, fragmented)
