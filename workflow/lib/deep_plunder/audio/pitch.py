"""Change the pitch of a sound and not its duration, with librosa's phase vocoder.

`librosa.effects.pitch_shift` spends most of its time on a loop over frames that computes each angle
twice. Here the angles are computed once for all frames, and the loop only adds up phases, in the
same order and precision. The transforms are written out too, in a few lines each, since importing
librosa takes longer than a job of few mixes. The result differs from librosa's by the rounding of
sines and cosines: a millionth of the level at most.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deep_plunder.audio.resampling import resample
from deep_plunder.util.arrays import Float32Array

__all__ = ["shift_pitch"]

Spectrum = NDArray[np.complex64]

_N_FFT = 2048
_HOP = _N_FFT // 4
_PAD = _N_FFT // 2
# Frames transformed at a time: as many as stay in a processor's cache.
_CHUNK = 32
# The periodic Hann window, in double precision like SciPy's.
_WINDOW = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_N_FFT) / _N_FFT)


def _stft(samples: Float32Array) -> Spectrum:
    """Transform as `librosa.stft` does: (channels, n) to (channels, frames, bins)."""
    padded = np.pad(samples, ((0, 0), (_PAD, _PAD)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _N_FFT, axis=-1)[:, ::_HOP]
    spectrum = np.empty((*windows.shape[:2], _PAD + 1), np.complex64)
    for first in range(0, windows.shape[1], _CHUNK):
        part = slice(first, first + _CHUNK)
        spectrum[:, part] = np.fft.rfft(windows[:, part] * _WINDOW)
    return spectrum


def _istft(spectrum: Spectrum, length: int) -> Float32Array:
    """Transform back as `librosa.istft` does: (channels, frames, bins) to (channels, length)."""
    count = min(spectrum.shape[1], -(-(length + _N_FFT) // _HOP))
    samples = np.zeros((len(spectrum), max(length + _PAD, (count - 1) * _HOP + _N_FFT)), np.float32)
    weight = np.zeros(samples.shape[-1], np.float32)
    squared = _WINDOW**2
    for first in range(0, count, _CHUNK):
        frames = np.fft.irfft(spectrum[:, first : min(first + _CHUNK, count)], _N_FFT) * _WINDOW
        for number in range(frames.shape[1]):
            place = slice((first + number) * _HOP, (first + number) * _HOP + _N_FFT)
            samples[:, place] += frames[:, number]
            weight[place] += squared
    samples, weight = samples[:, _PAD : _PAD + length], weight[_PAD : _PAD + length]
    heard = weight > np.finfo(np.float32).tiny
    samples[:, heard] /= weight[heard]
    return samples


def _vocoder(spectrum: Spectrum, rate: float) -> Spectrum:
    """Stretch as `librosa.phase_vocoder` does, (channels, frames, bins)."""
    steps = np.arange(0, spectrum.shape[1], rate, dtype=np.float64)
    first = steps.astype(np.int64)
    # Frames first, since all steps below select and add frames.
    frames = np.pad(np.moveaxis(spectrum, 1, 0), ((0, 2), (0, 0), (0, 0)))
    angle, size = np.angle(frames), np.abs(frames)
    weight = np.mod(steps, 1.0)[:, None, None]
    magnitude = (1.0 - weight) * size[first] + weight * size[first + 1]
    expected = _HOP * np.fft.rfftfreq(_N_FFT, 1 / (2 * np.pi))
    advance = angle[first + 1] - angle[first] - expected
    advance = expected + (advance - 2.0 * np.pi * np.round(advance / (2.0 * np.pi)))
    phase = np.empty(advance.shape, np.float32)
    phase[0] = angle[0]
    for number in range(1, len(phase)):
        np.add(phase[number - 1], advance[number - 1], out=phase[number], casting="same_kind")
    stretched = np.empty(phase.shape, np.complex64)
    stretched.real, stretched.imag = np.cos(phase), np.sin(phase)
    stretched *= magnitude
    return np.moveaxis(stretched, 0, 1)


def shift_pitch(audio: Float32Array, rate: int, semitones: int) -> Float32Array:
    """Change the pitch of a sound, as the paper does (section 3.4.3).

    Parameters
    ----------
    audio : ndarray of float32, shape (n, channels)
        A sound shorter than an analysis window is extended by silence.
    rate : int
        Samples per second.
    semitones : int

    Returns
    -------
    shifted : ndarray of float32, shape (n, channels)
        Equals ``librosa.effects.pitch_shift(audio.T, sr=rate, n_steps=semitones).T`` to a
        millionth.
    """
    speed = 2.0 ** (-float(semitones) / 12)
    padded = np.pad(audio, ((0, max(0, _N_FFT - len(audio))), (0, 0)))
    spectrum = _stft(np.ascontiguousarray(padded.T))
    stretched = _istft(_vocoder(spectrum, speed), round(len(padded) / speed))
    found = resample(np.ascontiguousarray(stretched.T), rate / speed, rate)[: len(audio)]
    shifted = np.zeros_like(audio)
    shifted[: len(found)] = found
    return shifted
