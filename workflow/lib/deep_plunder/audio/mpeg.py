"""Find the MPEG audio streams (MP3, and layers I and II) of a file by the headers of its frames.

A file may hold several streams: MP3 files are often joined byte after byte. The tag that encoders
put first (Xing, Info) states the length of a stream, but is wrong after such a join or if damaged.
The headers of the frames are reliable: each states the length of its frame.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from deep_plunder.audio.mpeg_frames import HEADER, frame_headers
from deep_plunder.audio.mpeg_tags import NAMES, Tag, clear_padding, read_tag, tag_frame
from deep_plunder.audio.source import FEWEST_BYTES

__all__ = ["MpegStream", "bytes_between", "corrected_tag", "find_streams", "may_be_mpeg"]

_PIECE = 1 << 20
_ID3V1_SIZE = 128
_ID3_HEADER = 10
# A Lyrics3 tag ends with one of these marks, within this many bytes.
_LYRICS = 1 << 17
_LYRICS_ENDS = (b"LYRICS200", b"LYRICSEND")
# Bytes of junk before the first frame; a file with more is not MPEG audio.
_JUNK = 1 << 16
# Bytes of the shortest frame.
_SHORTEST = 24


@dataclass(frozen=True, slots=True)
class MpegStream:
    """Frames of one kind, with the tag of their encoder.

    Attributes
    ----------
    ranges : tuple of (int, int)
        First byte, and the byte after the last, of each run of consecutive frames. Between the
        ranges lie no frames. The tag is in none of them.
    header : bytes
        The header of the first frame of sound.
    layer : int
        1, 2 or 3.
    rate : int
        Samples per second.
    samples : int
        Samples per channel in a frame.
    frames : int
        Number of frames of sound.
    tag : Tag or None
    cut : bool
        Whether the file ends within a last frame, which `frames` and `ranges` leave out.
    """

    ranges: tuple[tuple[int, int], ...]
    header: bytes
    layer: int
    rate: int
    samples: int
    frames: int
    tag: Tag | None
    cut: bool

    @property
    def size(self) -> int:
        """Length of all frames of sound in bytes."""
        return sum(stop - start for start, stop in self.ranges)


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
    """Return the place behind the ID3v2 tags at a place."""
    while (head := file.at(place, 10))[:3] == b"ID3" and len(head) == 10:
        size = sum((byte & 127) << 7 * (3 - i) for i, byte in enumerate(head[6:]))
        size += 10 if head[5] & 16 else 0
        # A tag that would end behind the file states a wrong length.
        place += 10 + (size if place + 10 + size <= file.size else 0)
    return place


def _after_all_tags(file: _Bytes, place: int) -> int:
    """Return the place behind all tags and zeros that follow, none of which hold sound."""
    before = -1
    while place != before:
        before = place
        place = _after_tags(file, place)
        head = file.at(place, 32)
        if head[:3] == b"TAG":
            place += _ID3V1_SIZE
        elif head[:8] == b"APETAGEX" and len(head) == 32:
            # The length leaves out the header, which begins the tag.
            place += 32 + int.from_bytes(head[12:16], "little")
        elif head[:11] == b"LYRICSBEGIN":
            piece = file.at(place, _LYRICS)
            place += max(piece.find(end) + len(end) for end in _LYRICS_ENDS)
        elif head and not any(head):
            piece = file.at(place, _PIECE)
            place += len(piece) - len(piece.lstrip(b"\0"))
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
    """Return the place of the next frame that is followed by one of its kind, or by an end."""
    known = frame_headers()
    place = _after_tags(file, place)
    while place < min(limit, file.size - HEADER):
        piece = file.at(place, 4096)
        low = piece.find(b"\xff")
        while 0 <= low <= len(piece) - HEADER:
            found = known.get(piece[low : low + 3])
            if found is not None:
                behind = place + low + found[0]
                other = known.get(file.at(behind, 3))
                if (other is not None and other[1] is found[1]) or _ends(file, behind):
                    return place + low
            low = piece.find(b"\xff", low + 1)
        tag = piece.find(b"ID3", 1)
        place = _after_tags(file, place + tag) if tag > 0 else place + len(piece) - HEADER + 1
    return None


def _run(file: _Bytes, start: int) -> MpegStream:
    """Follow the consecutive frames from a place on."""
    known = frame_headers()
    head = file.at(start, HEADER)
    size, kind = known[head[:3]]
    mono = head[3] >= 0xC0
    tag = read_tag(file.at(start, size), kind, mono=mono)
    name = kind.data[mono]
    place = first = start + size if tag is not None else start
    frames, cut = 0, False
    while True:
        head = file.at(place, name + 4)
        found = known.get(head[:3])
        if (
            found is None
            or found[1] is not kind
            or len(head) < HEADER
            or (head[3] >= 0xC0) is not mono
            or (cut := place + found[0] > file.size)
            or (head[name:] in NAMES and (place > first or tag is not None))
        ):
            break
        place += found[0]
        frames += 1
    header = file.at(first if frames else start, HEADER)
    return MpegStream(
        ((first, place),), header, kind.layer, kind.rate, kind.samples, frames, tag, cut
    )


def _first_frame(file: _Bytes) -> int | None:
    """Return the place of the first frame, which lies within a tag that states too many bytes."""
    behind = _after_tags(file, 0)
    first = _next_frame(file, 0, behind + _JUNK)
    if first is None or first == behind:
        return first
    inside = _next_frame(file, _ID3_HEADER, behind)
    while inside is not None and inside < behind:
        # What only looks like a frame, in a picture, does not go on behind the tag.
        if _run(file, inside).ranges[0][1] > behind:
            return inside
        inside = _next_frame(file, inside + 1, behind)
    return first


def _goes_on(stream: MpegStream, other: MpegStream) -> bool:
    """Return whether two streams are one, parted by damaged bytes or by a tag of the file."""
    mono, other_mono = stream.header[3] >= 0xC0, other.header[3] >= 0xC0
    return (
        other.tag is None
        and stream.header[1] >> 1 == other.header[1] >> 1
        and stream.rate == other.rate
        and mono is other_mono
    )


def may_be_mpeg(head: bytes) -> bool:
    """Return whether a file may be MPEG audio, judged by its first four bytes.

    Parameters
    ----------
    head : bytes
        The first four bytes.

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
        state their length (free format).

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    file = _Bytes(descriptor)
    runs: list[list[MpegStream]] = []
    place = _first_frame(file)
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
            cut=[first, *rest][-1].cut,
        )
        for first, *rest in runs
    ]


def bytes_between(descriptor: int, streams: list[MpegStream]) -> int:
    """Return how many bytes between and behind the frames may hold other sound.

    Parameters
    ----------
    descriptor : int
        The open file.
    streams : list of MpegStream
        The streams that `find_streams` found.

    Returns
    -------
    count : int
        Tags and zeros do not count, nor do fewer than 4,096 bytes behind the frames of a stream.
        Between these frames, what is as long as a frame counts: it is a damaged one.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    file = _Bytes(descriptor)
    count = 0
    starts = [stream.ranges[0][0] for stream in streams[1:]] + [file.size]
    for stream, following in zip(streams, starts, strict=True):
        inner = [start for start, _ in stream.ranges[1:]]
        for (_, stop), start in zip(stream.ranges, [*inner, following], strict=True):
            gap = start - _after_all_tags(file, stop)
            count += gap if gap >= (FEWEST_BYTES if start == following else _SHORTEST) else 0
    return count


def corrected_tag(stream: MpegStream, *, padded: bool = True) -> bytes:
    """Return a tag that states the true length of a stream.

    Parameters
    ----------
    stream : MpegStream
        A stream of layer III.
    padded : bool
        Whether the encoder's padding, if its tag states one, is at the end of this stream.

    Returns
    -------
    frame : bytes
        The tag, which belongs before the first frame of sound.
    """
    lame = bytearray(stream.tag.lame if stream.tag else b"")
    if not padded:
        clear_padding(lame)
    return tag_frame(stream.header, stream.frames, stream.size, bytes(lame))
