"""Compute the similarity of the waveforms of two clips.

One clip is shifted against the other by up to 30 ms, since an attack may be cut off. The similarity
is the normalised correlation at the best shift, over the part that both clips share. It is 1 for
the same samples at any level; any other sound in a clip lowers it. Shifts are multiples of a
quarter of a sample, since at whole samples high frequencies would not match.

`Similarities` answers whether a similarity reaches a threshold. For most pairs the correlation at
whole shifts suffices: either it reaches the threshold, or its greatest possible increase between
them does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from deep_plunder.util.arrays import Float32Array, Float64Array

__all__ = ["RATE", "SHIFT", "Similarities", "similarity"]

RATE = 11025
"""Samples per second of the waveforms."""

SHIFT = round(0.03 * RATE)
"""Greatest shift, in samples."""

# Shorter parts in common say nothing.
_LEAST = round(0.03 * RATE)
# The shifts between two whole ones, in samples.
_BETWEEN = np.array([0.25, 0.5, 0.75])
# Clips whose spectra are held, of 100 KB each.
_HELD = 128
# Far above the error of a correlation.
_MARGIN = 1e-9


@dataclass(frozen=True, slots=True)
class _Shifts:
    """The shifts that leave two clips enough in common, and the parts that they have in common."""

    begin: NDArray[np.int64]
    end: NDArray[np.int64]
    other_begin: NDArray[np.int64]
    other_end: NDArray[np.int64]
    # The shifts, with one more at each end.
    places: NDArray[np.int64]


@lru_cache(maxsize=32)
def _shifts(length: int, other_length: int) -> _Shifts | None:
    """Return the shifts of clips of these lengths, if there are any."""
    if min(length, other_length) < _LEAST:
        return None
    first, last = -min(SHIFT, other_length - _LEAST), min(SHIFT, length - _LEAST)
    shifts = np.arange(first, last + 1)
    return _Shifts(
        begin=np.maximum(shifts, 0),
        end=np.minimum(length, other_length + shifts),
        other_begin=np.maximum(-shifts, 0),
        other_end=np.minimum(other_length, length - shifts),
        places=np.arange(first - 1, last + 2),
    )


@lru_cache(maxsize=8)
def _turns(size: int) -> tuple[NDArray[np.complex128], Float64Array]:
    """Return the factors of a spectrum for the shifts between, and its greatest increase there."""
    turn = 2 * np.pi / size * np.arange(size // 2 + 1)
    shifts = np.exp(1j * _BETWEEN[:, np.newaxis] * turn)
    # A line between two whole shifts misses a shift between them by at most this.
    line = 1 - _BETWEEN[:, np.newaxis] * (1 - np.exp(1j * turn))
    missed = np.abs(shifts - line).max(axis=0)
    missed[1:] *= 2
    return shifts, missed / size


class _Clip:
    """The samples of a clip, as sums and as a spectrum.

    Parameters
    ----------
    samples : ndarray, shape (n,)
    size : int
        Length of the transform.
    """

    def __init__(self, samples: Float32Array, size: int) -> None:
        exact = samples.astype(np.float64)
        self.size = size
        # The energy up to each sample.
        self.sums = np.zeros(len(samples) + 1)
        np.cumsum(np.square(exact), out=self.sums[1:])
        self.spectrum: NDArray[np.complex128] = np.fft.rfft(exact, size)
        self.magnitudes: Float64Array = np.abs(self.spectrum)


def _size(length: int, other_length: int) -> int:
    return 1 << (length + other_length).bit_length()


class _Pair:
    """The correlation of two clips at shifts that leave them enough in common.

    Parameters
    ----------
    one, other : _Clip
        With transforms of the same length.
    shifts : _Shifts
    """

    def __init__(self, one: _Clip, other: _Clip, shifts: _Shifts) -> None:
        self._one, self._other, self._places = one, other, shifts.places
        # Differences of sums may be slightly below zero.
        energy = one.sums[shifts.end] - one.sums[shifts.begin]
        other_energy = other.sums[shifts.other_end] - other.sums[shifts.other_begin]
        self._norms = np.sqrt(np.maximum(energy * other_energy, 1e-20))
        self._product = one.spectrum * np.conj(other.spectrum)
        # It counts like the others, which stand for themselves and their negatives.
        self._product[-1] *= 2
        self._whole = np.fft.irfft(self._product, one.size)[shifts.places]

    def reached(self) -> float:
        """Return the similarity at whole shifts."""
        return float((self._whole[1:-1] / self._norms).max())

    def most(self) -> float:
        """Return an upper bound of the similarity over all shifts."""
        _, missed = _turns(self._one.size)
        more = (self._one.magnitudes * self._other.magnitudes) @ missed
        whole = self._whole
        beside = np.maximum(np.maximum(whole[:-2], whole[2:]), whole[1:-1])
        return float(((beside + more) / self._norms).max())

    def similarity(self) -> float:
        """Return the similarity."""
        turns, _ = _turns(self._one.size)
        between = np.fft.irfft(turns * self._product, self._one.size, axis=1)[:, self._places]
        # A shift has two of the three quarters before it, and two after it.
        before, after = between[1:, :-2].max(axis=0), between[:2, 1:-1].max(axis=0)
        nearest = np.maximum(np.maximum(before, after), self._whole[1:-1])
        return float((nearest / self._norms).max())


def similarity(one: Float32Array, other: Float32Array) -> float:
    """Compute how alike two clips are.

    Parameters
    ----------
    one, other : ndarray, shape (n,)
        Their samples, at `RATE`.

    Returns
    -------
    similarity : float
        Greatest normalised correlation over all shifts, -1..1; 0 if the clips have less than 30 ms
        in common, or one is silent.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=11025).astype(np.float32)
    >>> whole, late, other = noise[:3000], noise[100:3100], noise[5000:8000]
    >>> similarity(whole, late) > 0.95, similarity(whole, other) < 0.2
    (True, True)
    """
    shifts = _shifts(len(one), len(other))
    if shifts is None:
        return 0.0
    size = _size(len(one), len(other))
    return _Pair(_Clip(one, size), _Clip(other, size), shifts).similarity()


class Similarities:
    """The similarities of clips, pair by pair, with the spectra of the last clips held.

    Parameters
    ----------
    lengths : sequence of int
        Number of samples of each clip.
    samples_of : callable
        Returns the samples of a clip at `RATE`, by its place in `lengths`.
    """

    def __init__(self, lengths: Sequence[int], samples_of: Callable[[int], Float32Array]) -> None:
        self._lengths = lengths
        self._clip = lru_cache(maxsize=_HELD)(lambda clip, size: _Clip(samples_of(clip), size))

    def reach(self, one: int, other: int, least: float) -> bool:
        """Return whether the similarity of two clips reaches a value.

        Parameters
        ----------
        one, other : int
            Their places in `lengths`.
        least : float
            Above 0.

        Returns
        -------
        reach : bool
            Whether their `similarity` is at least `least`.
        """
        lengths = self._lengths[one], self._lengths[other]
        shifts = _shifts(*lengths)
        if shifts is None:
            return False
        size = _size(*lengths)
        pair = _Pair(self._clip(one, size), self._clip(other, size), shifts)
        if pair.reached() >= least:
            return True
        return pair.most() >= least - _MARGIN and pair.similarity() >= least
