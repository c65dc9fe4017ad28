"""The phase vocoder: librosa's, but for rounding."""

import librosa
import numpy as np
import pytest

from deep_plunder.audio.pitch import shift_pitch


@pytest.mark.parametrize("semitones", [-12, -3, -1, 1, 2, 12])
@pytest.mark.parametrize(("samples", "channels"), [(2048, 1), (5000, 2), (30011, 2)])
def test_shifted_as_by_librosa(semitones, samples, channels):
    rng = np.random.default_rng(samples)
    fall = np.exp(-np.arange(samples) / 4000)[:, None]
    audio = (rng.normal(0, 0.1, (samples, channels)) * fall).astype(np.float32)
    audio[: samples // 9] = 0
    expected = librosa.effects.pitch_shift(audio.T, sr=44100, n_steps=semitones).T
    found = shift_pitch(audio, 44100, semitones)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6 * np.abs(expected).max())
