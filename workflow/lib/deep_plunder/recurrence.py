"""Let the LSTMs of a network run on the compiled loop of `lstmloop`.

Keras runs an LSTM on a CPU as a loop of small operations, of which each costs more to start than
to compute, and multiplies the inputs of each frame by the kernel on their own. Here the inputs of
all frames are multiplied at once, and the rest of the loop is one operation. Weights, outputs and
gradients are those of `keras.layers.LSTM`, up to rounding.

It is for TensorFlow on a CPU. Elsewhere LSTMs stay as Keras has them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

__all__ = ["compile_recurrence"]


def compile_recurrence(model: keras.Model) -> None:
    """Let each LSTM of a network run on the compiled loop.

    Nothing is done for other backends than TensorFlow, or where TensorFlow has a GPU.

    Parameters
    ----------
    model : keras.Model
        A network whose LSTMs are bidirectional, begin with zeros and give all frames, as those
        of `networks.build`. It must not run through XLA. Saving it is not affected.
    """
    import keras

    pairs = [layer for layer in model.layers if isinstance(layer, keras.layers.Bidirectional)]
    lstms = [lstm for pair in pairs for lstm in (pair.forward_layer, pair.backward_layer)]
    if not lstms or keras.backend.backend() != "tensorflow":
        return
    import tensorflow as tf

    if tf.config.list_physical_devices("GPU"):
        return
    for layer in lstms:
        layer.inner_loop = _InnerLoop(layer)


class _InnerLoop:
    """Stands in for `inner_loop` of a layer, the hook for what a backend does faster."""

    def __init__(self, layer: keras.layers.LSTM) -> None:
        self._layer = layer

    def __call__(
        self, sequences: Any, initial_state: Any, mask: Any, training: bool = False
    ) -> tuple[Any, Any, list[Any]]:
        import tensorflow as tf

        cell, reverse = self._layer.cell, self._layer.go_backwards
        kernel = tf.convert_to_tensor(cell.kernel)
        shape = tf.shape(sequences)
        flat = tf.reshape(tf.cast(sequences, kernel.dtype), (-1, kernel.shape[0]))
        inputs = tf.nn.bias_add(tf.matmul(flat, kernel), tf.convert_to_tensor(cell.bias))
        inputs = tf.reshape(inputs, (shape[0], shape[1], 4 * cell.units))
        recurrent = tf.convert_to_tensor(cell.recurrent_kernel)
        states = (_differentiable if training else _plain)(inputs, recurrent, reverse)
        # Keras gives frames in the order in which they were heard.
        states = tf.reverse(states, [1]) if reverse else states
        last = states[:, -1]
        return last, states, [last, last]


def _run(inputs: Any, kernel: Any, reverse: bool, keep: bool) -> tuple[Any, Any, Any]:
    import tensorflow as tf

    from .lstmloop import forward

    def loop(inputs: Any, kernel: Any) -> Any:
        return forward(inputs, kernel, reverse=reverse, keep=keep)

    kinds = tf.float32, tf.float32, tf.uint16
    states, cells, gates = tf.numpy_function(loop, (inputs, kernel), kinds, stateful=False)
    states.set_shape((*inputs.shape[:2], kernel.shape[0]))
    return states, cells, gates


def _plain(inputs: Any, kernel: Any, reverse: bool) -> Any:
    return _run(inputs, kernel, reverse, False)[0]


def _differentiable(inputs: Any, kernel: Any, reverse: bool) -> Any:
    import tensorflow as tf

    from .lstmloop import backward

    def loop(gradient: Any, cells: Any, gates: Any, kernel: Any) -> Any:
        return backward(gradient, cells, gates, kernel, reverse=reverse)

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def run(inputs: Any, kernel: Any) -> Any:
        states, cells, gates = _run(inputs, kernel, reverse, True)

        def gradients(gradient: Any) -> tuple[Any, Any]:
            arguments = gradient, cells, gates, kernel
            slopes = tf.numpy_function(loop, arguments, tf.float32, stateful=False)
            slopes.set_shape(inputs.shape)
            # Of each frame the state before it; before the first one there are zeros.
            before = states[:, 1:] if reverse else states[:, :-1]
            before = tf.pad(before, ((0, 0), (0, 1) if reverse else (1, 0), (0, 0)))
            units, width = kernel.shape
            flat = tf.reshape(before, (-1, units)), tf.reshape(slopes, (-1, width))
            return slopes, tf.matmul(*flat, transpose_a=True)

        return states, gradients

    return run(inputs, kernel)
