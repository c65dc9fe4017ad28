"""Decode with FFmpeg, through PyAV, from the beginning of a file on, exact to the sample.

Frame 0 is the first frame that players play: an encoder's priming is trimmed. A part of a file
equals, to the bit, the same part of the whole, because everything before it is decoded too.
"""

from __future__ import annotations

import errno
import io
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from os import PathLike
from typing import Any

import numpy as np
import numpy.typing as npt

from deep_plunder.audio.coded_frames import RAW_HEAD, raw_format, whole_packets
from deep_plunder.audio.depth import ffmpeg_sample_format
from deep_plunder.audio.source import Findings, check_demands, fault, warn
from deep_plunder.audio.views import View
from deep_plunder.util.arrays import Float32Array

__all__ = ["Linear", "open_ffmpeg", "plain"]

# In whole files, declared and decoded lengths differ by less than this many frames.
_SLACK = 1 << 13
# Opening a file takes a few; walking through millions of empty chunks takes minutes.
_MOST_SEEKS = 100_000
_MOST_READ = 1 << 20

# None that could lead to other files or to the network (playlists, concat, hls).
_FORMATS = (
    "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,bonk,caf,dsf,dts,eac3,flac,flv,iff,ircam,loas,"
    "matroska,mlp,mov,mp3,mp4,mpc,mpc8,mpeg,mpegts,nistsphere,nut,ogg,oma,osq,rm,shn,sox,tak,"
    "truehd,tta,voc,w64,wav,wavarc,webm,wv,xwma"
)
# Their headers count samples; others estimate the length from a bit rate, or state the pictures'.
_COUNTED = re.compile("aiff|ape|au|caf|dsf|flac|mov|mpc8?|ogg|shn|tak|tta|w64|wav|wv")
# Of these, FFmpeg derives the number from a bit rate, which is right for codecs of constant rate.
_BY_RATE = re.compile("(w64|wav) (?!PCM_|ADPCM_|G72|GSM).*")
# Their headers state when the last of their streams ends.
_TIMED = re.compile("matroska|asf|avi|flv")
_TIME_SLACK_S = 0.1


def plain(frame: Any) -> Float32Array:
    """Return the samples of an FFmpeg frame.

    Parameters
    ----------
    frame : av.AudioFrame

    Returns
    -------
    samples : ndarray, shape (frames, channels), float32
        Full scale is 1.0.
    """
    samples: npt.NDArray[Any] = frame.to_ndarray()
    channels = len(frame.layout.channels)
    samples = samples.T if frame.format.is_planar else samples.reshape(-1, channels)
    if samples.dtype == np.uint8:
        samples = (samples - np.float32(128)) / 128
    elif samples.dtype.kind == "i":
        samples = samples / 2.0 ** (8 * samples.itemsize - 1)
    # The check of the samples finds doubles that single precision cannot hold.
    with np.errstate(over="ignore", invalid="ignore"):
        return np.ascontiguousarray(samples, np.float32)


class _Stream(io.FileIO):
    """A file that raises no error of its own while FFmpeg reads it.

    PyAV would raise the error unchanged, now or later, and print it on standard error.
    """

    seeks_left = _MOST_SEEKS

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move to a place; return a negative number where damaged lengths lead nowhere."""
        self.seeks_left -= 1
        if self.seeks_left < 0:
            return -errno.EIO
        try:
            return super().seek(offset, whence)
        except OSError as error:
            return -(error.errno or errno.EIO)

    def read(self, size: int | None = -1) -> Any:
        """Read bytes; an error of the disk becomes a fault of the file."""
        try:
            # Damaged lengths ask for up to the greatest 32-bit number.
            return super().read(_MOST_READ if size is None else min(size, _MOST_READ))
        except OSError as error:
            detail = error.strerror or str(error)
            raise fault(str(self.name), "undecodable", f"cannot be read ({detail})") from error


def _raw_format(stream: io.RawIOBase) -> str | None:
    name = raw_format(stream.read(RAW_HEAD) or b"")
    stream.seek(0)
    return name


@contextmanager
def open_ffmpeg(
    path: str | PathLike[str], view: View | None = None, *, edits: bool = True
) -> Iterator[Any]:
    """Open a file with PyAV.

    Parameters
    ----------
    path : path-like
    view : View, optional
        The bytes to read in its place.
    edits : bool
        Whether to apply the edit lists of MP4 files; if not, all encoded sound is decoded.

    Yields
    ------
    container : av.container.InputContainer

    Raises
    ------
    av.FFmpegError
        If FFmpeg does not know the format.
    """
    import av
    from av.codec.context import Flags2

    options = {"format_whitelist": _FORMATS, "ignore_editlist": "0" if edits else "1"}
    # A file object, since a name with a colon would be taken for a protocol.
    with (
        _Stream(path) if view is None else nullcontext(view.again()) as stream,
        av.open(stream, "r", format=_raw_format(stream), options=options) as container,
    ):
        if isinstance(stream, _Stream):
            stream.seeks_left = sys.maxsize
        for audio in container.streams.audio[:1]:
            if not edits and audio.codec_context is not None:
                audio.codec_context.flags2 |= Flags2.skip_manual
        yield container


_counted: Findings[int] = Findings()


class Linear:
    """An open container; a source in the sense of `audio.source.Source`.

    Parameters
    ----------
    path : path-like
    container : av.container.InputContainer
        The container from `open_ffmpeg`; it may be closed afterwards.
    view : View, optional
        The bytes to read in place of the file.
    edits : bool
        See `open_ffmpeg`.
    most : int, optional
        Greatest number of frames by the index of an MP4 file; an edit list can state more, or end
        within a packet.
    """

    # Damaged packets that are tolerated; more of them where the intact ones outnumber them.
    _tolerated = 3

    def __init__(
        self,
        path: str | PathLike[str],
        container: Any,
        view: View | None = None,
        *,
        edits: bool = True,
        most: int | None = None,
    ) -> None:
        self.path = path
        self._view = view
        self._edits = edits
        audio = container.streams.audio[0]
        self.rate = int(audio.codec_context.sample_rate)
        self.channels = int(audio.codec_context.channels)
        name = str(container.format.name.split(",")[0])
        self.format = name.upper()
        self.subtype = str(audio.codec_context.name).upper()
        with nullcontext(view.again()) if view else open(path, "rb") as file:  # noqa: PTH123
            head = file.read(32)
        if self.subtype == "WAVPACK" and head[:4] != b"wvpk":
            head = bytes(next(container.demux(audio), b""))[:32]
        self.sample_format = ffmpeg_sample_format(audio.codec_context, head)
        self._declared = 0
        counted = _COUNTED.fullmatch(name) and not _BY_RATE.fullmatch(f"{name} {self.subtype}")
        if edits and counted and audio.duration:
            # Fragments state as duration the time of their end; the first may begin after zero.
            ticks = audio.duration - max(0, audio.start_time or 0)
            self._declared = round(ticks * audio.time_base * self.rate)
        self._most = most
        if most is not None and self._declared:
            self._declared = self._most = min(self._declared, most)
        self._estimate_s = 0.0
        if _TIMED.fullmatch(name) and container.duration:
            self._estimate_s = (container.duration - max(0, container.start_time or 0)) / 1e6
        self._rest = np.zeros((0, self.channels), np.float32)
        self._parts = self._decode()
        self._place = 0
        self.frames = self._length()

    def _length(self) -> int:
        """Count the frames by decoding the file, once per file."""
        state = os.stat(self.path)  # noqa: PTH116 (takes any name)
        count = partial(self._count, state.st_size)
        frames = count() if self._view else _counted.of(state, count, self._edits)
        detail = f"{frames} frames decode, its header says {self._declared}"
        # The places in Ogg count from the beginning of a stream, which may not be there.
        if self.format != "OGG" and frames < self._declared - _SLACK:
            raise fault(self.path, "truncated", detail)
        if self._most is not None:
            return min(frames, self._most)
        if self._declared and abs(frames - self._declared) > _SLACK:
            warn(self.path, detail)
        seconds = frames / self.rate
        if self._estimate_s and abs(seconds - self._estimate_s) > _TIME_SLACK_S:
            warn(self.path, f"{seconds:.2f} s decode, its header says {self._estimate_s:.2f} s")
        return frames

    def _count(self, size: int) -> int:
        frames = 0
        for frame in self._frames():
            frames += int(frame.samples)
            # Checked on the way, before all of a decompression bomb is decoded.
            check_demands(
                self.path, rate=self.rate, channels=self.channels, frames=frames, size=size
            )
        return frames

    def _open(self) -> Any:
        """Open the file anew, since a decoder in use keeps its state."""
        return open_ffmpeg(self.path, self._view, edits=self._edits)

    def _frames(self) -> Iterator[Any]:
        """Decode all packets, leaving out those that cannot be decoded if they are few."""
        from av import FFmpegError

        place = failed = decoded = 0
        with self._open() as container:
            packets = container.demux(audio=0)
            for packet in whole_packets(self.path, self.subtype, packets):
                # PCM is intact up to the place where it is cut off.
                if packet.is_corrupt and not self.subtype.startswith("PCM_"):
                    warn(self.path, f"a packet is cut off; nothing is read after frame {place}")
                    break
                try:
                    frames = packet.decode()
                except FFmpegError:
                    failed += 1
                    if failed > max(self._tolerated, self._tolerated and decoded):
                        raise
                    continue
                decoded += 1
                for frame in frames:
                    self._check(frame, place)
                    place += frame.samples
                    yield frame
        if failed:
            detail = f"{failed} of {failed + decoded} packets cannot be decoded and are left out"
            if not place:
                raise fault(self.path, "undecodable", detail)
            warn(self.path, detail)

    def _decode(self) -> Iterator[Float32Array]:
        return map(plain, self._frames())

    def _check(self, frame: Any, place: int) -> None:
        rate, channels = frame.sample_rate, len(frame.layout.channels)
        if (rate, channels) != (self.rate, self.channels):
            detail = (
                f"changes at frame {place} from {self.rate} Hz and {self.channels} channels "
                f"to {rate} Hz and {channels} channels"
            )
            raise fault(self.path, "undecodable", detail)

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
        """Decode a part.

        Parameters
        ----------
        start, stop : int
            First frame, and the frame after the last.

        Returns
        -------
        part : ndarray, shape (frames, channels), float32
            Ends at the end of the file, if that comes first.

        Raises
        ------
        AudioError
            If the file is truncated, or its rate or channels change within it.
        av.FFmpegError
            If the part cannot be decoded.
        """
        stop = min(stop, self.frames)
        if stop <= start:
            return self._rest[:0]
        part = self._forward(start, stop)
        if start + len(part) < stop:
            detail = f"ends at frame {start + len(part)}, its header says {self.frames}"
            if start + len(part) < min(stop, self.frames - _SLACK):
                raise fault(self.path, "truncated", detail)
            warn(self.path, detail)
        return part
