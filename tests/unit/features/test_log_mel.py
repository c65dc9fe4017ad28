from __future__ import annotations

import platform
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deep_plunder.audio.reading import read, reader
from deep_plunder.errors import ConfigError
from deep_plunder.features import tf_rounding
from deep_plunder.features.filters import hann_window, mel_weights
from deep_plunder.features.log_mel import features_from_audio, log_mel, stream_log_mel, to_mono
from deep_plunder.features.spec import FeatureSpec

# Elsewhere TensorFlow rounds its window otherwise, and bins of nothing but rounding differ.
on_x86 = pytest.mark.skipif(
    platform.machine() not in ("x86_64", "AMD64"), reason="rounds as TensorFlow on x86-64"
)

SPEC = FeatureSpec()
RATE = SPEC.sample_rate
SECONDS = np.arange(4 * RATE) / RATE


def noise(*shape: int, level: float = 0.2) -> np.ndarray:
    rng = np.random.default_rng(sum(shape))
    return (level * rng.standard_normal(shape)).astype(np.float32)


def music() -> np.ndarray:
    """Decaying chords in steps of 16 bits: loud partials above almost nothing."""
    decay = np.exp(-6 * (SECONDS % 0.5))
    partials = sum(np.sin(2 * np.pi * hz * SECONDS) for hz in (110, 220.5, 331, 1760))
    return np.round(0.2 * decay * partials * 32767) / 32768


SIGNALS: dict[str, Callable[[], np.ndarray]] = {
    "noise": lambda: noise(4 * RATE),
    "music": music,
    "silence": lambda: np.zeros(4 * RATE),
    "sine": lambda: 0.9 * np.sin(2 * np.pi * 440 * SECONDS),
    "sine of 16 bits": lambda: np.round(30000 * np.sin(2 * np.pi * 440 * SECONDS)) / 32768,
    "sine between bins": lambda: 0.99 * np.sin(2 * np.pi * 4321.987 * SECONDS),
    "very quiet noise": lambda: noise(4 * RATE, level=1e-7),
    "one step of 24 bits": lambda: np.sign(np.sin(2 * np.pi * 100 * SECONDS)) / 2**23,
    "impulse": lambda: np.eye(1, 4 * RATE, 5000)[0],
    "constant": lambda: np.full(4 * RATE, 0.5),
    "above full scale": lambda: 40 * noise(4 * RATE),
    "ends inside a hop": lambda: noise(4 * RATE + 77),
}


@pytest.fixture(scope="module")
def tf() -> ModuleType:
    import tensorflow

    return tensorflow


def reference(tf: Any, signal: np.ndarray) -> np.ndarray:
    """The specification, in TensorFlow's own words."""
    samples = tf.constant(signal, tf.float32)
    stft = tf.signal.stft(samples, frame_length=2048, frame_step=512, pad_end=True)
    weights = tf.signal.linear_to_mel_weight_matrix(229, 1025, 16000, 30.0, 8000.0)
    return np.asarray(tf.math.log(tf.matmul(tf.abs(stft), weights) + 1e-6))


@on_x86
@pytest.mark.parametrize("name", SIGNALS)
def test_equals_tf_signal(tf: ModuleType, name: str) -> None:
    signal = SIGNALS[name]().astype(np.float32)
    features = log_mel(signal, SPEC)
    assert features.dtype == np.float32
    np.testing.assert_allclose(features, reference(tf, signal), rtol=0, atol=1e-5)


@on_x86
def test_equals_tf_signal_on_a_real_song(tf: ModuleType, shared: Path) -> None:
    song = sorted((shared / "data" / "songs").rglob("*.ogg"))[0]
    audio, rate = read(song, stop=20 * 44100)
    features = features_from_audio(audio, rate, SPEC)
    np.testing.assert_allclose(
        features, reference(tf, to_mono(audio, rate, SPEC)), rtol=0, atol=1e-5
    )


@on_x86
def test_window_and_weights_are_tensorflows_to_the_bit(tf: Any) -> None:
    np.testing.assert_array_equal(hann_window(2048), tf.signal.hann_window(2048))
    weights = tf.signal.linear_to_mel_weight_matrix(229, 1025, 16000, 30.0, 8000.0)
    np.testing.assert_array_equal(mel_weights(SPEC), weights)
    angles = np.linspace(0, 8000, 200_001, dtype=np.float32)[:-1]
    np.testing.assert_array_equal(tf_rounding.cos(angles), tf.math.cos(angles))
    numbers = np.geomspace(1e-6, 1e6, 200_000, dtype=np.float32)
    np.testing.assert_array_equal(tf_rounding.log(numbers), tf.math.log(numbers))


@pytest.mark.parametrize(
    ("rate", "n_fft", "bands", "low", "high"),
    [(22050, 1024, 64, 0.0, 11025.0), (44100, 2048, 128, 20.0, 16000.0), (8000, 512, 80, 50, 4000)],
)
def test_other_settings_follow_tensorflow_too(
    tf: Any, rate: int, n_fft: int, bands: int, low: float, high: float
) -> None:
    spec = FeatureSpec(
        sample_rate=rate, n_fft=n_fft, hop=n_fft // 4, mel_bands=bands, fmin=low, fmax=high
    )
    weights = tf.signal.linear_to_mel_weight_matrix(bands, n_fft // 2 + 1, rate, low, float(high))
    np.testing.assert_allclose(mel_weights(spec), weights, rtol=0, atol=1e-5)
    signal = noise(rate)
    stft = tf.signal.stft(signal, n_fft, n_fft // 4, pad_end=True)
    expected = tf.math.log(tf.matmul(tf.abs(stft), weights) + 1e-6)
    np.testing.assert_allclose(log_mel(signal, spec), expected, rtol=0, atol=1e-4)


def test_is_near_the_exact_value_where_bins_hold_more_than_rounding() -> None:
    signal = noise(RATE)
    padded = np.pad(signal.astype(np.float64), (0, 2048))
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(2048) / 2048)
    frames = np.stack([padded[start : start + 2048] * window for start in range(0, RATE, 512)])
    mel = np.abs(np.fft.rfft(frames)) @ mel_weights(SPEC).astype(np.float64)
    np.testing.assert_allclose(log_mel(signal, SPEC), np.log(mel + 1e-6), rtol=0, atol=2e-5)


def test_a_minute_has_1875_frames_of_32_ms() -> None:
    assert (SPEC.frame_rate, SPEC.hop_s) == (31.25, 0.032)
    assert log_mel(np.zeros(960_000), SPEC).shape == (1875, 229)


@pytest.mark.parametrize(
    ("samples", "frames"), [(0, 0), (1, 1), (512, 1), (513, 2), (2048, 4), (32768, 64), (32769, 65)]
)
def test_frames_are_counted_up(samples: int, frames: int) -> None:
    assert SPEC.frames(samples) == frames
    assert log_mel(noise(samples), SPEC).shape == (frames, 229)


def test_silence_is_the_floor() -> None:
    assert np.all(log_mel(np.zeros(4000), SPEC) == np.log(np.float32(1e-6)))


def test_a_frame_hears_its_own_samples_only() -> None:
    signal = np.zeros(20 * 512)
    signal[10 * 512] = 1.0
    loud = np.flatnonzero(log_mel(signal, SPEC).max(axis=1) > -10)
    # Frame 10 begins with this sample, where the window is 0; frame 6 ends before it.
    assert loud.tolist() == [7, 8, 9]


def test_a_frame_does_not_depend_on_what_follows() -> None:
    signal = noise(600 * 512)
    whole = log_mel(signal, SPEC)
    for frames in (1, 255, 256, 257, 520):
        part = log_mel(signal[: (frames - 1) * 512 + 2048], SPEC)
        np.testing.assert_array_equal(part[:frames], whole[:frames])


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100, 48000, 192000])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_streaming_equals_the_whole_to_the_byte(rate: int, channels: int) -> None:
    audio = noise(int(9.7 * rate) + 13, channels)
    whole = features_from_audio(audio, rate, SPEC)
    for block in (997, rate, 3 * rate):
        for block_frames in (1, 256, 1024):
            parts = (audio[i : i + block] for i in range(0, len(audio), block))
            streamed = list(stream_log_mel(parts, rate, SPEC, block_frames=block_frames))
            np.testing.assert_array_equal(np.concatenate(streamed), whole)
            size = max(block_frames, 256)
            assert all(len(part) == size for part in streamed[:-1])
            assert 0 < len(streamed[-1]) <= size


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 4000), max_size=12), st.sampled_from([8000, 16000, 44100]))
def test_streaming_in_blocks_of_any_lengths(lengths: list[int], rate: int) -> None:
    audio = noise(sum(lengths), 2)
    ends = np.cumsum([0, *lengths])
    parts = [audio[a:b] for a, b in pairwise(ends)]
    streamed = [np.empty((0, 229), np.float32), *stream_log_mel(parts, rate, SPEC)]
    np.testing.assert_array_equal(np.concatenate(streamed), features_from_audio(audio, rate, SPEC))


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000, 96000, 192000])
def test_a_minute_of_any_rate_has_1875_frames(rate: int) -> None:
    silence = np.zeros((rate * 6, 1), np.int16)
    assert SPEC.frames(10 * len(to_mono(silence, rate, SPEC))) == 1875


def test_streaming_a_file_equals_reading_it(tmp_path: Path) -> None:
    from deep_plunder.audio.writing import write

    path = tmp_path / "song.wav"
    write(path, noise(500_000, 2), 44100)
    whole = features_from_audio(*read(path), SPEC)
    with reader(path) as file:
        parts = file.blocks(seconds=0.3)
        streamed = list(stream_log_mel(parts, 44100, SPEC, block_frames=256))
    np.testing.assert_array_equal(np.concatenate(streamed), whole)


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_int16_and_float_give_the_same_bytes(channels: int) -> None:
    rng = np.random.default_rng(channels)
    audio = rng.integers(-32768, 32767, (30_000, channels), dtype=np.int16, endpoint=True)
    as_float = audio.astype(np.float32) / 32768
    whole = features_from_audio(audio, 44100, SPEC)
    np.testing.assert_array_equal(whole, features_from_audio(as_float, 44100, SPEC))
    streamed = stream_log_mel([audio[:9999], audio[9999:]], 44100, SPEC)
    np.testing.assert_array_equal(whole, np.concatenate(list(streamed)))


def test_mono_is_the_mean_of_the_channels() -> None:
    audio = noise(1000, 6)
    np.testing.assert_allclose(to_mono(audio, RATE, SPEC), audio.mean(axis=1), atol=1e-6)
    np.testing.assert_array_equal(to_mono(audio[:, 0], RATE, SPEC), audio[:, 0])
    np.testing.assert_array_equal(to_mono(audio[:, :1], RATE, SPEC), audio[:, 0])
    opposite = np.stack([audio[:, 0], -audio[:, 0]], axis=1)
    assert not to_mono(opposite, RATE, SPEC).any()


def test_inputs_are_left_as_they_are() -> None:
    audio = noise(5000)
    before = audio.copy()
    for _ in range(2):
        features_from_audio(audio, RATE, SPEC)
        list(stream_log_mel([audio], RATE, SPEC))
    np.testing.assert_array_equal(audio, before)


def test_what_is_no_signal_is_refused() -> None:
    with pytest.raises(ValueError, match="must be mono"):
        log_mel(noise(10, 2), SPEC)
    with pytest.raises(ValueError, match="must be int16 or floating point, got int32"):
        to_mono(np.zeros(10, np.int32), RATE, SPEC)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"sample_rate": 0, "fmax": 0}, "sample_rate: must be at least 4000"),
        ({"hop": 0}, "hop: must be at least 16, got 0"),
        ({"hop": 4096}, "hop: must not exceed features.n_fft, got 4096, 2048"),
        ({"n_fft": 1, "hop": 1}, "n_fft: must be at least 64"),
        ({"mel_bands": 0}, "mel_bands: must be at least 1"),
        ({"fmax": 9000.0}, "fmax: must not exceed half of features.sample_rate, got 9000.0, 16000"),
        ({"fmin": 8000.0}, "fmin: must be below features.fmax, got 8000.0, 8000"),
    ],
)
def test_impossible_settings_are_refused(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        FeatureSpec(**changes)
