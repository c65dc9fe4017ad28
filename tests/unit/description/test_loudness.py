"""Loudness agrees with ITU-R BS.1770 and behaves as a level."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deep_plunder.description.loudness import QUIETEST_LUFS, k_weighting, loudness
from deep_plunder.util.rng import generator

RATES = [22050, 44100, 48000, 96000]


def sine(frequency: float, rate: int, *, seconds: float = 1.0, db: float = 0.0) -> np.ndarray:
    times = np.arange(round(seconds * rate)) / rate
    return (10 ** (db / 20) * np.sin(2 * np.pi * frequency * times)).astype(np.float32)


def test_the_filters_at_48_khz_are_those_of_the_recommendation() -> None:
    shelf = [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241,
             0.73248077421585]  # fmt: skip
    high_pass = [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621]
    np.testing.assert_allclose(k_weighting(48000), [shelf, high_pass], atol=1e-12)


@pytest.mark.parametrize("rate", RATES)
def test_calibration_of_the_recommendation(rate: int) -> None:
    tone = sine(997, rate)
    assert loudness(tone, rate) == pytest.approx(-3.01, abs=0.04)
    # EBU Tech 3341, test 1: 1 kHz at -23 dBFS in both channels.
    stereo = np.stack([sine(1000, rate, db=-23)] * 2, axis=1)
    assert loudness(stereo, rate) == pytest.approx(-23, abs=0.1)


@given(gain_db=st.floats(-40, 20), seconds=st.floats(0.02, 1.5), seed=st.integers(0, 99))
def test_gain_adds_and_silence_changes_nothing(gain_db: float, seconds: float, seed: int) -> None:
    rate = 22050
    sound = 0.1 * generator(seed, "noise").normal(size=(round(seconds * rate), 2))
    level = loudness(sound.astype(np.float32), rate)
    louder = (sound * 10 ** (gain_db / 20)).astype(np.float32)
    assert loudness(louder, rate) == pytest.approx(level + gain_db, abs=1e-3)
    around = np.pad(sound, [(rate // 2, rate // 2), (0, 0)]).astype(np.float32)
    assert loudness(around, rate) == pytest.approx(level, abs=0.5)


@pytest.mark.parametrize("samples", [0, 1, 4000])
def test_silence_has_the_lowest_loudness(samples: int) -> None:
    assert loudness(np.zeros((samples, 2), np.float32), 44100) == QUIETEST_LUFS
