"""The interface that every decoder offers to `audio.reading`, and the faults that it reports."""

from __future__ import annotations

import logging
import os
from functools import cache
from typing import Protocol

from deep_plunder.errors import AudioError
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.files import shown

__all__ = ["AUDIO_SUFFIXES", "Source", "fault", "warn"]

AUDIO_SUFFIXES = frozenset(
    f".{suffix}"
    for suffix in (
        *("wav", "wave", "w64", "rf64", "aif", "aiff", "aifc", "au", "snd", "caf"),
        *("flac", "ogg", "oga", "opus", "mp3"),
        *("m4a", "m4b", "mp4", "aac", "alac", "wma", "webm", "wv", "ape"),
    )
)
"""Suffixes, in lower case, of files that may hold audio."""


_log = logging.getLogger(__name__)


class Source(Protocol):
    """An open audio file.

    Attributes
    ----------
    rate, channels, frames : int
        As in `AudioInfo`.
    format, subtype : str
        As in `AudioInfo`.
    """

    rate: int
    channels: int
    frames: int
    format: str
    subtype: str

    def read(self, start: int, stop: int) -> Float32Array:
        """Decode the frames from `start` up to `stop`, or to the end if that comes first."""
        ...


def fault(path: str | os.PathLike[str], reason: str, detail: str) -> AudioError:
    """Make the error that tells what is wrong with a file.

    Parameters
    ----------
    path : path-like
        The file.
    reason : str
        One of the reasons of `deep_plunder.errors.AudioError`.
    detail : str
        What was found, and where.

    Returns
    -------
    error : AudioError
        To be raised.
    """
    return AudioError(f"{shown(path)}: {reason}: {detail}", reason=reason)


def warn(path: str | os.PathLike[str], detail: str) -> None:
    """Log what is odd with a file that is read all the same, once in a process.

    Parameters
    ----------
    path : path-like
        The file.
    detail : str
        What was found.
    """
    _warn(f"{shown(path)}: {detail}")


@cache
def _warn(line: str) -> None:
    _log.warning("%s", line)
