"""The model that ships finds the same in a song that was changed inaudibly, and none under hiss."""

import numpy as np
import pytest
import soundfile

from deep_plunder.evaluation.probes.kinds import KINDS, Noise
from deep_plunder.evaluation.probes.noises import noise_of
from deep_plunder.models.detect import detect_song
from deep_plunder.models.model_file import load_model
from deep_plunder.util.resources import shipped_model_path
from deep_plunder.util.rng import generator

RATE, SECONDS = 44100, 16


@pytest.fixture(scope="module")
def model():
    return load_model(shipped_model_path())


@pytest.fixture(scope="module")
def song():
    """Plucked notes, one at a time, with pauses."""
    t = np.arange(SECONDS * RATE)[:, None] / RATE
    audio = np.zeros((SECONDS * RATE, 2))
    for number in range(SECONDS - 2):
        late = t - 1 - number
        hertz = 110 * 2 ** (number * 5 % 24 / 12)
        tones = sum(np.sin(2 * np.pi * hertz * k * late) / k for k in range(1, 12))
        audio += np.where(late >= 0, 0.3 * np.exp(-9 * np.maximum(late, 0)) * tones, 0)
    return audio


def onsets(model, path, samples):
    soundfile.write(path, samples, RATE, subtype="FLOAT")
    return np.array([clip.onset_s for clip in detect_song(model, path)])


def test_changes_that_are_not_heard_change_no_clip(model, song, tmp_path):
    plain = onsets(model, tmp_path / "a.wav", song)
    assert len(plain) > 10
    for changed in (
        song + 0.02,
        song - np.array([0.05, -0.02]),
        -song,
        0.1 * song,
    ):
        found = onsets(model, tmp_path / "a.wav", changed)
        near = np.abs(found[:, None] - plain) <= 0.03
        assert 2 * near.any(axis=0).sum() / (len(plain) + len(found)) >= 0.9


def test_a_hum_changes_no_clip(model, song, tmp_path):
    hum = noise_of(KINDS["hum"].noise, len(song), RATE, generator(1, "heard"))
    plain = onsets(model, tmp_path / "a.wav", 0.2 * song)
    found = onsets(model, tmp_path / "a.wav", 0.2 * song + hum)
    np.testing.assert_allclose(found, plain, atol=0.03)


def test_no_clip_is_cut_under_a_hiss(model, song, tmp_path):
    hiss = noise_of(Noise(-22, 9500, 16000), len(song), RATE, generator(1, "heard"))
    assert not len(onsets(model, tmp_path / "a.wav", song + hiss))
