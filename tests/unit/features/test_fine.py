"""Fine features: what changes nothing in them, what they show, and that blocks change nothing."""

import numpy as np
import pytest

from deep_plunder.errors import ConfigError
from deep_plunder.features import fine
from deep_plunder.features.detailed import STEPS, levels
from deep_plunder.features.layout import band_places, place_of
from deep_plunder.features.log_mel import (
    features_from_audio,
    mel_levels,
    silence,
    stream_log_mel,
)
from deep_plunder.features.spec import FINE_RATES, FeatureSpec

SPEC = FeatureSpec(
    sample_rate=48000, n_fft=6144, hop=768, fmin=40, fmax=20000, mel_bands=229,
    short_bands=96, short_n_fft=1024, short_steps=3,
)  # fmt: skip
SILENT = silence(SPEC)[0]


def wave(rate, seconds=2.0, seed=0):
    """Return struck tones and noises at several places."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * rate)) / rate
    audio = np.zeros((len(time), 2))
    for start in np.arange(0.1, seconds, 0.23):
        later = np.clip(time - start, 0, None)
        tone = np.sin(2 * np.pi * rng.uniform(100, 6000) * later) * np.exp(-8 * later)
        hiss = rng.normal(0, 0.3, len(time)) * np.exp(-40 * later) * (later > 0)
        audio += 0.2 * (tone + hiss)[:, None] * rng.uniform(0, 1, 2)
    return audio.astype(np.float32)


def parts(features):
    """Long bands, the middle's short windows (frames * 3, 96), and the side's."""
    return features[:, :229], features[:, 229:517].reshape(-1, 96), features[:, 517:]


def differ(one, other):
    """Return the greatest difference of levels of two features, in steps."""
    return np.abs(one.astype(int) - other.astype(int)).max()


@pytest.mark.parametrize(("rate", "heard"), [
    (8000, 48000), (11025, 44100), (16000, 48000), (22050, 44100), (32000, 48000), (37800, 44100),
    (44100, 44100), (48000, 48000), (88200, 44100), (96000, 48000), (192000, 48000),
])  # fmt: skip
def test_a_minute_has_3750_frames_at_any_rate(rate, heard):
    assert SPEC.analysis_rate(rate) == heard
    features = features_from_audio(np.zeros((3 * rate, 2), np.int16), rate, SPEC)
    assert abs(len(features) - 188) <= 1 and features.shape[1] == SPEC.bands == 613
    assert SPEC.frames(60 * heard, heard) == 3750 == SPEC.frames(60 * 48000)
    assert (features == SILENT).all()


@pytest.mark.parametrize("rate", FINE_RATES)
def test_what_a_listener_does_not_hear_changes_no_level_above_the_floor(rate):
    audio = wave(rate)
    plain = features_from_audio(audio, rate, SPEC)
    np.testing.assert_array_equal(features_from_audio(-audio, rate, SPEC), plain)
    np.testing.assert_array_equal(features_from_audio(audio[:, ::-1], rate, SPEC), plain)
    time = np.arange(len(audio)) / rate
    inside = slice(8, -8)
    offset = features_from_audio(audio + np.float32(0.02), rate, SPEC)
    assert differ(offset[inside], plain[inside]) <= 1
    # Hum at -50 dBFS, by which levels near the floor of -90 dBFS rise, and others do not.
    for hertz in (45, 50, 60, 65):
        hum = 10 ** (-50 / 20) * np.sqrt(2) * np.sin(2 * np.pi * hertz * time)
        found = features_from_audio((audio + hum[:, None]).astype(np.float32), rate, SPEC)
        clear = plain[inside] > SILENT + 40
        assert clear.mean() > 0.3
        moved = found[inside].astype(int) - plain[inside]
        assert np.abs(moved[clear]).max() <= 6
        assert moved.max() <= 35


@pytest.mark.parametrize("rate", FINE_RATES)
def test_a_gain_moves_all_levels_alike(rate):
    audio = wave(rate)
    plain = features_from_audio(audio, rate, SPEC)
    quiet = features_from_audio(audio * np.float32(0.1), rate, SPEC)
    clear = plain > SILENT + round(30 * STEPS * np.log(10) / 20)
    moved = (quiet.astype(int) - plain)[clear] / STEPS
    assert np.abs(moved + np.log(10)).max() < 2 / STEPS


def test_a_sine_of_full_scale_has_the_level_that_is_documented():
    time = np.arange(48000) / 48000
    tone = np.sin(2 * np.pi * 1000 * time)[:, None].repeat(2, axis=1).astype(np.float32)
    long, short, side = parts(features_from_audio(tone, 48000, SPEC))
    for windows in (long[10:-10], short[30:-30]):
        loudest = levels(windows.max(axis=0)).max()
        assert loudest == pytest.approx(1.15, abs=0.2)
    assert (side == SILENT).all()
    assert levels(np.array([SILENT], np.uint8))[0] == pytest.approx(np.log(1e-4), abs=1 / STEPS)
    assert mel_levels(long, SPEC).shape == (63, 229)


def test_both_rates_show_the_same():
    found = []
    for rate in FINE_RATES:
        time = np.arange(2 * rate) / rate
        tones = sum(np.sin(2 * np.pi * hertz * time) for hertz in (110, 700, 3000, 9000, 15000))
        audio = np.stack([tones, 0.5 * tones], axis=1) * 0.1
        found.append(features_from_audio(audio.astype(np.float32), rate, SPEC)[20:-20])
    clear = (found[0] > SILENT + 60) & (found[1] > SILENT + 60)
    assert clear.mean() > 0.02
    assert np.abs(found[0][clear].astype(int) - found[1][clear]).mean() < 3


@pytest.mark.parametrize("rate", FINE_RATES)
def test_windows_lie_in_the_middle_of_frames_and_of_their_parts(rate):
    audio = np.zeros((rate, 2), np.float32)
    third = SPEC.hop_s / 3
    audio[round((40 + 0.5) * SPEC.hop_s * rate)] = 1.0
    long, short, _ = parts(features_from_audio(audio, rate, SPEC))
    assert long.astype(int).sum(axis=1).argmax() == 40
    loudness = short.astype(int).sum(axis=1)
    assert loudness.argmax() == 121
    np.testing.assert_allclose(loudness[117:121], loudness[125:121:-1], atol=40)
    # The middle of each part of each frame, where frames take 705 or 706 samples.
    for part in (100, 121, 158):
        audio[:] = 0
        audio[round((part + 0.5) * third * rate)] = 1.0
        short = parts(features_from_audio(audio, rate, SPEC))[1].astype(int).sum(axis=1)
        assert short.argmax() == part


def test_the_highest_tone_is_heard_and_a_low_one_only_if_it_is_loud():
    time = np.arange(48000) / 48000

    def heard(hertz, amplitude):
        tone = amplitude * np.sin(2 * np.pi * hertz * time)
        long, short, _ = parts(
            features_from_audio(np.stack([tone, tone], axis=1).astype(np.float32), 48000, SPEC)
        )
        return short[30:-30].max(), long[10:-10].max()

    assert heard(19000, 0.01)[0] > SILENT + 60
    assert max(heard(50, 0.003)) < SILENT + 30
    assert max(heard(55, 0.5)) > SILENT + 60


def test_one_place_has_one_ratio_of_side_to_middle_and_two_places_have_not():
    rng = np.random.default_rng(4)
    one, other = (np.repeat(rng.normal(0, 0.1, (1, 48000)), 2, axis=0).T for _ in range(2))
    low = np.sin(2 * np.pi * 300 * np.arange(48000) / 48000)[:, None]

    def ratios(audio):
        _, short, side = parts(features_from_audio(audio.astype(np.float32), 48000, SPEC))
        middle = short[1::3][5:-5].astype(int)
        return (middle - side[5:-5]).std(axis=1).mean()

    assert ratios(one * [1, 0.5]) < 1
    assert ratios(0.3 * other * [1, 0.2] + low * [0.6, 0.6]) > 5


@pytest.mark.parametrize("rate", [16000, 44100, 48000])
@pytest.mark.parametrize("size", [97, 5000, 100_000])
def test_blocks_give_the_same_bytes(rate, size):
    audio = (np.random.default_rng(3).standard_normal((rate * 9, 2)) * 3000).astype(np.int16)
    blocks = (audio[start : start + size] for start in range(0, len(audio), size))
    streamed = list(stream_log_mel(blocks, rate, SPEC, block_frames=100))
    np.testing.assert_array_equal(np.concatenate(streamed), features_from_audio(audio, rate, SPEC))


@pytest.mark.parametrize("rate", FINE_RATES)
def test_windows_that_are_transformed_one_by_one_give_the_same_bytes(rate, monkeypatch):
    audio = wave(rate)
    plain = features_from_audio(audio, rate, SPEC)
    monkeypatch.setattr(fine, "_WINDOWS", 1)
    monkeypatch.setattr(fine, "_SAMPLES", 1)
    np.testing.assert_array_equal(features_from_audio(audio, rate, SPEC), plain)


@pytest.mark.parametrize("step", [1, 3, 4])
def test_long_windows_that_are_left_out_repeat_the_one_before(step):
    signal = wave(44100, 9.0)
    whole = features_from_audio(signal, 44100, SPEC)
    blocks = np.array_split(signal, 5)
    streamed = np.concatenate(
        list(stream_log_mel(blocks, 44100, SPEC, block_frames=100, long_step=step))
    )
    first = np.arange(len(whole)) // step * step
    np.testing.assert_array_equal(streamed[:, :229], whole[first, :229])
    np.testing.assert_array_equal(streamed[:, 229:], whole[:, 229:])


def test_no_band_is_empty_and_places_rise():
    noise = np.random.default_rng(0).normal(0, 0.1, (48000, 2)).astype(np.float32)
    for rate in FINE_RATES:
        features = features_from_audio(noise, rate, SPEC)[10:-10]
        loud = features.mean(axis=0)
        # The first bands of the long window are those that the high-pass attenuates.
        assert loud[4:].min() > SILENT + 40
    places = band_places(SPEC)
    assert places.shape == (SPEC.levels,)
    for window in (places[:229], *places[229:].reshape(4, 96)):
        assert (np.diff(window) > 0).all() and window[0] >= 0 and window[-1] <= 1
    assert places[229] == pytest.approx(place_of(165, SPEC), abs=0.03)


def test_what_cannot_be_is_refused():
    with pytest.raises(ConfigError, match=r"short_steps: must be 1 unless features\.short_bands"):
        FeatureSpec(short_steps=3)
    with pytest.raises(ConfigError, match=r"short_steps: must be 1 unless features\.fmax"):
        FeatureSpec(
            sample_rate=48000, fmax=23000, short_bands=8, short_steps=2, hop=768, short_n_fft=1024
        )
