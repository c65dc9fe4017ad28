from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deep_plunder.audio.writing import write
from deep_plunder.errors import AudioError
from deep_plunder.features.log_mel import features_from_audio
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.inference import predict_song, predict_stream
from deep_plunder.truth.labels import OUTPUTS

SPEC = FeatureSpec()
REACH = 5
"""Frames on each side that the models of this file hear."""


def moving_sums(features: np.ndarray) -> np.ndarray:
    """Hear exactly `REACH` frames to each side, with zeros past the edges as in a convolution."""
    total = features.sum(axis=2)
    padded = np.pad(total, [(0, 0), (REACH, REACH)])
    views = np.lib.stride_tricks.sliding_window_view(padded, 2 * REACH + 1, axis=1)
    weights = np.arange(1, 2 * REACH + 2)
    return np.stack([views @ weights, views @ weights[::-1], total], axis=2).astype(np.float32)


@dataclass
class Recorder:
    """A model that notes the shapes that it is given."""

    outputs: tuple[str, ...] = OUTPUTS
    spec: FeatureSpec = SPEC
    context_frames: int = REACH
    stride: int = 1
    long_step: int = 1
    window_s: float = 60.0

    def __post_init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def predict(self, features: np.ndarray) -> np.ndarray:
        self.shapes.append(features.shape)
        return moving_sums(features)


def integers(frames: int, bands: int = 2) -> np.ndarray:
    rng = np.random.default_rng(frames)
    return rng.integers(-8, 9, (frames, bands)).astype(np.float32)


@settings(max_examples=200, deadline=None)
@given(
    parts=st.lists(st.integers(0, 60), max_size=8),
    step=st.integers(1, 50),
    context=st.integers(REACH, REACH + 20),
)
def test_windows_give_what_the_whole_gives(parts: list[int], step: int, context: int) -> None:
    features = integers(sum(parts))
    model = Recorder()
    seen = predict_stream(
        model.predict,
        np.split(features, np.cumsum(parts)[:-1]) if parts else [],
        window_frames=step + 2 * context,
        context_frames=context,
    )
    assert seen.dtype == np.float32
    assert seen.shape == (len(features), 3)
    if len(features):
        np.testing.assert_array_equal(seen, moving_sums(features[None])[0])
    # One length only, but for the last window, which is no longer than it must be.
    lengths = [shape[1] for shape in model.shapes]
    assert set(lengths[:-1]) <= {step + 2 * context}
    assert sum(lengths) == len(features) + 2 * context * max(0, len(lengths) - 1)


def test_too_little_context_shows_at_the_seams_only() -> None:
    features = integers(100)
    seen = predict_stream(moving_sums, [features], window_frames=20, context_frames=0)
    differs = np.flatnonzero((seen != moving_sums(features[None])[0]).any(axis=1))
    assert len(differs)
    assert all(min(frame % 20, 19 - frame % 20) < REACH for frame in differs)


@pytest.mark.parametrize(("window", "context"), [(10, 5), (10, -1), (0, 0)])
def test_windows_without_a_middle_are_refused(window: int, context: int) -> None:
    with pytest.raises(ValueError, match="context_frames must be"):
        predict_stream(moving_sums, [], window_frames=window, context_frames=context)


def test_no_frame_asks_no_model() -> None:
    def never(_: np.ndarray) -> np.ndarray:
        raise AssertionError

    for features in ([], [np.empty((0, 2), np.float32)]):
        seen = predict_stream(never, features, window_frames=20, context_frames=5)
        assert seen.shape == (0, 3)


def test_memory_does_not_grow_with_the_song() -> None:
    def parts(count: int) -> Iterator[np.ndarray]:
        for _ in range(count):
            yield np.zeros((1000, 64), np.float32)

    peaks = []
    for count in (50, 200):
        tracemalloc.start()
        predict_stream(moving_sums, parts(count), window_frames=1000, context_frames=REACH)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # The probabilities themselves grow: 12 bytes a frame. A part and its copy may be held or not.
    assert peaks[1] - peaks[0] < 12 * 150_000 + 2 * 256_000


@pytest.fixture
def song(tmp_path: Path) -> Callable[..., Path]:
    def make(frames: int, *, rate: int = 44100, channels: int = 2) -> Path:
        rng = np.random.default_rng(frames)
        audio = rng.standard_normal((frames, channels)).astype(np.float32) * 0.1
        path = tmp_path / f"{frames}_{rate}_{channels}.wav"
        write(path, audio, rate)
        return path

    return make


def predict(model: Any, path: Path, **options: float) -> np.ndarray:
    return predict_song(cast("Any", model), path, **options)


@pytest.mark.parametrize(
    ("rate", "channels"), [(8000, 1), (22050, 2), (44100, 2), (48000, 6), (192000, 1)]
)
def test_any_rate_and_channels(song: Callable[..., Path], rate: int, channels: int) -> None:
    path = song(int(4.2 * rate), rate=rate, channels=channels)
    model = Recorder()
    seen = predict(model, path, chunk_s=1.0)
    assert seen.shape == (SPEC.frames(round(4.2 * 16000)), 3)
    assert set(model.shapes[:-1]) == {(1, 31 + 2 * REACH, 229)}
    np.testing.assert_allclose(seen, predict(Recorder(), path), rtol=0, atol=0.5)


@pytest.mark.parametrize(("frames", "expected"), [(1, 0), (100, 1), (1411, 1), (1500, 2)])
def test_songs_shorter_than_a_window(song: Callable[..., Path], frames: int, expected: int) -> None:
    assert predict(Recorder(), song(frames)).shape == (expected, 3)


def test_bad_songs_are_named(tmp_path: Path, song: Callable[..., Path]) -> None:
    empty = tmp_path / "empty.wav"
    empty.write_bytes(b"")
    for path in (tmp_path / "gone.wav", empty):
        with pytest.raises(AudioError, match=path.name):
            predict(Recorder(), path)


def test_context_is_the_models_own_unless_given(song: Callable[..., Path]) -> None:
    model = Recorder()
    predict(model, song(5 * 44100), chunk_s=0.64, context_s=0.32)
    assert set(model.shapes[:-1]) == {(1, 40, 229)}


@pytest.fixture(scope="module")
def keras_model() -> Any:
    """Build a small convolutional network with random weights that hears `REACH` frames."""
    import keras

    inputs = keras.Input((None, 229))
    hidden = keras.layers.Conv1D(
        8, 7, padding="same", activation="relu", kernel_initializer=keras.initializers.HeNormal(1)
    )(inputs)
    outputs = keras.layers.Conv1D(
        3,
        5,
        padding="same",
        activation="sigmoid",
        kernel_initializer=keras.initializers.HeNormal(2),
    )(hidden)
    network = keras.Model(inputs, outputs)
    return SimpleNamespace(
        stride=1,
        long_step=1,
        window_s=60.0,
        outputs=OUTPUTS,
        spec=SPEC,
        context_frames=REACH,
        predict=lambda features: np.asarray(network(features, training=False)),
    )


@pytest.mark.parametrize("chunk_s", [0.5, 1.0, 3.3, 60.0])
def test_a_convolutional_network_gives_the_same_whatever_the_chunk(
    song: Callable[..., Path], keras_model: Any, chunk_s: float
) -> None:
    from deep_plunder.audio.reading import read

    path = song(7 * 44100)
    features = features_from_audio(*read(path), SPEC)
    whole = keras_model.predict(features[None])[0]
    assert whole.std() > 0.01
    seen = predict(keras_model, path, chunk_s=chunk_s)
    np.testing.assert_allclose(seen, whole, rtol=0, atol=1e-5)
    wider = predict(keras_model, path, chunk_s=chunk_s, context_s=1.0)
    np.testing.assert_allclose(wider, whole, rtol=0, atol=1e-5)


def test_what_the_network_does_not_look_at_is_not_missed(
    song: Callable[..., Path], tmp_path: Path
) -> None:
    from deep_plunder.audio.reading import read
    from deep_plunder.features.gain import raised
    from deep_plunder.models.model_file import load_model, save_model
    from deep_plunder.models.registry import network

    spec = FeatureSpec(hop=256, short_bands=80)
    sizes = {"channels": 8, "front": (4, 4, 4), "head": 4, "dilations": (1, 2)}
    model = network("grouped", **sizes).build(spec)
    save_model(tmp_path / "m.keras", model, architecture="grouped", sizes=sizes, spec=spec)
    loaded = load_model(tmp_path / "m.keras")
    assert loaded.long_step == loaded.stride == 4
    path = song(7 * 44100 + 5)
    (features,) = raised([features_from_audio(*read(path), spec)], spec)
    expected = loaded.predict(features[None])[0]
    for chunk_s in (0.7, 60.0):
        found = predict_song(loaded, path, chunk_s=chunk_s)
        np.testing.assert_allclose(found, expected, atol=1e-6)
    # A song of no frame has as many outputs as any other.
    assert predict_song(loaded, song(1)).shape == (0, 4)
