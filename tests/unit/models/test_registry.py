"""The networks: published totals, shapes, what depends on what, seeds."""

import subprocess
import sys

import numpy as np
import pytest

from deep_plunder.errors import ConfigError
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.architecture import RECURRENT_FRAMES
from deep_plunder.models.registry import ARCHITECTURES, network
from deep_plunder.models.runners import run_plainly
from deep_plunder.truth.labels import LABELS, OUTPUTS

SMALL = {
    "paper": {"units": [6, 4], "combining_units": 3},
    "conv": {"channels": 8, "front": [4, 4]},
    "two_rate": {"channels": 8, "front": [4, 4, 4], "group_channels": 12, "head": 6},
    "fine": {"channels": 8, "front": [4, 4], "fine": [3, 4, 3], "group_channels": 12, "head": 6},
    "grouped": {"channels": 8, "front": [4, 4, 4], "head": 6},
    "onf_conv": {"filters": [3, 4, 5], "dense": 7, "units": 3, "combining_units": 2},
}
# Detailed features of 20 bands of the long window and 10 of the short one.
DETAIL = {
    name: FeatureSpec(mel_bands=20, short_bands=10)
    for name, record in ARCHITECTURES.items()
    if record.needs_short_bands
}
DETAIL["fine"] = FeatureSpec(
    sample_rate=48000, n_fft=6144, hop=768, short_n_fft=1024, mel_bands=20, short_bands=10,
    short_steps=3,
)  # fmt: skip
PLAIN = FeatureSpec(mel_bands=20)


def small(architecture, *, seed=0, **more):
    spec = DETAIL.get(architecture, PLAIN)
    return network(architecture, **SMALL.get(architecture, {}), **more).build(
        spec, seed=seed
    ), spec.bands


def count(weights):
    return sum(int(np.prod(weight.shape)) for weight in weights)


def outputs(model, features):
    run_plainly(model)
    found = model.predict_on_batch(features)
    return {name: np.asarray(found[name]) for name in found}


@pytest.fixture(scope="module")
def paper():
    return network("paper").build(FeatureSpec())


@pytest.fixture(scope="module")
def conv():
    return network("conv").build(FeatureSpec())


def test_the_paper_network_has_the_published_totals(paper):
    assert count(paper.trainable_weights) == 3_563_948
    # The port kept its five Mean metrics, a total and a count each, as variables of the model.
    assert count(paper.non_trainable_weights) + 5 * 2 == 4_342


def test_the_paper_network_is_made_of_the_units_of_its_figure(paper):
    import keras

    lstms = [layer for layer in paper.layers if isinstance(layer, keras.layers.Bidirectional)]
    assert len(lstms) == 10
    for layer in lstms:
        for one in (layer.forward_layer, layer.backward_layer):
            assert one.recurrent_activation is keras.activations.sigmoid
            assert one.activation is keras.activations.tanh
            assert float(one.kernel_regularizer.l2) == pytest.approx(0.001)
            assert one.recurrent_regularizer is None
    dropouts = [layer for layer in paper.layers if isinstance(layer, keras.layers.Dropout)]
    assert len(dropouts) == 9
    # Only what is in the loss is an output: the frame stack's own sigmoid is not.
    assert set(paper.output_names) == set(OUTPUTS)
    assert paper.get_layer("combined").input[2] is paper.get_layer("frame_alone").output
    assert len(paper.losses) == 20


def test_the_conv_network_is_small(conv):
    assert count(conv.weights) < 1_000_000


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_any_number_of_frames(architecture):
    model, bands = small(architecture)
    stride = network(architecture).stride
    for frames in (stride, 7 * stride, 40 * stride):
        features = np.random.default_rng(frames).normal(size=(2, frames, bands))
        found = outputs(model, features.astype(np.float32))
        assert set(found) == set(ARCHITECTURES[architecture].outputs)
        for values in found.values():
            assert values.shape == (2, frames, 1)
            assert values.min() > 0
            assert values.max() < 1


def test_pooling_halves_the_features_and_keeps_the_frames(paper):
    assert paper.get_layer("onset_stack_1_pool").output.shape == (None, None, 193)
    layer = paper.get_layer("onset_stack_1_pool")
    x = np.random.default_rng(0).normal(size=(2, 5, 386)).astype(np.float32)
    np.testing.assert_array_equal(np.asarray(layer(x)), np.maximum(x[..., ::2], x[..., 1::2]))


def test_conv_depends_on_its_receptive_frames_and_no_more():
    sizes = {"channels": 8, "front": [4, 4], "dilations": [1, 2, 5]}
    made = network("conv", **sizes)
    reach = made.receptive_frames
    assert reach == 9
    model = made.build(PLAIN)
    features = np.random.default_rng(0).normal(size=(1, 61, 20)).astype(np.float32)
    changed = features.copy()
    changed[0, 30] += 4
    touched = np.zeros(61, bool)
    for name, before in outputs(model, features).items():
        touched |= outputs(model, changed)[name][0, :, 0] != before[0, :, 0]
    assert np.flatnonzero(touched).tolist() == list(range(30 - reach, 30 + reach + 1))


@pytest.mark.parametrize(
    ("architecture", "more"),
    [
        ("two_rate", {"long_step": 1}),
        ("two_rate", {"long_step": 3}),
        ("fine", {"long_step": 3}),
        ("grouped", {}),
    ],
)
def test_networks_of_groups_depend_on_their_receptive_frames_and_no_more(architecture, more):
    made = network(architecture, **SMALL[architecture] | {"dilations": [1, 2], "group": 3} | more)
    reach = made.receptive_frames
    model = made.build(DETAIL[architecture])
    frames = 2 * reach + 30
    shape = (1, frames, DETAIL[architecture].bands)
    features = np.random.default_rng(0).uniform(0, 200, shape).astype(np.float32)
    before = outputs(model, features)
    touched = set()
    # Each place of a frame in its group.
    for place in range(frames // 2, frames // 2 + 3):
        changed = features.copy()
        changed[0, place] = 255 - changed[0, place]
        after = outputs(model, changed)
        different = [after[name][0, :, 0] != before[name][0, :, 0] for name in LABELS]
        touched |= set(np.flatnonzero(np.any(different, axis=0)) - place)
    assert -reach <= min(touched) < -reach + 6
    assert reach - 6 < max(touched) <= reach


@pytest.mark.parametrize("architecture", DETAIL)
def test_shifted_by_a_group_the_input_shifts_the_output(architecture):
    model, bands = small(architecture)
    made = network(architecture, **SMALL[architecture])
    reach, stride = made.receptive_frames, made.stride
    rng = np.random.default_rng(1)
    features = rng.uniform(0, 200, (1, 2 * reach + 20 * stride, bands)).astype(np.float32)
    whole, part = outputs(model, features), outputs(model, features[:, stride:])
    for name in LABELS:
        found = part[name][0, reach:-reach]
        np.testing.assert_allclose(found, whole[name][0, stride + reach : -reach], atol=1e-5)


@pytest.mark.parametrize(
    ("architecture", "more", "step"),
    [
        ("two_rate", {"long_step": 1}, 1),
        ("two_rate", {"long_step": 2}, 2),
        ("fine", {"long_step": 2}, 2),
        ("grouped", {}, 4),
    ],
)
def test_some_long_windows_are_all_that_is_looked_at(architecture, more, step):
    model, bands = small(architecture, **more)
    assert network(architecture, **SMALL[architecture], **more).long_step == step
    features = np.random.default_rng(2).uniform(0, 200, (1, 40, bands)).astype(np.float32)
    expected = outputs(model, features)
    for held in (step, 2 * step):
        changed = features.copy()
        changed[:, :, :20] = np.repeat(features[:, ::held, :20], held, axis=1)
        found = outputs(model, changed)
        same = [np.array_equal(found[name], expected[name]) for name in LABELS]
        assert same == [held == step] * len(LABELS)


def test_between_two_long_windows_their_parts_change_evenly():
    import keras

    from deep_plunder.models.layers import LayerMaker

    frames = keras.Input((None, 2))
    model = keras.Model(frames, LayerMaker(0).between(frames, "between", 4))
    found = np.asarray(model(np.array([[[0.0, 8.0], [4.0, 0.0]]], np.float32)))
    assert found.tolist() == [[[0, 8], [1, 6], [2, 4], [3, 2], [4, 0], [4, 0], [4, 0], [4, 0]]]


def test_conv_gives_the_same_in_a_window_as_in_the_whole(conv):
    reach = network("conv").receptive_frames
    features = np.random.default_rng(1).normal(size=(1, 400, 229)).astype(np.float32)
    whole = outputs(conv, features)
    for start in (101, 102, 103):
        window = outputs(conv, features[:, start : start + 200])
        for name in OUTPUTS:
            middle = window[name][0, reach:-reach]
            expected = whole[name][0, start + reach : start + 200 - reach]
            np.testing.assert_allclose(middle, expected, atol=1e-5)


def test_the_context_of_the_paper_network_is_enough():
    model = network("paper", units=[6], combining_units=3).build(PLAIN)
    features = np.random.default_rng(2).normal(size=(1, 700, 20)).astype(np.float32)
    whole = outputs(model, features)["frame"][0, RECURRENT_FRAMES:-RECURRENT_FRAMES]
    features[:, [0, -1]] += 9
    changed = outputs(model, features)["frame"][0, RECURRENT_FRAMES:-RECURRENT_FRAMES]
    np.testing.assert_allclose(changed, whole, atol=1e-6)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_weights_and_dropout_come_from_the_seed_alone(architecture):
    def made(seed):
        model, bands = small(architecture, seed=seed, dropout=0.5)
        features = 100 * np.random.default_rng(3).normal(size=(2, 12, bands)).astype(np.float32)
        drawn = [np.asarray(model(features, training=True)["onset"]) for _ in range(2)]
        return model.get_weights(), drawn

    (first, drawn), (again, redrawn), (other, _) = made(5), made(5), made(6)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(drawn, redrawn, strict=True))
    assert not np.array_equal(drawn[0], drawn[1])
    kernels = [k for k, values in enumerate(first) if values.ndim > 1]
    assert all(not np.array_equal(first[k], other[k]) for k in kernels)
    # No two layers of one shape begin alike, the two ways of an LSTM neither.
    seen = {first[k].tobytes() for k in kernels}
    assert len(seen) == len(kernels)


def test_onf_conv_is_made_of_the_convolutions_of_onsets_and_frames():
    import keras

    model = network("onf_conv").build(FeatureSpec())
    for stack in ("onset_stack", "offset_stack", "frame_stack"):
        for number, (inputs, filters, bands) in enumerate(
            [(1, 48, 229), (48, 48, 229), (48, 96, 114)], start=1
        ):
            layer = model.get_layer(f"{stack}_{number}_conv")
            assert layer.kernel.shape == (3, 3, inputs, filters)
            assert layer.input.shape == (None, None, bands, inputs)
        # All bands and channels of a frame, pooled twice.
        assert model.get_layer(f"{stack}_dense").kernel.shape == (57 * 96, 768)
    lstms = [layer for layer in model.layers if isinstance(layer, keras.layers.Bidirectional)]
    assert [layer.name for layer in lstms] == ["onset_lstm", "offset_lstm", "combined_lstm"]
    assert {layer.forward_layer.units for layer in lstms} == {128}
    assert model.get_layer("combined").input[2] is model.get_layer("frame_alone").output
    with pytest.raises(ConfigError, match="onf_conv needs 4 or more, got 3"):
        network("onf_conv").build(FeatureSpec(mel_bands=3))


def test_the_frame_output_of_onf_conv_teaches_its_own_stack_alone():
    import tensorflow as tf

    model, bands = small("onf_conv")
    features = tf.constant(np.random.default_rng(4).normal(size=(1, 9, bands)), tf.float32)
    with tf.GradientTape() as tape:
        frame = tf.reduce_sum(model(features, training=False)["frame"])
    weights = [weight.value for weight in model.trainable_weights]
    taught = {
        weight.path.split("/")[0]
        for weight, gradient in zip(
            model.trainable_weights, tape.gradient(frame, weights), strict=True
        )
        if gradient is not None and np.abs(gradient).max() > 0
    }
    assert {"frame_stack_1_conv", "frame_stack_dense", "combined_lstm", "frame"} <= taught
    assert not any(name.startswith(("onset", "offset")) for name in taught)


def test_the_input_of_conv_is_standardized_inside():
    model = network("conv", **SMALL["conv"]).build(PLAIN)
    layer = model.get_layer("standardize")
    np.testing.assert_allclose(
        np.asarray(layer(np.array([0.4 - 1.6, 0.4, 2.0]))), [-1, 0, 1], atol=1e-6
    )


def test_sizes_are_checked_all_at_once():
    with pytest.raises(ConfigError) as caught:
        network("paper", unit=[3], pool=0, dropout=1, units=[3, "4"], l2=True)
    assert list(caught.value.faults) == [
        "sizes.unit: paper has no such size, the nearest is units",
        "sizes.units[1]: must be an integer, got '4'",
        "sizes.pool: must be at least 1, got 0",
        "sizes.dropout: must be below 1, got 1",
        "sizes.l2: must be a number, got True",
    ]
    with pytest.raises(
        ConfigError, match="must be one of paper, conv, two_rate, fine, grouped, onf_conv, got"
    ):
        network("lstm")
    with pytest.raises(ConfigError, match="front: must be a list, got 3"):
        network("conv", front=3)
    with pytest.raises(ConfigError, match=r"sizes.long_step: must divide group, got 4, 6"):
        network("two_rate", group=6, long_step=4)
    with pytest.raises(ConfigError, match="pool: must be at most the features"):
        network("paper", units=[3], pool=7).build(PLAIN)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_sizes_survive_a_round_trip_through_lists(architecture):
    made = network(architecture)
    lists = {k: list(v) if isinstance(v, tuple) else v for k, v in made.size_values().items()}
    assert network(architecture, **lists) == made


def test_checking_sizes_imports_no_backend():
    code = (
        "import sys, deep_plunder.models.registry as n, deep_plunder.models.model_file;"
        "import deep_plunder.training.train;"
        "n.network('paper'); n.network('conv').receptive_frames;"
        "sys.exit(bool({'keras', 'tensorflow', 'scipy', 'matplotlib'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
