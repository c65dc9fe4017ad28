"""Compare the length of a file with the one that its header declares.

The decoders say nothing where a few bytes are missing at the end of CAF, or any number in the other
formats here. They say it themselves in WAV, RF64, AIFF, AU and Wave64.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Callable

from deep_plunder.audio.chunk_layout import end_of_chunks
from deep_plunder.audio.source import Source, check_missing

__all__ = ["check_declared_end"]

_MOST_BLOCKS = 100_000
_GREATEST = 0x7FFF_0000
# Formats with lengths of 64 bits.
_WIDE = ("CAF", "SOX")
_AVR = struct.Struct(">12xhh10xI")
_AVR_BYTES = 128
_MPC = struct.Struct("<21xB8xI")
_MPC_BYTES = 42
_SOX_SAMPLE = 4
_NIST = re.compile(rb"(channel_count|sample_n_bytes|sample_count) -\w+ (\d{1,18})\s")
_NIST_HEADER = 1 << 14
_VOC_LAST = 0
_VOC_UNKNOWN = (0, 0xFF_FFFF)
_MATLAB_4 = struct.Struct("5I")
# Bytes of a number in MATLAB 4, by the tens digit of the type of a matrix.
_MATLAB_4_BYTES = (8, 4, 4, 2, 2, 1)
_MATLAB_5_START = 128
_MATLAB_5_MATRIX = 14
# A greater type belongs to a small element: its upper half is the length, and the four bytes
# that follow are the content.
_MATLAB_5_SHORT = 0xFFFF
_WVE_LENGTH, _WVE_START = 18, 32
# An instrument states the number of its samples, and for each a header, which begins with a length.
_XI_COUNT, _XI_SAMPLE = 296, 40


def _size_of_caf(descriptor: int, size: int) -> int:
    return end_of_chunks(descriptor, 8, size, head=">4sQ", even=False)[1]


def _size_of_iff(descriptor: int, size: int) -> int:
    return end_of_chunks(descriptor, 12, size, head=">4sI", even=True)[1]


def _size_of_avr(descriptor: int, _: int) -> int:
    stereo, bits, frames = _AVR.unpack(os.pread(descriptor, _AVR.size, 0))
    return _AVR_BYTES + frames * (2 if stereo else 1) * bits // 8 if frames else 0


def _size_of_mpc(descriptor: int, _: int) -> int:
    stereo, frames = _MPC.unpack(os.pread(descriptor, _MPC.size, 0))
    return _MPC_BYTES + 2 * frames * (2 if stereo else 1) if frames else 0


def _size_of_nist(descriptor: int, _: int) -> int:
    header = os.pread(descriptor, _NIST_HEADER, 0)
    counts = {name: int(count) for name, count in _NIST.findall(header.split(b"end_head")[0])}
    start = header[8:16].strip()
    # Sound that Shorten has compressed takes fewer bytes than the counts say.
    if len(counts) < 3 or not start.isdigit() or b"embedded" in header:
        return 0
    sound = counts[b"channel_count"] * counts[b"sample_n_bytes"] * counts[b"sample_count"]
    return int(start) + sound if sound else 0


def _size_of_voc(descriptor: int, size: int) -> int:
    place = int.from_bytes(os.pread(descriptor, 2, 20), "little")
    for _ in range(_MOST_BLOCKS):
        head = os.pread(descriptor, 4, place)
        if place >= size or len(head) < 4 or head[0] == _VOC_LAST:
            return place
        length = int.from_bytes(head[1:], "little")
        if length in _VOC_UNKNOWN:
            break
        place += 4 + length
    return 0


def _size_of_sox(descriptor: int, _: int) -> int:
    head = os.pread(descriptor, 16, 0)
    order = "<" if head[0] == ord(".") else ">"
    header, samples = struct.unpack(f"{order}IQ", head[4:])
    return 4 + header + _SOX_SAMPLE * samples if samples else 0


def _size_of_matlab_4(descriptor: int, size: int) -> int:
    place = 0
    order = "<" if os.pread(descriptor, 4, 0) == bytes(4) else ">"
    layout = struct.Struct(order + _MATLAB_4.format)
    for _ in range(_MOST_BLOCKS):
        if place >= size:
            return place
        kind, rows, columns, imaginary, name = layout.unpack(
            os.pread(descriptor, layout.size, place)
        )
        number = kind // 10 % 10
        if number >= len(_MATLAB_4_BYTES) or not columns:
            break
        numbers = rows * columns * (2 if imaginary else 1)
        place += layout.size + name + numbers * _MATLAB_4_BYTES[number]
    return 0


def _size_of_matlab_5(descriptor: int, size: int) -> int:
    place, stop = _MATLAB_5_START, 0
    order = "<" if os.pread(descriptor, 2, place - 2) == b"IM" else ">"
    for _ in range(_MOST_BLOCKS):
        if place >= size:
            return stop
        kind, length = struct.unpack(f"{order}II", os.pread(descriptor, 8, place))
        # libsndfile states eight bytes too many for a matrix, but the right number for its parts.
        inside = kind == _MATLAB_5_MATRIX or kind > _MATLAB_5_SHORT
        stop = place + 8 + (0 if inside else length)
        place = stop + -stop % 8
    return 0


def _size_of_wve(descriptor: int, _: int) -> int:
    sound = int.from_bytes(os.pread(descriptor, 4, _WVE_LENGTH))
    return _WVE_START + sound if sound else 0


def _size_of_xi(descriptor: int, _: int) -> int:
    count = int.from_bytes(os.pread(descriptor, 2, _XI_COUNT), "little")
    samples = os.pread(descriptor, count * _XI_SAMPLE, _XI_COUNT + 2)
    layout = struct.Struct(f"<I{_XI_SAMPLE - 4}x")
    lengths: list[int] = [length for (length,) in layout.iter_unpack(samples)]
    return _XI_COUNT + 2 + len(samples) + sum(lengths) if any(lengths) else 0


def _size_of_rm(descriptor: int, size: int) -> int:
    place = 0
    for _ in range(_MOST_BLOCKS):
        if place >= size:
            break
        head = os.pread(descriptor, 8, place)
        place += int.from_bytes(head[4:])
        # Without an index, FFmpeg writes a length that is greater than this by 10.
        if head[:4] == b"DATA":
            return place - 10
    return 0


# By format. Each takes a descriptor and the size of the file, and returns the size that the headers
# declare, or 0 if they declare none. A writer that does not know a length leaves 0, or the greatest
# number of 32 bits.
_SIZES: dict[str, Callable[[int, int], int]] = {
    "CAF": _size_of_caf,
    "SVX": _size_of_iff,
    "AVR": _size_of_avr,
    "NIST": _size_of_nist,
    "VOC": _size_of_voc,
    "SOX": _size_of_sox,
    "MPC2K": _size_of_mpc,
    "MAT4": _size_of_matlab_4,
    "MAT5": _size_of_matlab_5,
    "WVE": _size_of_wve,
    "XI": _size_of_xi,
    "RM": _size_of_rm,
}


def check_declared_end(path: str | os.PathLike[str], descriptor: int, source: Source) -> None:
    """Check that a file is as long as its header declares.

    Parameters
    ----------
    path : path-like
        The file, for the message.
    descriptor : int
        The open file.
    source : Source
        What decodes it. Formats other than those of this module pass, and so does a file whose
        writer did not know its length.

    Raises
    ------
    OSError
        If the file cannot be read.
    AudioError
        If it lacks more than a few bytes (`source.check_missing`).
    """
    find = _SIZES.get(source.format)
    if find is None:
        return
    size = os.fstat(descriptor).st_size
    try:
        declared = find(descriptor, size)
    except struct.error:
        return
    if declared <= size or (declared - size >= _GREATEST and source.format not in _WIDE):
        return
    detail = f"its header says {declared} bytes, {size} are there"
    check_missing(path, declared - size, detail)
