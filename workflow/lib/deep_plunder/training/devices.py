"""Divide each batch of a training among several devices of one machine.

Each device holds the network and computes the gradients for its share of the items; their sum
changes the weights of all (``tf.distribute.MirroredStrategy``). Losses are means over the known
labels of the whole batch, gradients are clipped after they are summed, and batch normalization
uses the statistics of the whole batch. So the losses are those of one device, up to rounding. Only
dropout differs: each device draws the same values for its own share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from deep_plunder.errors import ConfigError, InputError
from deep_plunder.truth.labels import HEADS, IGNORED, ISOLATION, ISOLATION_UNKNOWN

if TYPE_CHECKING:
    import keras

__all__ = ["Devices", "find_gpus", "over_devices"]

Step = Callable[..., dict[str, float]]
"""Function from features and targets by name to losses by name, as ``train_on_batch``."""


def find_gpus(count: int) -> list[str]:
    """Find GPUs, and check that there are enough.

    Parameters
    ----------
    count : int
        Number of GPUs that the training must have.

    Returns
    -------
    names : list of str
        The first `count`, such as ``/device:GPU:0``.

    Raises
    ------
    InputError
        If TensorFlow sees fewer.

    Examples
    --------
    >>> find_gpus(0)
    []
    """
    if count == 0:
        return []
    import tensorflow as tf

    found = [device.name for device in tf.config.list_logical_devices("GPU")]
    if len(found) < count:
        rule = f"must not exceed the {len(found)} GPUs that TensorFlow {tf.__version__} sees here"
        raise InputError(f"train: resources.gpu {rule}, got {count}")
    return found[:count]


def over_devices(value: Any) -> Any:
    """Compute the sum of a tensor over all devices that share a batch.

    Parameters
    ----------
    value : tensor

    Returns
    -------
    total : tensor
        The tensor itself where one device computes alone.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        return value
    import tensorflow as tf

    if not tf.distribute.has_strategy():
        return value
    return tf.distribute.get_replica_context().all_reduce("SUM", value)


class Devices:
    """Several devices that compute each batch together.

    Parameters
    ----------
    names : sequence of str
        TensorFlow's names of them, at least one.
    batch_size : int
        Items of a batch of the training, which must be a multiple of the number of devices.

    Raises
    ------
    ConfigError
        If it is not.
    InputError
        If Keras does not run on TensorFlow.
    """

    def __init__(self, names: Sequence[str], *, batch_size: int) -> None:
        import keras

        if keras.backend.backend() != "tensorflow":
            backend = keras.backend.backend()
            raise InputError(f"several devices need Keras on TensorFlow, it runs on {backend}")
        if batch_size % len(names):
            rule = f"must be a multiple of the {len(names)} devices"
            raise ConfigError([f"training.batch_size: {rule}, got {batch_size}"])
        import tensorflow as tf

        self._count = len(names)
        self._strategy = tf.distribute.MirroredStrategy(list(names))

    def scope(self) -> AbstractContextManager[Any]:
        """Return the context in which the network is built and compiled.

        Returns
        -------
        scope : context manager
        """
        scope: AbstractContextManager[Any] = self._strategy.scope()
        return scope

    def steps(self, model: keras.Model, losses: Mapping[str, Any]) -> tuple[Step, Step]:
        """Prepare the steps of a training.

        Parameters
        ----------
        model : keras.Model
            A network that was built and compiled in `scope`.
        losses : mapping of str to callable
            The loss function of each output (`training.losses`).

        Returns
        -------
        train, test : callable
            They stand in for ``model.train_on_batch`` and ``model.test_on_batch``, outside of
            `scope`.
        """
        import tensorflow as tf
        from keras import layers

        for layer in model.layers:
            if isinstance(layer, layers.BatchNormalization):
                layer.synchronized = True
        strategy, count = self._strategy, self._count

        def terms(features: Any, targets: Any, *, training: bool) -> dict[str, Any]:
            outputs = model(features, training=training)
            found = {f"{name}_loss": losses[name](targets[name], outputs[name]) for name in outputs}
            penalties = sum(model.losses) / count if model.losses else 0.0
            return found | {"loss": sum(found.values()) + penalties}

        def total(found: Mapping[str, Any]) -> dict[str, Any]:
            return {name: strategy.reduce("SUM", value, axis=None) for name, value in found.items()}

        def gradients(features: Any, targets: Any) -> Any:
            with tf.GradientTape() as tape:
                found = terms(features, targets, training=True)
            return found, tape.gradient(found["loss"], model.trainable_variables)

        @tf.function(autograph=False, jit_compile=False)  # type: ignore[untyped-decorator]
        def train(features: Any, targets: Any) -> Any:
            found, slopes = strategy.run(gradients, args=(features, targets))
            summed = [strategy.reduce("SUM", slope, axis=None) for slope in slopes]
            # Here and not on each device, where Keras would clip before it sums.
            model.optimizer.apply(summed, model.trainable_variables)
            return total(found)

        @tf.function(autograph=False, jit_compile=False)  # type: ignore[untyped-decorator]
        def test(features: Any, targets: Any) -> Any:
            return total(strategy.run(terms, args=(features, targets), kwargs={"training": False}))

        return self._divided(train), self._divided(test)

    def _divided(self, step: Any) -> Step:
        """Return a step that gives each device its share of the items."""
        import tensorflow as tf

        def run(
            features: NDArray[np.float32], targets: Mapping[str, Any], **options: Any
        ) -> dict[str, float]:
            whole: dict[str, Any] = {"": features, **targets}
            shares = {
                name: np.split(_filled(name, values, self._count), self._count)
                for name, values in whole.items()
            }

            def share(name: str) -> Any:
                return self._strategy.experimental_distribute_values_from_function(
                    lambda place: tf.constant(shares[name][place.replica_id_in_sync_group])
                )

            found = step(share(""), {name: share(name) for name in targets})
            return {name: float(value) for name, value in found.items()}

        return run


def _filled(name: str, values: NDArray[Any], count: int) -> NDArray[Any]:
    """Fill a batch up to a multiple of a number, with items whose labels do not count."""
    missing = -len(values) % count
    if not missing:
        return values
    filling = np.repeat(values[-1:], missing, axis=0)
    if name:
        filling[:] = ISOLATION_UNKNOWN if name in HEADS[ISOLATION:] else IGNORED
    return np.concatenate([values, filling])
