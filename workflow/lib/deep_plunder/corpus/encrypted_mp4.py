"""Recognise MP4 files whose sound is encrypted, which would decode to noise.

The box ``stsd`` of an MP4 file names the coding of each track's samples: ``drms`` is Apple's
FairPlay, ``enca`` the common encryption of ISO/IEC 23001-7.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from deep_plunder.audio.mp4_boxes import boxes, leaves

__all__ = ["is_encrypted"]

_ENCRYPTED = frozenset({b"drms", b"drmi", b"enca"})
_PARENTS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})


def _codings(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    """Return the coding of the samples of each track."""
    for name, content, stop in leaves(file, start, end, _PARENTS):
        if name == b"stsd":
            for coding, _, _ in boxes(file, content + 8, stop):
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
