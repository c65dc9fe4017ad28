"""Compile a network for its training: the optimizer, the learning rate and the losses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from deep_plunder.models.runners import run_plainly
from deep_plunder.training.losses import (
    cross_entropy,
    isolation_cross_entropy,
    several_cross_entropy,
)
from deep_plunder.training.spec import TrainingSpec

if TYPE_CHECKING:
    import keras

__all__ = ["compile_model", "schedule"]


def schedule(training: TrainingSpec) -> Any:
    """Return the learning rate of a training.

    Parameters
    ----------
    training : TrainingSpec

    Returns
    -------
    rate : keras.optimizers.schedules.LearningRateSchedule
        Function of the step, from 0.
    """
    from keras.optimizers import schedules

    if training.schedule == "cosine":
        steps = training.epochs * training.steps_per_epoch
        return schedules.CosineDecay(
            training.learning_rate / 100 if training.warmup_steps else training.learning_rate,
            max(1, steps - training.warmup_steps),
            warmup_target=training.learning_rate if training.warmup_steps else None,
            warmup_steps=training.warmup_steps,
        )
    return schedules.ExponentialDecay(
        training.learning_rate, training.decay_steps, training.decay_rate, staircase=False
    )


def compile_model(model: keras.Model, training: TrainingSpec) -> dict[str, Any]:
    """Compile a network for its training.

    Parameters
    ----------
    model : keras.Model
        The network, which gets its optimizer and its losses.
    training : TrainingSpec

    Returns
    -------
    losses : dict of str to callable
        The loss function of each output.
    """
    import keras
    from keras import optimizers

    rate = schedule(training)
    mean: dict[str, Any] = {}
    if training.average:
        mean = {"use_ema": True, "ema_momentum": training.average}
    if training.weight_decay:
        optimizer = optimizers.AdamW(
            rate, weight_decay=training.weight_decay, global_clipnorm=training.clip_norm, **mean
        )
    else:
        # `clipnorm` clips the gradient of each variable by its own norm.
        optimizer = optimizers.Adam(rate, clipnorm=training.clip_norm, **mean)
    optimizer.build(model.trainable_variables)
    positive = training.positive_weight
    losses = {
        "onset": cross_entropy(weight=training.onset_weight, positive=positive),
        "offset": cross_entropy(positive=positive),
        "frame": cross_entropy(),
        "isolation": isolation_cross_entropy(),
        "several": several_cross_entropy(weight=training.several_weight),
    }
    losses = {name: losses[name] for name in model.output}
    model.compile(optimizer, loss=losses)
    run_plainly(model, bfloat16=training.bfloat16)
    if keras.backend.backend() == "tensorflow":
        model.test_function = _tested_by_shape(model)
    return losses


def _tested_by_shape(model: keras.Model) -> Callable[[Iterator[Any]], Any]:
    """Return a step of validation that has a graph per size of batch.

    Keras's own has one of any size from the second size on. Its losses may differ in the last bit,
    so that they would depend on the batches before, which a resumed training does not see.
    """
    import tensorflow as tf

    step = tf.function(model.test_step, autograph=False, jit_compile=False)

    def test(batches: Iterator[Any]) -> Any:
        return step(next(batches))

    return test
