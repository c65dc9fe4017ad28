"""What all decoders share: what they offer to `deep_plunder.audio`, and how they tell faults."""

from __future__ import annotations

import logging
import os
from functools import cache
from typing import Protocol

import numpy as np
import numpy.typing as npt

from .errors import AudioError

__all__ = ["Array", "Source", "fault", "shown", "warn"]

_log = logging.getLogger(__name__)

Array = npt.NDArray[np.float32]


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

    def read(self, start: int, stop: int) -> Array:
        """Decode the frames from `start` up to `stop`, or to the end if that comes first."""
        ...


def shown(path: str | os.PathLike[str]) -> str:
    """Write a path so that any name, one with line feeds too, is a piece of one line.

    Parameters
    ----------
    path : path-like
        Any path.

    Returns
    -------
    text : str
        The path with what cannot be printed escaped as in Python strings.
    """
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode() for c in os.fspath(path)
    )


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
