"""Graphs give what the same networks give in Keras."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deep_plunder.graphs import runner
from deep_plunder.labels import LABELS, OUTPUTS
from deep_plunder.modelfile import load_model
from deep_plunder.networks import build, graph, output_names
from deep_plunder.networks import runner as keras_runner
from deep_plunder.shipped import default_model_path
from deep_plunder.sizes import ARCHITECTURES, GRAPHS
from deep_plunder.weights import layers_of

# Of one filter on one channel TensorFlow 2.21 gives another result each time.
small = st.integers(2, 9)
dilations = st.lists(st.integers(1, 7), min_size=1, max_size=3)
CONV = st.fixed_dictionaries(
    {"front": st.tuples(small, small), "channels": small, "dilations": dilations}
)
DEFAULT = st.fixed_dictionaries(
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


def compared(architecture, bands, short_bands, sizes, frames, seed):
    rng = np.random.default_rng(seed)
    model = build(architecture, bands=bands, short_bands=short_bands, seed=seed, **sizes)
    shaken(model, rng)
    written = graph(architecture, bands=bands, short_bands=short_bands, weights=of(model), **sizes)
    scale = 255 if short_bands else 2
    features = rng.uniform(0, scale, (2, frames, bands)).astype(np.float32)
    found, expected = runner(written)(features), keras_runner(model)(features)
    assert found.dtype == np.float32
    assert np.ptp(expected) > 1e-3
    # Normalizing over two or three channels turns rounding into more.
    np.testing.assert_allclose(found, expected, atol=5e-5)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(CONV, st.integers(1, 40), st.integers(12, 40), st.integers(0, 99))
def test_conv(sizes, frames, bands, seed):
    compared("conv", bands, 0, sizes, frames, seed)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(DEFAULT, st.integers(1, 12), st.integers(8, 30), st.integers(4, 20), st.integers(0, 99))
def test_default(sizes, groups, long_bands, short_bands, seed):
    frames, bands = groups * sizes["group"], long_bands + 2 * short_bands + 1
    compared("default", bands, short_bands, sizes, frames, seed)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(GROUPED, st.integers(1, 12), st.integers(8, 30), st.integers(4, 20), st.integers(0, 99))
def test_grouped(sizes, groups, long_bands, short_bands, seed):
    frames, bands = groups * sizes["group"], long_bands + 2 * short_bands + 1
    compared("grouped", bands, short_bands, sizes, frames, seed)


def test_the_model_that_ships():
    path = default_model_path()
    features = np.random.default_rng(1).uniform(0, 200, (1, 1600, 390)).astype(np.float32)
    found, expected = (load_model(path, in_keras=k).predict(features) for k in (False, True))
    np.testing.assert_allclose(found, expected, atol=2e-6)


@pytest.mark.parametrize("architecture", sorted({*ARCHITECTURES} - {*GRAPHS}))
def test_networks_with_lstms_have_none(architecture):
    assert graph(architecture, bands=229, short_bands=0, weights=lambda *_: []) is None


def test_the_others_have_one():
    assert {"conv", "default", "grouped"} == {*GRAPHS}


@pytest.mark.parametrize(
    ("architecture", "bands", "short", "names"),
    [("conv", 24, 0, OUTPUTS), ("default", 41, 10, LABELS), ("grouped", 41, 10, LABELS)],
)
def test_names_are_those_of_the_outputs(architecture, bands, short, names):
    model = build(architecture, bands=bands, short_bands=short)
    assert output_names(architecture) == names
    assert set(model.output) == set(names)
