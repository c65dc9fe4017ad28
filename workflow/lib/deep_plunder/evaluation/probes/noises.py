"""Make noises of a given spectrum."""

from __future__ import annotations

import numpy as np

from deep_plunder.evaluation.probes.kinds import Noise
from deep_plunder.util.arrays import Float32Array

__all__ = ["noise_of"]

_PERIOD = 2**20


def noise_of(noise: Noise, length: int, rate: int, rng: np.random.Generator) -> Float32Array:
    """Make a noise with random phases, which repeats without a seam after 2^20 samples.

    Parameters
    ----------
    noise : Noise
    length : int
        Number of samples.
    rate : int
        Samples per second.
    rng : numpy.random.Generator

    Returns
    -------
    noise : ndarray of float32, shape (length, 2)
    """
    from scipy.fft import irfft, rfftfreq

    frequency = rfftfreq(_PERIOD, 1 / rate)
    inside = (frequency >= noise.low_hz) & (frequency <= noise.high_hz)
    amplitude = np.zeros(len(frequency), np.float64)
    amplitude[inside] = (frequency[inside] / noise.low_hz) ** (noise.slope_db / (20 * np.log10(2)))
    channels = []
    for _ in range(2 if noise.is_wide else 1):
        phases = np.exp(2j * np.pi * rng.random(len(frequency)))
        wave = irfft(amplitude * phases, _PERIOD)
        channels.append(wave * (10 ** (noise.level_db / 20) / wave.std()))
    period = np.stack([channels[0], channels[-1]], axis=1).astype(np.float32)
    return np.tile(period, (-(-length // _PERIOD), 1))[:length]
