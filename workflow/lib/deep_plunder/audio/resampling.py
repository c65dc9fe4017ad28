"""Change the sampling rate and the channels of a signal, whole or block by block."""

from __future__ import annotations

from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from deep_plunder.util.arrays import Float32Array

__all__ = ["Resampler", "downmix", "resample", "stereo"]


def downmix(audio: NDArray[Any]) -> Float32Array:
    """Compute the mean of the channels.

    Parameters
    ----------
    audio : ndarray of int16 or float, shape (n, channels) or (n,)
        Full scale is 32,768 for int16 and 1.0 for floating point.

    Returns
    -------
    mono : ndarray, shape (n,), float32
        Full scale 1.0.

    Raises
    ------
    ValueError
        If the samples are of another type.

    Examples
    --------
    >>> downmix(np.array([[16384, 0]], np.int16)).tolist()
    [0.25]
    """
    if audio.dtype != np.int16 and audio.dtype.kind != "f":
        raise ValueError(f"audio must be int16 or floating point, got {audio.dtype}")
    if audio.ndim == 1:
        audio = audio[:, None]
    channels = audio.shape[1]
    # Sample by sample: independent of the block length, and many times faster than np.mean.
    if channels == 1:
        mono: Float32Array = audio[:, 0].astype(np.float32)
    else:
        mono = np.add(audio[:, 0], audio[:, 1], dtype=np.float32)
    for channel in range(2, channels):
        mono += audio[:, channel].astype(np.float32, copy=False)
    scale = channels * 32768 if audio.dtype == np.int16 else channels
    if scale != 1:
        mono *= np.float32(1 / scale)
    return mono


def stereo(audio: Float32Array) -> Float32Array:
    """Return a signal with two channels: its own, or the mean of its channels on both sides.

    Parameters
    ----------
    audio : ndarray, shape (n, channels), float32

    Returns
    -------
    audio : ndarray, shape (n, 2), float32

    Examples
    --------
    >>> stereo(np.array([[0.5], [0.25]], np.float32)).tolist()
    [[0.5, 0.5], [0.25, 0.25]]
    """
    return audio if audio.shape[1] == 2 else np.repeat(downmix(audio)[:, None], 2, axis=1)


def resample(audio: Float32Array, rate: float, new_rate: float) -> Float32Array:
    """Resample a signal with soxr at quality HQ, librosa's default.

    Parameters
    ----------
    audio : ndarray, shape (n,) or (n, channels), float32
        The whole signal.
    rate, new_rate : float
        Frames per second before and after; they need not be integers.

    Returns
    -------
    audio : ndarray, shape (about n * new_rate / rate, ...), float32
    """
    audio = np.asarray(audio, np.float32)
    if rate == new_rate or not len(audio):
        return audio
    resampled: Float32Array = soxr.resample(audio, rate, new_rate, quality="HQ")
    return resampled


class Resampler:
    """Resample a signal that comes in blocks.

    All blocks returned, joined, equal `resample` of the whole to within 1e-6 of full scale.

    Parameters
    ----------
    rate, new_rate : int
        Frames per second, before and after.
    channels : int
        Number of channels; 1 takes blocks of shape (n,) as well.
    """

    def __init__(self, rate: int, new_rate: int, channels: int) -> None:
        self._stream = (
            None
            if rate == new_rate
            else soxr.ResampleStream(rate, new_rate, channels, dtype="float32", quality="HQ")
        )

    def process(self, block: Float32Array, *, last: bool = False) -> Float32Array:
        """Resample the next block.

        Parameters
        ----------
        block : ndarray, shape (n,) or (n, channels), float32
            The next samples. It may be empty.
        last : bool
            Whether this is the last block. The remaining samples are then returned too.

        Returns
        -------
        block : ndarray, shape (m,) or (m, channels), float32
            The samples that are ready; m may be 0.
        """
        if self._stream is None:
            return block
        resampled: Float32Array = self._stream.resample_chunk(
            np.ascontiguousarray(block), last=last
        )
        return resampled
