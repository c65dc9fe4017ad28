"""The compiled loop of LSTMs against Keras's own, and against arithmetic by hand."""

import numpy as np
import pytest

from deep_plunder.lstmloop import backward, forward
from deep_plunder.networks import build, run_plainly
from deep_plunder.recurrence import compile_recurrence


def bidirectional(units, bands):
    """Make the same bidirectional LSTM twice."""
    import keras
    from keras import layers

    def one():
        features = keras.Input((None, bands))
        lstm = layers.LSTM(units, return_sequences=True)
        model = keras.Model(features, layers.Bidirectional(lstm)(features))
        model.jit_compile = False
        return model

    keras_own, ours = one(), one()
    rng = np.random.default_rng(0)
    weights = [rng.normal(0, 0.4, w.shape).astype(np.float32) for w in keras_own.get_weights()]
    for model in (keras_own, ours):
        model.set_weights(weights)
    compile_recurrence(ours)
    return keras_own, ours


# Odd sizes: rows and columns are taken in twos and fours, lanes in sixteens.
@pytest.mark.parametrize(
    ("units", "bands", "batch", "frames"), [(5, 3, 1, 1), (16, 7, 2, 40), (33, 20, 5, 23)]
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
    model = build("paper", bands=20, units=[6, 4], combining_units=3)
    features = np.random.default_rng(2).normal(size=(2, 30, 20)).astype(np.float32)
    model.jit_compile = False
    before = model.predict_on_batch(features)
    run_plainly(model)
    model.make_predict_function(force=True)
    after = model.predict_on_batch(features)
    lstm = model.get_layer("combined_lstm").backward_layer
    assert type(lstm.inner_loop).__module__ == "deep_plunder.recurrence"
    for name, values in before.items():
        np.testing.assert_allclose(after[name], values, atol=1e-6)


@pytest.mark.parametrize("reverse", [False, True])
def test_a_frame_by_hand(reverse):
    inputs = np.array([[[0.3, -0.2, 1.1, 0.7], [0.1, 0.5, -0.4, -1.0]]], np.float32)
    kernel = np.array([[0.5, -0.3, 0.8, 0.2]], np.float32)
    order = inputs[0][::-1] if reverse else inputs[0]
    h = c = 0.0
    wanted = []
    for x in order.astype(float):
        i, f, g, o = x + h * kernel[0]
        i, f, o = (1 / (1 + np.exp(-v)) for v in (i, f, o))
        c = f * c + i * np.tanh(g)
        h = o * np.tanh(c)
        wanted.append(h)
    states, cells, gates = forward(inputs, kernel, reverse=reverse)
    np.testing.assert_allclose(states[0, :: -1 if reverse else 1, 0], wanted, atol=1e-6)
    assert len(cells) == len(gates) == 0


@pytest.mark.parametrize("reverse", [False, True])
def test_the_gradient_is_the_slope(reverse):
    rng = np.random.default_rng(3)
    inputs = rng.normal(size=(3, 6, 20)).astype(np.float32)
    kernel = rng.normal(size=(5, 20)).astype(np.float32)
    weight = rng.normal(size=(3, 6, 5)).astype(np.float32)
    states, cells, gates = forward(inputs, kernel, reverse=reverse, keep=True)
    np.testing.assert_allclose(states, forward(inputs, kernel, reverse=reverse)[0], atol=1e-6)
    slopes = backward(weight, cells, gates, kernel, reverse=reverse)
    step = 2**-8
    for place in [(0, 0, 0), (2, 5, 19), (1, 3, 7), (0, 2, 12)]:
        sums = []
        for sign in (-1, 1):
            moved = inputs.copy()
            moved[place] += sign * step
            sums.append((forward(moved, kernel, reverse=reverse)[0].astype(float) * weight).sum())
        assert slopes[place] == pytest.approx((sums[1] - sums[0]) / (2 * step), abs=2e-3)


def test_large_inputs_saturate_and_faulty_ones_stay_faulty():
    kernel = np.zeros((2, 8), np.float32)
    inputs = np.full((1, 3, 8), 1e6, np.float32)
    states = forward(inputs, kernel)[0]
    np.testing.assert_allclose(states[0, :, 0], np.tanh([1.0, 2.0, 3.0]), atol=1e-6)
    inputs[0, 1, 0] = np.nan
    found = forward(inputs, kernel)[0][0]
    assert np.isnan(found[1:, 0]).all()
    assert np.isfinite(found[:2, 1]).all()


def test_a_row_does_not_depend_on_the_others():
    rng = np.random.default_rng(4)
    inputs = rng.normal(size=(4, 50, 44)).astype(np.float32)
    kernel = rng.normal(0, 0.3, size=(11, 44)).astype(np.float32)
    together = forward(inputs, kernel)[0]
    for k in range(4):
        assert np.array_equal(forward(inputs[k : k + 1], kernel)[0][0], together[k])
