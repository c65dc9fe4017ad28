"""Read, write and resample audio of any kind, exact to the sample.

Audio is a float32 array of shape (frames, channels), full scale 1.0; rates are in Hz. A frame
is one sample of every channel. libsndfile decodes wav, aiff, flac, ogg, opus, mp3 and more,
whatever the file is called; what it cannot open (m4a above all) goes to
`deep_plunder.audio.ffmpeg`.
Both give the same samples for any part of a file as for the whole of it.

A fault of a file raises `AudioError` with one line and a reason. A file that ends before the
length that it declares is truncated: at opening where the header shows it, else when the
missing part is read. The paper (section 3) reads whole files with librosa; parts are read here.
"""

from __future__ import annotations

import itertools
import math
import os
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from deep_plunder.audio.libsndfile import MP3_SLACK
from deep_plunder.audio.opening import open_source
from deep_plunder.audio.source import Source, decoding, fault
from deep_plunder.errors import AudioError
from deep_plunder.util.arrays import Float32Array

__all__ = ["AudioInfo", "Reader", "Recording", "probe", "read", "reader"]

_BLOCK_S = 2.0

_BLOCKS = 2

# Eight minutes of 44.1 kHz stereo.
_KEPT_BYTES = 160 << 20

# 120 dB above full scale: floats that were scaled as 16 bits are, and then some, are sound still.
# From 1e17 on, squares of spectra would be infinite.
_LOUDEST = 1e6


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What the header of an audio file says.

    Attributes
    ----------
    path : str
        The file, as it was given.
    rate : int
        Frames per second.
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
    sample_format : str
        How a WAV file holds them without loss: ``"PCM_U8"``, ``"PCM_16"``, ``"PCM_24"``,
        ``"PCM_32"``, ``"FLOAT"`` or ``"DOUBLE"``. Of lossy codecs, whose samples have no depth,
        ``"PCM_24"``.
    """

    path: str
    rate: int
    channels: int
    frames: int
    seconds: float
    format: str
    subtype: str
    sample_format: str


def _info(path: str | os.PathLike[str], source: Source) -> AudioInfo:
    return AudioInfo(
        path=os.fspath(path),
        rate=source.rate,
        channels=source.channels,
        frames=source.frames,
        seconds=source.frames / source.rate,
        format=source.format,
        subtype=source.subtype,
        sample_format=source.sample_format,
    )


def _checked(path: str | os.PathLike[str], part: Float32Array, start: int) -> Float32Array:
    # A sum of squares is no less than any of them, and much cheaper than asking each sample.
    if np.vdot(part, part) <= _LOUDEST**2 or (good := np.abs(part) <= _LOUDEST).all():
        return part
    frame, channel = np.argwhere(~good)[0].tolist()
    value, place = float(part[frame, channel]), start + frame
    if not math.isfinite(value):
        raise fault(path, "not finite", f"frame {place} is NaN or infinite")
    rule = f"full scale is 1, and no sample may lie beyond {_LOUDEST:g}"
    raise fault(path, "too loud", f"{rule}, frame {place} has {value:g}")


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
    with open_source(path) as source:
        return _info(path, source)


class Reader:
    """An audio file that is open, for reading many parts of it; `reader` opens one.

    Parts read in order of time cost least: some codecs find a place only by going through all
    that is before it. Parts are taken from blocks that were decoded before: of all the file if
    it is to be kept and not too long, else the last few of them, for short parts.

    Parameters
    ----------
    source : Source
        What decodes it.
    info : AudioInfo
        What its header says.
    keep : bool
        Whether all that was decoded is kept, in files of up to 160 MB of samples.

    Attributes
    ----------
    info : AudioInfo
    """

    def __init__(self, source: Source, info: AudioInfo, *, keep: bool = False) -> None:
        self._source = source
        self.info = info
        self._kept = keep and 4 * info.frames * info.channels <= _KEPT_BYTES
        self._size = round(_BLOCK_S * info.rate)
        self._blocks: OrderedDict[int, Float32Array] = OrderedDict()

    def read(self, start: int = 0, stop: int | None = None) -> Float32Array:
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
            See `read`.
        """
        frames, size = self.info.frames, self._size
        end = frames if stop is None else min(stop, frames)
        if start < 0 or end <= start or not (self._kept or end - start <= size):
            return self._decode(start, stop)
        try:
            parts = [
                self._block(number)[max(0, start - number * size) : end - number * size]
                for number in range(start // size, (end - 1) // size + 1)
            ]
        except AudioError:
            # The fault may lie outside the part that is wanted.
            return self._decode(start, stop)
        return np.concatenate(parts)

    def _block(self, number: int) -> Float32Array:
        if number not in self._blocks:
            if len(self._blocks) == _BLOCKS and not self._kept:
                self._blocks.popitem(last=False)
            self._blocks[number] = self._decode(number * self._size, (number + 1) * self._size)
            self._blocks[number].flags.writeable = False
        return self._blocks[number]

    def _decode(self, start: int, stop: int | None = None) -> Float32Array:
        """Decode a part and no more, as `read` does."""
        if start < 0 or (stop is not None and stop < start):
            raise ValueError(f"start and stop must satisfy 0 <= start <= stop, got {start}, {stop}")
        stop = self.info.frames if stop is None else stop
        with decoding(self.info.path):
            part = self._source.read(start, stop)
        if start < self.info.frames - MP3_SLACK and stop != start and not len(part):
            detail = f"no frame decodes from {start} on"
            raise fault(self.info.path, "truncated", detail)
        return _checked(self.info.path, part, start)

    def blocks(self, *, seconds: float = 10.0) -> Iterator[Float32Array]:
        """Decode all piece by piece.

        Parameters
        ----------
        seconds : float
            Length of a block; the last one may be shorter. Those of a file that is kept are as
            long as it is kept in.

        Yields
        ------
        block : ndarray, shape (n, channels), float32
            Not to be written to. Joined, all blocks are what `read` gives of the whole, to the
            bit.

        Raises
        ------
        AudioError
            As `read` does, once the fault is reached.
        """
        whole: Iterator[Float32Array]
        if self._kept:
            whole = map(self._block, range(-(-self.info.frames // self._size)))
        else:
            size = max(1, round(seconds * self.info.rate))
            starts = range(0, self.info.frames, size)
            whole = (self._decode(start, start + size) for start in starts)
        yield from itertools.takewhile(len, whole)


Recording = str | os.PathLike[str] | Reader
"""An audio file by its name, or open."""


@contextmanager
def reader(recording: Recording, *, keep: bool = False) -> Iterator[Reader]:
    """Open a file to read many parts of it.

    Parameters
    ----------
    recording : path-like or Reader
        The file. One that is open is given as it is, and stays open.
    keep : bool
        Whether to keep what was decoded in memory, unless it is more than 160 MB: for what goes
        through a recording several times.

    Yields
    ------
    reader : Reader
        Closed when the block ends.

    Raises
    ------
    AudioError
        See `probe`.
    """
    if isinstance(recording, Reader):
        yield recording
        return
    with open_source(recording) as source:
        yield Reader(source, _info(recording, source), keep=keep)


def read(
    path: str | os.PathLike[str], *, start: int = 0, stop: int | None = None
) -> tuple[Float32Array, int]:
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
        Frames per second.

    Raises
    ------
    AudioError
        If the file is missing, empty, no audio, truncated, or holds NaN, infinity or samples
        beyond a million times full scale there.
    """
    with reader(path) as file:
        return file._decode(start, stop), file.info.rate
