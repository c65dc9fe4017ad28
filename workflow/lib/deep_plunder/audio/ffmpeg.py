"""Decode m4a and other containers through PyAV (FFmpeg), exact to the sample.

Frame 0 is the first that players play: an encoder's priming is trimmed, its padding too where
the container declares a length. A part of a file is, to the bit, that part of the whole.

In MP4 files (AAC, ALAC) a distant part is found by the index. What is decoded from there on may
depend on what was decoded before: AAC frames overlap, and the noise of perceptual noise
substitution comes from a generator that counts from the beginning of the file. So decoding
starts some packets earlier, is done twice over with different pasts, and is used if both agree.
If not, and in containers whose index is not exact, all that precedes the part is decoded.
"""

from __future__ import annotations

import errno
import io
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from deep_plunder.audio.source import fault
from deep_plunder.audio.views import View
from deep_plunder.errors import AudioError
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.files import shown

__all__ = ["open_container"]

# Nothing that could lead to other files or to the network (playlists, concat, hls).
_FORMATS = (
    "aac,ac3,aiff,amr,ape,asf,au,caf,dsf,eac3,flac,matroska,mov,mp3,mp4,ogg,tta,w64,wav,webm,wv"
)
_MAGIC = re.compile(
    rb"RIFF|RIFX|RF64|riff\.\x91\xcf\x11|FORM|fLaC|OggS|caff|ID3|\.snd|....ftyp|\xff[\xe0-\xff]",
    re.S,
)
# A part that begins less than this many frames ahead is reached by decoding.
_NEAR = 1 << 17
# Frames decoded before a distant part: an AAC frame overlaps the one before, and spectral band
# replication looks two frames of 2,048 back.
_PREROLL = 1 << 13
# In whole files, declared and decoded lengths differ by less than this many frames.
_SLACK = 1 << 13


def _plain(frame: Any) -> Float32Array:
    """Turn an FFmpeg frame into (frames, channels), full scale 1.0."""
    samples: npt.NDArray[Any] = frame.to_ndarray()
    channels = len(frame.layout.channels)
    samples = samples.T if frame.format.is_planar else samples.reshape(-1, channels)
    if samples.dtype == np.uint8:
        samples = (samples - np.float32(128)) / 128
    elif samples.dtype.kind == "i":
        samples = samples / 2.0 ** (8 * samples.itemsize - 1)
    return np.ascontiguousarray(samples, np.float32)


def _priming(packet: Any) -> int:
    """Give the number of frames at the start of a packet that are an encoder's priming."""
    for data in packet.iter_sidedata():
        if data.data_type == "skip_samples":
            return int(struct.unpack_from("<I", bytes(data))[0])
    return 0


class _Stream(io.FileIO):
    """A file that raises no error of its own while FFmpeg reads it.

    PyAV would raise it as it is, now or later, and print it on standard error.
    """

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move to a place; give a negative number where damaged lengths lead nowhere."""
        try:
            return super().seek(offset, whence)
        except OSError as error:
            return -(error.errno or errno.EIO)

    def read(self, size: int | None = -1) -> Any:
        """Read bytes; what the disk does not give is a fault of the file."""
        try:
            return super().read(-1 if size is None else size)
        except OSError as error:
            detail = error.strerror or str(error)
            raise fault(str(self.name), "undecodable", f"cannot be read ({detail})") from error


@contextmanager
def _open(path: str | PathLike[str], view: View | None = None) -> Iterator[Any]:
    import av

    # By file object: a name with a colon would be taken for a protocol.
    with (
        _Stream(path) if view is None else nullcontext(view.again()) as stream,
        av.open(stream, "r", options={"format_whitelist": _FORMATS}) as container,
    ):
        yield container


class _Linear:
    """An open container; a source in the sense of `deep_plunder.audio.source.Source`.

    What is before a part is decoded to find it.
    """

    def __init__(
        self, path: str | PathLike[str], name: str, container: Any, view: View | None
    ) -> None:
        self._path = path
        self._view = view
        self._name = name
        self._stream = container.streams.audio[0]
        self.rate = int(self._stream.codec_context.sample_rate)
        self.channels = int(self._stream.codec_context.channels)
        self.format = str(container.format.name.split(",")[0]).upper()
        self.subtype = str(self._stream.codec_context.name).upper()
        self._rest = np.zeros((0, self.channels), np.float32)
        self._parts = self._decode()
        self._place = 0
        self.frames = self._length()

    def _length(self) -> int:
        return sum(len(part) for part in self._decode())

    def _decode(self) -> Iterator[Float32Array]:
        # Opened anew, not rewound: a decoder that goes on keeps its state.
        with _open(self._path, self._view) as container:
            for packet in container.demux(audio=0):
                if packet.is_corrupt:
                    return
                for frame in packet.decode():
                    yield self._take(frame)

    def _take(self, frame: Any) -> Float32Array:
        part = _plain(frame)
        if frame.sample_rate != self.rate or part.shape[1] != self.channels:
            detail = "its rate or number of channels changes midway"
            raise AudioError(f"{self._name}: undecodable: {detail}", reason="undecodable")
        return part

    def _forward(self, start: int, stop: int) -> Float32Array:
        if start < self._place:
            self._parts, self._rest, self._place = self._decode(), self._rest[:0], 0
        parts = [self._rest[:0]]
        while self._place < stop:
            part = self._rest if len(self._rest) else next(self._parts, None)
            if part is None:
                break
            high = min(stop - self._place, len(part))
            parts.append(part[max(start - self._place, 0) : high])
            self._rest = part[high:]
            self._place += high
        return np.concatenate(parts)

    def read(self, start: int, stop: int) -> Float32Array:
        """Decode the frames from `start` up to `stop`, or to the end if that comes first."""
        stop = min(stop, self.frames)
        if stop <= start:
            return self._rest[:0]
        part = self._forward(start, stop)
        if start + len(part) < min(stop, self.frames - _SLACK):
            detail = f"ends at frame {start + len(part)}, its header says {self.frames}"
            raise AudioError(f"{self._name}: truncated: {detail}", reason="truncated")
        return part


class _Indexed(_Linear):
    """An MP4 file, whose packets are found by their time."""

    def _length(self) -> int:
        return int(self._stream.duration * self._stream.time_base * self.rate)

    def _forward(self, start: int, stop: int) -> Float32Array:
        if not 0 <= start - self._place < _NEAR:
            first, second = self._jump(start, stop)
            if np.array_equal(first, second):
                return first
        return super()._forward(start, stop)

    def _jump(self, start: int, stop: int) -> tuple[Float32Array, Float32Array]:
        """Decode a part twice over, the second time as if the part had come before it."""
        import av

        with _open(self._path, self._view) as container:
            stream = container.streams.audio[0]
            tick = int(stream.time_base * self.rate)
            packet = next(packet for packet in container.demux(stream))
            origin = (packet.pts or 0) * tick + _priming(packet)
            decoder: Any = av.codec.CodecContext.create(stream.codec_context.codec, "r")
            decoder.extradata = stream.codec_context.extradata
            decoder.thread_count = 1
            # A decoder apart from its demuxer cannot shift the times of frames it shortens.
            decoder.options = {"flags2": "+skip_manual"}
            pts = (start - _PREROLL + origin) // tick
            return (
                self._span(container, decoder, pts, tick, start + origin, stop + origin),
                self._span(container, decoder, pts, tick, start + origin, stop + origin),
            )

    def _span(
        self, container: Any, decoder: Any, pts: int, tick: int, start: int, stop: int
    ) -> Float32Array:
        span = np.zeros((stop - start, self.channels), np.float32)
        end = 0
        container.seek(pts, stream=container.streams.audio[0], backward=True)
        for packet in container.demux(audio=0):
            if packet.is_corrupt:
                break
            for frame in decoder.decode(packet) if packet.size else ():
                part = self._take(frame)
                place = frame.pts * tick - start
                low, high = max(place, 0), min(place + len(part), len(span))
                if low < high:
                    span[low:high] = part[low - place : high - place]
                    end = high
            if end == len(span):
                break
        return span[:end]


def _source(path: str | PathLike[str], name: str, container: Any, view: View | None) -> _Linear:
    if not container.streams.audio:
        raise AudioError(f"{name}: not audio: holds no audio stream", reason="not audio")
    audio = container.streams.audio[0]
    if audio.codec_context is None:
        detail = "FFmpeg has no decoder for it (a protected file?)"
        raise AudioError(f"{name}: undecodable: {detail}", reason="undecodable")
    exact = (audio.time_base * audio.codec_context.sample_rate).denominator == 1
    indexed = container.format.name.startswith("mov") and exact and audio.duration
    return (_Indexed if indexed else _Linear)(path, name, container, view)


@contextmanager
def open_container(path: str | PathLike[str], *, view: View | None = None) -> Iterator[_Linear]:
    """Open a file that libsndfile does not know.

    Parameters
    ----------
    path : path-like
        A regular file.
    view : View, optional
        What is read in its stead.

    Yields
    ------
    source : object
        A source in the sense of `deep_plunder.audio.source.Source`.

    Raises
    ------
    AudioError
        If the file is no audio, or cannot be decoded.
    """
    import av

    name = shown(path)
    try:
        with _open(path, view) as container:
            source = _source(path, name, container, view)
    except (av.FFmpegError, ValueError) as error:
        with Path(path).open("rb") as stream:
            begins = _MAGIC.match(stream.read(12))
        if begins:
            detail = "begins as audio does but cannot be decoded, damaged or truncated"
            raise AudioError(f"{name}: undecodable: {detail}", reason="undecodable") from error
        detail = "its content is of no format that libsndfile or FFmpeg knows"
        raise AudioError(f"{name}: not audio: {detail}", reason="not audio") from error
    try:
        yield source
    except av.FFmpegError as error:
        detail = error.strerror or str(error)
        raise AudioError(f"{name}: undecodable: {detail}", reason="undecodable") from error
