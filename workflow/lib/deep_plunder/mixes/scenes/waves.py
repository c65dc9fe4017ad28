"""Synthesize the waves of trackers and old game consoles.

Most periodic waves are read from a band-limited table of one cycle. The settings limit the number
of its harmonics, and so does an upper frequency of 7 kHz.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deep_plunder.mixes.scenes.settings import Wave
from deep_plunder.util.arrays import Float32Array

__all__ = ["synthesize"]

_TABLE = 2048
_HIGHEST_HZ = 7000.0


def _cycle(kind: str, harmonics: int, duty: float | None) -> NDArray[np.float64]:
    angle = np.arange(_TABLE) / _TABLE * 2 * np.pi
    number = np.arange(1, harmonics + 1)
    if kind in ("pulse", "square"):
        assert duty is not None
        amplitude = np.sin(np.pi * number * duty) / number
    elif kind == "triangle":
        amplitude = np.where(number % 2, 1 / number**2, 0)
    else:
        amplitude = 1 / number
    shift = np.pi / 2 if kind == "pulse" else 0.0
    return np.asarray(amplitude @ np.sin(number[:, None] * angle + shift))


def synthesize(kind: str, settings: Wave, rate: int) -> Float32Array:
    """Synthesize a wave.

    Parameters
    ----------
    kind : str
        One of `settings.WAVES`.
    settings : Wave
        Parameters of the wave, with the one that this kind needs (`settings.WAVE_NEEDS`).
    rate : int
        Sample rate, in Hz.

    Returns
    -------
    wave : ndarray of float32, shape (n,)
        The wave with a peak of 1.

    Examples
    --------
    >>> sine = Wave(seed=1, hz=440.0, harmonics=1, length_s=0.5, attack_s=0.001)
    >>> wave = synthesize("sine", sine, 16000)
    >>> wave.shape, float(abs(wave).max())
    ((8000,), 1.0)
    """
    time = np.arange(max(2, round(settings.length_s * rate))) / rate
    turns = settings.hz * time
    if kind == "noise":
        assert settings.steps is not None
        steps = settings.steps
        rng = np.random.default_rng(settings.seed)
        wave = np.repeat(rng.standard_normal(len(time) // steps + 1), steps)[: len(time)]
    elif kind == "sine":
        wave = np.sin(2 * np.pi * turns)
    elif kind == "fm":
        assert settings.fm is not None
        fm = settings.fm
        index = fm.index * np.exp(-time / fm.index_s)
        wave = np.sin(2 * np.pi * turns + index * np.sin(2 * np.pi * fm.ratio * turns))
    else:
        most = max(1, int(_HIGHEST_HZ / settings.hz))
        table = _cycle(kind, min(most, settings.harmonics), settings.duty)
        wave = table[(turns % 1 * _TABLE).astype(np.int64) % _TABLE]
        if kind == "detuned":
            assert settings.detune is not None
            second = turns * (1 + settings.detune)
            wave = wave + table[(second % 1 * _TABLE).astype(np.int64) % _TABLE]
    envelope = np.minimum(1.0, time / settings.attack_s)
    if settings.fall_s is not None:
        level = settings.level or 0.0
        envelope = envelope * (level + (1 - level) * np.exp(-time / settings.fall_s))
    wave = wave * envelope
    return (wave / max(1e-9, float(np.abs(wave).max()))).astype(np.float32)
