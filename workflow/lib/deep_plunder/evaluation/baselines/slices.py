"""Cut songs at onsets and at silences: the baselines without training.

All baselines take the song mixed down to mono at 22.05 kHz, librosa's default, and hold all of it:
5 MB per minute.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deep_plunder.audio.reading import reader
from deep_plunder.audio.resampling import Resampler, downmix, resample
from deep_plunder.decoding.clip import Clip
from deep_plunder.util.arrays import Float32Array

__all__ = ["HOP", "RATE", "load_mono", "mono", "onset_frames", "onset_slices", "silence_slices"]

RATE = 22050
"""Samples per second of the signal that all baselines take (librosa's default)."""
HOP = 512
"""Samples per frame (librosa's default)."""
TOP_DB = 30.0
"""Level of silence below the song's peak, in dB. Common in practice; librosa's default is 60."""


def mono(samples: NDArray[Any], rate: int) -> Float32Array:
    """Mix a signal down to mono and resample it to `RATE`.

    Parameters
    ----------
    samples : ndarray of int16 or float, shape (samples, channels)
        The signal.
    rate : int
        Samples per second.

    Returns
    -------
    signal : ndarray of float32, shape (n,)
        Full scale 1.0.
    """
    return resample(downmix(samples), rate, RATE)


def load_mono(path: str | os.PathLike[str]) -> Float32Array:
    """Read a song, mix it down to mono and resample it to `RATE`, block by block.

    Parameters
    ----------
    path : path-like
        Any audio file.

    Returns
    -------
    signal : ndarray of float32, shape (n,)

    Raises
    ------
    AudioError
        If the song cannot be decoded.
    """
    with reader(path) as file:
        resampler = Resampler(file.info.rate, RATE, 1)
        parts = [resampler.process(downmix(block)[:, None])[:, 0] for block in file.blocks()]
    parts.append(resampler.process(np.empty((0, 1), np.float32), last=True)[:, 0])
    return np.concatenate(parts)


def onset_frames(signal: Float32Array) -> tuple[NDArray[np.int64], Float32Array]:
    """Find the onsets of a song.

    Parameters
    ----------
    signal : ndarray of float32, shape (n,)
        At `RATE`.

    Returns
    -------
    frames : ndarray of int64, shape (k,)
        Frames of `HOP` samples on which a sound begins: the last minimum of the onset strength
        before each of its peaks (`librosa.onset.onset_backtrack`).
    strength : ndarray of float32, shape (k,)
        Onset strength at the peaks.

    References
    ----------
    McFee et al., "librosa", SciPy 2015: `librosa.onset.onset_detect` with its defaults.
    """
    import librosa

    if len(signal) < 2 * HOP:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    envelope = librosa.onset.onset_strength(y=signal, sr=RATE, hop_length=HOP)
    peaks = librosa.onset.onset_detect(
        onset_envelope=envelope, sr=RATE, hop_length=HOP, backtrack=False
    )
    starts = librosa.onset.onset_backtrack(peaks, envelope) if len(peaks) else peaks
    return np.asarray(starts, np.int64), np.asarray(envelope[peaks], np.float32)


def onset_slices(signal: Float32Array) -> list[Clip]:
    """Cut a song at every onset.

    Parameters
    ----------
    signal : ndarray of float32, shape (n,)
        At `RATE`.

    Returns
    -------
    clips : list of Clip
        One clip per onset, up to the next onset or the end. The score is the onset's strength
        relative to the strongest onset of the song.
    """
    frames, strength = onset_frames(signal)
    starts = frames * HOP / RATE
    ends = np.append(starts, len(signal) / RATE)[1:]
    scores = strength / max(float(strength.max(initial=0.0)), 1e-9)
    return [
        Clip(start, end, score)
        for start, end, score in zip(starts.tolist(), ends.tolist(), scores.tolist(), strict=True)
        if end > start
    ]


def silence_slices(signal: Float32Array) -> list[Clip]:
    """Cut a song at its silences.

    Parameters
    ----------
    signal : ndarray of float32, shape (n,)
        At `RATE`.

    Returns
    -------
    clips : list of Clip
        One clip per stretch that is less than `TOP_DB` below the song's loudest frame. Shorter
        clips have higher scores, since one sound is shorter than a phrase.
    """
    import librosa

    if len(signal) < 2 or not signal.any():
        return []
    # As long, in seconds, as librosa's default windows at 44.1 kHz, the rate that people cut at.
    spans = librosa.effects.split(signal, top_db=TOP_DB, frame_length=1024, hop_length=256) / RATE
    return [Clip(on, off, 1 / (1 + off - on)) for on, off in spans.tolist() if off > on]
