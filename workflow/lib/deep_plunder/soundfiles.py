"""Decode what libsndfile knows (wav, aiff, flac, ogg, opus, mp3 and more), exact to the sample.

libsndfile 1.2 hides four faults, which are made good here: it mends the length of truncated
files in silence, guesses that of MP3 files that do not tell it, and seeks wrongly in Ogg and in
MP3 files.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import IO

import numpy as np
import soundfile

from .sources import Array, Source, fault

__all__ = ["MP3_SLACK", "open_sound_file"]

# What a writer that cannot seek back puts where the length belongs (ffmpeg, sox to a pipe).
_UNKNOWN_LENGTH = 0x7FFF_0000
_UNKNOWN_FRAMES = 1 << 62
# Writers disagree by a few bytes about what the declared length counts.
_LENGTH_SLACK = 64
# Lengths in MP3 headers are off by a few frames of 1,152 samples, depending on the encoder.
MP3_SLACK = 4 * 1152
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
        self, path: str | os.PathLike[str], file: soundfile.SoundFile, stream: IO[bytes]
    ) -> None:
        self._path = path
        self._file = file
        self._stream = stream
        self.rate: int = file.samplerate
        self.channels: int = file.channels
        self.frames: int = file.frames
        self.format: str = file.format
        self.subtype: str = file.subtype
        self._last = max(0, self.frames - _OGG_PAGE)
        self._end: Array | None = None
        self._low = False
        if self.format == "MP3":
            self._skipped = _skipped(_mp3_head(stream))
            bits = 8 * os.fstat(stream.fileno()).st_size
            self._low = (
                self.rate < _MP3_LOW_RATE or bits * self.rate < _MP3_LOW_BITS_A_SECOND * self.frames
            )
            self._file.seek(0)

    def close(self) -> None:
        self._file.close()

    def read(self, start: int, stop: int) -> Array:
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

    def _samples(self, count: int) -> Array:
        """Read on."""
        if self.subtype != "PCM_16":
            part: Array = self._file.read(count, dtype="float32", always_2d=True)
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

    def _decode(self, start: int, stop: int) -> Array:
        try:
            if self._file.tell() != start:
                self._seek(start)
            part = self._samples(stop - start)
        except soundfile.LibsndfileError as error:
            detail = f"decoding fails between frames {start} and {stop} of {self.frames}"
            raise fault(self._path, "truncated", f"{detail} ({error})") from error
        missing = stop - start - len(part)
        # MP3 has no other length than a guess of the encoder or of the decoder.
        if missing > (MP3_SLACK if self.format == "MP3" else 0):
            end = start + len(part)
            detail = f"ends at frame {end}, its header says {self.frames}"
            raise fault(self._path, "truncated", detail)
        return part


def _open(stream: IO[bytes]) -> soundfile.SoundFile:
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
    if stream.read(4) != b"OggS":
        stream.seek(0)
        return
    size = stream.seek(0, os.SEEK_END)
    first = stream.seek(max(0, size - 2 * 65536))
    tail = stream.read()
    stream.seek(0)
    page = tail.rfind(b"OggS\0")
    if page < 0:
        return
    count = tail[page + 26] if len(tail) > page + 26 else 255
    segments = tail[page + 27 : page + 27 + count]
    if len(segments) < count or first + page + 27 + count + sum(segments) > size:
        raise fault(path, "truncated", f"its last Ogg page is cut off at byte {size}")


def _mp3_head(stream: IO[bytes]) -> bytes:
    """Read the first bytes of an MP3 file after its tag, and leave the file where it was."""
    place = os.lseek(stream.fileno(), 0, os.SEEK_CUR)
    try:
        stream.seek(0)
        head = stream.read(10)
        tag = 0
        if head[:3] == b"ID3":
            tag = 10 + sum((byte & 127) << 7 * (3 - i) for i, byte in enumerate(head[6:10]))
        stream.seek(tag)
        return stream.read(1024)
    finally:
        os.lseek(stream.fileno(), place, os.SEEK_SET)


def _skipped(head: bytes) -> int:
    """Tell how many samples lie before the first one that is given (LAME's tag, gapless play)."""
    tag = re.search(b"Xing|Info", head)
    if tag is None or len(head) < tag.start() + 143 or not head[tag.start() + 120]:
        return 0
    high, low = head[tag.start() + 141 : tag.start() + 143]
    return _MP3_DELAY + (high << 4 | low >> 4)


def _knows_length(path: str | os.PathLike[str], stream: IO[bytes], source: Source) -> bool:
    """Tell if libsndfile would read a file to its end.

    Where MP3 lacks a length header the length is guessed from the first bit rate, and a file
    of variable bit rate would be cut short.
    """
    if source.format != "MP3":
        return source.frames < _UNKNOWN_FRAMES
    if re.search(b"Xing|Info|VBRI", _mp3_head(stream)):
        return True
    from .container import count_frames

    return abs(count_frames(path) - source.frames) <= MP3_SLACK


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
    _check_last_page(path, stream)
    try:
        file = _open(stream)
    except soundfile.LibsndfileError:
        yield None
        return
    with closing(_SoundFile(path, file, stream)) as source:
        _check_declared_length(path, file)
        yield source if _knows_length(path, stream, source) else None
