"""Graphs give what the same networks give in Keras."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.model_file import load_model
from deep_plunder.models.onnx_graph import FEATURES
from deep_plunder.models.onnx_layers import GraphMaker
from deep_plunder.models.registry import ARCHITECTURES, network
from deep_plunder.models.runners import keras_runner, onnx_runner
from deep_plunder.models.weights import layers_of
from deep_plunder.truth.labels import HEADS, LABELS, OUTPUTS
from deep_plunder.util.resources import shipped_model_path

# Of one filter on one channel TensorFlow 2.21 gives another result each time.
small = st.integers(2, 9)
dilations = st.lists(st.integers(1, 7), min_size=1, max_size=3)
CONV = st.fixed_dictionaries(
    {"front": st.tuples(small, small), "channels": small, "dilations": dilations}
)
TWO_RATE = st.fixed_dictionaries(
    {
        "front": st.tuples(small, small, small),
        "channels": small,
        "before": dilations,
        "after": dilations,
        "group": st.integers(1, 3),
        "long_step": st.integers(1, 3),
        "group_channels": small,
        "dilations": dilations,
        "head": small,
    }
).map(lambda sizes: sizes | {"group": sizes["group"] * sizes["long_step"]})

FINE = st.tuples(TWO_RATE, st.tuples(small, small, small)).map(
    lambda pair: pair[0] | {"front": pair[0]["front"][:2], "fine": pair[1]}
)

GROUPED = st.fixed_dictionaries(
    {
        "front": st.tuples(small, small, small),
        "group": st.integers(1, 5),
        "channels": small,
        "dilations": dilations,
        "head": small,
    }
)


def of(model):
    layers = layers_of(model)

    def weights(layer, *shapes):
        assert [values.shape for values in layers[layer]] == [tuple(shape) for shape in shapes]
        return layers[layer]

    return weights


def shaken(model, rng):
    """Give a network weights that are neither 0 nor 1 anywhere, as training does."""
    for variable in model.weights:
        values = np.asarray(variable)
        noise = rng.uniform(0.5, 1.5, values.shape)
        variable.assign(noise if "variance" in variable.path else values + 0.3 * (noise - 1))


def fine_spec(**sizes):
    lengths = {"sample_rate": 48000, "n_fft": 6144, "hop": 768, "short_n_fft": 1024}
    return FeatureSpec(**lengths, **sizes)


def compared(architecture, spec, sizes, frames, seed):
    rng = np.random.default_rng(seed)
    made = network(architecture, **sizes)
    model = made.build(spec, seed=seed)
    shaken(model, rng)
    scale = 255 if spec.short_bands else 2
    features = rng.uniform(0, scale, (2, frames, spec.bands)).astype(np.float32)
    exact, rounded = (
        onnx_runner(made.graph(of(model), spec, exact=exact))(features) for exact in (True, False)
    )
    expected = keras_runner(model)(features)
    assert exact.dtype == rounded.dtype == np.float32
    assert np.ptp(expected) > 1e-3
    # Normalizing over two or three channels turns rounding into more.
    np.testing.assert_allclose(exact, expected, atol=5e-5)
    np.testing.assert_allclose(rounded, exact, atol=0.01)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(CONV, st.integers(1, 40), st.integers(12, 40), st.integers(0, 99))
def test_conv(sizes, frames, bands, seed):
    compared("conv", FeatureSpec(mel_bands=bands), sizes, frames, seed)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(TWO_RATE, st.integers(1, 12), st.integers(8, 30), st.integers(4, 20), st.integers(0, 99))
def test_two_rate(sizes, groups, long_bands, short_bands, seed):
    spec = FeatureSpec(mel_bands=long_bands, short_bands=short_bands)
    compared("two_rate", spec, sizes, groups * sizes["group"], seed)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    FINE, st.integers(1, 12), st.integers(8, 30), st.integers(7, 20), st.integers(2, 4),
    st.integers(0, 99),
)  # fmt: skip
def test_fine(sizes, groups, long_bands, short_bands, steps, seed):
    spec = fine_spec(mel_bands=long_bands, short_bands=short_bands, short_steps=steps)
    compared("fine", spec, sizes, groups * sizes["group"], seed)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(GROUPED, st.integers(1, 12), st.integers(8, 30), st.integers(4, 20), st.integers(0, 99))
def test_grouped(sizes, groups, long_bands, short_bands, seed):
    spec = FeatureSpec(mel_bands=long_bands, short_bands=short_bands)
    compared("grouped", spec, sizes, groups * sizes["group"], seed)


def test_the_model_that_ships():
    path = shipped_model_path()
    features = np.random.default_rng(1).uniform(0, 200, (1, 1600, 390)).astype(np.float32)
    rounded, exact, expected = (
        load_model(path, **how).predict(features)
        for how in ({}, {"exact": True}, {"in_keras": True})
    )
    np.testing.assert_allclose(exact, expected, atol=2e-6)
    np.testing.assert_allclose(rounded, exact, atol=0.02)
    assert not np.array_equal(rounded, exact)


ROUNDED = st.tuples(st.integers(1, 60), small, small, st.integers(1, 7), st.integers(0, 99))


@settings(max_examples=50, deadline=None, derandomize=True)
@given(ROUNDED, st.booleans())
def test_a_rounded_convolution_is_off_by_what_was_rounded_at_most(shape, dead):
    frames, inputs, channels, dilation, seed = shape
    rng = np.random.default_rng(seed)
    scale, offset, bias, noise = (
        rng.normal(size=size).astype(np.float32)
        for size in (inputs, inputs, channels, (frames, inputs))
    )
    kernel = rng.normal(size=(3, inputs, channels)).astype(np.float32)
    if dead:
        scale[0] = offset[0] = 0
        kernel[:, :, 0] = 0
    layers = {"norm": [scale, offset], "layer": [kernel, bias]}

    def of_part(exact):
        make = GraphMaker(lambda layer, *_: layers[layer], exact=exact)
        x = make.matrix(FEATURES, inputs)
        y = make.convolution(x, "norm", "layer", inputs, channels, dilation=dilation)
        return onnx_runner(make.finish(y, channels, bands=inputs))(noise[None])[0]

    def before_sigmoid(y):
        y = np.minimum(y.astype(float), 1 - 1e-6)
        return np.log(y) - np.log1p(-y)

    # In units of what bounds it, a number is off by 1/254, a weight by 1/126 of the largest.
    reach = abs(offset) + inputs**0.5 * abs(scale)
    reached = abs(kernel * reach[:, None]).reshape(-1, channels)
    bound = (reached / 254).sum(axis=0) + len(reached) * reached.max(axis=0) / 126 * 1.01
    exact, rounded = (before_sigmoid(of_part(exact)) for exact in (True, False))
    near = np.maximum(exact, rounded) < 8  # beyond, single precision rounds the sigmoid
    assert (abs(rounded - exact) <= bound + 1e-3)[near].all()


@pytest.mark.parametrize("architecture", ["paper", "onf_conv"])
def test_networks_with_lstms_have_none(architecture):
    assert network(architecture).graph(lambda *_: [], FeatureSpec()) is None


def test_the_others_have_one():
    found = {name for name, record in ARCHITECTURES.items() if record.runs_as_graph}
    assert found == {"conv", "two_rate", "fine", "grouped"}


@pytest.mark.parametrize(
    ("architecture", "spec", "names"),
    [
        ("conv", FeatureSpec(mel_bands=20), OUTPUTS),
        ("two_rate", FeatureSpec(mel_bands=20, short_bands=10), LABELS),
        ("grouped", FeatureSpec(mel_bands=20, short_bands=10), LABELS),
        ("fine", fine_spec(mel_bands=20, short_bands=10, short_steps=3), HEADS),
    ],
)
def test_names_are_those_of_the_outputs(architecture, spec, names):
    made = network(architecture)
    assert made.outputs == names
    assert set(made.build(spec).output) == set(names)
