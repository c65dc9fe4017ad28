"""Find the constant offset of a recording, and take it away.

Nobody hears such an offset, as of a faulty converter, but it leaks into the lowest bands of
spectra. It is the median of the means of half seconds, over the first ten seconds of a recording.
It counts from -40 dB of full scale on, where these means lie within half of it. Some instruments
have an offset of their own, which comes and goes with their notes: it is not taken away. A
recording without a constant offset keeps its samples to the bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

import numpy as np

from deep_plunder.audio.reading import Reader
from deep_plunder.util.arrays import Float32Array

__all__ = ["centred_blocks", "constant_offset"]

_MEASURED_S, _STEP_S = 10.0, 0.25
# Least offset, and the greatest range of the means as a share of it.
_LEAST, _VARYING = 0.01, 0.5

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
    if len(steps) < 2:
        return np.zeros(heard.shape[1], np.float32)
    # Triangular windows of two steps let through less of a low tone than plain means.
    rising = np.einsum("i,sic->sc", np.arange(length, dtype=np.float32) / length, steps) / length
    falling = steps.mean(axis=1) - rising
    means = rising[:-1] + falling[1:]
    offset = np.median(means, axis=0)
    strength, spread = np.abs(offset), np.ptp(means, axis=0)
    is_constant = (strength >= _LEAST) & (spread <= _VARYING * strength)
    return np.asarray(np.where(is_constant, offset, 0), np.float32)


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
