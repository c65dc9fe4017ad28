"""Recognise MP4 files whose sound is encrypted, which would decode to noise.

An MP4 file is a tree of boxes (size, four letters, content). The box ``stsd`` names the coding of
each track's samples: ``drms`` is Apple's FairPlay, ``enca`` the common encryption of ISO/IEC
23001-7. Box layout: ISO/IEC 14496-12, section 4.2.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

__all__ = ["is_encrypted"]

_ENCRYPTED = frozenset({b"drms", b"drmi", b"enca"})
_PARENTS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Give name, start and end of the content of each box between two places of a file."""
    while start + 8 <= end:
        file.seek(start)
        head = file.read(16)
        if len(head) < 8:
            return
        size, name = struct.unpack(">I4s", head[:8])
        content = start + 8
        if size == 1 and len(head) == 16:
            size, content = struct.unpack(">Q", head[8:])[0], start + 16
        elif size == 0:
            size = end - start
        if size < content - start:
            return
        yield name, content, min(start + size, end)
        start += size


def _codings(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    """Give the coding of the samples of each track."""
    for name, content, stop in _boxes(file, start, end):
        if name in _PARENTS:
            yield from _codings(file, content, stop)
        elif name == b"stsd":
            for coding, _, _ in _boxes(file, content + 8, stop):
                yield coding


def is_encrypted(path: str | os.PathLike[str]) -> bool:
    """Tell whether a file is an MP4 with encrypted sound.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    encrypted : bool
        False for any other file, and for one that cannot be read.
    """
    path = Path(path)
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            if file.read(8)[4:] != b"ftyp":
                return False
            size = file.seek(0, os.SEEK_END)
            return any(coding in _ENCRYPTED for coding in _codings(file, 0, size))
    except (OSError, ValueError):
        return False
