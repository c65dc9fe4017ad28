"""Statistics of batch normalization computed anew: which they are, and when a training does so."""

import numpy as np
import pytest

from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.registry import network
from deep_plunder.training.batches import sampled_batches
from deep_plunder.training.fit import Fitting
from deep_plunder.training.normalization import renew_statistics
from deep_plunder.training.spec import TrainingSpec
from deep_plunder.util.rng import generator

SPEC = FeatureSpec(mel_bands=16)
SIZES = {
    "conv": {"channels": 8, "front": [4, 4], "dilations": [1, 2], "dropout": 0.5},
    "paper": {"units": [6, 4], "combining_units": 5, "dropout": 0.5},
}


def noise(*shape):
    return generator(5, "noise").normal(2, 3, shape).astype(np.float32)


class Memory:
    """Items in memory: noise with a few onsets."""

    frames = 40

    def __init__(self, name, count):
        rng = generator(5, "items", name)
        self.features = rng.normal(-4, 2, (count, self.frames, 16)).astype(np.float32)
        self.labels = (rng.random((count, self.frames, 3)) < 0.1).astype(np.uint8)

    def __len__(self):
        return len(self.features)

    def batch(self, indices, *, starts=None, frames=None):
        frames = frames or self.frames
        starts = np.zeros(len(indices), int) if starts is None else starts
        spans = [
            (i, slice(start, start + frames)) for i, start in zip(indices, starts, strict=True)
        ]
        return tuple(
            np.stack([values[span] for span in spans]) for values in (self.features, self.labels)
        )

    def onsets(self, index):
        return np.flatnonzero(self.labels[index, :, 0])


def norms(model):
    from keras import layers

    return [layer for layer in model.layers if isinstance(layer, layers.BatchNormalization)]


def inputs_of(model, features):
    """The inputs of each batch normalization of a trained network."""
    import keras

    inner = keras.Model(model.input, {layer.name: layer.input for layer in norms(model)})
    found = inner(features, training=False)
    return [np.asarray(found[layer.name], np.float64) for layer in norms(model)]


def assert_statistics(model, features, rtol=1e-4):
    for layer, values in zip(norms(model), inputs_of(model, features), strict=True):
        values = values.reshape(-1, values.shape[-1])
        np.testing.assert_allclose(layer.moving_mean, values.mean(0), rtol=rtol, atol=1e-6)
        np.testing.assert_allclose(layer.moving_variance, values.var(0), rtol=rtol, atol=1e-7)


def test_the_second_layer_hears_the_first_with_its_new_statistics():
    import keras
    from keras import layers

    given = keras.Input((None, 3))
    first = layers.BatchNormalization(epsilon=1e-3, name="first")
    dense = layers.Dense(2, name="dense")
    second = layers.BatchNormalization(name="second")
    x = layers.Dropout(0.5)(first(given))
    model = keras.Model(given, second(dense(x)))
    kernel, bias = np.array([[1.0, -2], [0.5, 3], [2, 1]], np.float32), np.array([7.0, -1])
    dense.set_weights([kernel, bias])
    first.set_weights([np.array([2.0, 1, 3]), np.array([0.5, 0, -1]), np.full(3, 9), np.full(3, 9)])
    batches = [noise(2, 50, 3), 5 + noise(1, 20, 3)]
    calls = []
    renew_statistics(model, lambda: calls.append(1) or batches)
    rows = np.concatenate([batch.reshape(-1, 3) for batch in batches]).astype(np.float64)
    assert len(rows) == 120
    np.testing.assert_allclose(first.moving_mean, rows.mean(0), rtol=1e-6)
    np.testing.assert_allclose(first.moving_variance, rows.var(0), rtol=1e-6)
    normal = (rows - rows.mean(0)) / np.sqrt(rows.var(0) + 1e-3)
    inner = (normal * [2, 1, 3] + [0.5, 0, -1]) @ kernel + bias
    np.testing.assert_allclose(second.moving_mean, inner.mean(0), rtol=1e-5)
    np.testing.assert_allclose(second.moving_variance, inner.var(0), rtol=1e-5)
    assert len(calls) == 2


@pytest.mark.parametrize("architecture", SIZES)
def test_each_layer_has_the_statistics_of_its_input_whatever_the_batches(architecture):
    features = noise(6, 30, 16)
    found = []
    for split in ([features], [features[:1], features[1:3], features[3:]]):
        model = network(architecture, **SIZES[architecture]).build(SPEC, seed=2)
        before = [np.array(variable) for variable in model.trainable_variables]
        renew_statistics(model, lambda batches=split: batches)
        assert_statistics(model, features)
        for variable, value in zip(model.trainable_variables, before, strict=True):
            np.testing.assert_array_equal(variable, value)
        found.append(model.get_weights())
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)


def test_a_small_spread_beside_a_large_mean_is_kept():
    import keras
    from keras import layers

    given = keras.Input((None, 1))
    model = keras.Model(given, layers.BatchNormalization()(given))
    rows = (4000 + generator(1, "spread").normal(0, 0.01, (3, 100, 1))).astype(np.float32)
    renew_statistics(model, lambda: [rows])
    (layer,) = norms(model)
    expected = rows.astype(np.float64).var()
    np.testing.assert_allclose(layer.moving_variance, [expected], rtol=1e-3)


def test_a_network_without_batch_normalization_stays_as_it_is():
    spec = FeatureSpec(mel_bands=24, hop=256, short_bands=8)
    model = network("grouped").build(spec)
    before = model.get_weights()
    renew_statistics(model, lambda: pytest.fail("no batch is needed"))
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_items_are_drawn_once_each():
    training = TrainingSpec(batch_size=4, norm_batches=3)
    few = list(sampled_batches(items=100, training=training, seed=1))
    assert [len(batch) for batch in few] == [4, 4, 4]
    assert len(set(np.concatenate(few))) == 12
    whole = list(sampled_batches(items=10, training=training, seed=1))
    assert [len(batch) for batch in whole] == [4, 4, 2]
    assert sorted(np.concatenate(whole)) == list(range(10))
    again = list(sampled_batches(items=10, training=training, seed=1))
    assert [batch.tolist() for batch in again] == [batch.tolist() for batch in whole]


def fitted(architecture="conv", epochs=2, **settings):
    training = TrainingSpec(
        batch_size=4, steps_per_epoch=3, epochs=epochs, validate_every=1, **settings
    )
    model = network(architecture, **SIZES[architecture]).build(SPEC, seed=1)
    run = Fitting(model, training, 1, Memory("train", 10), Memory("validation", 3), spec=SPEC)
    while not run.finished:
        run.step()
    return run


@pytest.mark.parametrize("settings", [{}, {"average": 0.5}])
def test_what_is_validated_and_kept_has_them_and_the_training_goes_on_alike(settings):
    plain, run = fitted(**settings), fitted(norm_batches=3, **settings)
    for row, other in zip(plain.history, run.history, strict=True):
        assert (row.loss, row.onset_loss) == (other.loss, other.onset_loss)
        assert row.val_loss != other.val_loss
    for one, other in zip(
        plain.model.trainable_variables, run.model.trainable_variables, strict=True
    ):
        np.testing.assert_array_equal(one, other)
    model = network("conv", **SIZES["conv"]).build(SPEC)
    model.set_weights(run.best)
    assert_statistics(model, run.train_set.features)


def test_parts_of_mixes_are_drawn_as_in_training():
    run = fitted(norm_batches=3, crop_frames=10)
    first, second = (np.concatenate(list(run._sampled())) for _ in range(2))
    assert first.shape == (10, 10, 16)
    np.testing.assert_array_equal(first, second)
    assert_statistics(run.model, first)


def test_an_interrupted_training_ends_with_the_same_bytes():
    whole = fitted("paper", epochs=3, norm_batches=2)
    half = fitted("paper", epochs=1, norm_batches=2)
    rest = Fitting(
        network("paper", **SIZES["paper"]).build(SPEC, seed=9),
        whole.training, 1, whole.train_set, whole.validation_set, spec=SPEC,
    )  # fmt: skip
    assert rest.restore(half.state())
    while not rest.finished:
        rest.step()
    for one, other in zip(whole.best, rest.best, strict=True):
        np.testing.assert_array_equal(one, other)
    assert [row.val_loss for row in rest.history] == [row.val_loss for row in whole.history]
