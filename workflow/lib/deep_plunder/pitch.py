"""Change the pitch of a sound and not its duration: librosa's phase vocoder, all frames at once.

`librosa.effects.pitch_shift` spends most of its time on a loop over frames in which it computes
each angle twice. Here the angles are computed once for all frames, and the loop only adds
phases up, in the same order and precision: the samples are librosa's, to the bit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["shift_pitch"]

Single = NDArray[np.float32]

_N_FFT = 2048
_HOP = _N_FFT // 4


def _vocoder(spectrum: NDArray[np.complex64], rate: float) -> NDArray[np.complex64]:
    """Stretch as `librosa.phase_vocoder` does, (channels, bins, frames)."""
    import librosa

    steps = np.arange(0, spectrum.shape[-1], rate, dtype=np.float64)
    first = steps.astype(np.int64)
    # Frames first: they are what all else is picked and added up by.
    frames = np.ascontiguousarray(np.moveaxis(spectrum, -1, 0))
    frames = np.pad(frames, ((0, 2), (0, 0), (0, 0)))
    angle, size = np.angle(frames), np.abs(frames)
    weight = np.mod(steps, 1.0)[:, None, None]
    magnitude = (1.0 - weight) * size[first] + weight * size[first + 1]
    expected = _HOP * librosa.fft_frequencies(sr=2 * np.pi, n_fft=_N_FFT)
    advance = angle[first + 1] - angle[first] - expected
    advance = expected + (advance - 2.0 * np.pi * np.round(advance / (2.0 * np.pi)))
    phase = np.empty(advance.shape, np.float32)
    phase[0] = angle[0]
    for number in range(1, len(phase)):
        np.add(phase[number - 1], advance[number - 1], out=phase[number], casting="same_kind")
    stretched: NDArray[np.complex64] = librosa.util.phasor(phase, mag=magnitude)
    return np.moveaxis(stretched, 0, -1)


def shift_pitch(audio: Single, rate: int, semitones: int) -> Single:
    """Change the pitch of a sound, as the paper does (section 3.4.3).

    Parameters
    ----------
    audio : ndarray of float32, shape (n, channels)
        What is shorter than an analysis window is heard with silence after it.
    rate : int
        Samples a second.
    semitones : int

    Returns
    -------
    shifted : ndarray of float32, shape (n, channels)
        What ``librosa.effects.pitch_shift(audio.T, sr=rate, n_steps=semitones)`` gives.
    """
    import librosa

    speed = 2.0 ** (-float(semitones) / 12)
    padded = np.pad(audio, ((0, max(0, _N_FFT - len(audio))), (0, 0)))
    spectrum = librosa.stft(np.ascontiguousarray(padded.T), n_fft=_N_FFT, hop_length=_HOP)
    stretched = librosa.istft(
        _vocoder(spectrum, speed),
        hop_length=_HOP,
        n_fft=_N_FFT,
        dtype=np.float32,
        length=round(len(padded) / speed),
    )
    shifted = librosa.resample(
        stretched, orig_sr=float(rate) / speed, target_sr=rate, res_type="soxr_hq"
    )
    fitted = librosa.util.fix_length(shifted, size=len(audio))
    return np.ascontiguousarray(fitted.T, dtype=np.float32)
