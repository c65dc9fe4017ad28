"""Compiled layers against Keras's own, and against arithmetic by hand."""

import numpy as np
import pytest

from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.compiled import pooling
from deep_plunder.models.compiled.keras_layers import compile_layers
from deep_plunder.models.compiled.lstm import backward, forward
from deep_plunder.models.registry import network
from deep_plunder.models.runners import run_plainly


def bidirectional(units, bands):
    """Make the same bidirectional LSTM twice."""
    import keras
    from keras import layers

    def one():
        features = keras.Input((None, bands))
        # What comes first of all has no gradient of its own.
        x = layers.Activation("linear")(features)
        lstm = layers.LSTM(units, return_sequences=True)
        model = keras.Model(features, layers.Bidirectional(lstm)(x))
        model.jit_compile = False
        return model

    keras_own, ours = one(), one()
    rng = np.random.default_rng(0)
    weights = [rng.normal(0, 0.4, w.shape).astype(np.float32) for w in keras_own.get_weights()]
    for model in (keras_own, ours):
        model.set_weights(weights)
    compile_layers(ours)
    return keras_own, ours


# Odd sizes: rows and columns are taken in twos and fours, lanes in sixteens.
@pytest.mark.parametrize(
    ("units", "bands", "batch", "frames"),
    [(5, 3, 1, 1), (16, 7, 2, 40), (33, 20, 5, 23), (4, 3, 2, 64), (6, 2, 3, 150)],
)
def test_outputs_and_gradients_are_those_of_keras(units, bands, batch, frames):
    import tensorflow as tf

    rng = np.random.default_rng(1)
    features = tf.constant(rng.normal(size=(batch, frames, bands)), tf.float32)
    weight = tf.constant(rng.normal(size=(batch, frames, 2 * units)), tf.float32)
    found = []
    for model in bidirectional(units, bands):
        variables = [v.value for v in model.trainable_variables]
        with tf.GradientTape() as tape:
            tape.watch(features)
            outputs = model(features, training=True)
            loss = tf.reduce_sum(weight * outputs)
        gradients = tape.gradient(loss, [features, *variables])
        found.append((outputs, model(features), model.predict_on_batch(features), gradients))
    (wanted, _, _, slopes), (outputs, plain, predicted, ours) = found
    for values in (outputs, plain, predicted):
        np.testing.assert_allclose(values, wanted, atol=2e-6)
    for mine, slope in zip(ours, slopes, strict=True):
        # Gates are kept in steps of 2**-16.
        np.testing.assert_allclose(mine, slope, atol=1e-4 * np.abs(slope).max(), rtol=1e-3)


def test_the_networks_of_the_package_run_on_it():
    model = network("paper", units=[6, 4], combining_units=3).build(FeatureSpec(mel_bands=20))
    features = np.random.default_rng(2).normal(size=(2, 30, 20)).astype(np.float32)
    model.jit_compile = False
    before = model.predict_on_batch(features)
    run_plainly(model)
    model.make_predict_function(force=True)
    after = model.predict_on_batch(features)
    for name in ("combined_lstm", "onset_stack_2_pool"):
        assert (
            type(model.get_layer(name).call).__module__
            == "deep_plunder.models.compiled.keras_layers"
        )
    for name, values in before.items():
        np.testing.assert_allclose(after[name], values, atol=1e-6)


def drawn(rng, batch, frames, bands, units):
    """Draw what an LSTM takes."""
    shapes = (batch, frames, bands), (bands, 4 * units), (4 * units,), (units, 4 * units)
    return [rng.normal(0, 0.5, shape).astype(np.float32) for shape in shapes]


@pytest.mark.parametrize("reverse", [False, True])
def test_a_frame_by_hand(reverse):
    sequences = np.array([[[0.3], [-0.7]]], np.float32)
    kernel = np.array([[0.9, -0.2, 1.1, 0.7]], np.float32)
    bias = np.array([0.1, 0.5, -0.4, -1.0], np.float32)
    recurrent = np.array([[0.5, -0.3, 0.8, 0.2]], np.float32)
    order = sequences[0, :, 0][::-1] if reverse else sequences[0, :, 0]
    h = c = 0.0
    wanted = []
    for x in order.astype(float):
        i, f, g, o = x * kernel[0] + bias + h * recurrent[0]
        i, f, o = (1 / (1 + np.exp(-v)) for v in (i, f, o))
        c = f * c + i * np.tanh(g)
        h = o * np.tanh(c)
        wanted.append(h)
    states, cells, gates = forward(sequences, kernel, bias, recurrent, reverse=reverse)
    np.testing.assert_allclose(states[0, :: -1 if reverse else 1, 0], wanted, atol=1e-6)
    assert len(cells) == len(gates) == 0


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("frames", [6, 70])
def test_the_gradients_are_the_slopes(reverse, frames):
    rng = np.random.default_rng(3)
    values = drawn(rng, 3, frames, 4, 5)
    weight = rng.normal(size=(3, frames, 5)).astype(np.float32)
    states, cells, gates = forward(*values, reverse=reverse, keep=True)
    np.testing.assert_allclose(states, forward(*values, reverse=reverse)[0], atol=1e-6)
    assert cells.shape == (-(-frames // 16), 3, 8)
    sequences, kernel, _, recurrent = values
    found = backward(weight, sequences, states, cells, gates, kernel, recurrent, reverse=reverse)
    step = 2**-8
    for value, slopes in enumerate(found):
        assert slopes.shape == values[value].shape
        for _ in range(4):
            place = tuple(rng.integers(n) for n in slopes.shape)
            sums = []
            for sign in (-1, 1):
                moved = [array.copy() for array in values]
                moved[value][place] += sign * step
                sums.append((forward(*moved, reverse=reverse)[0].astype(float) * weight).sum())
            slope = (sums[1] - sums[0]) / (2 * step)
            assert slopes[place] == pytest.approx(slope, abs=2e-3, rel=2e-3)


def test_large_inputs_saturate_and_faulty_ones_stay_faulty():
    sequences = np.full((1, 3, 1), 1e6, np.float32)
    weights = np.ones((1, 8), np.float32), np.zeros(8, np.float32), np.zeros((2, 8), np.float32)
    states = forward(sequences, *weights)[0]
    np.testing.assert_allclose(states[0, :, 0], np.tanh([1.0, 2.0, 3.0]), atol=1e-6)
    kernel = np.ones((2, 8), np.float32)
    kernel[1, 1:] = 0
    sequences = np.full((1, 3, 2), [[1e6, 0.0]], np.float32)
    sequences[0, 1, 1] = np.inf
    with np.errstate(invalid="ignore"):
        found = forward(sequences, kernel, *weights[1:])[0][0]
    assert np.isnan(found[1:]).any()
    assert np.isfinite(found[0]).all()


def test_a_row_does_not_depend_on_the_others():
    rng = np.random.default_rng(4)
    sequences, kernel, bias, recurrent = drawn(rng, 4, 50, 7, 11)
    together = forward(sequences, kernel, bias, recurrent)[0]
    for k in range(4):
        alone = forward(sequences[k : k + 1], kernel, bias, recurrent)[0][0]
        np.testing.assert_allclose(alone, together[k], atol=1e-6)


@pytest.mark.parametrize(("pool", "bands"), [(2, 12), (2, 7), (3, 10), (1, 4)])
def test_pooling_and_its_gradient_are_those_of_keras(pool, bands):
    import keras
    import tensorflow as tf
    from keras import layers

    rng = np.random.default_rng(5)
    features = tf.constant(rng.normal(size=(2, 9, bands)), tf.float32)
    weight = rng.normal(size=(2, 9, bands // pool)).astype(np.float32)
    entry = keras.Input((None, bands))
    x = layers.Activation("linear")(entry)
    x = layers.MaxPooling1D(pool, data_format="channels_first")(layers.ReLU()(x))
    model = keras.Model(entry, x)
    found = []
    for compiled in (False, True):
        if compiled:
            compile_layers(model)
        with tf.GradientTape() as tape:
            tape.watch(features)
            outputs = model(features, training=True)
            loss = tf.reduce_sum(weight * outputs)
        found.append((outputs, tape.gradient(loss, features)))
    for (outputs, slopes), (wanted, expected) in zip(found[1:], found[:1], strict=True):
        np.testing.assert_array_equal(outputs, wanted)
        np.testing.assert_array_equal(slopes, expected)


def test_pooling_keeps_what_is_no_number():
    features = np.array([[[np.nan, 1, 2, np.nan, -1, -2]]], np.float32)
    pooled, places = pooling.forward(features, 2)
    np.testing.assert_array_equal(pooled, [[[np.nan, np.nan, 0]]])
    np.testing.assert_array_equal(places, [[[0, 1, 2]]])


def test_a_relu_that_others_hear_too_stays_as_it_is():
    import keras
    from keras import layers

    entry = keras.Input((None, 4))
    relu = layers.ReLU()(layers.Activation("linear")(entry))
    pool = layers.MaxPooling1D(2, data_format="channels_first")(relu)
    model = keras.Model(entry, [relu, pool])
    features = np.random.default_rng(6).normal(size=(1, 5, 4)).astype(np.float32)
    wanted = [np.asarray(x) for x in model(features)]
    compile_layers(model)
    for found, expected in zip(model(features), wanted, strict=True):
        np.testing.assert_array_equal(found, expected)
