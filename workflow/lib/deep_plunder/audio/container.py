"""Open with FFmpeg the files that libsndfile does not know: m4a and other containers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO

from deep_plunder.audio.ffmpeg import Linear, open_ffmpeg
from deep_plunder.audio.headers import check_chunks
from deep_plunder.audio.mp4 import open_mp4
from deep_plunder.audio.mp4_boxes import Track, codings, read_track
from deep_plunder.audio.source import Source, fault, warn
from deep_plunder.audio.views import View
from deep_plunder.util.names import shown

__all__ = ["open_container"]

_MP4 = re.compile(rb"....(ftyp|moov|mdat|free|skip|wide|pnot)", re.S)
_MAGIC = re.compile(
    rb"RIFF|RIFX|RF64|riff\.\x91\xcf\x11|FORM|fLaC|OggS|caff|ID3|\.snd|....ftyp|\xff[\xe0-\xff]",
    re.S,
)


def _codec(file: BinaryIO) -> str:
    """Return a file's own name for its coding, for codings without a name in FFmpeg."""
    file.seek(0)
    head = file.read(1 << 12)
    if _MP4.match(head):
        names = [name.decode("latin-1") for name in codings(file)]
        return shown(", ".join(map(repr, names)) or "no track")
    place = head.find(b"fmt ")
    if head[:4] in (b"RIFF", b"RF64") and place > 0:
        return f"WAV format {int.from_bytes(head[place + 8 : place + 10], 'little'):#06x}"
    return "a codec without a name"


def _source(
    path: str | PathLike[str],
    file: BinaryIO,
    container: Any,
    track: Track | None,
    view: View | None,
) -> Source:
    import av

    if not container.streams.audio:
        raise fault(path, "not audio", "holds no audio stream")
    tracks = len(container.streams.audio)
    if tracks > 1:
        warn(path, f"holds {tracks} tracks of sound; the first alone is read")
    context = container.streams.audio[0].codec_context
    if context is None:
        detail = f"FFmpeg has no decoder for its sound, {_codec(file)} (is it protected?)"
        raise fault(path, "undecodable", detail)
    try:
        if not context.sample_rate or not context.channels:
            raise ValueError("its rate or channels are not known")
        if track is not None:
            return open_mp4(path, container, track)
        # FFmpeg takes the padding of the last packet of ALAC in CAF, which is not decoded, from its
        # sound.
        padded = container.format.name == "caf" and context.name == "alac"
        return Linear(path, container, view, edits=not padded)
    except (av.FFmpegError, ValueError) as error:
        kind = f"{context.name} in {container.format.name.split(',')[0]}"
        detail = getattr(error, "strerror", None) or str(error)
        raise fault(path, "undecodable", f"FFmpeg cannot decode its {kind} ({detail})") from error


@contextmanager
def open_container(path: str | PathLike[str], *, view: View | None = None) -> Iterator[Source]:
    """Open a file that libsndfile does not know.

    Parameters
    ----------
    path : path-like
        A regular file.
    view : View, optional
        The bytes to read in its place.

    Yields
    ------
    source : Source

    Raises
    ------
    AudioError
        If the file holds no audio or cannot be decoded.
    """
    import av

    with Path(path).open("rb") as file:
        head = file.read(12)
        check_chunks(path, file.fileno())
        track = read_track(file) if _MP4.match(head) and view is None else None
        # FFmpeg need not see an edit list that is played here, however long it is.
        edits = track is None or track.plain
        try:
            with open_ffmpeg(path, view, edits=edits) as container:
                source = _source(path, file, container, track, view)
        except (av.FFmpegError, ValueError) as error:
            if _MAGIC.match(head):
                detail = "begins as audio does but cannot be decoded, damaged or truncated"
                raise fault(path, "undecodable", detail) from error
            detail = "its content is in no known format"
            raise fault(path, "not audio", detail) from error
    yield source
