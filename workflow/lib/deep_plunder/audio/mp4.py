"""Decode MP4 files (AAC, ALAC and others) through PyAV, with any edit list.

A distant part is found by the index. Its samples may depend on packets before it: AAC frames
overlap, and perceptual noise substitution draws its noise from a generator that counts from the
beginning of the file. So decoding starts a few packets early, runs twice with different packets
before the part, and is used if both runs agree. Otherwise, or where the index is not exact,
everything before the part is decoded.

FFmpeg plays the first edit exact to the sample, but begins each further edit with a whole packet.
So files with several edits, or with pauses, are decoded without their edit list, which this module
then applies.
"""

from __future__ import annotations

import bisect
import itertools
import struct
from collections.abc import Sequence
from fractions import Fraction
from os import PathLike
from typing import Any

import numpy as np

from deep_plunder.audio.ffmpeg import Linear, plain
from deep_plunder.audio.mp4_boxes import Track
from deep_plunder.audio.source import Source
from deep_plunder.util.arrays import Float32Array

__all__ = ["open_mp4"]

# A part that begins fewer than this many frames ahead is reached by decoding.
_NEAR = 1 << 17
# Frames decoded before a distant part: an AAC frame overlaps the one before it, and spectral band
# replication looks back over two frames of 2,048.
_PREROLL = 1 << 13
# Codecs known to decode from any packet on, given a few packets before it.
_SEEKABLE = frozenset(("AAC", "ALAC", "FLAC", "MP3", "MP3FLOAT", "AC3", "EAC3"))


def _priming(packet: Any) -> int:
    """Return the number of frames at the start of a packet that are an encoder's priming."""
    for data in packet.iter_sidedata():
        if data.data_type == "skip_samples":
            return int(struct.unpack_from("<I", bytes(data))[0])
    return 0


class _Indexed(Linear):
    """A file whose packets are found by time: all but the last have the same duration."""

    # Leaving one out would move all that follow away from their places in the index.
    _tolerated = 0

    def __init__(
        self,
        path: str | PathLike[str],
        container: Any,
        track: Track,
        *,
        edits: bool,
    ) -> None:
        self._tick = int(container.streams.audio[0].time_base * _rate(container))
        self._duration = track.packets[0][1] * self._tick
        self._total = track.total * self._tick
        most = (track.total - track.first) * self._tick
        super().__init__(path, container, edits=edits, most=most)

    def _length(self) -> int:
        return self._declared if self._edits else self._total

    def _forward(self, start: int, stop: int) -> Float32Array:
        part = None
        if not 0 <= start - self._place < _NEAR:
            part = self._jump(start, stop)
        return super()._forward(start, stop) if part is None else part

    def _jump(self, start: int, stop: int) -> Float32Array | None:
        """Decode a part twice in a row with one decoder; return None if the results differ."""
        import av

        with self._open() as container:
            stream = container.streams.audio[0]
            packet = next(container.demux(stream))
            origin = (packet.pts or 0) * self._tick + _priming(packet) * self._edits
            decoder: Any = av.codec.CodecContext.create(stream.codec_context.codec, "r")
            decoder.extradata = stream.codec_context.extradata
            if self.subtype.startswith("PCM_"):
                decoder.sample_rate = self.rate
                decoder.layout = stream.codec_context.layout
            decoder.thread_count = 1
            # A decoder apart from its demuxer cannot shift the times of frames that it shortens.
            decoder.options = {"flags2": "+skip_manual"}
            first = self._span(container, decoder, start + origin, stop + origin)
            second = self._span(container, decoder, start + origin, stop + origin)
        if first is None or second is None or not np.array_equal(first, second):
            return None
        return first

    def _span(self, container: Any, decoder: Any, start: int, stop: int) -> Float32Array | None:
        """Decode a part, or return None if frames differ from the index."""
        from av import FFmpegError

        span = np.zeros((stop - start, self.channels), np.float32)
        end = 0
        first = (start - _PREROLL) // self._tick
        container.seek(first, stream=container.streams.audio[0], backward=True)
        for packet in container.demux(audio=0):
            if packet.is_corrupt and not self.subtype.startswith("PCM_"):
                break
            try:
                frames = decoder.decode(packet) if packet.size else ()
            except FFmpegError:
                return None
            for frame in frames:
                if frame.pts is None:
                    return None
                self._check(frame, frame.pts * self._tick)
                part = plain(frame)
                place = frame.pts * self._tick - start
                low, high = max(place, 0), min(place + len(part), len(span))
                if low < high:
                    span[low:high] = part[low - place : high - place]
                    end = high
                if len(part) % self._duration and end < len(span):
                    return None
            if end == len(span):
                break
        return span[:end]


class _Edited:
    """Parts of a file, played in any order; a source in the sense of `audio.source.Source`.

    Parameters
    ----------
    media : Linear
        All sound of the file.
    parts : sequence of (int, int)
        First frame of each part, and the frame after its last.
    """

    def __init__(self, media: Linear, parts: Sequence[tuple[int, int]]) -> None:
        self._media = media
        self._parts = parts
        lengths = (stop - start for start, stop in parts)
        self._places = list(itertools.accumulate(lengths, initial=0))
        self.frames = self._places[-1]
        self.rate, self.channels = media.rate, media.channels
        self.format, self.subtype = media.format, media.subtype
        self.sample_format = media.sample_format

    def read(self, start: int, stop: int) -> Float32Array:
        """Decode the frames from `start` to `stop`, or to the end if that comes first."""
        found = [np.zeros((0, self.channels), np.float32)]
        number = max(0, bisect.bisect_right(self._places, start) - 1)
        spans = zip(self._parts[number:], itertools.pairwise(self._places[number:]), strict=True)
        for (first, _), (begin, end) in spans:
            low, high = max(start, begin), min(stop, end)
            if begin >= stop:
                break
            found.append(self._media.read(first + low - begin, first + high - begin))
            if len(found[-1]) < high - low:
                break
        return np.concatenate(found)


def _rate(container: Any) -> int:
    return int(container.streams.audio[0].codec_context.sample_rate)


def _parts(track: Track, rate: int, frames: int, packet: int) -> list[tuple[int, int]]:
    """Return the first frame of each part that the edits play, and the frame after its last.

    Parameters
    ----------
    track : Track
    rate : int
        Frames per second.
    frames : int
        Length of all the sound.
    packet : int
        Frames per packet.
    """
    parts = []
    pause = 0
    for duration, time in track.edits:
        length = round(Fraction(duration * rate, track.movie_scale))
        if time < 0:
            pause += length
            continue
        start = min(round(Fraction(time * rate, track.scale)), frames)
        # Zero where the writer did not know the length yet.
        stop = min(start + length, frames) if duration else frames
        if start < stop:
            parts.append((start, stop))
    if pause and parts:
        # Players wait during pauses, and play the last packet to its end.
        start, stop = parts[-1]
        parts[-1] = start, min(-(-stop // packet) * packet, stop + pause, frames)
    return parts


def open_mp4(path: str | PathLike[str], container: Any, track: Track) -> Source:
    """Open an MP4 file.

    Parameters
    ----------
    path : path-like
    container : av.container.InputContainer
        The container from `ffmpeg.open_ffmpeg`.
    track : Track
        The track from `mp4_boxes.read_track`.

    Returns
    -------
    source : Source

    Raises
    ------
    AudioError, av.FFmpegError
        See `ffmpeg.Linear`.
    """
    audio = container.streams.audio[0]
    durations = {ticks for _, ticks in track.packets[:-1] or track.packets}
    tick = audio.time_base * _rate(container)
    codec = audio.codec_context.name.upper()
    indexed = (
        not track.fragmented
        and tick.denominator == 1
        and track.scale == 1 / audio.time_base
        and len(durations) == 1
        and 0 not in durations
        and (len(track.packets) == 1 or track.packets[-1][0] == 1)
        and (codec in _SEEKABLE or codec.startswith("PCM_"))
    )

    def opened(*, edits: bool) -> Linear:
        if indexed:
            return _Indexed(path, container, track, edits=edits)
        most = None
        if edits and track.edits and not track.fragmented:
            most = int((track.total - track.first) * tick)
        return Linear(path, container, edits=edits, most=most)

    if track.plain:
        return opened(edits=True)
    media = opened(edits=False)
    packet = durations.pop() * int(tick) if len(durations) == 1 and tick.denominator == 1 else 1
    return _Edited(media, _parts(track, media.rate, media.frames, packet))
