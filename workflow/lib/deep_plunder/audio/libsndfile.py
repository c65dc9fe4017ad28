"""Decode files with libsndfile (wav, aiff, flac, ogg, opus, mp3 and more), exact to the sample.

This module works around faults of libsndfile 1.2, which corrects the length of truncated files
without a message, and seeks wrongly, or not at all, in Ogg, in MP3 and in rare formats. Where it
cannot seek, everything before a part is decoded to reach it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import IO, Any

import numpy as np
import soundfile

from deep_plunder.audio.chunk_layout import is_unknown
from deep_plunder.audio.depth import libsndfile_sample_format
from deep_plunder.audio.source import check_missing, fault, warn
from deep_plunder.audio.views import View
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.stray import stray_lines

__all__ = ["MP3_SLACK", "SoundFile"]

# Lengths in MP3 headers are off by a few frames of 1,152 samples, depending on the encoder.
MP3_SLACK = 4 * 1152
# A page holds at most 255 packets; libvorbis puts at most 1,024 frames into each.
_OGG_PAGE = 1 << 18
_OGG_PREROLL = 1 << 13
_FLAC_NEAR_S = 10
_PASSED = 1 << 16
# Frames converted from 16 bits at a time.
_WORDS = 1 << 16
_WORD_STEP = np.float32(1 / 32768)
# libmpg123 rounds samples differently after a start at any place but a multiple of this.
_MP3_PERIOD = 2304
# The bits of a frame may lie in frames before it. At low bit rates these are more than a seek goes
# back over, and then noise comes out.
_MP3_PREROLL = 4 * _MP3_PERIOD
_MP3_LOW_BITS_A_SECOND = 100_000
_MP3_LOW_RATE = 32000
# Formats in which a seek is exact to the sample, given the care taken here.
_SEEKABLE = re.compile("PCM_.*|FLOAT|DOUBLE|[AU]LAW|(IMA|MS)_ADPCM|VORBIS|OPUS|MPEG_.*")
_LENGTH_LINE = re.compile(
    r"^\s*(?:data|SSND|Data Size|Riff size|riff)\s*:\s*(\d+) \(should be (\d+)\)", re.MULTILINE
)


# What libmpg123 writes to standard error, and the part of it that tells of damaged sound.
_MPG123 = re.compile(rb"(?m)^(?:\[src/libmpg123/|Note: |Warning: ).*\n")
_DAMAGED = re.compile(r"\[src/libmpg123/(?:layer\d\.c|getbits\.h):\S+ error: (.*)")


class _Unmoved(soundfile.SoundFile):  # type: ignore[misc]
    """A file that stays where a read ends, and keeps what libmpg123 says about damaged sound.

    After every read soundfile seeks to the place where it already is, which costs as much as
    decoding 15 seconds of FLAC.
    """

    def __init__(self, file: int | View, *, closefd: bool = True) -> None:
        self.damage = ""
        with self._heard():
            super().__init__(file, closefd=closefd)
        self._speaks = str(self.subtype).startswith("MPEG_")

    @contextmanager
    def _heard(self) -> Iterator[None]:
        lines: list[str] = []
        try:
            with stray_lines(_MPG123) as lines:
                yield
        finally:
            for found in filter(None, map(_DAMAGED.match, lines)):
                self.damage = self.damage or found[1]

    def read(self, *args: Any, **options: Any) -> Any:
        with self._heard() if self._speaks else nullcontext():
            return super().read(*args, **options)

    def seek(self, *args: Any) -> int:
        with self._heard() if self._speaks else nullcontext():
            return int(super().seek(*args))

    def seekable(self) -> bool:
        return False

    @property
    def seeks(self) -> bool:
        """Whether libsndfile says that it can seek."""
        return bool(super().seekable())


class SoundFile:
    """A file that libsndfile has opened; a source in the sense of `audio.source.Source`.

    Parameters
    ----------
    path : path-like
        Its name, for messages.
    stream : binary file or View
        The bytes to decode.
    skipped : int
        Samples of MPEG audio to skip before the first frame.
    frames : int, optional
        Its length, where libsndfile does not know it.
    linear : bool
        Whether to decode all that comes before a part.

    Raises
    ------
    soundfile.LibsndfileError
        If libsndfile cannot open it.
    AudioError
        If the file is visibly truncated.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        stream: IO[bytes] | View,
        *,
        skipped: int = 0,
        frames: int | None = None,
        linear: bool = False,
    ) -> None:
        self._path = path
        self._stream = stream
        self._file = file = _open(stream)
        _check_declared_length(path, file)
        self._skipped = skipped
        self._place = 0
        self.rate: int = file.samplerate
        self.channels: int = file.channels
        self.frames: int = file.frames if frames is None else frames
        self.format: str = file.format
        self.subtype: str = file.subtype
        self.sample_format = libsndfile_sample_format(self.subtype)
        self._last = max(0, self.frames - _OGG_PAGE)
        self._end: Float32Array | None = None
        self._linear = linear or not (file.seeks and _SEEKABLE.fullmatch(self.subtype))
        if self.format == "MP3":
            bits = 8 * (
                stream.size if isinstance(stream, View) else os.fstat(stream.fileno()).st_size
            )
            self._linear |= (
                self.rate < _MP3_LOW_RATE or bits * self.rate < _MP3_LOW_BITS_A_SECOND * self.frames
            )
        elif self.subtype.startswith("MPEG_"):
            # MP3 inside a WAV file lacks the tag that states the length.
            self.frames = self._pass(self.frames)
            self._reopen()

    def close(self) -> None:
        """Close the file; the stream stays open."""
        self._file.close()

    def _reopen(self) -> None:
        """Open the file anew, since a seek does not reset the state of a decoder."""
        self._file.close()
        self._file = _open(self._stream)
        self._place = 0

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
            If the file ends before the length that it declares.
        """
        stop = min(stop, self.frames)
        if stop <= start:
            return np.zeros((0, self.channels), np.float32)
        if self.format != "OGG" or stop <= self._last:
            return self._decode(start, stop)
        # libsndfile 1.2 seeks wrongly within the last page of an Ogg file, so the end is read in
        # one piece.
        parts = [self._decode(start, self._last)] if start < self._last else []
        if self._end is None:
            self._end = self._decode(self._last, self.frames)
        parts.append(self._end[max(start - self._last, 0) : stop - self._last])
        return np.concatenate(parts)

    def _seek(self, start: int) -> None:
        ahead = start - self._place
        # Most FLAC files have no seek table, and then a seek costs more than reading on.
        near = self.format == "FLAC" and ahead <= _FLAC_NEAR_S * self.rate
        if ahead < 0 and self._linear:
            self._reopen()
            self._pass(start)
        elif self._linear or (ahead > 0 and near):
            self._pass(ahead)
        elif self.format == "OGG":
            # From a place a little before it, libsndfile 1.2 lands some hundred frames off the
            # mark; from the beginning it does not.
            self._file.seek(0)
            # After a seek the first packet lacks its overlap with the packet before.
            self._land(start, _OGG_PREROLL)
        elif self.format == "MP3":
            self._reopen()
            self._land(start, _MP3_PREROLL + (start + self._skipped) % _MP3_PERIOD)
        else:
            self._land(start, 0)

    def _land(self, start: int, before: int) -> None:
        """Seek to some frames before a place, and decode up to it."""
        before = min(start, before)
        self._file.seek(start - before)
        self._place = start - before
        self._pass(before)

    def _pass(self, frames: int) -> int:
        """Decode and drop frames, up to the end at most, and return their number."""
        before = self._place
        while frames > 0:
            found = len(self._file.read(min(frames, _PASSED), dtype="float32"))
            self._place += found
            frames -= found or frames
        return self._place - before

    def _samples(self, count: int) -> Float32Array:
        """Read the next frames."""
        if self.subtype != "PCM_16":
            part: Float32Array = self._file.read(count, dtype="float32", always_2d=True)
            return part
        # The same numbers as libsndfile's floats; NumPy scales them in vectors, which is faster.
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
            if self._place != start:
                self._seek(start)
            part = self._samples(stop - start)
            self._place += len(part)
        except soundfile.LibsndfileError as error:
            self._place = -1
            detail = f"decoding fails between frames {start} and {stop} of {self.frames}"
            said = self._file.damage or error.error_string
            raise fault(self._path, "truncated", f"{detail} ({said})") from error
        if self._file.damage:
            warn(self._path, "some of its MPEG frames are damaged and may sound wrong")
        missing = stop - start - len(part)
        if missing > 0:
            detail = f"ends at frame {start + len(part)}, its header says {self.frames}"
            # Where frames of MP3 are damaged, the decoder may leave some out.
            if not self.subtype.startswith("MPEG_") or missing > MP3_SLACK:
                raise fault(self._path, "truncated", detail)
            warn(self._path, detail)
        return part


def _open(stream: IO[bytes] | View) -> _Unmoved:
    if isinstance(stream, View):
        stream.seek(0)
        return _begun(_Unmoved(stream))
    # By descriptor, so that any name works and the suffix decides nothing.
    os.lseek(stream.fileno(), 0, os.SEEK_SET)
    return _begun(_Unmoved(stream.fileno(), closefd=False))


def _begun(file: _Unmoved) -> _Unmoved:
    # libmpg123 rounds samples differently after a seek, so every file begins with one.
    if file.format == "MP3" and file.seeks:
        file.seek(0)
    return file


def _check_declared_length(path: str | os.PathLike[str], file: soundfile.SoundFile) -> None:
    # libsndfile mends the length of a truncated file in silence; only its log shows it. In CAF the
    # log is wrong by four bytes, and `audio.declared` reads the header itself.
    if file.format == "CAF":
        return
    for match in _LENGTH_LINE.finditer(file.extra_info):
        declared, found = int(match[1]), int(match[2])
        if found >= declared or is_unknown(declared):
            continue
        detail = f"its header says {declared} bytes of audio, the file holds {found}"
        check_missing(path, declared - found, detail)
