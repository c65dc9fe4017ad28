"""Find files that end within a frame or a packet, in formats whose headers state no length.

Where such a file is cut off between two frames, nothing in it tells.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable

from deep_plunder.audio.source import Source, warn

__all__ = ["check_last_packet"]

_WIDTHS = {"PCM_S8": 1, "ULAW": 1, "ALAW": 1, "PCM_16": 2, "PCM_24": 3, "PCM_32": 4, "FLOAT": 4}
_IRCAM_START, _PAF_START = 1024, 2048
# PAF of 24 bits holds ten samples of each channel in a block.
_PAF_BLOCK = 32
_LONGEST_LINE = 256
_SYNC = b"G"
# Packets of a transport stream: plain, with a time before each, with a checksum behind each.
_PACKETS = ((188, 0), (192, 4), (204, 0))
_SYNCS = 3
_NUT_INDEX = bytes.fromhex("4e58dd672f23e64e")
# Packets of sound in a program stream; their lengths take 16 bits.
_PES = re.compile(rb"\0\0\x01[\xbd\xc0-\xdf]..", re.S)
_LONGEST_PES = 1 << 17


def _frames(descriptor: int, size: int, source: Source) -> str:
    if source.format == "PVF":
        lines = os.pread(descriptor, _LONGEST_LINE, 0).split(b"\n")
        start = len(lines[0]) + len(lines[1]) + 2
    else:
        start = _PAF_START if source.format == "PAF" else _IRCAM_START
    width = _WIDTHS.get(source.subtype, 1) * source.channels
    if (source.format, source.subtype) == ("PAF", "PCM_24"):
        width = _PAF_BLOCK * source.channels
    rest = (size - start) % width
    return f"its last frame, of which {rest} of {width} bytes are there" if rest else ""


def _transport_stream(descriptor: int, size: int, _: Source) -> str:
    for length, before in _PACKETS:
        head = os.pread(descriptor, length * _SYNCS, before)
        rest = size % length
        if rest and head[::length] == _SYNCS * _SYNC:
            return f"its last packet, of which {rest} of {length} bytes are there"
    return ""


def _program_stream(descriptor: int, size: int, _: Source) -> str:
    tail = os.pread(descriptor, _LONGEST_PES, max(0, size - _LONGEST_PES))
    for found in list(_PES.finditer(tail))[-1:]:
        length = int.from_bytes(found.group()[4:])
        rest = len(tail) - found.end()
        if rest < length:
            return f"its last packet, of which {rest} of {length} bytes are there"
    return ""


def _nut(descriptor: int, size: int, _: Source) -> str:
    back = int.from_bytes(os.pread(descriptor, 8, max(0, size - 12)))
    found = os.pread(descriptor, len(_NUT_INDEX), size - back) if back <= size else b""
    return "" if found == _NUT_INDEX else "its sound: it lacks the index at its end"


# By format. Each takes a descriptor, the size of the file and its decoder, and returns the part
# within which the file ends, or nothing.
_CUT_OFF: dict[str, Callable[[int, int, Source], str]] = {
    "IRCAM": _frames,
    "PAF": _frames,
    "PVF": _frames,
    "MPEG": _program_stream,
    "MPEGTS": _transport_stream,
    "NUT": _nut,
}


def check_last_packet(path: str | os.PathLike[str], descriptor: int, source: Source) -> None:
    """Log if a file ends within its last frame or packet.

    Parameters
    ----------
    path : path-like
        The file, for the message.
    descriptor : int
        The open file.
    source : Source
        What decodes it.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    find = _CUT_OFF.get(source.format)
    part = find(descriptor, os.fstat(descriptor).st_size, source) if find else ""
    if part:
        warn(path, f"ends within {part}; {source.frames} frames are read")
