"""Find the FLAC streams of a file, and how many samples each of them holds.

FLAC files that were joined byte after byte hold several streams, of which libsndfile decodes the
first. The header of a stream may also state fewer samples than follow, or more. Each frame states
its place in its stream, so the last one shows the true length. Layout: RFC 9639, sections 8.2 and
9.1.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

__all__ = ["FlacStream", "find_flac_streams"]

_MAGIC = b"fLaC"
# The magic number, then the header of a block of 34 bytes: STREAMINFO.
_BEGINNING = re.compile(rb"fLaC[\x00\x80]\x00\x00\x22")
_INFO = 34
_COUNT_PLACE = len(_MAGIC) + 4 + 13
_LENGTH = len(_MAGIC) + 4 + _INFO
_PIECE = 1 << 20
# The last frames; one frame of many channels takes up to 200 kB.
_TAIL = 1 << 20
_SYNC = re.compile(rb"\xff[\xf8\xf9]")
_BLOCK_SIZES = {1: 192, 2: 576, 3: 1152, 4: 2304, 5: 4608} | {n: 1 << n for n in range(8, 16)}
# Bytes at the end of a frame's header that state the size of its block, or its rate.
_SIZE_BYTES = {6: 1, 7: 2}
_RATE_BYTES = {12: 1, 13: 2, 14: 2}
_LONGEST_HEADER = 16


@dataclass(frozen=True, slots=True)
class FlacStream:
    """A FLAC stream in a file.

    Attributes
    ----------
    start, stop : int
        Its first byte, and the byte after its last.
    declared : int
        Number of samples per channel that its header states; 0 if the writer did not know it.
    found : int or None
        The number by its last frame, which may be cut off; None if no frame is found at its end.
    block : int
        Greatest number of samples per channel in a frame.
    info : bytes
        The magic number and the first block of metadata.
    """

    start: int
    stop: int
    declared: int
    found: int | None
    block: int
    info: bytes

    @property
    def searched(self) -> bool:
        """Whether all of the stream was searched for its last frame."""
        return self.stop - self.start - _LENGTH <= _TAIL

    def corrected_info(self) -> bytes:
        """Return `info` with the number of samples that is found.

        Returns
        -------
        info : bytes
        """
        info = bytearray(self.info)
        number = int.from_bytes(info[_COUNT_PLACE : _COUNT_PLACE + 5]) >> 36 << 36
        info[_COUNT_PLACE : _COUNT_PLACE + 5] = (number | (self.found or 0)).to_bytes(5)
        return bytes(info)


@cache
def _crc_table() -> bytes:
    table = bytearray(256)
    for value in range(256):
        crc = value
        for _ in range(8):
            crc = (crc << 1 ^ (0x07 if crc & 0x80 else 0)) & 0xFF
        table[value] = crc
    return bytes(table)


def _crc(data: bytes) -> int:
    crc, table = 0, _crc_table()
    for byte in data:
        crc = table[crc ^ byte]
    return crc


def _number(data: bytes) -> tuple[int, int] | None:
    """Decode a number in the manner of UTF-8; return it and its length in bytes."""
    first = data[0] if data else 0xFF
    length = 1 if first < 0x80 else 8 - (first ^ 0xFF).bit_length()
    if (length == 1 and first >= 0x80) or length > 7 or len(data) < length:
        return None
    value = first if length == 1 else first & (0x7F >> length)
    for byte in data[1:length]:
        if byte >> 6 != 0b10:
            return None
        value = value << 6 | byte & 0x3F
    return value, length


def _span(head: bytes, block: int) -> tuple[int, int] | None:
    """Return the first sample of a frame and the sample after its last; None if it is no frame."""
    if len(head) < 6 or head[3] & 1:
        return None
    size_code, rate_code = head[2] >> 4, head[2] & 15
    found = _number(head[4:])
    if not size_code or rate_code == 15 or found is None:
        return None
    number, length = found
    place = 4 + length
    size_bytes = _SIZE_BYTES.get(size_code, 0)
    size = _BLOCK_SIZES.get(size_code, int.from_bytes(head[place : place + size_bytes]) + 1)
    place += size_bytes + _RATE_BYTES.get(rate_code, 0)
    if len(head) <= place or _crc(head[:place]) != head[place]:
        return None
    # Frames of one size state their number, others that of their first sample.
    start = number if head[1] & 1 else number * block
    return start, start + size


def _length(descriptor: int, start: int, stop: int, block: int) -> int | None:
    """Return where the last frame that follows another ends, in samples."""
    first = max(start, stop - _TAIL)
    tail = os.pread(descriptor, stop - first, first)
    ends: set[int] = {0}
    last = None
    for match in _SYNC.finditer(tail):
        span = _span(tail[match.start() : match.start() + _LONGEST_HEADER], block)
        if span is None:
            continue
        if span[0] in ends:
            last = span[1]
        ends.add(span[1])
    return last


def _starts(descriptor: int, size: int) -> Iterator[int]:
    for place in range(0, size, _PIECE):
        # A beginning may lie across two pieces.
        piece = os.pread(descriptor, _PIECE + len(_MAGIC) + 3, place)
        for match in _BEGINNING.finditer(piece):
            yield place + match.start()


def find_flac_streams(descriptor: int) -> list[FlacStream]:
    """Find the FLAC streams of a file.

    Parameters
    ----------
    descriptor : int
        The open file.

    Returns
    -------
    streams : list of FlacStream
        Empty if the file does not begin as FLAC does.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    if os.pread(descriptor, len(_MAGIC), 0) != _MAGIC:
        return []
    size = os.fstat(descriptor).st_size
    starts = list(_starts(descriptor, size))
    streams = []
    for start, stop in itertools.pairwise([*starts, size]):
        info = os.pread(descriptor, _LENGTH, start)
        if len(info) < _LENGTH:
            continue
        block = int.from_bytes(info[10:12])
        declared = int.from_bytes(info[_COUNT_PLACE : _COUNT_PLACE + 5]) & (1 << 36) - 1
        found = _length(descriptor, start + _LENGTH, stop, block)
        streams.append(FlacStream(start, stop, declared, found, block, info))
    return streams
