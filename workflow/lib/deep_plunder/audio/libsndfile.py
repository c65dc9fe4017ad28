"""Decode what libsndfile knows (wav, aiff, flac, ogg, opus, mp3 and more), exact to the sample.

libsndfile 1.2 hides four faults, which are made good here: it mends the length of truncated
files in silence, guesses that of MP3 files that do not tell it, and seeks wrongly in Ogg and in
MP3 files.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from typing import IO

import numpy as np
import soundfile

from deep_plunder.audio.joined import Joined, Opener
from deep_plunder.audio.mpeg import MpegStream, find_streams, may_be_mpeg, restated
from deep_plunder.audio.ogg_pages import find_links
from deep_plunder.audio.source import Source, fault, warn
from deep_plunder.audio.views import View
from deep_plunder.util.arrays import Float32Array

__all__ = ["MP3_SLACK", "open_sound_file"]

# What a writer that cannot seek back puts where the length belongs (ffmpeg, sox to a pipe).
_UNKNOWN_LENGTH = 0x7FFF_0000
_UNKNOWN_FRAMES = 1 << 62
# Writers disagree by a few bytes about what the declared length counts.
_LENGTH_SLACK = 64
# Lengths in MP3 headers are off by a few frames of 1,152 samples, depending on the encoder.
MP3_SLACK = 4 * 1152
_MPEG_SLACK = 4
# The longest frame, which a tag may be.
_TAG_SLACK = 2048
# Of a chain; a day of radio has some hundred.
_MOST_JOINED = 1000
# A page holds at most 255 packets, of at most 1,024 frames with libvorbis.
_OGG_PAGE = 1 << 18
_OGG_PREROLL = 1 << 13
_FLAC_NEAR_S = 10
_PASSED = 1 << 16
# Frames whose samples in 16 bits are turned into others at a time.
_WORDS = 1 << 16
_WORD_STEP = np.float32(1 / 32768)
# Samples of silence that a decoder of MP3 puts before what an encoder put there.
_MP3_DELAY = 529
# libmpg123 rounds samples otherwise from each place on where it starts, but for multiples of this.
_MP3_PERIOD = 2304
# The bits of a frame may lie in others before it: some where bit rates are high, more than a seek
# goes back where they are low, and then noise comes out.
_MP3_PREROLL = 4 * _MP3_PERIOD
_MP3_LOW_BITS_A_SECOND = 100_000
_MP3_LOW_RATE = 32000
_LENGTH_LINE = re.compile(
    r"^\s*(?:data|SSND|Data Size|Riff size|riff)\s*:\s*(\d+) \(should be (\d+)\)", re.MULTILINE
)


class _Unmoved(soundfile.SoundFile):  # type: ignore[misc]
    """A file that stays where a read ends.

    soundfile seeks after every read to the place where it is already, which costs as much as
    decoding 15 seconds of FLAC.
    """

    def seekable(self) -> bool:
        return False


class _SoundFile:
    """A file that libsndfile has opened."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        file: soundfile.SoundFile,
        stream: IO[bytes] | View,
        *,
        skipped: int = 0,
    ) -> None:
        self._path = path
        self._file = file
        self._stream = stream
        self._skipped = skipped
        self.rate: int = file.samplerate
        self.channels: int = file.channels
        self.frames: int = file.frames
        self.format: str = file.format
        self.subtype: str = file.subtype
        self._last = max(0, self.frames - _OGG_PAGE)
        self._end: Float32Array | None = None
        self._low = False
        if self.format == "MP3":
            bits = 8 * (
                stream.size if isinstance(stream, View) else os.fstat(stream.fileno()).st_size
            )
            self._low = (
                self.rate < _MP3_LOW_RATE or bits * self.rate < _MP3_LOW_BITS_A_SECOND * self.frames
            )
            self._file.seek(0)

    def close(self) -> None:
        self._file.close()

    def read(self, start: int, stop: int) -> Float32Array:
        stop = min(stop, self.frames)
        if stop <= start:
            return np.zeros((0, self.channels), np.float32)
        if self.format != "OGG" or stop <= self._last:
            return self._decode(start, stop)
        # libsndfile 1.2 lands off the mark when it seeks into the last page of an Ogg file. So the
        # end is read in one piece.
        parts = [self._decode(start, self._last)] if start < self._last else []
        if self._end is None:
            self._end = self._decode(self._last, self.frames)
        parts.append(self._end[max(start - self._last, 0) : stop - self._last])
        return np.concatenate(parts)

    def _seek(self, start: int) -> None:
        ahead = start - self._file.tell()
        # Without a seek table, as most FLAC encoders leave it, a seek costs more than reading on.
        near = self.format == "FLAC" and ahead <= _FLAC_NEAR_S * self.rate
        if ahead > 0 and (near or self._low):
            self._pass(ahead)
            return
        before = 0
        if self.format == "OGG":
            # After a seek the first packet may lack what the one before it adds.
            before = min(start, _OGG_PREROLL)
            # From a place a little before it, libsndfile 1.2 lands some hundred frames off the
            # mark; from the beginning it does not.
            self._file.seek(0)
        elif self.format == "MP3":
            before = _MP3_PREROLL + (start + self._skipped) % _MP3_PERIOD
            before = start if self._low else min(start, before)
            # A seek does not take back what the decoder has become.
            self._file.close()
            self._file = _open(self._stream)
        self._file.seek(start - before)
        self._pass(before)

    def _pass(self, frames: int) -> None:
        """Decode what is not wanted."""
        while frames > 0:
            frames -= len(self._file.read(min(frames, _PASSED), dtype="float32")) or frames

    def _samples(self, count: int) -> Float32Array:
        """Read on."""
        if self.subtype != "PCM_16":
            part: Float32Array = self._file.read(count, dtype="float32", always_2d=True)
            return part
        # The same numbers, scaled by what can do so in vectors.
        part = np.empty((count, self.channels), np.float32)
        words = np.empty((min(count, _WORDS), self.channels), np.int16)
        for first in range(0, count, _WORDS):
            wanted = words[: count - first]
            found = self._file.read(out=wanted)
            np.multiply(found, _WORD_STEP, out=part[first : first + len(found)])
            if len(found) < len(wanted):
                return part[: first + len(found)]
        return part

    def _decode(self, start: int, stop: int) -> Float32Array:
        try:
            if self._file.tell() != start:
                self._seek(start)
            part = self._samples(stop - start)
        except soundfile.LibsndfileError as error:
            detail = f"decoding fails between frames {start} and {stop} of {self.frames}"
            raise fault(self._path, "truncated", f"{detail} ({error})") from error
        missing = stop - start - len(part)
        if missing > 0:
            detail = f"ends at frame {start + len(part)}, its header says {self.frames}"
            # Where frames of MP3 are damaged, the decoder may leave some out.
            if self.format != "MP3" or missing > MP3_SLACK:
                raise fault(self._path, "truncated", detail)
            warn(self._path, detail)
        return part


def _open(stream: IO[bytes] | View) -> soundfile.SoundFile:
    if isinstance(stream, View):
        stream.seek(0)
        return _Unmoved(stream)
    # By descriptor: names of any bytes work, and the suffix decides nothing.
    os.lseek(stream.fileno(), 0, os.SEEK_SET)
    return _Unmoved(stream.fileno(), closefd=False)


def _check_declared_length(path: str | os.PathLike[str], file: soundfile.SoundFile) -> None:
    # libsndfile mends the length of a truncated file in silence; only its log tells.
    for match in _LENGTH_LINE.finditer(file.extra_info):
        declared, found = int(match[1]), int(match[2])
        if declared < _UNKNOWN_LENGTH and declared - found > _LENGTH_SLACK:
            detail = f"its header says {declared} bytes of audio, the file holds {found}"
            raise fault(path, "truncated", detail)


def _check_last_page(path: str | os.PathLike[str], stream: IO[bytes]) -> None:
    """Raise if the last page of an Ogg file, of up to 65,307 bytes, ends after the file."""
    size = stream.seek(0, os.SEEK_END)
    first = stream.seek(max(0, size - 2 * 65536))
    tail = stream.read()
    page = tail.rfind(b"OggS\0")
    if page < 0:
        return
    count = tail[page + 26] if len(tail) > page + 26 else 255
    segments = tail[page + 27 : page + 27 + count]
    if len(segments) < count or first + page + 27 + count + sum(segments) > size:
        raise fault(path, "truncated", f"its last Ogg page is cut off at byte {size}")


def _states(stream: MpegStream, frames: int) -> bool:
    """Return whether a stream says that it has so many frames; some count the tag as one."""
    stated = stream.tag.frames if stream.tag else None
    return stated is not None and abs(stated - frames) <= 1


def _check_mpeg_length(path: str | os.PathLike[str], streams: list[MpegStream]) -> None:
    """Compare the lengths that MPEG files state with those that they have."""
    for number, stream in enumerate(streams):
        tag = stream.tag
        # Joined by a tool that restates the length, all have one tag.
        following = sum(other.frames for other in streams[number:])
        if (
            tag is None
            or tag.frames is None
            or _states(stream, stream.frames)
            or _states(stream, following)
        ):
            continue
        stated, found = (n * stream.samples / stream.rate for n in (tag.frames, stream.frames))
        detail = (
            f"its header says {tag.frames} MPEG frames ({stated:.3f} s), "
            f"{stream.frames} ({found:.3f} s) are there"
        )
        cut = tag.size is None or tag.size > stream.size + _TAG_SLACK
        if len(streams) == 1 and cut and stream.frames < tag.frames - _MPEG_SLACK:
            raise fault(path, "truncated", detail)
        warn(path, f"{detail}; all are read")


@contextmanager
def _open_stream(
    path: str | os.PathLike[str], stream: IO[bytes] | View, found: MpegStream
) -> Iterator[Source]:
    skipped = _MP3_DELAY + found.tag.trims[0] if found.tag and found.tag.lame else 0
    with closing(_SoundFile(path, _open(stream), stream, skipped=skipped)) as source:
        yield source


def _open_mpeg(
    path: str | os.PathLike[str], stream: IO[bytes], streams: list[MpegStream], stack: ExitStack
) -> Source:
    """Open each stream of an MPEG file."""
    _check_mpeg_length(path, streams)
    first = streams[0]
    if len(streams) == 1 and first.tag is not None and first.tag.frames == first.frames:
        # libsndfile does not get past every tag that may come first; a view has none.
        with suppress(soundfile.LibsndfileError):
            return stack.enter_context(_open_stream(path, stream, first))
    openers: list[Opener] = []
    for found in streams:
        ends = found is streams[-1] or _states(found, found.frames)
        head = restated(found, padded=ends) if found.layer == 3 else b""
        view = View(stream.fileno(), found.ranges, head=head)
        openers.append(partial(_open_stream, path, view, found))
    if len(openers) == 1:
        return stack.enter_context(openers[0]())
    return _join(path, openers, stack)


def _join(path: str | os.PathLike[str], openers: Sequence[Opener], stack: ExitStack) -> Joined:
    if len(openers) > _MOST_JOINED:
        detail = f"more than {_MOST_JOINED} recordings follow each other in it"
        raise fault(path, "undecodable", f"{detail}: {len(openers)}")
    return stack.enter_context(closing(Joined(openers)))


@contextmanager
def _open_link(path: str | os.PathLike[str], view: View) -> Iterator[Source]:
    with ExitStack() as stack:
        source = _open_plain(path, view, stack)
        if source is None:
            from deep_plunder.audio.container import open_container

            source = stack.enter_context(open_container(path, view=view))
        yield source


def _open_ogg(path: str | os.PathLike[str], stream: IO[bytes], stack: ExitStack) -> Source | None:
    """Open each link of a chained Ogg file."""
    links = find_links(stream.fileno())
    if len(links) < 2:
        return _open_plain(path, stream, stack)
    views = (View(stream.fileno(), [link]) for link in links)
    return _join(path, [partial(_open_link, path, view) for view in views], stack)


def _open_plain(
    path: str | os.PathLike[str], stream: IO[bytes] | View, stack: ExitStack
) -> Source | None:
    try:
        file = _open(stream)
    except soundfile.LibsndfileError:
        return None
    source = stack.enter_context(closing(_SoundFile(path, file, stream)))
    _check_declared_length(path, file)
    # Of MPEG audio without a header that tells its length, libsndfile guesses it.
    return source if source.frames < _UNKNOWN_FRAMES and source.format != "MP3" else None


@contextmanager
def open_sound_file(path: str | os.PathLike[str], stream: IO[bytes]) -> Iterator[Source | None]:
    """Open a file with libsndfile.

    Parameters
    ----------
    path : path-like
        Its name, for messages.
    stream : binary file, unbuffered
        The file, at its beginning.

    Yields
    ------
    source : Source or None
        None if libsndfile does not know the file, or not how long it is.

    Raises
    ------
    AudioError
        If the file is visibly truncated.
    """
    head = stream.read(4)
    with ExitStack() as stack:
        if head == b"OggS":
            _check_last_page(path, stream)
            yield _open_ogg(path, stream, stack)
            return
        streams = find_streams(stream.fileno()) if may_be_mpeg(head) else []
        if streams:
            try:
                source = _open_mpeg(path, stream, streams, stack)
            except soundfile.LibsndfileError as error:
                raise fault(path, "undecodable", str(error)) from error
            yield source
        else:
            yield _open_plain(path, stream, stack)
