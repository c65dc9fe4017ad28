"""Run the layers that are slow or large in Keras in compiled code.

On a CPU, Keras runs an LSTM as a loop of small operations. To start such an operation costs more
than its arithmetic, and its result is held for the gradient. Here both directions of a
bidirectional LSTM are one operation (`lstm`), with a thread for each direction. A ReLU and the
pooling along the features that follows it are one operation too (`pooling`). TensorFlow would
transpose the features before pooling them.

Weights, outputs and gradients equal those of Keras's layers, up to rounding. Compiled layers need
TensorFlow on a single CPU. With other backends and devices, Keras's layers run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

__all__ = ["compile_layers"]

# For each of the two LSTMs of a pair: whether the last frame comes first.
_DIRECTIONS = False, True


def compile_layers(model: keras.Model, *, bfloat16: bool = False) -> None:
    """Run the LSTMs and poolings of a network in compiled code.

    The network stays as it is on other backends, where TensorFlow has a GPU, and where several
    devices share the batches.

    Parameters
    ----------
    model : keras.Model
        A network whose LSTMs are bidirectional, concatenate both directions, start with a state
        of zeros and return all frames, like those of `models.networks`. It must not be compiled
        with XLA. The saved file of the network stays the same.
    bfloat16 : bool
        Whether training rounds the factors of products to bfloat16, on a processor that multiplies
        them. Sums, cells and gates have 32 bits, and so has all of prediction.
    """
    import keras
    from keras import layers

    if keras.backend.backend() != "tensorflow":
        return
    import tensorflow as tf

    if tf.config.list_physical_devices("GPU") or tf.distribute.has_strategy():
        return
    for layer in model.layers:
        if isinstance(layer, layers.Bidirectional):
            layer.call = _Pair(layer, bfloat16=bfloat16)
        elif isinstance(layer, layers.MaxPooling1D) and layer.data_format == "channels_first":
            before = layer.input._keras_history.operation
            heard = len(before._outbound_nodes) + sum(x is layer.input for x in model.outputs)
            if isinstance(before, layers.ReLU) and heard == 1:
                before.call = _untouched
                layer.call = _Pooling(layer)


def _untouched(inputs: Any) -> Any:
    return inputs


class _Pair:
    """The method `call` of a compiled bidirectional LSTM."""

    def __init__(self, pair: keras.layers.Bidirectional, *, bfloat16: bool) -> None:
        from keras.layers import InputLayer

        self._cells = [pair.forward_layer.cell, pair.backward_layer.cell]
        # The first layer needs no gradient of its inputs, the features.
        self._inner = not isinstance(pair.input._keras_history.operation, InputLayer)
        self._bfloat16 = bfloat16

    def __call__(self, sequences: Any, training: bool | None = False, **others: Any) -> Any:
        import tensorflow as tf

        if any(value is not None for value in others.values()):
            raise ValueError(f"a compiled LSTM takes no {', '.join(others)}")
        weights = [
            tf.convert_to_tensor(weight)
            for cell in self._cells
            for weight in (cell.kernel, cell.bias, cell.recurrent_kernel)
        ]
        sequences = tf.cast(sequences, weights[0].dtype)
        if training:
            return tf.custom_gradient(self._differentiable)(sequences, *weights)
        return _run(sequences, weights, keep=False, bfloat16=False)[0]

    def _differentiable(self, sequences: Any, *weights: Any) -> Any:
        import tensorflow as tf

        inner, bfloat16 = self._inner, self._bfloat16
        # Of the outputs only the states are kept, and the next layer keeps these anyway.
        states, kept = _run(sequences, weights, keep=True, bfloat16=bfloat16)

        def gradients(gradient: Any) -> list[Any]:
            from deep_plunder.models.compiled.lstm import backward

            def loops(gradient: Any, sequences: Any, states: Any, *values: Any) -> list[Any]:
                options: dict[str, Any] = {"inner": inner, "bfloat16": bfloat16}

                def one(reverse: bool) -> Any:
                    cells, gates, kernel, _, recurrent = values[5 * reverse : 5 * reverse + 5]
                    return backward(
                        gradient, sequences, states, cells, gates, kernel, recurrent,
                        reverse=reverse, way=int(reverse), **options,
                    )  # fmt: skip

                (inwards, *ahead), (others, *back) = _both(one)
                inwards += others
                return [inwards, *ahead, *back]

            values = gradient, sequences, states, *kept[:2], *weights[:3], *kept[2:], *weights[3:]
            kinds = [tf.float32] * 7
            of_sequences, *found = tf.numpy_function(loops, values, kinds, stateful=False)
            for value, like in zip(found, weights, strict=True):
                value.set_shape(like.shape)
            of_sequences.set_shape(sequences.shape)
            return [of_sequences if inner else None, *found]

        return states, gradients


def _run(
    sequences: Any, weights: Sequence[Any], *, keep: bool, bfloat16: bool
) -> tuple[Any, list[Any]]:
    """Compute the states of both directions, and the cells and gates of each."""
    import tensorflow as tf

    from deep_plunder.models.compiled.lstm import aligned, forward

    def loops(sequences: Any, *weights: Any) -> list[Any]:
        units = len(weights[2])
        states = aligned(*sequences.shape[:2], 2 * units)

        def one(reverse: bool) -> Any:
            own = weights[3 * reverse : 3 * reverse + 3]
            return forward(
                sequences, *own, reverse=reverse, keep=keep, bfloat16=bfloat16,
                states=states, way=int(reverse),
            )  # fmt: skip

        return [states, *(kept for found in _both(one) for kept in found[1:])]

    kinds = [tf.float32, *[tf.float32, tf.uint16] * 2]
    states, *kept = tf.numpy_function(loops, (sequences, *weights), kinds, stateful=False)
    states.set_shape((*sequences.shape[:2], 2 * weights[2].shape[0]))
    return states, kept


def _both(run: Callable[[bool], Any]) -> list[Any]:
    """Run both directions, in two threads if TensorFlow may use two."""
    if _threads() < 2:
        return [run(reverse) for reverse in _DIRECTIONS]
    with ThreadPoolExecutor(1) as pool:
        beside = pool.submit(run, True)
        return [run(False), beside.result()]


def _threads() -> int:
    """Return the number of threads that TensorFlow may use for an operation."""
    import tensorflow as tf

    asked = tf.config.threading.get_intra_op_parallelism_threads()
    asked = asked or int(os.environ.get("TF_NUM_INTRAOP_THREADS", 0))
    return asked or os.cpu_count() or 1


class _Pooling:
    """The method `call` of a compiled pooling along the features behind a ReLU."""

    def __init__(self, layer: keras.layers.MaxPooling1D) -> None:
        (self._pool,) = layer.pool_size

    def __call__(self, features: Any) -> Any:
        import tensorflow as tf

        from deep_plunder.models.compiled.pooling import backward, forward

        pool, shape = self._pool, features.shape

        @tf.custom_gradient  # type: ignore[untyped-decorator]
        def run(features: Any) -> Any:
            def there(features: Any) -> Any:
                return forward(features, pool)

            kinds = tf.float32, tf.uint8
            pooled, places = tf.numpy_function(there, [features], kinds, stateful=False)
            pooled.set_shape((*shape[:2], shape[2] // pool))

            def gradients(gradient: Any) -> Any:
                def back(gradient: Any, places: Any) -> Any:
                    return backward(gradient, places, pool, shape[2])

                slopes = tf.numpy_function(back, [gradient, places], tf.float32, stateful=False)
                slopes.set_shape(shape)
                return slopes

            return pooled, gradients

        return run(features)
