"""Recognise MP4 files whose sound is encrypted, which would decode to noise.

The box ``stsd`` of an MP4 file names the coding of each track's samples: ``drms`` is Apple's
FairPlay, ``enca`` the common encryption of ISO/IEC 23001-7.
"""

from __future__ import annotations

import os
from pathlib import Path

from deep_plunder.audio.mp4_boxes import codings

__all__ = ["is_encrypted"]

_ENCRYPTED = frozenset({b"drms", b"drmi", b"enca"})


def is_encrypted(path: str | os.PathLike[str]) -> bool:
    """Return whether a file is an MP4 with encrypted sound.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    encrypted : bool
        False for any other file, and for one that cannot be read.

    Examples
    --------
    >>> is_encrypted("song.wav")
    False
    """
    path = Path(path)
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            if file.read(8)[4:] != b"ftyp":
                return False
            return any(coding in _ENCRYPTED for coding in codings(file))
    except (OSError, ValueError):
        return False
