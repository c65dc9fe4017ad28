"""Let layers that are slow or large in Keras run in compiled code.

Keras runs an LSTM on a CPU as a loop of small operations, of which each costs more to start than
to compute, and keeps for the gradient what each of them gives. Here each direction is one
operation (`lstmloop`), and so are a ReLU and the pooling along the features behind it
(`poolloop`), which TensorFlow pools only after it has turned them round.

Weights, outputs and gradients are those of Keras's layers, up to rounding. It is for TensorFlow
on a CPU; elsewhere layers stay as Keras has them.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

__all__ = ["compile_layers"]

# Of the two LSTMs of a pair, whether each begins with the last frame.
_DIRECTIONS = False, True


def compile_layers(model: keras.Model) -> None:
    """Let LSTMs and poolings of a network run in compiled code.

    Nothing is done for other backends than TensorFlow, or where TensorFlow has a GPU.

    Parameters
    ----------
    model : keras.Model
        A network whose LSTMs are bidirectional, side by side, begin with zeros and give all
        frames, as those of `models.registry.build`. It must not run through XLA. Saving it is not
        affected.
    """
    import keras
    from keras import layers

    if keras.backend.backend() != "tensorflow":
        return
    import tensorflow as tf

    if tf.config.list_physical_devices("GPU"):
        return
    for layer in model.layers:
        if isinstance(layer, layers.Bidirectional):
            layer.call = _Pair(layer)
        elif isinstance(layer, layers.MaxPooling1D) and layer.data_format == "channels_first":
            before = layer.input._keras_history.operation
            heard = len(before._outbound_nodes) + sum(x is layer.input for x in model.outputs)
            if isinstance(before, layers.ReLU) and heard == 1:
                before.call = _untouched
                layer.call = _Pooling(layer)


def _untouched(inputs: Any) -> Any:
    return inputs


class _Pair:
    """Stands in for `call` of a bidirectional LSTM."""

    def __init__(self, pair: keras.layers.Bidirectional) -> None:
        from keras.layers import InputLayer

        self._cells = [pair.forward_layer.cell, pair.backward_layer.cell]
        # The gradient of features is of no use.
        self._inner = not isinstance(pair.input._keras_history.operation, InputLayer)

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
        return _run(sequences, weights, keep=False)[0]

    def _differentiable(self, sequences: Any, *weights: Any) -> Any:
        import tensorflow as tf

        from deep_plunder.models.compiled.lstm import backward

        inner = self._inner
        # The states, which what follows keeps as well, are all that is kept of the outputs.
        states, kept = _run(sequences, weights, keep=True)

        def gradients(gradient: Any) -> list[Any]:
            of_sequences, of_weights = [], []
            for reverse, own, others in zip(
                _DIRECTIONS, (weights[:3], weights[3:]), kept, strict=True
            ):
                kernel, _, recurrent = own
                units = recurrent.shape[0]
                half = slice(units, None) if reverse else slice(units)

                def loop(
                    gradient: Any, sequences: Any, states: Any, *values: Any,
                    half: slice = half, reverse: bool = reverse,
                ) -> Any:  # fmt: skip
                    halves = gradient[:, :, half], sequences, states[:, :, half]
                    return backward(
                        *halves, *values, reverse=reverse, inner=inner, product=_product
                    )

                values = gradient, sequences, states, *others, kernel, recurrent
                found = tf.numpy_function(loop, values, [tf.float32] * 4, stateful=False)
                for value, like in zip(found[1:], own, strict=True):
                    value.set_shape(like.shape)
                of_sequences.append(found[0])
                of_weights += found[1:]
            return [tf.add(*of_sequences) if inner else None, *of_weights]

        return states, gradients


def _product(a: Any, b: Any) -> Any:
    """Multiply matrices as TensorFlow does, whose product knows more processors than NumPy's."""
    import tensorflow as tf

    # A matrix that was turned round is multiplied as it lies.
    (a, a_turned), (b, b_turned) = (
        (x, False) if x.flags.c_contiguous else (x.T, True) for x in (a, b)
    )
    return tf.linalg.matmul(a, b, transpose_a=a_turned, transpose_b=b_turned).numpy()


def _run(sequences: Any, weights: Sequence[Any], *, keep: bool) -> tuple[Any, list[Any]]:
    """Give the states of both directions side by side, and what was kept of each."""
    import tensorflow as tf

    from deep_plunder.models.compiled.lstm import forward

    found, kept = [], []
    for reverse, own in zip(_DIRECTIONS, (weights[:3], weights[3:]), strict=True):
        loop = functools.partial(forward, reverse=reverse, keep=keep, product=_product)
        kinds = tf.float32, tf.float32, tf.uint16
        states, *others = tf.numpy_function(loop, (sequences, *own), kinds, stateful=False)
        states.set_shape((*sequences.shape[:2], own[2].shape[0]))
        found.append(states)
        kept.append(others)
    return tf.concat(found, 2), kept


class _Pooling:
    """Stands in for `call` of a pooling along the features that follows a ReLU."""

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
