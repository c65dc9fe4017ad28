"""Open what libsndfile does not know with FFmpeg: m4a and other containers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any

from deep_plunder.audio.ffmpeg import Linear, open_ffmpeg
from deep_plunder.audio.mp4 import open_mp4
from deep_plunder.audio.mp4_boxes import read_track
from deep_plunder.audio.source import Source, fault
from deep_plunder.audio.views import View

__all__ = ["open_container"]

_MAGIC = re.compile(
    rb"RIFF|RIFX|RF64|riff\.\x91\xcf\x11|FORM|fLaC|OggS|caff|ID3|\.snd|....ftyp|\xff[\xe0-\xff]",
    re.S,
)


def _source(path: str | PathLike[str], container: Any, view: View | None) -> Source:
    if not container.streams.audio:
        raise fault(path, "not audio", "holds no audio stream")
    audio = container.streams.audio[0]
    if audio.codec_context is None:
        raise fault(path, "undecodable", "FFmpeg has no decoder for it (a protected file?)")
    if container.format.name.startswith("mov") and view is None:
        with Path(path).open("rb") as file:
            track = read_track(file)
        if track is not None:
            return open_mp4(path, container, track)
    return Linear(path, container, view)


@contextmanager
def open_container(path: str | PathLike[str], *, view: View | None = None) -> Iterator[Source]:
    """Open a file that libsndfile does not know.

    Parameters
    ----------
    path : path-like
        A regular file.
    view : View, optional
        What is read in its stead.

    Yields
    ------
    source : Source

    Raises
    ------
    AudioError
        If the file is no audio, or cannot be decoded.
    """
    import av

    try:
        with open_ffmpeg(path, view) as container:
            source = _source(path, container, view)
    except (av.FFmpegError, ValueError) as error:
        with Path(path).open("rb") as stream:
            begins = _MAGIC.match(stream.read(12))
        if begins:
            detail = "begins as audio does but cannot be decoded, damaged or truncated"
            raise fault(path, "undecodable", detail) from error
        detail = "its content is of no format that libsndfile or FFmpeg knows"
        raise fault(path, "not audio", detail) from error
    try:
        yield source
    except av.FFmpegError as error:
        raise fault(path, "undecodable", error.strerror or str(error)) from error
