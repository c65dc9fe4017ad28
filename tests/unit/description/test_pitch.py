"""Tones have their note, noise has none, and YIN agrees with librosa's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deep_plunder.description.pitch import SURE, find_pitch, yin
from deep_plunder.util.rng import generator


def tone(note: float, rate: int, *, seconds: float = 0.6, seed: int = 0) -> np.ndarray:
    """Return a struck tone with drawn harmonics, with its attack after some silence."""
    times = np.arange(round(seconds * rate)) / rate
    hertz, random = 440 * 2 ** ((note - 69) / 12), generator(seed, "tone")
    sound = np.zeros(len(times))
    for number in range(1, 8):
        if number * hertz < 0.45 * rate:
            level = 1.0 if number == 1 else random.uniform(0, 0.7) / number
            sound += level * np.sin(2 * np.pi * number * hertz * times + random.uniform(0, 6))
    sound *= np.exp(-random.uniform(1, 6) * times)
    return np.pad(0.3 * sound, (random.integers(0, rate // 4), 0)).astype(np.float32)


@settings(deadline=None, max_examples=80)
@given(
    note=st.floats(30, 100),
    rate=st.sampled_from([22050, 44100, 48000]),
    gain_db=st.floats(-50, 10),
    seed=st.integers(0, 999),
)
def test_a_tone_has_its_note_at_any_level_and_rate(
    note: float, rate: int, gain_db: float, seed: int
) -> None:
    sound = tone(note, rate, seed=seed) * np.float32(10 ** (gain_db / 20))
    pitch = find_pitch(sound[:, np.newaxis], rate)
    assert pitch is not None and pitch.confidence >= SURE
    assert pitch.note + pitch.cents / 100 == pytest.approx(note, abs=0.15)
    assert -50 <= pitch.cents <= 50


@pytest.mark.parametrize("decay", [0, 10, 60])
def test_noise_has_no_note(decay: float) -> None:
    for seed in range(10):
        times = np.arange(22050) / 44100
        noise = generator(seed, "noise").normal(size=(22050, 2)) * np.exp(-decay * times)[:, None]
        pitch = find_pitch((0.1 * noise).astype(np.float32), 44100)
        assert pitch is None or pitch.confidence < SURE


def test_two_notes_in_turn_are_unsure() -> None:
    sound = np.concatenate([tone(60, 44100, seconds=0.4), tone(65, 44100, seconds=0.4, seed=1)])
    pitch = find_pitch(sound, 44100)
    assert pitch is not None and pitch.confidence < SURE


@pytest.mark.parametrize("samples", [1, 100, 300, 44100])
def test_silence_and_fragments_have_no_pitch(samples: int) -> None:
    assert find_pitch(np.zeros((samples, 2), np.float32), 44100) is None
    if samples < 400:
        assert find_pitch(np.ones((samples, 1), np.float32), 44100) is None


def test_periods_are_those_of_librosa() -> None:
    librosa = pytest.importorskip("librosa")
    signal = np.concatenate([tone(note, 22050, seconds=1, seed=note) for note in (40, 55, 70, 85)])
    frames = np.lib.stride_tricks.sliding_window_view(signal.astype(float), 2048)[::512]
    hertz = librosa.yin(
        signal.astype(float), fmin=24, fmax=4000, sr=22050, frame_length=2048, hop_length=512,
        center=False,
    )  # fmt: skip
    periods, periodicity = yin(frames)
    steady = periodicity > 0.98
    assert steady.sum() > 100
    cents = 1200 * np.log2(22050 / periods[steady] / hertz[: len(frames)][steady])
    assert np.mean(np.abs(cents) < 5) > 0.97
