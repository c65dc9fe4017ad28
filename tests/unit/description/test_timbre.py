"""The timbre does not depend on level, leading silence or channels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deep_plunder.description.timbre import TIMBRE_SIZE, timbre
from deep_plunder.util.rng import generator

RATE = 44100


def struck(seed: int) -> np.ndarray:
    random = generator(seed, "struck")
    times = np.arange(RATE // 2) / RATE
    sound = np.exp(-random.uniform(5, 40) * times) * random.normal(size=len(times))
    return (0.3 * sound / np.abs(sound).max()).astype(np.float32)[:, np.newaxis]


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 99), gain_db=st.floats(-40, 10), silence=st.integers(0, RATE // 2))
def test_level_silence_and_channels_do_not_matter(seed: int, gain_db: float, silence: int) -> None:
    sound = struck(seed)
    expected = timbre(sound, RATE)
    louder = np.pad(sound * np.float32(10 ** (gain_db / 20)), [(silence, 0), (0, 0)])
    found = timbre(np.hstack([louder, louder]), RATE)
    assert np.median(np.abs(found - expected)) < 0.5
    other = timbre(np.cumsum(sound, axis=0).astype(np.float32), RATE)
    assert np.linalg.norm(found - expected) < 0.5 * np.linalg.norm(other - expected)


@pytest.mark.parametrize("samples", [1, 10, 700])
@pytest.mark.parametrize("rate", [8000, 44100, 96000])
def test_short_and_silent_sounds_have_finite_values(samples: int, rate: int) -> None:
    for sound in (np.zeros((samples, 2), np.float32), np.ones((samples, 1), np.float32)):
        found = timbre(sound, rate)
        assert found.shape == (TIMBRE_SIZE,) and np.isfinite(found).all()
