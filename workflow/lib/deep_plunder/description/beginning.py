"""Prepare the first second of a sound, in which pitch and timbre are measured."""

from __future__ import annotations

from deep_plunder.audio.resampling import resample
from deep_plunder.corpus.onsets import mono
from deep_plunder.util.arrays import Float32Array

__all__ = ["RATE", "beginning"]

RATE = 22050
"""Samples per second of a beginning."""


def beginning(samples: Float32Array, rate: int, onset_s: float) -> Float32Array:
    """Return the first second of a sound after its onset.

    Parameters
    ----------
    samples : ndarray, shape (n,) or (n, channels)
        The sound.
    rate : int
        Samples per second.
    onset_s : float
        The onset, in seconds.

    Returns
    -------
    beginning : ndarray, shape (m,), float32
        Mono, at `RATE`. Shorter than a second if the sound ends before.

    Examples
    --------
    >>> import numpy as np
    >>> beginning(np.zeros((44100, 2), np.float32), 44100, 0.5).shape
    (11025,)
    """
    start = round(onset_s * rate)
    return resample(mono(samples[start : start + rate]), rate, RATE)
