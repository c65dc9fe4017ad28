"""Synthesize the waves that trackers and old game consoles play.

Band-limited tables for periodic kinds: a cycle is made of as many harmonics as the settings say
and stay below 7 kHz, and read at the speed of the pitch.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deep_plunder.mixes.scenes.settings import Settings
from deep_plunder.util.arrays import Float32Array

__all__ = ["synthesize"]

_TABLE = 2048
_HIGHEST_HZ = 7000.0


def _cycle(kind: str, harmonics: int, duty: float) -> NDArray[np.float64]:
    angle = np.arange(_TABLE) / _TABLE * 2 * np.pi
    number = np.arange(1, harmonics + 1)
    if kind in ("pulse", "square"):
        amplitude = np.sin(np.pi * number * duty) / number
    elif kind == "triangle":
        amplitude = np.where(number % 2, 1 / number**2, 0)
    else:
        amplitude = 1 / number
    shift = np.pi / 2 if kind == "pulse" else 0.0
    return np.asarray(amplitude @ np.sin(number[:, None] * angle + shift))


def synthesize(kind: str, settings: Settings, rate: int) -> Float32Array:
    """Make a wave.

    Parameters
    ----------
    kind : str
        One of `settings.WAVES`.
    settings : dict
        As `timbres` draws them.
    rate : int
        Hz.

    Returns
    -------
    wave : ndarray of float32, shape (n,)
        Peak 1.

    Examples
    --------
    >>> wave = synthesize("sine", {"hz": 440.0, "length_s": 0.5}, 16000)
    >>> wave.shape, float(abs(wave).max())
    ((8000,), 1.0)
    """

    def value(name: str, default: float = 0.0) -> float:
        return float(settings.get(name, default))

    time = np.arange(max(2, round(value("length_s", 1.0) * rate))) / rate
    turns = value("hz", 110.0) * time
    if kind == "noise":
        rng = np.random.default_rng(int(value("seed")))
        steps = max(1, int(value("steps", 1)))
        wave = np.repeat(rng.standard_normal(len(time) // steps + 1), steps)[: len(time)]
    elif kind == "sine":
        wave = np.sin(2 * np.pi * turns)
    elif kind == "fm":
        index = value("index", 1.0) * np.exp(-time / value("index_s", 1.0))
        wave = np.sin(2 * np.pi * turns + index * np.sin(2 * np.pi * value("ratio", 1.0) * turns))
    else:
        most = max(1, int(_HIGHEST_HZ / value("hz", 110.0)))
        table = _cycle(kind, min(most, max(1, int(value("harmonics", 8)))), value("duty", 0.5))
        wave = table[(turns % 1 * _TABLE).astype(np.int64) % _TABLE]
        if kind == "detuned":
            second = turns * (1 + value("detune", 0.005))
            wave = wave + table[(second % 1 * _TABLE).astype(np.int64) % _TABLE]
    envelope = np.minimum(1.0, time / value("attack_s", 0.001))
    if "fall_s" in settings:
        level = value("level")
        envelope = envelope * (level + (1 - level) * np.exp(-time / value("fall_s", 1.0)))
    wave = wave * envelope
    return (wave / max(1e-9, float(np.abs(wave).max()))).astype(np.float32)
