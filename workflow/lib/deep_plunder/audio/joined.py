"""Read files that hold several recordings, one after the other, as one.

Some MP3 files are several files joined byte after byte, and an Ogg file may be a chain of streams.
Players play such recordings one after the other, and `Joined` reads them in this way. Where their
rates or channels differ, all are converted to the highest rate and the most channels, so that
nothing is lost. Recordings without frames do not count.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack

import numpy as np
import soxr

from deep_plunder.audio.source import Source
from deep_plunder.util.arrays import Float32Array

__all__ = ["Joined"]

# Frames resampled at a time: a constant, so that any part equals the same part of the whole.
_STEP = 1 << 15


# From the least to the most precise.
_FORMATS = ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")

Opener = Callable[[], AbstractContextManager[Source]]


def _resampled_length(frames: int, rate: int, new_rate: int) -> int:
    return round(frames * new_rate / rate)


class _Resampled:
    """A source at another rate."""

    def __init__(self, source: Source, rate: int) -> None:
        self._source = source
        self._rate = rate
        self.channels = source.channels
        self.frames = _resampled_length(source.frames, source.rate, rate)
        self._restart()

    def _restart(self) -> None:
        self._stream = soxr.ResampleStream(
            self._source.rate, self._rate, self.channels, dtype="float32", quality="HQ"
        )
        self._taken = 0
        self._place = 0
        self._rest = np.zeros((0, self.channels), np.float32)

    def _more(self) -> Float32Array:
        """Return the next frames; after the last ones, silence for frames missing by rounding."""
        if self._taken >= self._source.frames:
            return np.zeros((_STEP, self.channels), np.float32)
        part = self._source.read(self._taken, self._taken + _STEP)
        self._taken += _STEP
        block: Float32Array = self._stream.resample_chunk(
            np.ascontiguousarray(part), last=self._taken >= self._source.frames
        )
        return block

    def read(self, start: int, stop: int) -> Float32Array:
        """Resample the frames from `start` to `stop`, or to the end if that comes first."""
        stop = min(stop, self.frames)
        if start < self._place:
            self._restart()
        parts = [self._rest[:0]]
        while self._place < stop:
            part = self._rest if len(self._rest) else self._more()
            high = min(stop - self._place, len(part))
            parts.append(part[max(start - self._place, 0) : high])
            self._rest = part[high:]
            self._place += high
        return np.concatenate(parts)


def _widened(part: Float32Array, channels: int) -> Float32Array:
    """Return a part with more channels: mono goes to the first two, others keep their places."""
    missing = channels - part.shape[1]
    if missing and part.shape[1] == 1:
        part, missing = np.repeat(part, 2, axis=1), missing - 1
    return np.pad(part, ((0, 0), (0, missing))) if missing else part


class Joined:
    """Recordings one after the other; a source in the sense of `deep_plunder.audio.source.Source`.

    Parameters
    ----------
    openers : sequence of callable
        At least one; each opens one recording. Only one is open at a time.
    """

    def __init__(self, openers: Sequence[Opener]) -> None:
        self._openers = openers
        self._stack = ExitStack()
        self._number = -1
        found = []
        for opener in openers:
            with opener() as source:
                found.append((source.frames, source.rate, source.channels, source.sample_format))
                if opener is openers[0]:
                    self.format, self.subtype = source.format, source.subtype
        # Recordings without frames do not decide the rate, the channels or the format.
        heard = [each for each in found if each[0]] or found
        self.rate = max(rate for _, rate, _, _ in heard)
        self.channels = max(channels for _, _, channels, _ in heard)
        self.sample_format = max((kind for *_, kind in heard), key=_FORMATS.index)
        lengths = (_resampled_length(frames, rate, self.rate) for frames, rate, _, _ in found)
        self._starts = [0, *itertools.accumulate(lengths)]
        self.frames = self._starts[-1]

    def close(self) -> None:
        """Close the recording that is open."""
        self._stack.close()
        self._number = -1

    def _part(self, number: int) -> Source | _Resampled:
        if number != self._number:
            self.close()
            source = self._stack.enter_context(self._openers[number]())
            same = source.rate == self.rate
            self._current = source if same else _Resampled(source, self.rate)
            self._number = number
        return self._current

    def read(self, start: int, stop: int) -> Float32Array:
        """Decode a part.

        Parameters
        ----------
        start, stop : int
            First frame, and the frame after the last.

        Returns
        -------
        part : ndarray, shape (frames, channels), float32
            Ends at the end of the last recording, if that comes first.
        """
        parts = [np.zeros((0, self.channels), np.float32)]
        number = max(0, bisect.bisect_right(self._starts, start) - 1)
        for first, last in itertools.pairwise(self._starts[number:]):
            low, high = max(start, first), min(stop, last)
            if first >= stop:
                break
            if low < high:
                part = self._part(number).read(low - first, high - first)
                parts.append(_widened(part, self.channels))
            number += 1
        return np.concatenate(parts)
