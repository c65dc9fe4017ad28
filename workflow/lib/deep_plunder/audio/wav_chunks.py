"""Add the chunks that samplers read to a WAV file: root note, position in the song, texts.

The chunks follow the samples, which stay as they are:

- ``smpl``: the root note and its deviation (Multimedia Programming Interface 1.0, Microsoft and
  IBM, 1991)
- ``cue `` and ``LIST`` ``adtl``: a marker with a label at the beginning
- ``LIST`` ``INFO``: name, song, comment and software
- ``bext``: description and the position in the song (EBU Tech 3285)
"""

from __future__ import annotations

import math
import os
import struct
from dataclasses import dataclass
from pathlib import Path

from deep_plunder.errors import AudioError
from deep_plunder.util.names import shown

__all__ = ["ClipFacts", "add_chunks"]

_MIDDLE_C = 60
_HEAD = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFacts:
    """The facts about a clip that its file holds. Texts must be valid Unicode.

    Attributes
    ----------
    name : str
        Name of the clip.
    song : str
        Name of the song's file.
    comment : str
        Score, class, note, time and model, for people.
    software : str
        Name and version of the program that cut it.
    start : int
        Position in the song, in samples.
    note : int or None
        MIDI note of the sound; None without a clear pitch.
    cents : float
        Deviation of the sound from the note, -50..50 cents.
    """

    name: str
    song: str
    comment: str
    software: str
    start: int
    note: int | None = None
    cents: float = 0.0


def add_chunks(path: str | os.PathLike[str], facts: ClipFacts) -> None:
    """Add chunks that state facts about a WAV file to its end.

    Parameters
    ----------
    path : path-like
        A RIFF WAV file.
    facts : ClipFacts

    Raises
    ------
    AudioError
        If it is no RIFF WAV file, or too large for one. The file is unchanged.
    OSError
        If it cannot be written.
    """
    with Path(path).open("r+b") as file:
        head = file.read(_HEAD)
        place = head.find(b"fmt ")
        if head[:4] != b"RIFF" or head[8:12] != b"WAVE" or not 0 <= place <= len(head) - 16:
            raise AudioError(f"{shown(path)}: must be a RIFF WAV file")
        (rate,) = struct.unpack_from("<I", head, place + 12)
        chunks = (_smpl(facts, rate), _cue(), _labels(facts), _info(facts), _bext(facts))
        size = file.seek(0, os.SEEK_END)
        added = b"\0" * (size % 2) + b"".join(chunks)
        if size + len(added) - 8 >= 1 << 32:
            raise AudioError(f"{shown(path)}: a WAV file must be smaller than 4 GiB")
        file.write(added)
        file.seek(4)
        file.write(struct.pack("<I", size + len(added) - 8))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def _smpl(facts: ClipFacts, rate: int) -> bytes:
    note, cents = (_MIDDLE_C, 0.0) if facts.note is None else (facts.note, facts.cents)
    # The fraction counts upwards only: 100 cents are 2**32.
    below = math.floor(cents / 100)
    fraction = round((cents / 100 - below) * 2**32) % 2**32
    period_ns = round(1e9 / rate)
    return _chunk(b"smpl", struct.pack("<9I", 0, 0, period_ns, note + below, fraction, 0, 0, 0, 0))


def _cue() -> bytes:
    return _chunk(b"cue ", struct.pack("<3I4s3I", 1, 1, 0, b"data", 0, 0, 0))


def _text(kind: bytes, text: str) -> bytes:
    return _chunk(kind, text.encode("utf-8") + b"\0")


def _labels(facts: ClipFacts) -> bytes:
    label = struct.pack("<I", 1) + facts.name.encode("utf-8") + b"\0"
    return _chunk(b"LIST", b"adtl" + _chunk(b"labl", label))


def _info(facts: ClipFacts) -> bytes:
    texts = ((b"INAM", facts.name), (b"IPRD", facts.song), (b"ICMT", facts.comment),
             (b"ISFT", facts.software))  # fmt: skip
    return _chunk(b"LIST", b"INFO" + b"".join(_text(kind, text) for kind, text in texts))


def _bext(facts: ClipFacts) -> bytes:
    description = f"{facts.song}: {facts.comment}".encode("ascii", "replace")[:256]
    originator = facts.software.encode("ascii", "replace")[:32]
    # No date or time: the same clip gives the same bytes.
    head = struct.pack("<256s32s32s10s8sQH", description, originator, b"", b"", b"", facts.start, 1)
    return _chunk(b"bext", head + bytes(64) + bytes(190))
