"""Read and write the tags of MPEG audio: first frames that state the length of a stream.

Most encoders write Xing's tag. LAME names it Info where the bit rate is constant, and adds the
number of samples to trim (Gabriel Bouvigne, "Mp3 info tag", revision 1). VBRI is Fraunhofer's tag.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from deep_plunder.audio.mpeg_frames import HEADER, Kind, frame_headers

__all__ = ["NAMES", "Tag", "clear_padding", "read_tag", "tag_frame"]

# The name of a tag is where the data of a frame begin; for VBRI, where those of stereo begin.
NAMES = (b"Xing", b"Info", b"VBRI")
_VBRI = 36
# In Xing and Info, flags state which parts follow: frames, bytes, table of contents, quality.
_PARTS = (4, 4, 100, 4)
_TABLE = bytes(255 * step // 100 for step in range(100))
# Bytes of the part that LAME adds, and the place of the delay and the padding in it.
_LAME = 36
_DELAY = 21
# A frame that holds all of these.
_TAG = 200


@dataclass(frozen=True, slots=True)
class Tag:
    """The first frame of a stream, if it describes the stream and holds no sound.

    Attributes
    ----------
    frames, size : int or None
        The stated length of the stream: in frames, and in bytes including the tag itself.
    lame : bytes
        LAME's extension: above all the encoder's delay and padding. Empty if missing.
    """

    frames: int | None
    size: int | None
    lame: bytes

    @property
    def trims(self) -> tuple[int, int]:
        """Samples that the encoder put before and behind the sound, as far as LAME states them."""
        if not self.lame:
            return 0, 0
        high, middle, low = self.lame[_DELAY : _DELAY + 3]
        return high << 4 | middle >> 4, (middle & 15) << 8 | low


def read_tag(frame: bytes, kind: Kind, *, mono: bool) -> Tag | None:
    """Read the tag in a frame.

    Parameters
    ----------
    frame : bytes
        The first frame of a stream.
    kind : Kind
    mono : bool

    Returns
    -------
    tag : Tag or None
        None if the frame holds sound.
    """
    if frame[_VBRI : _VBRI + 4] == b"VBRI" and len(frame) >= _VBRI + 18:
        count, frames = struct.unpack_from(">II", frame, _VBRI + 10)
        return Tag(frames, count, b"")
    place = kind.data[mono]
    if frame[place : place + 4] not in NAMES:
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


def clear_padding(lame: bytearray) -> None:
    """State that no samples follow the sound.

    Parameters
    ----------
    lame : bytearray
        LAME's extension of a tag, or nothing; changed in place.
    """
    if lame:
        lame[_DELAY + 1] &= 0xF0
        lame[_DELAY + 2] = 0


def tag_frame(header: bytes, frames: int, size: int, lame: bytes) -> bytes:
    """Return the frame of a tag.

    Parameters
    ----------
    header : bytes
        Header of a frame of the same kind, in layer III.
    frames, size : int
        Number of frames of sound, and their length in bytes.
    lame : bytes
        LAME's extension, or nothing.

    Returns
    -------
    frame : bytes
    """
    second, third, fourth = header[1] | 1, header[2] & 0x0C, header[3]
    start, length, kind = next(
        (start, length, kind)
        for index in range(1, 15)
        for start in [bytes((0xFF, second, index << 4 | third))]
        for length, kind in [frame_headers()[start]]
        if length >= _TAG
    )
    frame = b"".join(
        (
            start + bytes((fourth,)),
            bytes(kind.data[fourth >= 0xC0] - HEADER),
            struct.pack(">4sIII", b"Info", 15, frames, length + size),
            _TABLE + bytes(4) + lame,
        )
    )
    return frame.ljust(length, b"\0")
