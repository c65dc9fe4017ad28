"""Find the constant offset of a recording, and take it away.

Nobody hears such an offset, as of a faulty converter, but it leaks into the lowest bands of
spectra. It shows where nothing else sounds: it is the median of the means of the quietest stretches
of 50 ms, one in twenty, in the first ten seconds of a recording. Some instruments have an offset of
their own, which comes and goes with their notes: it is not taken away where the instrument rests
in one of these stretches. An offset below -50 dB of full scale, which counts as inaudible, stays.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from weakref import WeakKeyDictionary

import numpy as np

from deep_plunder.audio.reading import Reader
from deep_plunder.util.arrays import Float32Array

__all__ = ["centred_blocks", "constant_offset"]

_MEASURED_S, _STEP_S, _QUIETEST = 10.0, 0.05, 0.05
_LEAST = 10 ** (-50 / 20)
# The network and the refinement of edges need it of the same open recording.
_known: WeakKeyDictionary[Reader, Float32Array] = WeakKeyDictionary()


def constant_offset(recording: Reader) -> Float32Array:
    """Compute the constant offset of each channel of a recording.

    Parameters
    ----------
    recording : Reader
        Its first ten seconds are read, once per open recording.

    Returns
    -------
    offset : ndarray of float32, shape (channels,)
        0 where there is none.

    Raises
    ------
    AudioError
        If the beginning of the recording cannot be read.

    Examples
    --------
    >>> from deep_plunder.audio import reading, writing
    >>> tone = np.sin(np.arange(44100) * 0.1)[:, np.newaxis].astype(np.float32) / 2
    >>> writing.write("tone.wav", tone + np.float32([0, 0.02]), 44100)
    >>> with reading.reader("tone.wav") as recording:
    ...     [f"{offset:.3f}" for offset in constant_offset(recording)]
    ['0.000', '0.020']
    """
    if recording not in _known:
        _known[recording] = _measure(recording)
    return _known[recording]


def _measure(recording: Reader) -> Float32Array:
    rate = recording.info.rate
    length = max(1, round(_STEP_S * rate))
    heard = recording.read(0, round(_MEASURED_S * rate))
    steps = heard[: len(heard) // length * length].reshape(-1, length, heard.shape[1])
    if not len(steps):
        return np.zeros(heard.shape[1], np.float32)
    means, deviations = steps.mean(axis=1), steps.std(axis=1)
    quietest = np.argsort(deviations, axis=0, kind="stable")[: math.ceil(_QUIETEST * len(steps))]
    offset = np.median(np.take_along_axis(means, quietest, axis=0), axis=0)
    return np.asarray(np.where(np.abs(offset) >= _LEAST, offset, 0), np.float32)


def centred_blocks(recording: Reader) -> Iterator[Float32Array]:
    """Decode a recording block by block without its constant offset.

    Parameters
    ----------
    recording : Reader

    Yields
    ------
    block : ndarray, shape (n, channels), float32
        See `Reader.blocks`. A recording without offset has the same samples to the bit.

    Raises
    ------
    AudioError
        See `Reader.read`.

    Examples
    --------
    >>> from deep_plunder.audio import reading, writing
    >>> writing.write("offset.wav", np.full((44100, 1), 0.25, np.float32), 44100)
    >>> with reading.reader("offset.wav") as recording:
    ...     [round(float(abs(block).max()), 6) for block in centred_blocks(recording)]
    [0.0]
    """
    offset = constant_offset(recording)
    for block in recording.blocks():
        yield block - offset if offset.any() else block
