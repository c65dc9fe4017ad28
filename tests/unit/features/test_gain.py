"""Quiet songs are raised to the level of others, and others stay as they are."""

import numpy as np
import pytest

from deep_plunder.features.gain import raised
from deep_plunder.features.log_mel import features_from_audio
from deep_plunder.features.spec import FeatureSpec

SPEC = FeatureSpec(hop=256, short_bands=80)
RATE = SPEC.sample_rate


@pytest.fixture(scope="module")
def song():
    """Notes that fade from one side to the other."""
    t = np.arange(12 * RATE) / RATE
    tone = 0.3 * np.exp(-4 * (t % 1)) * np.sin(2 * np.pi * 220 * (1 + t // 1) * t)
    return np.stack([tone * t / 12, tone * (1 - t / 12)], axis=1)


def features_of(audio):
    return features_from_audio(audio, RATE, SPEC)


def joined(features, *, part=100):
    return np.concatenate(
        list(raised((features[at : at + part] for at in range(0, len(features), part)), SPEC))
    )


def test_songs_20_decibels_apart_become_the_same(song):
    quiet = [features_of(song * gain) for gain in (0.2, 0.02)]
    first, second = (joined(features).astype(int) for features in quiet)
    # Below, bytes are coarse steps of the magnitude.
    heard = quiet[1][:, :-1] > 40
    assert heard.sum() > 5000
    assert np.abs(first - second)[:, :-1][heard].max() <= 1
    assert np.abs(first - second)[:, -1].max() <= 2
    assert first[:, :-1].max() > quiet[0][:, :-1].max() + 10


@pytest.mark.parametrize("audio", [lambda song: 1.5 * song, lambda song: 0 * song])
def test_loud_songs_and_silence_stay_to_the_byte(song, audio):
    features = features_of(audio(song))
    np.testing.assert_array_equal(joined(features), features)


def test_no_more_than_36_db(song):
    for gain in (1e-4, 1e-5):
        faint = features_of(song * gain)[:, :-1].max()
        raised_db = (
            20 / np.log(10) / 16 * (int(joined(features_of(song * gain))[:, :-1].max()) - faint)
        )
        assert 34 <= raised_db <= 37


def test_the_level_is_that_of_the_first_ten_minutes():
    minute = round(60 * SPEC.frame_rate)
    quiet = np.full((10 * minute, SPEC.bands), 150, np.uint8)
    loud = np.full((minute, SPEC.bands), 230, np.uint8)
    features = np.concatenate([quiet, loud])
    found = joined(features, part=1024)
    assert found[0, 0] > 200
    np.testing.assert_array_equal(found[:, -1], features[:, -1])
    for part in (777, minute, 20 * minute):
        np.testing.assert_array_equal(joined(features, part=part), found)


def test_no_features_give_none():
    assert list(raised([], SPEC)) == []
