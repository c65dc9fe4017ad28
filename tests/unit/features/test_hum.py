"""A mains hum is taken away from detailed features, and other low sounds stay."""

import numpy as np
import pytest

from deep_plunder.evaluation.probes.kinds import KINDS, ROOM
from deep_plunder.evaluation.probes.noises import noise_of
from deep_plunder.features.hum import without_hum
from deep_plunder.features.log_mel import features_from_audio
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.util.rng import generator

SPEC = FeatureSpec(hop=256, short_bands=80)
RATE, SECONDS = SPEC.sample_rate, 45


def notes(hertz, *, pause=0.5, seconds=SECONDS):
    """Make decaying tones, one a second, that last until the pause."""
    t = np.arange(seconds * RATE)[:, None] / RATE
    struck = 0.5 * np.exp(-3 * (t % 1)) * np.sin(2 * np.pi * hertz * t)
    return np.repeat(np.where(t % 1 < 1 - pause, struck, 0), 2, axis=1)


def mains(length, *, fundamental=50.0, harmonics=3):
    t = np.arange(length)[:, None] / RATE
    tones = (np.sin(2 * np.pi * fundamental * k * t) / k for k in range(1, harmonics + 1))
    return 0.004 * sum(tones)


def cleaned(features, *, part=999):
    parts = (features[first : first + part] for first in range(0, len(features), part))
    return np.concatenate(list(without_hum(parts, SPEC)))


@pytest.mark.parametrize(
    "hum",
    [
        lambda length: mains(length),
        lambda length: mains(length, fundamental=60.1, harmonics=1),
        lambda length: noise_of(KINDS["hum"].noise, length, RATE, generator(1, "hum")),
    ],
    ids=["50 Hz", "60 Hz", "noise"],
)
def test_pauses_are_silent_again_and_notes_stay(hum):
    tones = notes(440)
    plain = features_from_audio(tones, RATE, SPEC)
    found = cleaned(features_from_audio(tones + hum(len(tones)), RATE, SPEC))
    in_pause = plain[:, :-1].max(axis=1) == 1
    assert in_pause.mean() > 0.2
    assert (found[in_pause, :-1] <= 40).mean() > 0.995
    loudest = plain[:, : SPEC.mel_bands].argmax(axis=1)
    frames = np.flatnonzero(~in_pause)
    change = found[frames, loudest[frames]].astype(int) - plain[frames, loudest[frames]]
    assert np.abs(change).max() <= 2


@pytest.mark.parametrize(
    "audio",
    [
        notes(55, pause=0.1),
        notes(55, pause=0),
        0.5 * mains(SECONDS * RATE) / 0.004,
        notes(440) + noise_of(ROOM, SECONDS * RATE, RATE, generator(1, "room")),
        np.zeros((SECONDS * RATE, 2)),
        np.zeros((1, 2)),
    ],
    ids=["bass", "legato bass", "drone", "room", "silence", "one sample"],
)
def test_what_is_no_hum_stays_to_the_byte(audio):
    features = features_from_audio(audio, RATE, SPEC)
    np.testing.assert_array_equal(cleaned(features), features)


def test_the_lengths_of_parts_do_not_matter():
    tones = notes(330, seconds=50)
    features = features_from_audio(tones + mains(len(tones)), RATE, SPEC)
    expected = cleaned(features, part=10_000)
    assert (expected != features).any()
    for part in (1, 640, 1250, 1251, 2500):
        np.testing.assert_array_equal(cleaned(features, part=part), expected)


def test_no_features_give_none():
    assert list(without_hum([], SPEC)) == []
