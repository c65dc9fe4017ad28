"""Run a network on features of any length, in ONNX Runtime or in Keras."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from deep_plunder.models.compiled.keras_layers import compile_layers
from deep_plunder.models.onnx_graph import FEATURES, OUTPUTS
from deep_plunder.truth.labels import HEADS
from deep_plunder.util.arrays import Float32Array

if TYPE_CHECKING:
    import keras

__all__ = ["keras_runner", "onnx_runner", "run_plainly"]


def onnx_runner(graph: bytes) -> Callable[[Float32Array], Float32Array]:
    """Prepare a network to run in ONNX Runtime.

    Parameters
    ----------
    graph : bytes
        Its graph (`models.architecture.Network.graph`).

    Returns
    -------
    run : callable
        From features of shape (b, frames, bands), float32, to outputs of shape (b, frames, k). It
        computes on one core, so that jobs that run side by side do not slow each other down.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def run(features: Float32Array) -> Float32Array:
        return np.stack([session.run([OUTPUTS], {FEATURES: item[None]})[0] for item in features])

    return run


def run_plainly(model: keras.Model, *, bfloat16: bool = False) -> None:
    """Turn XLA compilation off, except on the JAX backend, and compiled LSTMs and poolings on.

    Parameters
    ----------
    model : keras.Model
        The network; on TensorFlow, Keras would choose XLA by itself.
    bfloat16 : bool
        Whether its LSTMs are trained with 16 bits, as its other layers may be
        (`models.architecture.Network.build`).
    """
    import keras

    # XLA takes several times as long as TensorFlow's own convolutions on a CPU, and minutes to
    # compile a loop over frames.
    model.jit_compile = keras.backend.backend() == "jax"
    compile_layers(model, bfloat16=bfloat16)


def keras_runner(model: keras.Model) -> Callable[[Float32Array], Float32Array]:
    """Prepare a network to run in Keras.

    Parameters
    ----------
    model : keras.Model
        The network, after `run_plainly`.

    Returns
    -------
    run : callable
        From features of shape (b, frames, bands) to outputs of shape (b, frames, k), in the order
        of `truth.labels.HEADS`. On TensorFlow it is traced once, where Keras traces anew for
        each of the first two numbers of frames.
    """
    import keras

    names = [name for name in HEADS if name in model.output]
    call: Callable[[Float32Array], dict[str, Any]] = model.predict_on_batch
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        call = tf.function(
            functools.partial(model, training=False),
            input_signature=[tf.TensorSpec(model.input.shape, tf.float32)],
            autograph=False,
            jit_compile=False,
        )

    def run(features: Float32Array) -> Float32Array:
        outputs = call(features)
        return np.concatenate([np.asarray(outputs[name]) for name in names], axis=2)

    return run
