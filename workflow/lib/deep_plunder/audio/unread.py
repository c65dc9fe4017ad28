"""Find bytes behind the sound of a file that no decoder reads.

They may be sound: of a writer that lost count, or of files that were joined byte after byte. Tags
(ID3, APE) and chunks of known layout are no sound.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable

from deep_plunder.audio.chunk_layout import (
    CHUNK_NAME,
    NEARLY_GREATEST,
    SOUND,
    behind_odd,
    chunks,
    end_of_chunks,
)
from deep_plunder.audio.source import FEWEST_BYTES
from deep_plunder.audio.wave64 import end_of_wave64

__all__ = ["unread_bytes"]

_UNKNOWN_AU = 0xFFFF_FFFF
_ID3_SIZE = 128
_APE_FOOTER = 32
# TTA: a header, the length of each frame, two checksums. A frame lasts 256 / 245 seconds.
_TTA_HEADER = struct.Struct("<4sHHHIII")
_TTA_FRAME_S = 256 / 245
_MOST_BOXES = 1_000_000


def _end_of_chunks(descriptor: int, magic: bytes, end: int) -> int:
    """Return where the chunks of WAV, RF64, AIFF or CAF end that follow the sound."""
    caf = magic == b"caff"
    head = ">4sQ" if caf else ">4sI" if magic == b"FORM" else "<4sI"
    start = 8 if caf else 12
    for name, place, length in chunks(descriptor, start, end, head=head, even=not caf):
        if name in SOUND:
            known = 0 < length < NEARLY_GREATEST
            return _behind(descriptor, place, length, end, head, magic) if known else end
    return end


def _behind(descriptor: int, place: int, length: int, end: int, head: str, magic: bytes) -> int:
    """Return where chunks end that follow the sound, whose place and length are given."""
    even = head != ">4sQ"
    start = place + length
    if even and length % 2:
        start = behind_odd(descriptor, start, end, head)
    begin, stop = end_of_chunks(descriptor, start, end, head=head, even=even, first=magic)
    # What claims more than the file has is no chunk.
    return begin if stop == begin or stop > end + 1 else end


def _end_of_rf64(descriptor: int, end: int) -> int:
    """Return where the sound of RF64 ends, or the chunks after it."""
    name, length = struct.unpack("<4sI", os.pread(descriptor, 8, 12))
    sizes = os.pread(descriptor, 16, 20)
    if name != b"ds64" or len(sizes) < 16:
        return end
    sound = int.from_bytes(sizes[8:], "little")
    for name, place, length in chunks(descriptor, 12, end, head="<4sI", even=True):
        if name == b"data":
            length = sound if length == 0xFFFF_FFFF else length
            if not sound or place + length >= end:
                return end
            return _behind(descriptor, place, length, end, "<4sI", os.pread(descriptor, 4, 0))
    return end


def _end_of_au(descriptor: int, end: int) -> int:
    head = os.pread(descriptor, 12, 0)
    start, length = int.from_bytes(head[4:8]), int.from_bytes(head[8:])
    return start + length if 0 < length < _UNKNOWN_AU else end


def _end_of_tta(descriptor: int, end: int) -> int:
    head = os.pread(descriptor, _TTA_HEADER.size, 0)
    _, _, _, _, rate, samples, _ = _TTA_HEADER.unpack(head)
    count = -(-samples // max(1, int(rate * _TTA_FRAME_S)))
    if 4 * count > end:
        return end
    sizes = os.pread(descriptor, 4 * count, _TTA_HEADER.size)
    sound: int = sum(size for (size,) in struct.iter_unpack("<I", sizes))
    return _TTA_HEADER.size + len(sizes) + 4 + sound


def _end_of_mp4(descriptor: int, end: int) -> int:
    """Return where boxes end that belong to the first file among joined ones."""
    place, seen = 0, set()
    for _ in range(_MOST_BOXES):
        head = os.pread(descriptor, 16, place)
        if len(head) < 8:
            break
        size, name = struct.unpack(">I4s", head[:8])
        if size == 1 and len(head) == 16:
            size = int.from_bytes(head[8:])
        again = name in (b"ftyp", b"moov") and name in seen
        if again or not CHUNK_NAME.fullmatch(name) or size < 8 or place + size > end:
            return place if size else end
        seen.add(name)
        place += size
    return end


_SOUND_ENDS: dict[bytes, Callable[[int, int], int]] = {
    b"RF64": _end_of_rf64,
    b"BW64": _end_of_rf64,
    b"riff": end_of_wave64,
    b".snd": _end_of_au,
    b"TTA1": _end_of_tta,
}


def _before_tags(descriptor: int, end: int) -> int:
    """Return where the ID3 and APE tags at the end of a file begin."""
    if os.pread(descriptor, 3, max(0, end - _ID3_SIZE)) == b"TAG":
        end -= _ID3_SIZE
    footer = os.pread(descriptor, _APE_FOOTER, max(0, end - _APE_FOOTER))
    if footer[:8] == b"APETAGEX" and len(footer) == _APE_FOOTER:
        _, size, _, flags = struct.unpack_from("<IIII", footer, 8)
        end -= size + (_APE_FOOTER if flags >> 31 else 0)
    return max(0, end)


def unread_bytes(descriptor: int) -> int:
    """Count the bytes behind the sound that may be sound but are not read.

    Parameters
    ----------
    descriptor : int
        The open file.

    Returns
    -------
    count : int
        Number of bytes. 0 for too few to be sound, and for kinds of files that are read to the
        end or whose layout is not known here.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    size = os.fstat(descriptor).st_size
    magic = os.pread(descriptor, 8, 0)
    end = _before_tags(descriptor, size)
    find = _SOUND_ENDS.get(magic[:4])
    try:
        if magic[:4] in (b"RIFF", b"FORM", b"caff"):
            stop = _end_of_chunks(descriptor, magic[:4], end)
        elif magic[4:] == b"ftyp":
            stop = _end_of_mp4(descriptor, end)
        else:
            stop = find(descriptor, end) if find else end
    except struct.error:
        return 0
    return end - stop if end - stop >= FEWEST_BYTES else 0
