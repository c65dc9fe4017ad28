"""Find the MPEG audio streams (MP3, and layers I and II) of a file by the headers of its frames.

A file may hold several: MP3 files are joined by putting their bytes one after the other. The
header that encoders put first (Xing, Info) states the length of a stream, and is wrong after
such a join and where it was damaged. The frames themselves cannot be: each says how long it is.

Layout of frames: ISO/IEC 11172-3 and 13818-3, section 2.4.2.3; MPEG 2.5 extends them. Layout of
the first frame of LAME: gabriel.mp3-tech.org/mp3infotag.html.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, replace
from functools import cache

__all__ = ["MpegStream", "Tag", "find_streams", "may_be_mpeg", "restated"]

_MPEG_1, _MPEG_2, _MPEG_25 = 3, 2, 0
_RATES = {
    _MPEG_1: (44100, 48000, 32000),
    _MPEG_2: (22050, 24000, 16000),
    _MPEG_25: (11025, 12000, 8000),
}
# kbit/s by index from 1, of MPEG 1 or of 2 and 2.5, by layer.
_KBPS = {
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_HEADER = 4
_PIECE = 1 << 20
# Junk before the first frame, beyond which a file is none of MPEG audio.
_JUNK = 1 << 16
# A tag has its name where the data of a frame begin; VBRI has it there in stereo at all times.
_NAMES = (b"Xing", b"Info", b"VBRI")
_VBRI = 36
# Of Xing and Info, flags say which parts follow: frames, bytes, table of contents, quality.
_PARTS = (4, 4, 100, 4)
_TABLE = bytes(255 * step // 100 for step in range(100))
# Bytes of the part that LAME adds, and the place of the delay and the padding in it.
_LAME = 36
_DELAY = 21
# A frame that holds all of these.
_TAG = 200


@dataclass(frozen=True, slots=True)
class _Kind:
    """What the frames of one stream share."""

    layer: int
    rate: int
    samples: int
    data: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Tag:
    """The first frame of a stream, where it is a header and holds no sound.

    Attributes
    ----------
    frames, size : int or None
        Lengths of the stream as it states them, the latter in bytes and with the tag itself.
    lame : bytes
        What LAME adds: the encoder's delay and padding above all. Empty if it is not there.
    """

    frames: int | None
    size: int | None
    lame: bytes

    @property
    def trims(self) -> tuple[int, int]:
        """Samples that the encoder put before the sound and behind it, as far as LAME tells."""
        if not self.lame:
            return 0, 0
        high, middle, low = self.lame[_DELAY : _DELAY + 3]
        return high << 4 | middle >> 4, (middle & 15) << 8 | low


@dataclass(frozen=True, slots=True)
class MpegStream:
    """Frames of one kind, and what one encoder states of them.

    Attributes
    ----------
    ranges : tuple of (int, int)
        First byte, and the byte after the last, of frames that lie right behind each other; what
        is between the ranges is no frame. A tag is not among them.
    header : bytes
        The header of the first frame of sound.
    layer : int
        1, 2 or 3.
    rate : int
        Samples per second.
    samples : int
        Samples of each channel in a frame.
    frames : int
        Number of frames of sound.
    tag : Tag or None
    """

    ranges: tuple[tuple[int, int], ...]
    header: bytes
    layer: int
    rate: int
    samples: int
    frames: int
    tag: Tag | None

    @property
    def size(self) -> int:
        """Length of all frames of sound in bytes."""
        return sum(stop - start for start, stop in self.ranges)


@cache
def _headers() -> dict[bytes, tuple[int, _Kind]]:
    """Return the length in bytes and the kind of the frame that each valid header begins."""
    found = {}
    for second in range(0xE0, 0x100):
        version, layer = second >> 3 & 3, 4 - (second >> 1 & 3)
        if version not in _RATES or layer == 4:
            continue
        mpeg_1 = version == _MPEG_1
        samples = 384 if layer == 1 else 1152 if layer == 2 or mpeg_1 else 576
        for number, rate in enumerate(_RATES[version]):
            kind = _Kind(layer, rate, samples, (36, 21) if mpeg_1 else (21, 13))
            for index, kbps in enumerate(_KBPS[mpeg_1, layer], 1):
                for low in range(4):
                    padding = low >> 1
                    size = samples // 8 * kbps * 1000 // rate + padding
                    if layer == 1:
                        size = 4 * (12 * kbps * 1000 // rate + padding)
                    found[bytes((0xFF, second, index << 4 | number << 2 | low))] = size, kind
    return found


class _Bytes:
    """The bytes of a file, read ahead."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._first = 0
        self._piece = b""
        self.size = os.fstat(descriptor).st_size

    def at(self, place: int, count: int) -> bytes:
        """Return up to `count` bytes, fewer at the end of the file."""
        low = place - self._first
        if not 0 <= low <= len(self._piece) - count:
            self._first, low = place, 0
            self._piece = os.pread(self._descriptor, max(_PIECE, count), place)
        return self._piece[low : low + count]


def _after_tags(file: _Bytes, place: int) -> int:
    """Return the place behind ID3v2 tags."""
    while (head := file.at(place, 10))[:3] == b"ID3" and len(head) == 10:
        size = sum((byte & 127) << 7 * (3 - i) for i, byte in enumerate(head[6:]))
        place += 10 + size + (10 if head[5] & 16 else 0)
    return place


def _ends(file: _Bytes, place: int) -> bool:
    """Return whether a stream may end here: at a tag, or at the end of the file."""
    head = file.at(place, 8)
    return (
        place == file.size
        or head[:3] in (b"TAG", b"ID3")
        or head in (b"APETAGEX", b"LYRICSBE", b"LYRICS20")
    )


def _next_frame(file: _Bytes, place: int, limit: int) -> int | None:
    """Return the place of the next frame that one of its kind, or an end, follows."""
    headers = _headers()
    place = _after_tags(file, place)
    while place < min(limit, file.size - _HEADER):
        piece = file.at(place, 4096)
        low = piece.find(b"\xff")
        while 0 <= low <= len(piece) - _HEADER:
            found = headers.get(piece[low : low + 3])
            if found is not None:
                behind = place + low + found[0]
                other = headers.get(file.at(behind, 3))
                if (other is not None and other[1] is found[1]) or _ends(file, behind):
                    return place + low
            low = piece.find(b"\xff", low + 1)
        tag = piece.find(b"ID3", 1)
        place = _after_tags(file, place + tag) if tag > 0 else place + len(piece) - _HEADER + 1
    return None


def _tag(frame: bytes, kind: _Kind, mono: bool) -> Tag | None:
    """Read a frame as a tag, or return None if it is none."""
    if frame[_VBRI : _VBRI + 4] == b"VBRI" and len(frame) >= _VBRI + 18:
        count, frames = struct.unpack_from(">II", frame, _VBRI + 10)
        return Tag(frames, count, b"")
    place = kind.data[mono]
    if frame[place : place + 4] not in _NAMES:
        return None
    flags = int.from_bytes(frame[place + 4 : place + 8])
    place += 8
    parts = []
    for number, size in enumerate(_PARTS):
        there = bool(flags >> number & 1)
        parts.append(int.from_bytes(frame[place : place + size]) if there and size == 4 else None)
        place += size * there
    lame = frame[place : place + _LAME]
    return Tag(parts[0], parts[1], lame if len(lame) == _LAME and lame[0] else b"")


def _run(file: _Bytes, start: int) -> MpegStream:
    """Follow the frames from a place on, as long as each is right behind the other."""
    headers = _headers()
    head = file.at(start, _HEADER)
    size, kind = headers[head[:3]]
    mono = head[3] >= 0xC0
    tag = _tag(file.at(start, size), kind, mono)
    name = kind.data[mono]
    place = first = start + size if tag is not None else start
    frames = 0
    while True:
        head = file.at(place, name + 4)
        found = headers.get(head[:3])
        if (
            found is None
            or found[1] is not kind
            or len(head) < _HEADER
            or (head[3] >= 0xC0) is not mono
            or place + found[0] > file.size
            or (head[name:] in _NAMES and (place > first or tag is not None))
        ):
            break
        place += found[0]
        frames += 1
    header = file.at(first if frames else start, _HEADER)
    return MpegStream(((first, place),), header, kind.layer, kind.rate, kind.samples, frames, tag)


def _goes_on(stream: MpegStream, other: MpegStream) -> bool:
    """Return whether two streams are one, with damaged bytes or a tag of the file between."""
    mono, other_mono = stream.header[3] >= 0xC0, other.header[3] >= 0xC0
    return (
        other.tag is None
        and stream.header[1] >> 1 == other.header[1] >> 1
        and stream.rate == other.rate
        and mono is other_mono
    )


def may_be_mpeg(head: bytes) -> bool:
    """Return whether a file that begins with these four bytes may be one of MPEG audio.

    Parameters
    ----------
    head : bytes

    Returns
    -------
    possible : bool
    """
    if head[:3] == b"ID3" or head in (b"APET", bytes(4)):
        return True
    # Layer 0 is AAC.
    return len(head) > 1 and head[0] == 0xFF and head[1] >= 0xE0 and head[1] & 6 != 0


def find_streams(descriptor: int) -> list[MpegStream]:
    """Find the streams of MPEG audio in a file.

    Parameters
    ----------
    descriptor : int
        The open file.

    Returns
    -------
    streams : list of MpegStream
        In the order of the file. Empty if it holds none, or only frames whose header does not
        tell their length (free format).

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    file = _Bytes(descriptor)
    runs: list[list[MpegStream]] = []
    place = _next_frame(file, 0, _after_tags(file, 0) + _JUNK)
    while place is not None:
        run = _run(file, place)
        if runs and _goes_on(runs[-1][0], run):
            runs[-1].append(run)
        elif run.frames:
            runs.append([run])
        place = _next_frame(file, max(run.ranges[0][1], place + 1), file.size)
    return [
        replace(
            first,
            ranges=(*first.ranges, *(run.ranges[0] for run in rest)),
            frames=first.frames + sum(run.frames for run in rest),
        )
        for first, *rest in runs
    ]


def restated(stream: MpegStream, *, padded: bool = True) -> bytes:
    """Make a tag that states the true length of a stream.

    Parameters
    ----------
    stream : MpegStream
        A stream of layer III.
    padded : bool
        Whether the encoder's padding, if its tag tells, is at the end of this stream.

    Returns
    -------
    frame : bytes
        To be put before the first frame of sound.
    """
    second, third, fourth = stream.header[1] | 1, stream.header[2] & 0x0C, stream.header[3]
    header, size, kind = next(
        (header, size, kind)
        for index in range(1, 15)
        for header in [bytes((0xFF, second, index << 4 | third))]
        for size, kind in [_headers()[header]]
        if size >= _TAG
    )
    lame = bytearray(stream.tag.lame if stream.tag else b"")
    if lame and not padded:
        lame[_DELAY + 1] &= 0xF0
        lame[_DELAY + 2] = 0
    frame = b"".join(
        (
            header + bytes((fourth,)),
            bytes(kind.data[fourth >= 0xC0] - _HEADER),
            struct.pack(">4sIII", b"Info", 15, stream.frames, size + stream.size),
            _TABLE + bytes(4) + lame,
        )
    )
    return frame.ljust(size, b"\0")
