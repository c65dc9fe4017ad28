"""Compare the lengths that streams of MPEG audio state with the frames that are there."""

from __future__ import annotations

import os

from deep_plunder.audio.mpeg import MpegStream
from deep_plunder.audio.source import fault, warn

__all__ = ["check_lengths", "lacks_end", "sound_length", "states"]

# Most frames that may be missing before a stream counts as truncated: encoders count differently.
_SLACK = 4
# The longest frame, which a tag may be.
_TAG_SLACK = 2048


def states(stream: MpegStream, frames: int) -> bool:
    """Return whether the tag of a stream states a number of frames.

    Parameters
    ----------
    stream : MpegStream
    frames : int
        MPEG frames of sound.

    Returns
    -------
    states : bool
        Also if the number differs by 1, since some encoders count the tag as a frame.
    """
    stated = stream.tag.frames if stream.tag else None
    return stated is not None and abs(stated - frames) <= 1


def lacks_end(stream: MpegStream) -> bool:
    """Return whether a stream lacks its end, but too little of it to be refused as truncated.

    Parameters
    ----------
    stream : MpegStream

    Returns
    -------
    lacks_end : bool
    """
    stated = stream.tag.frames if stream.tag else None
    return stream.cut or (stated is not None and 1 < stated - stream.frames <= _SLACK)


def sound_length(stream: MpegStream) -> int:
    """Return the length of the sound without the encoder's delay and padding.

    Parameters
    ----------
    stream : MpegStream

    Returns
    -------
    length : int
        Samples per channel.
    """
    return stream.frames * stream.samples - (sum(stream.tag.trims) if stream.tag else 0)


def check_lengths(path: str | os.PathLike[str], streams: list[MpegStream]) -> None:
    """Check that MPEG streams are as long as they state.

    Parameters
    ----------
    path : path-like
        The file, for the message.
    streams : list of MpegStream
        All streams of the file.

    Raises
    ------
    AudioError
        If the only stream is cut off. Other differences are logged.
    """
    for number, stream in enumerate(streams):
        tag = stream.tag
        # A tool that restates the length when joining leaves one tag for all streams.
        following = sum(other.frames for other in streams[number:])
        if (
            tag is None
            or tag.frames is None
            or states(stream, stream.frames)
            or states(stream, following)
        ):
            if stream.cut:
                warn(path, f"ends within its last MPEG frame; {stream.frames} whole ones are read")
            continue
        stated, found = (n * stream.samples / stream.rate for n in (tag.frames, stream.frames))
        detail = (
            f"its header says {tag.frames} MPEG frames ({stated:.3f} s), "
            f"{stream.frames} ({found:.3f} s) are there"
        )
        cut = tag.size is None or tag.size > stream.size + _TAG_SLACK
        if len(streams) == 1 and cut and stream.frames < tag.frames - _SLACK:
            raise fault(path, "truncated", detail)
        warn(path, f"{detail}; all are read")
