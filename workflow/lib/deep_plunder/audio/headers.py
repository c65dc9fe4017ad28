"""Complete headers that decoders cannot read.

A writer to a pipe cannot go back to its header. It leaves zero or the greatest number where the
length belongs (WAV, RF64, BW64, CAF, AU, AIFF). Decoders interpret zero as no sound, and the
greatest number as damage. In such a file the sound lasts to the end.

Some writers leave out the byte that pads a chunk of odd length. Decoders then look for the next
chunk one byte too late, and find no sound.
"""

from __future__ import annotations

import os
import struct

from deep_plunder.audio.chunk_layout import (
    CHUNK_NAME,
    NEARLY_GREATEST,
    SOUND,
    chunks,
    is_unknown,
    lacking_padding,
)
from deep_plunder.audio.source import check_missing, fault, warn
from deep_plunder.audio.views import View

__all__ = ["check_chunks", "complete_header", "large_wav"]

# Chunks before the sound hold tags and pictures at most.
_LONGEST_HEAD = 1 << 24
_LONGEST_TAGS = 1 << 16
_GREATEST = 0xFFFF_FFFF

_RF64 = (b"RF64", b"BW64")


def _ends_in_chunks(descriptor: int, start: int, end: int, head: str) -> bool:
    """Return whether chunks alone fill a file up to its end."""
    found = chunks(descriptor, start, end, head=head, even=True)
    if not found:
        return end - start < 8
    _, place, length = found[-1]
    names = all(CHUNK_NAME.fullmatch(name) for name, _, _ in found)
    return names and 0 <= place + length + length % 2 - end <= 1


def _before_tags(descriptor: int, start: int, end: int) -> int:
    """Return where the sound ends: before the list of tags, if the file ends with one."""
    first = max(start, end - _LONGEST_TAGS)
    tail = os.pread(descriptor, end - first, first)
    place = tail.rfind(b"LIST")
    if place < 0 or len(tail) < place + 8:
        return end
    length = int.from_bytes(tail[place + 4 : place + 8], "little")
    return first + place if 0 <= len(tail) - (place + 8 + length) <= 1 else end


def _check_length(path: str | os.PathLike[str], length: int, found: int) -> None:
    """Check that a file holds as much sound as its header says, but for a few bytes."""
    if length > found and not is_unknown(length):
        detail = f"its header says {length} bytes of audio, the file holds {found}"
        check_missing(path, length - found, detail)


def _riff(
    path: str | os.PathLike[str], descriptor: int, magic: bytes, end: int
) -> tuple[int, dict[int, bytes]] | None:
    """Return where the sound of WAV, RF64 or AIFF begins, and the header's right bytes by place."""
    form = magic == b"FORM"
    order = ">" if form else "<"
    head = f"{order}4sI"
    sizes = None
    for name, place, length in chunks(descriptor, 12, end, head=head, even=True):
        if name == b"ds64":
            sizes = place
        if name != (b"SSND" if form else b"data"):
            continue
        if sizes is not None and magic in _RF64:
            length = int.from_bytes(os.pread(descriptor, 8, sizes + 8), "little")
        # The chunk of AIFF begins with an offset and a block size, which are no sound.
        silent = length <= (8 if form else 0)
        if not silent and place + length <= end:
            return None
        if silent and _ends_in_chunks(descriptor, place + length, end, head):
            return None
        _check_length(path, length, end - place)
        stop = _before_tags(descriptor, place, end) if silent and not form else end
        sound = stop - place
        if sizes is not None and magic in _RF64:
            # No number of frames: decoders then count them.
            return place, {sizes: struct.pack("<QQQ", end - 8, sound, 0)}
        return place, {
            4: struct.pack(order + "I", min(end - 8, _GREATEST)),
            place - 4: struct.pack(order + "I", min(sound, _GREATEST)),
        }
    return None


def _caf(
    path: str | os.PathLike[str], descriptor: int, end: int
) -> tuple[int, dict[int, bytes]] | None:
    for name, place, length in chunks(descriptor, 8, end, head=">4sQ", even=False):
        if name == b"data" and (length <= 4 or place + length > end):
            if length > 4 and not is_unknown(length):
                detail = f"its header says {length} bytes of audio, the file holds {end - place}"
                raise fault(path, "truncated", detail)
            return place, {place - 8: struct.pack(">Q", end - place)}
    return None


def complete_header(path: str | os.PathLike[str], descriptor: int) -> View | None:
    """Return a view of a file with a header that decoders can read.

    It states the length of all that follows it, and pads chunks of odd length.

    Parameters
    ----------
    path : path-like
        The file, for the message.
    descriptor : int
        The open file.

    Returns
    -------
    view : View or None
        None if the header needs no change, or the file is of another kind.

    Raises
    ------
    OSError
        If the file cannot be read.
    AudioError
        If the file ends before the length that it states.
    """
    end = os.fstat(descriptor).st_size
    magic = os.pread(descriptor, 4, 0)
    found: tuple[int, dict[int, bytes]] | None = None
    lacking: list[int] = []
    if magic in (b"RIFF", b"FORM", *_RF64):
        found = _riff(path, descriptor, magic, end)
        head = ">4sI" if magic == b"FORM" else "<4sI"
        place, lacking = lacking_padding(descriptor, end, head)
        if lacking and not found:
            found = place, {}
    elif magic == b"caff":
        found = _caf(path, descriptor, end)
    elif magic == b".snd":
        start = int.from_bytes(os.pread(descriptor, 4, 4))
        length = int.from_bytes(os.pread(descriptor, 4, 8))
        if not length or start + length > end:
            _check_length(path, length, end - start)
            found = start, {8: struct.pack(">I", min(max(0, end - start), _GREATEST))}
    if found is None or not 0 < found[0] <= min(end, _LONGEST_HEAD):
        return None
    start, numbers = found
    header = bytearray(os.pread(descriptor, start, 0))
    for place, number in numbers.items():
        header[place : place + len(number)] = number
    for place in reversed(lacking):
        header.insert(place, 0)
    return View(descriptor, [(start, end)], head=bytes(header))


def large_wav(descriptor: int) -> View | None:
    """Return a view as RF64 of a WAV file of more than 4 GiB, whose header cannot say so.

    Parameters
    ----------
    descriptor : int
        The open file.

    Returns
    -------
    view : View or None
        None if the file is another one, or states how long its sound is.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    end = os.fstat(descriptor).st_size
    if end <= _GREATEST or os.pread(descriptor, 4, 0) != b"RIFF":
        return None
    for name, place, length in chunks(descriptor, 12, end, head="<4sI", even=True):
        if name == b"data":
            if length < NEARLY_GREATEST or place > _LONGEST_HEAD:
                return None
            sizes = struct.pack("<4sIQQQI", b"ds64", 28, end + 28, end - place, 0, 0)
            before = os.pread(descriptor, place - 20, 12)
            head = b"RF64" + b"\xff" * 4 + b"WAVE" + sizes + before + b"data" + b"\xff" * 4
            return View(descriptor, [(place, end)], head=head)
    return None


def check_chunks(path: str | os.PathLike[str], descriptor: int) -> None:
    """Check that no chunk claims more bytes than the file has.

    FFmpeg would allocate and clear as much memory as a tag claims to need, and read a sound that
    lacks its end without an error.

    Parameters
    ----------
    path : path-like
        The file, for the message.
    descriptor : int
        The open file. Only WAV, RF64 and AIFF are checked.

    Raises
    ------
    AudioError
        If a chunk claims too much.
    """
    end = os.fstat(descriptor).st_size
    magic = os.pread(descriptor, 4, 0)
    if magic not in (b"RIFF", b"FORM", *_RF64):
        return
    head = ">4sI" if magic == b"FORM" else "<4sI"
    film = os.pread(descriptor, 4, 8) == b"AVI "
    if film:
        stated = 8 + int.from_bytes(os.pread(descriptor, 4, 4), "little")
        if stated > end and not is_unknown(stated):
            warn(path, f"its header says {stated} bytes, {end} are there")
    for name, place, length in chunks(descriptor, 12, end, head=head, even=True):
        if name in SOUND:
            if not length:
                # Of unknown layout: no chunk follows where this one would end.
                return
            _check_length(path, length, end - place)
        elif film and os.pread(descriptor, 4, place) == b"movi":
            # FFmpeg reads its sound packet by packet; streamed, its length is not known.
            return
        elif place + length > max(end, _LONGEST_HEAD):
            detail = f"its chunk {name!r} claims {length} bytes, {end - place} are there"
            raise fault(path, "undecodable", detail)
