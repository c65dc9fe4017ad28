"""The traits of a sound do not depend on its level, and tell pitch, course and bands."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deep_plunder.description.timbre import TIMBRE_SIZE
from deep_plunder.description.traits import TRAITS, traits
from deep_plunder.util.rng import generator

RATE = 44100
COURSE, TONE, BANDS = TIMBRE_SIZE, TIMBRE_SIZE + 8, TIMBRE_SIZE + 22


def tone(hertz: float, fall: float = 5.0, seconds: float = 1.0) -> np.ndarray:
    times = np.arange(round(seconds * RATE)) / RATE
    return (0.3 * np.exp(-fall * times) * np.sin(2 * np.pi * hertz * times)).astype(np.float32)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 99), gain_db=st.floats(-40, 10))
def test_level_and_channels_do_not_matter(seed: int, gain_db: float) -> None:
    random = generator(seed, "traits")
    fall = np.exp(-random.uniform(5, 40) * np.arange(RATE // 2) / RATE)
    sound = (0.3 * fall * random.normal(size=len(fall))).astype(np.float32)[:, np.newaxis]
    louder = np.tile(sound * np.float32(10 ** (gain_db / 20)), (1, 2))
    found, expected = traits(louder, RATE)[COURSE:], traits(sound, RATE)[COURSE:]
    np.testing.assert_allclose(found, expected, rtol=0.02, atol=0.05)


def test_the_course_tells_how_fast_a_sound_falls_and_its_length() -> None:
    slow, fast = (traits(tone(300, fall), RATE)[COURSE:TONE] for fall in (3.0, 20.0))
    assert (slow[1:6] > fast[1:6]).all()
    # An amplitude of exp(-20 t) falls by 20 dB in 0.115 s.
    assert fast[3] == pytest.approx(0.115, abs=0.02)
    assert traits(tone(300, seconds=0.25), RATE)[COURSE + 6] == pytest.approx(0.25, abs=0.01)


def test_pitch_and_harmonics_are_measured_wherever_the_note_lies() -> None:
    low = traits(tone(110) + tone(220) / 4, RATE)[TONE:BANDS]
    high = traits(tone(440) + tone(880) / 4, RATE)[TONE:BANDS]
    assert (low[0], high[0]) == (pytest.approx(45, abs=0.1), pytest.approx(69, abs=0.1))
    for found in (low, high):
        assert found[1] > 0.9 and found[2] > 0.8
        assert found[4] - found[3] == pytest.approx(20 * np.log10(1 / 4), abs=1)
        assert found[-1] == pytest.approx(16 / 17, abs=0.03)


def test_bands_hold_the_power_of_their_frequencies() -> None:
    low, high = (traits(tone(hertz), RATE)[BANDS:].reshape(3, 10) for hertz in (90.0, 9500.0))
    # After the first 30 ms, whose window is too short for the low tone.
    assert (low[1:].argmax(axis=1) == 1).all() and (high.argmax(axis=1) == 8).all()


@pytest.mark.parametrize("frames", [1, 2, 40, 500])
@pytest.mark.parametrize("level", [0.0, 0.5])
def test_any_sound_has_finite_traits(frames: int, level: float) -> None:
    for rate in (8000, 44100, 192000):
        found = traits(np.full((frames, 2), level, np.float32), rate)
        assert found.shape == (TRAITS,) and np.isfinite(found).all()
