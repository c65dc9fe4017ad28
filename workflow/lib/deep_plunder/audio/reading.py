"""Read audio of any kind, whole or in parts, exact to the sample.

Audio is a float32 array of shape (frames, channels), full scale 1.0; rates are in Hz. A frame is
one sample of every channel. libsndfile decodes wav, aiff, flac, ogg, opus, mp3 and more, whatever
the name of the file. `deep_plunder.audio.ffmpeg` decodes the rest, above all m4a. Both return the
same samples for a part of a file as for that part of the whole.

A fault of a file raises `AudioError` with one line and a reason. A file that ends before its
declared length is truncated. The error is raised at opening if the header shows it, otherwise when
the missing part is read. The paper (section 3) reads whole files with librosa.
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

# Seconds per cached block, and the blocks that are cached of a file that is not kept.
_BLOCK_S, _BLOCKS = 2.0, 2

# Eight minutes of 44.1 kHz stereo.
_KEPT_BYTES = 160 << 20

# 120 dB above full scale: floats scaled like 16-bit integers still count as sound. From 1e17 on,
# squares of spectra would be infinite.
_LOUDEST = 1e6


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """The properties that the header of an audio file states.

    Attributes
    ----------
    path : str
        The file, as given by the caller.
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
        The coding with which a WAV file holds the samples without loss: ``"PCM_U8"``,
        ``"PCM_16"``, ``"PCM_24"``, ``"PCM_32"``, ``"FLOAT"`` or ``"DOUBLE"``. It is
        ``"PCM_24"`` for lossy codecs, whose samples have no depth.
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
    # A sum of squares is at least as great as each of them, and cheaper than checking each sample.
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
        The file. Its content decides the format, not its name.

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
    """An open audio file from which many parts can be read; `reader` opens one.

    Parts read in order of time cost least, since some codecs reach a place only by decoding all
    before it. Decoded blocks are cached and serve later parts: all blocks of a file with `keep`
    that is not too long, otherwise the last few blocks, for short parts.

    Parameters
    ----------
    source : Source
        The decoder.
    info : AudioInfo
        The properties of the file.
    keep : bool
        Whether to keep all decoded samples in memory, for files of up to 160 MB of samples.

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
            First frame, and the frame after the last, by default the end.

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
            # The fault may lie in the block but outside the part.
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
        """Decode exactly a part, without the cache."""
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
        """Decode the whole file block by block.

        Parameters
        ----------
        seconds : float
            Length of a block; the last one may be shorter. Ignored with `keep`: the blocks are
            then those of the cache.

        Yields
        ------
        block : ndarray, shape (n, channels), float32
            Must not be written to. All blocks joined equal `read` of the whole, to the bit.

        Raises
        ------
        AudioError
            See `read`; raised once the fault is reached.
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
"""The path of an audio file, or an open `Reader`."""


@contextmanager
def reader(recording: Recording, *, keep: bool = False) -> Iterator[Reader]:
    """Open a file from which to read many parts.

    Parameters
    ----------
    recording : path-like or Reader
        The file. An open `Reader` is passed on unchanged, and stays open.
    keep : bool
        Whether to keep decoded samples in memory, up to 160 MB, for callers that read a
        recording several times.

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
        First frame, and the frame after the last, by default the end. Frames beyond the end of
        the file are left out, as in slices.

    Returns
    -------
    audio : ndarray, shape (frames, channels), float32
        The same samples as ``read(path)[0][start:stop]``.
    rate : int
        Frames per second.

    Raises
    ------
    AudioError
        If the file is missing, empty, no audio or truncated, or if the part holds NaN, infinity
        or samples beyond a million times full scale.
    """
    with reader(path) as file:
        return file._decode(start, stop), file.info.rate
