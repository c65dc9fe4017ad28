"""Detailed features: what they show, and that blocks and channels change nothing."""

import numpy as np
import pytest

from deep_plunder.errors import ConfigError
from deep_plunder.features.detailed import LOWEST, STEPS, levels
from deep_plunder.features.log_mel import features_from_audio, log_mel, silence, stream_log_mel
from deep_plunder.features.spec import FeatureSpec

SPEC = FeatureSpec(hop=256, short_bands=80)
RATE = SPEC.sample_rate


def noise(seconds, seed=0):
    return 0.1 * np.random.default_rng(seed).standard_normal(round(seconds * RATE))


def panned(mono, balance):
    return np.stack([mono * (1 - balance), mono * (1 + balance)], axis=1).astype(np.float32)


def parts(features):
    """Long bands, main and rest of the short window, direction."""
    return features[:, :229], features[:, 229:309], features[:, 309:389], features[:, 389]


def test_a_minute_has_3750_frames_of_390_bytes():
    features = features_from_audio(panned(noise(60), 0.0), RATE, SPEC)
    assert features.shape == (3750, 390) == (SPEC.frames(60 * RATE), SPEC.bands)
    assert features.dtype == np.uint8 == SPEC.dtype


@pytest.mark.parametrize("balance", [-1.0, -0.3, 0.0, 0.3, 1.0])
def test_one_place_leaves_nothing_and_shows_its_direction(balance):
    _, main, rest, direction = parts(features_from_audio(panned(noise(1), balance), RATE, SPEC))
    assert rest[5:-5].max() <= 2
    assert main[5:-5].mean() > 60
    expected = 255 * np.arctan2(1 + balance, 1 - balance) / (np.pi / 2)
    np.testing.assert_allclose(direction[5:-5], expected, atol=1)


def test_two_places_always_leave_something():
    both = panned(noise(1, 1), -0.3) + panned(noise(1, 2), 0.3)
    _, main, rest, _ = parts(features_from_audio(both, RATE, SPEC))
    assert (main[5:-5].mean(axis=0) - rest[5:-5].mean(axis=0)).max() < 60
    assert rest[5:-5].mean() > 40


@pytest.mark.parametrize("rate", [RATE, 44100])
def test_mono_files_are_as_the_same_on_both_sides(rate):
    mono = noise(1.5).astype(np.float32)
    both = features_from_audio(panned(mono, 0), rate, SPEC)
    np.testing.assert_array_equal(features_from_audio(mono, rate, SPEC), both)
    four = np.repeat(mono[:, None], 4, axis=1)
    np.testing.assert_array_equal(features_from_audio(four, rate, SPEC), both)
    for signal in (mono, four):
        blocks = np.array_split(signal, 3)
        streamed = np.concatenate(list(stream_log_mel(blocks, rate, SPEC)))
        np.testing.assert_array_equal(streamed, both)


def test_a_frame_lies_in_the_middle_of_its_windows():
    audio = np.zeros((RATE, 2), np.float32)
    audio[40 * 256 + 128] = 1.0
    long, main, _, _ = parts(features_from_audio(audio, RATE, SPEC))
    for part in (long, main):
        loudness = part.astype(int).sum(axis=1)
        assert loudness.argmax() == 40
        np.testing.assert_allclose(loudness[36:40], loudness[44:40:-1], rtol=0.02)


def test_levels_are_natural_logarithms():
    features = features_from_audio(panned(noise(1), 0), RATE, SPEC)
    louder = features_from_audio(panned(noise(1) * 2, 0), RATE, SPEC)
    change = levels(louder[:, :229]) - levels(features[:, :229])
    assert np.median(change) == pytest.approx(np.log(2), abs=1 / STEPS)
    assert levels(silence(SPEC)[:389]).max() == pytest.approx(np.log(1e-4), abs=1 / STEPS)
    assert levels(np.zeros(1, np.uint8))[0] == np.float32(LOWEST)


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
@pytest.mark.parametrize("size", [97, 5000])
def test_blocks_give_the_same_bytes(rate, size):
    audio = (np.random.default_rng(3).standard_normal((rate * 9, 2)) * 3000).astype(np.int16)
    blocks = (audio[start : start + size] for start in range(0, len(audio), size))
    streamed = list(stream_log_mel(blocks, rate, SPEC, block_frames=256))
    np.testing.assert_array_equal(np.concatenate(streamed), features_from_audio(audio, rate, SPEC))


@pytest.mark.parametrize("step", [1, 3, 4, 300])
def test_long_windows_that_are_left_out_repeat_the_one_before(step):
    signal = panned(noise(9), 0.4)
    whole = features_from_audio(signal, RATE, SPEC)
    blocks = np.array_split(signal, 5)
    streamed = np.concatenate(
        list(stream_log_mel(blocks, RATE, SPEC, block_frames=100, long_step=step))
    )
    first = np.arange(len(whole)) // step * step
    np.testing.assert_array_equal(streamed[:, :229], whole[first, :229])
    np.testing.assert_array_equal(streamed[:, 229:], whole[:, 229:])


def test_what_cannot_be_is_refused():
    with pytest.raises(ConfigError, match=r"hop: must with .* got 256, 128, 2048, 10"):
        FeatureSpec(hop=256, short_bands=10, short_n_fft=128)
    with pytest.raises(ValueError, match="the features the paper's"):
        log_mel(noise(1), SPEC)
