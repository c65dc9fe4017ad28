"""Show decoders Sony Wave64 files with headers that they understand.

Wave64 is WAV with names of 16 bytes and lengths of 64 bits. A length counts the head of its chunk,
and chunks end at multiples of 8 bytes. libsndfile 1.2 reads on to the end of the file, rejects the
lengths of some writers that did not know them, and takes floats for integers where the format is
extensible.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator

from deep_plunder.audio.views import View

__all__ = ["end_of_wave64", "is_wave64", "view_wave64"]

_RIFF = bytes.fromhex("726966662e91cf11a5d628db04c10000")
# The end of the names of chunks that are named as in WAV.
_NAME = bytes.fromhex("f3acd3118cd100c04f8edb8a")
_HEAD = struct.Struct("<16sQ")
_UNKNOWN_LENGTH = 1 << 62
_LONGEST_HEAD = 1 << 24
_EXTENSIBLE = b"\xfe\xff"
# Place of the format within its chunk where it is extensible.
_FORMAT = 24


def is_wave64(descriptor: int) -> bool:
    """Return whether a file begins as Wave64 does.

    Parameters
    ----------
    descriptor : int
        The open file.

    Returns
    -------
    found : bool

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    return os.pread(descriptor, len(_RIFF), 0) == _RIFF


def _chunks(descriptor: int, place: int) -> Iterator[tuple[bytes, int, int]]:
    """Find the name, the place of the content and its length of the chunks from a place on."""
    while len(head := os.pread(descriptor, _HEAD.size, place)) == _HEAD.size:
        name, size = _HEAD.unpack(head)
        yield name, place + _HEAD.size, size - _HEAD.size
        if name[4:] != _NAME or size < _HEAD.size:
            break
        place += size + -size % 8


def view_wave64(descriptor: int) -> View:
    """Return a view of a Wave64 file up to the end of its sound.

    Parameters
    ----------
    descriptor : int
        The open file.

    Returns
    -------
    view : View
        Its header states the length of the sound, and a format that is not extensible.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    end = os.fstat(descriptor).st_size
    numbers: dict[int, bytes] = {}
    for name, place, length in _chunks(descriptor, _HEAD.size + 16):
        if name == b"fmt " + _NAME and os.pread(descriptor, 2, place) == _EXTENSIBLE:
            numbers[place] = os.pread(descriptor, 2, place + _FORMAT)
        if name != b"data" + _NAME or place > _LONGEST_HEAD:
            continue
        if not 0 < length < _UNKNOWN_LENGTH:
            length = end - place
            numbers[16] = struct.pack("<Q", end)
            numbers[place - 8] = struct.pack("<Q", _HEAD.size + length)
        header = bytearray(os.pread(descriptor, place, 0))
        for at, number in numbers.items():
            header[at : at + len(number)] = number
        return View(descriptor, [(place, min(place + length, end))], head=bytes(header))
    return View(descriptor, [(0, end)])


def end_of_wave64(descriptor: int, end: int) -> int:
    """Return where the chunks behind the sound of a Wave64 file end.

    Parameters
    ----------
    descriptor : int
        The open file.
    end : int
        Where the file ends.

    Returns
    -------
    place : int
        `end` if chunks fill the file.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    sound = False
    for name, place, length in _chunks(descriptor, _HEAD.size + 16):
        if sound and (name[4:] != _NAME or not 0 <= length <= end - place + 8):
            return place - _HEAD.size
        if name == b"data" + _NAME:
            if not 0 < length <= end - place:
                return end
            sound = True
    return end
