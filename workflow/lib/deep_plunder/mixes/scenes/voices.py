"""Play an instrument at a pitch by reading it faster or slower, like a tracker.

The interpolation between samples is linear and has no filter before it. Aliasing is intended: old
trackers and samplers alias in the same way.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deep_plunder.mixes.scenes.settings import NoteSettings
from deep_plunder.util.arrays import Float32Array

__all__ = ["bend", "play"]


def bend(motion: NoteSettings, semitones: float, samples: int, rate: int) -> NDArray[np.float64]:
    """Compute the speed of a note with a glide, a vibrato or an arpeggio.

    Parameters
    ----------
    motion : NoteSettings
        The motions of the pitch.
    semitones : float
        Pitch at the start of the note, in semitones.
    samples : int
        Length of the note, in samples.
    rate : int
        Sample rate, in Hz.

    Returns
    -------
    speed : ndarray of float64, shape (samples,)
        Samples of the instrument per sample of the note.

    Examples
    --------
    >>> from deep_plunder.mixes.scenes.settings import Slide
    >>> motion = NoteSettings(slide=Slide(slide=-12.0, slide_s=1.0))
    >>> speed = bend(motion, 12.0, samples=16000, rate=16000)
    >>> speed[[0, -1]].round(2).tolist()
    [2.0, 1.0]
    """
    time = np.arange(samples) / rate
    pitch = np.full(samples, semitones)
    if slide := motion.slide:
        pitch += slide.slide * np.minimum(time / slide.slide_s, 1)
    if vibrato := motion.vibrato:
        pitch += vibrato.vibrato * np.sin(2 * np.pi * vibrato.vibrato_hz * time)
    if arpeggio := motion.arpeggio:
        steps = np.array([0.0, arpeggio.arpeggio_1, arpeggio.arpeggio_2])
        pitch += steps[(time / arpeggio.tick_s).astype(np.int64) % 3]
    return 2.0 ** (pitch / 12)


def play(wave: Float32Array, speed: float | NDArray[np.float64], samples: int) -> Float32Array:
    """Read a wave at a speed.

    Parameters
    ----------
    wave : ndarray of float32, shape (channels, n)
        Sound of the instrument.
    speed : float or ndarray, shape (samples,)
        Samples of the wave per sample of the result.
    samples : int
        Greatest length of the result, in samples.

    Returns
    -------
    note : ndarray of float32, shape (channels, m)
        The note, shorter than `samples` where the wave ends.

    Examples
    --------
    >>> wave = np.arange(6, dtype=np.float32)[np.newaxis]
    >>> play(wave, 2.0, samples=10).tolist()
    [[0.0, 2.0]]
    """
    if isinstance(speed, float):
        if speed == 1.0:
            return wave[:, :samples]
        count = min(samples, int((wave.shape[1] - 1) / speed))
        places = np.arange(max(0, count)) * speed
    else:
        places = np.concatenate([[0.0], np.cumsum(speed[: samples - 1])])
        places = places[places < wave.shape[1] - 1]
    below = places.astype(np.int64)
    part = (places - below).astype(np.float32)
    low = np.take(wave, below, axis=1)
    high = np.take(wave, below + 1, axis=1)
    high -= low
    high *= part
    high += low
    return high
