"""Read, write and resample audio of any kind, exact to the sample.

Audio is a float32 array of shape (frames, channels), full scale 1.0; rates are in Hz. A frame
is one sample of every channel. libsndfile decodes wav, aiff, flac, ogg, opus, mp3 and more,
whatever the file is called; what it cannot open (m4a above all) goes to `deep_plunder.container`.
Both give the same samples for any part of a file as for the whole of it.

A fault of a file raises `AudioError` with one line and a reason. A file that ends before the
length that it declares is truncated: at opening where the header shows it, else when the
missing part is read. The paper (section 3) reads whole files with librosa; parts are read here.
"""

from __future__ import annotations

import logging
import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from .errors import AudioError
from .files import atomic_path

__all__ = [
    "AUDIO_SUFFIXES",
    "AudioInfo",
    "Reader",
    "Resampler",
    "blocks",
    "probe",
    "read",
    "reader",
    "resample",
    "shown",
    "write",
    "write_blocks",
]

Array = npt.NDArray[np.float32]

AUDIO_SUFFIXES = frozenset(
    f".{suffix}"
    for suffix in (
        *("wav", "wave", "w64", "rf64", "aif", "aiff", "aifc", "au", "snd", "caf"),
        *("flac", "ogg", "oga", "opus", "mp3"),
        *("m4a", "m4b", "mp4", "aac", "alac", "wma", "webm", "wv", "ape"),
    )
)
"""Suffixes, in lower case, of files that may hold audio."""

_log = logging.getLogger(__name__)

# What a writer that cannot seek back puts where the length belongs (ffmpeg, sox to a pipe).
_UNKNOWN_LENGTH = 0x7FFF_0000
_UNKNOWN_FRAMES = 1 << 62
# Writers disagree by a few bytes about what the declared length counts.
_LENGTH_SLACK = 64
# Lengths in MP3 headers are off by a few frames of 1,152 samples, depending on the encoder.
_MP3_SLACK = 4 * 1152
# A page holds at most 255 packets, of at most 1,024 frames with libvorbis.
_OGG_PAGE = 1 << 18
_OGG_PREROLL = 1 << 13
_LENGTH_LINE = re.compile(
    r"^\s*(?:data|SSND|Data Size|Riff size|riff)\s*:\s*(\d+) \(should be (\d+)\)", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What the header of an audio file says.

    Attributes
    ----------
    path : str
        The file, as it was given.
    rate : int
        Frames a second.
    channels : int
        Number of channels.
    frames : int
        Length in frames, without an encoder's padding.
    seconds : float
        Length in seconds.
    format : str
        Container, e.g. ``"WAV"``.
    subtype : str
        Coding of the samples, e.g. ``"PCM_16"``.
    """

    path: str
    rate: int
    channels: int
    frames: int
    seconds: float
    format: str
    subtype: str


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


def _fault(path: str | os.PathLike[str], reason: str, detail: str) -> AudioError:
    return AudioError(f"{shown(path)}: {reason}: {detail}", reason=reason)


class _SoundFile:
    """A file that libsndfile has opened."""

    def __init__(self, path: str | os.PathLike[str], file: soundfile.SoundFile) -> None:
        self._path = path
        self._file = file
        self.rate: int = file.samplerate
        self.channels: int = file.channels
        self.frames: int = file.frames
        self.format: str = file.format
        self.subtype: str = file.subtype
        self._last = max(0, self.frames - _OGG_PAGE)
        self._end: Array | None = None

    def read(self, start: int, stop: int) -> Array:
        stop = min(stop, self.frames)
        if stop <= start:
            return np.zeros((0, self.channels), np.float32)
        if self.format != "OGG" or stop <= self._last:
            return self._decode(start, stop)
        # libsndfile 1.2 lands off the mark when it seeks into the last page of an Ogg file, as
        # soundfile does after every read. So the end is read in one piece.
        parts = [self._decode(start, self._last)] if start < self._last else []
        if self._end is None:
            self._end = self._decode(self._last, self.frames)
        parts.append(self._end[max(start - self._last, 0) : stop - self._last])
        return np.concatenate(parts)

    def _seek(self, start: int) -> None:
        before = 0
        if self.format == "OGG":
            # After a seek the first packet may lack what the one before it adds.
            before = min(start, _OGG_PREROLL)
        self._file.seek(start - before)
        self._file.read(before, dtype="float32")

    def _decode(self, start: int, stop: int) -> Array:
        try:
            if self._file.tell() != start:
                self._seek(start)
            part: Array = self._file.read(stop - start, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            detail = f"decoding fails between frames {start} and {stop} of {self.frames}"
            raise _fault(self._path, "truncated", f"{detail} ({error})") from error
        missing = stop - start - len(part)
        # MP3 has no other length than a guess of the encoder or of the decoder.
        if missing > (_MP3_SLACK if self.format == "MP3" else 0):
            end = start + len(part)
            detail = f"ends at frame {end}, its header says {self.frames}"
            raise _fault(self._path, "truncated", detail)
        return part


def _check_declared_length(path: str | os.PathLike[str], file: soundfile.SoundFile) -> None:
    # libsndfile mends the length of a truncated file in silence; only its log tells.
    for match in _LENGTH_LINE.finditer(file.extra_info):
        declared, found = int(match[1]), int(match[2])
        if declared < _UNKNOWN_LENGTH and declared - found > _LENGTH_SLACK:
            detail = f"its header says {declared} bytes of audio, the file holds {found}"
            raise _fault(path, "truncated", detail)


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
        raise _fault(path, "truncated", f"its last Ogg page is cut off at byte {size}")


def _knows_length(path: str | os.PathLike[str], stream: IO[bytes], source: Source) -> bool:
    """Tell if libsndfile would read a file to its end.

    Where MP3 lacks a length header the length is guessed from the first bit rate, and a file
    of variable bit rate would be cut short.
    """
    if source.format != "MP3":
        return source.frames < _UNKNOWN_FRAMES
    place = os.lseek(stream.fileno(), 0, os.SEEK_CUR)
    try:
        stream.seek(0)
        head = stream.read(10)
        if head[:3] == b"ID3":
            tag = 10 + sum((byte & 127) << 7 * (3 - i) for i, byte in enumerate(head[6:10]))
        else:
            tag = 0
        stream.seek(tag)
        if re.search(b"Xing|Info|VBRI", stream.read(1024)):
            return True
        from .container import count_frames

        return abs(count_frames(path) - source.frames) <= _MP3_SLACK
    finally:
        os.lseek(stream.fileno(), place, os.SEEK_SET)


@contextmanager
def _open(path: str | os.PathLike[str]) -> Iterator[Source]:
    try:
        # Opening a named pipe would wait for ever.
        kind = Path(path).stat()
        if not stat.S_ISREG(kind.st_mode):
            raise _fault(path, "not audio", "is not a regular file")
        if kind.st_size == 0:
            raise _fault(path, "empty", "has no bytes")
        stream: IO[bytes] = open(path, "rb", buffering=0)  # noqa: PTH123, SIM115
    except OSError as error:
        detail = error.strerror or str(error)
        raise _fault(path, "missing", f"cannot be opened ({detail})") from error
    except ValueError as error:
        raise _fault(path, "missing", f"is not a file name ({error})") from error
    with stream:
        _check_last_page(path, stream)
        try:
            # By descriptor: names of any bytes work, and the suffix decides nothing.
            file = soundfile.SoundFile(stream.fileno(), closefd=False)
        except soundfile.LibsndfileError:
            pass
        else:
            with file:
                _check_declared_length(path, file)
                source = _SoundFile(path, file)
                if _knows_length(path, stream, source):
                    yield source
                    return
        from .container import open_container

        with open_container(path) as container:
            yield container


def _opened(path: str | os.PathLike[str], source: Source) -> AudioInfo:
    if source.frames <= 0 or source.channels <= 0 or source.rate <= 0:
        raise _fault(path, "empty", "holds no samples")
    return AudioInfo(
        path=os.fspath(path),
        rate=source.rate,
        channels=source.channels,
        frames=source.frames,
        seconds=source.frames / source.rate,
        format=source.format,
        subtype=source.subtype,
    )


def _checked(path: str | os.PathLike[str], part: Array, start: int) -> Array:
    # A sum is finite if all its terms are, and much cheaper than asking each.
    if not np.isfinite(part.sum()) and not (finite := np.isfinite(part)).all():
        place = start + int(np.flatnonzero(~finite.all(axis=1))[0])
        raise _fault(path, "not finite", f"frame {place} is NaN or infinite")
    return part


def probe(path: str | os.PathLike[str]) -> AudioInfo:
    """Read the header of an audio file.

    Parameters
    ----------
    path : path-like
        The file. Its name decides nothing, its content does.

    Returns
    -------
    info : AudioInfo

    Raises
    ------
    AudioError
        If the file is missing, empty, no audio, or visibly truncated.
    """
    with _open(path) as source:
        return _opened(path, source)


class Reader:
    """An audio file that is open, for reading many parts of it; `reader` opens one.

    Parts read in order of time cost least: some codecs find a place only by going through all
    that is before it.

    Attributes
    ----------
    info : AudioInfo
        What its header says.
    """

    def __init__(self, source: Source, info: AudioInfo) -> None:
        self._source = source
        self.info = info

    def read(self, start: int = 0, stop: int | None = None) -> Array:
        """Decode a part, as `read` does.

        Parameters
        ----------
        start, stop : int
            First frame, and the frame after the last; the default is the end.

        Returns
        -------
        audio : ndarray, shape (frames, channels), float32

        Raises
        ------
        AudioError
            As `read`.
        """
        if start < 0 or (stop is not None and stop < start):
            raise ValueError(f"start and stop must satisfy 0 <= start <= stop, got {start}, {stop}")
        part = self._source.read(start, self.info.frames if stop is None else stop)
        if start < self.info.frames - _MP3_SLACK and stop != start and not len(part):
            detail = f"no frame decodes from {start} on"
            raise _fault(self.info.path, "truncated", detail)
        return _checked(self.info.path, part, start)


@contextmanager
def reader(path: str | os.PathLike[str]) -> Iterator[Reader]:
    """Open a file to read many parts of it.

    Parameters
    ----------
    path : path-like
        The file.

    Yields
    ------
    reader : Reader
        Closed when the block ends.

    Raises
    ------
    AudioError
        As `probe`.
    """
    with _open(path) as source:
        yield Reader(source, _opened(path, source))


def read(
    path: str | os.PathLike[str], *, start: int = 0, stop: int | None = None
) -> tuple[Array, int]:
    """Decode a file or a part of it.

    Parameters
    ----------
    path : path-like
        The file.
    start, stop : int
        First frame, and the frame after the last; the default is the end. What lies beyond the
        end of the file is left out, as in slices.

    Returns
    -------
    audio : ndarray, shape (frames, channels), float32
        The same samples as ``read(path)[0][start:stop]``.
    rate : int
        Frames a second.

    Raises
    ------
    AudioError
        If the file is missing, empty, no audio, truncated, or holds NaN or infinity there.
    """
    with reader(path) as file:
        return file.read(start, stop), file.info.rate


def blocks(path: str | os.PathLike[str], *, seconds: float = 10.0) -> Iterator[Array]:
    """Decode a file piece by piece in bounded memory.

    Parameters
    ----------
    path : path-like
        The file.
    seconds : float
        Length of a block; the last one may be shorter.

    Yields
    ------
    block : ndarray, shape (n, channels), float32
        Joined, all blocks are ``read(path)[0]``, to the bit.

    Raises
    ------
    AudioError
        As `read` does, once the fault is reached.
    """
    with _open(path) as source:
        info = _opened(path, source)
        size = max(1, round(seconds * info.rate))
        for start in range(0, info.frames, size):
            part = source.read(start, start + size)
            if not len(part):
                return
            yield _checked(path, part, start)


def _integers(audio: npt.NDArray[np.generic], bits: int) -> npt.NDArray[np.generic]:
    """Quantise to `bits`, as integers of 16 or 32 bits whose high bits they are."""
    word = np.int16 if bits <= 16 else np.int32
    scaled = np.rint(np.asarray(audio, np.float64) * 2.0 ** (bits - 1))
    high = 2 ** (bits - 1)
    clipped = np.clip(np.nan_to_num(scaled), -high, high - 1).astype(word)
    shifted: npt.NDArray[np.generic] = clipped * word(2 ** (np.iinfo(word).bits - bits))
    return shifted


def write(
    path: str | os.PathLike[str],
    audio: npt.NDArray[np.generic],
    rate: int,
    *,
    subtype: str = "PCM_16",
) -> None:
    """Write a WAV file, whole or not at all; the same samples give the same bytes.

    Parameters
    ----------
    path : path-like
        The file to write.
    audio : ndarray, shape (frames,) or (frames, channels)
        int16 and int32 are written as they are; floats are rounded so that what `read` gave is
        written back unchanged, and clipped at full scale.
    rate : int
        Frames a second.
    subtype : str
        ``"PCM_U8"``, ``"PCM_16"``, ``"PCM_24"``, ``"PCM_32"``, ``"FLOAT"`` or ``"DOUBLE"``.

    Raises
    ------
    AudioError
        If the file cannot be written.
    """
    channels = 1 if audio.ndim == 1 else audio.shape[1]
    write_blocks(path, [audio], rate, channels, subtype=subtype)


def write_blocks(
    path: str | os.PathLike[str],
    blocks: Iterable[npt.NDArray[np.generic]],
    rate: int,
    channels: int,
    *,
    subtype: str = "PCM_16",
) -> int:
    """Write a WAV file piece by piece, whole or not at all.

    Parameters
    ----------
    path : path-like
        The file to write.
    blocks : iterable of ndarray, shape (n, channels)
        Consecutive parts, as `write` takes them.
    rate, channels : int
        Frames a second, and number of channels.
    subtype : str
        As for `write`.

    Returns
    -------
    frames : int
        How many were written.

    Raises
    ------
    AudioError
        If the file cannot be written.
    """
    bits = {"PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32}.get(subtype)
    with atomic_path(path) as temporary:
        try:
            with soundfile.SoundFile(
                os.fsencode(temporary), "w", rate, channels, subtype=subtype, format="WAV"
            ) as file:
                for block in blocks:
                    if bits and block.dtype.kind == "f":
                        block = _integers(block, bits)
                    file.write(block)
                frames = int(file.frames)
        except soundfile.LibsndfileError as error:
            raise AudioError(f"{shown(path)}: cannot be written: {error}") from error
        if bits is None:
            _clear_time(temporary)
    return frames


def _clear_time(path: Path) -> None:
    # libsndfile puts the time of day into the PEAK chunk of WAV files of floats.
    with path.open("r+b") as file:
        place = file.read(512).find(b"PEAK")
        if place >= 0:
            file.seek(place + 12)
            file.write(bytes(4))


def resample(audio: Array, rate: float, new_rate: float) -> Array:
    """Change the sampling rate (soxr, quality HQ, as librosa's default).

    Parameters
    ----------
    audio : ndarray, shape (n,) or (n, channels), float32
        The whole signal.
    rate, new_rate : float
        Frames a second, before and after; they need not be whole.

    Returns
    -------
    audio : ndarray, shape (about n * new_rate / rate, ...), float32
    """
    audio = np.asarray(audio, np.float32)
    if rate == new_rate or not len(audio):
        return audio
    resampled: Array = soxr.resample(audio, rate, new_rate, quality="HQ")
    return resampled


class Resampler:
    """Change the sampling rate of a signal that comes in blocks.

    The blocks that it gives, joined, are `resample` of the whole to within 1e-6 of full scale.

    Parameters
    ----------
    rate, new_rate : int
        Frames a second, before and after.
    channels : int
        Number of channels; 1 takes blocks of shape (n,) as well.
    """

    def __init__(self, rate: int, new_rate: int, channels: int) -> None:
        self._stream = (
            None
            if rate == new_rate
            else soxr.ResampleStream(rate, new_rate, channels, dtype="float32", quality="HQ")
        )

    def process(self, block: Array, *, last: bool = False) -> Array:
        """Resample the next block.

        Parameters
        ----------
        block : ndarray, shape (n,) or (n, channels), float32
            What follows the block before. It may be empty.
        last : bool
            Whether no more will come. What is still inside is then given.

        Returns
        -------
        block : ndarray, shape (m,) or (m, channels), float32
            What is ready; m may be 0.
        """
        if self._stream is None:
            return block
        resampled: Array = self._stream.resample_chunk(np.ascontiguousarray(block), last=last)
        return resampled
