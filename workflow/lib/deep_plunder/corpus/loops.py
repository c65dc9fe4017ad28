"""Recognise loops: recordings of several strong attacks, which are not one-shots.

A recording is a loop if it has at least two strong attacks more than 100 ms apart. An attack is a
rise of energy within 15 ms above the loudest of the 100 ms before. The rise lasts for 40 ms on
average, and happens in bands that make up enough of the sound. It is strong if it is comparable to
the greatest rise of the band. So these are no loops:

- tremolo and vibrato: their energy rises too slowly;
- flams, claps of several bursts, strums and drum rolls: their attacks are too close together;
- echoes that are weaker than the sound by more than `Thresholds.weaker_db`.

A louder echo or bounce counts as an attack. Notes that fade in have no attack, so a loop of such
notes is not recognised. The thresholds were chosen on one half of a library of one-shots and of
loops made from them; ``experiments/loops`` measures them on the other half.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deep_plunder.corpus.onsets import mono
from deep_plunder.util.arrays import Float32Array, Float64Array
from deep_plunder.util.windows import window_blocks

__all__ = ["Thresholds", "attacks", "band_energy", "count_attacks", "find_attacks"]

_HOP_S = 0.005
_WINDOW_S = 0.020
# Frames per transform, so that its arrays fit a core's caches.
_BLOCK = 64
# Edges between the bands, in Hz.
_EDGES_HZ = (250.0, 1000.0, 4000.0)
# In frames: an attack compares the mean of _AFTER with the loudest from _BEFORE to _GAP before it.
_BEFORE, _GAP, _AFTER = 20, 3, 8
_APART_S = 0.1
# Rises are measured above these shares of the greatest energy of the band and of the whole sound.
_FLOOR, _FLOOR_OF_ALL = 1e-6, 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """The conditions under which a rise of energy is a strong attack.

    Attributes
    ----------
    rise_db : float
        Least rise of a band above its energy before, in dB.
    weaker_db : float
        Greatest difference between the band's greatest rise and this one, in dB.
    share : float
        Least share of the bands that rise together; a band counts by the cube root of its energy.
    """

    rise_db: float = 6.0
    weaker_db: float = 15.0
    share: float = 0.4


def band_energy(audio: Float32Array, rate: int) -> Float64Array:
    """Compute the energy in up to four bands every 5 ms.

    Parameters
    ----------
    audio : ndarray, shape (n,) or (n, channels)
        A sound.
    rate : int
        Samples per second.

    Returns
    -------
    energy : ndarray, shape (frames, bands)
        The first frame is centred 10 ms before the beginning of the sound, the last one after
        its end. Rates below 8 kHz have fewer bands.

    Examples
    --------
    >>> energy = band_energy(np.sin(np.arange(44100) * 0.5).astype(np.float32), 44100)
    >>> energy.shape, int(energy.sum(axis=0).argmax())
    ((205, 4), 2)
    """
    [energy] = _band_energies([audio], rate)
    return energy


def _band_energies(sounds: Sequence[Float32Array], rate: int) -> list[Float64Array]:
    from scipy.fft import rfft

    hop, size = max(1, round(_HOP_S * rate)), max(2, round(_WINDOW_S * rate))
    signals = []
    for audio in sounds:
        signals.append(np.zeros(len(audio) + 2 * size, np.float32))
        signals[-1][size:-size] = mono(audio)
    window = np.hanning(size).astype(np.float32)
    edges = (round(edge * size / rate) for edge in _EDGES_HZ)
    starts = [0, *sorted({edge for edge in edges if 0 < edge < size // 2})]
    blocks = []
    for frames in window_blocks(signals, size, hop, count=_BLOCK):
        spectrum = rfft(frames * window, axis=1)
        power = np.square(spectrum.real) + np.square(spectrum.imag)
        blocks.append(np.add.reduceat(power, starts, axis=1))
    energy = np.concatenate(blocks).astype(np.float64)
    ends = np.cumsum([1 + (len(signal) - size) // hop for signal in signals])
    return np.split(energy, ends[:-1])


def attacks(energy: Float64Array, thresholds: Thresholds) -> list[float]:
    """Find the strong attacks in the energy of the bands.

    Parameters
    ----------
    energy : ndarray, shape (frames, bands)
        From `band_energy`.
    thresholds : Thresholds
        Conditions for a strong attack.

    Returns
    -------
    attacks : list of float
        Times in seconds. Each is more than 100 ms after the end of the attack before it.

    Examples
    --------
    >>> energy = np.full((200, 4), 1e-6)
    >>> energy[50:60] = energy[150:160] = 1
    >>> attacks(energy, Thresholds())
    [0.25, 0.75]
    """
    peak = float(energy.max(initial=0.0))
    if peak <= 0:
        return []
    count = len(energy)
    padded = np.zeros((_BEFORE + count + _AFTER, energy.shape[1]))
    padded[_BEFORE : _BEFORE + count] = energy
    # The loudest of twice as many frames follows from two of the loudest of so many.
    before, width, whole = padded, 1, _BEFORE - _GAP + 1
    while 2 * width <= whole:
        before, width = np.maximum(before[:-width], before[width:]), 2 * width
    before = np.maximum(before[:count], before[whole - width :][:count])
    # Column by column of the windows: whole arrays are quicker than many short windows.
    after = energy.copy()
    for step in range(_BEFORE + 1, _BEFORE + _AFTER):
        after += padded[step : step + count]
    after /= _AFTER
    floor = _FLOOR * energy.max(axis=0) + _FLOOR_OF_ALL * peak
    steep = (np.minimum(energy, after) + floor) / (before + floor) > 10 ** (thresholds.rise_db / 10)
    rise = np.maximum(after - before, 0)
    strong = rise > rise.max(axis=0) * 10 ** (-thresholds.weaker_db / 10)
    weights = np.cbrt(energy.max(axis=0) / peak)
    found = np.flatnonzero((steep & strong) @ (weights / weights.sum()) >= thresholds.share)
    apart = np.diff(found, prepend=-len(energy) - round(_APART_S / _HOP_S)) > _APART_S / _HOP_S
    # The end of the frame, which is the first to reach beyond the beginning of the attack.
    return [round(float(t), 3) for t in found[apart] * _HOP_S]


def find_attacks(audio: Float32Array, rate: int) -> list[float]:
    """Find the strong attacks of a sound, which is a loop if it has more than one.

    Parameters
    ----------
    audio : ndarray, shape (n,) or (n, channels)
        A sound.
    rate : int
        Samples per second.

    Returns
    -------
    attacks : list of float
        Times in seconds, to about 10 ms. Empty for a sound that fades in.

    Examples
    --------
    >>> hit = np.exp(-np.arange(22050) / 2000) * np.sin(np.arange(22050) * 0.1)
    >>> len(find_attacks(hit.astype(np.float32), 44100))
    1
    >>> len(find_attacks(np.tile(hit, 3).astype(np.float32), 44100))
    3
    """
    return attacks(band_energy(audio, rate), Thresholds())


def count_attacks(sounds: Sequence[Float32Array], rate: int) -> list[int]:
    """Count the strong attacks of sounds; many at once cost less than one by one.

    Parameters
    ----------
    sounds : sequence of ndarray, shape (n,) or (n, channels)
        At least one.
    rate : int
        Samples per second.

    Returns
    -------
    counts : list of int
        Number of attacks that `find_attacks` finds in each.

    Examples
    --------
    >>> count_attacks([np.zeros(4410, np.float32), np.ones(4410, np.float32)], 44100)
    [0, 1]
    """
    energies = _band_energies(sounds, rate)
    return [len(attacks(energy, Thresholds())) for energy in energies]
