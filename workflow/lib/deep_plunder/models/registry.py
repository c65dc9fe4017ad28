"""Build the networks: `paper`, `conv`, `default` and `grouped`, for real songs, and `onf_conv`.

All take features of any number of frames and give at least three probabilities a frame: that a
sound heard alone begins there (onset), has just ended (offset), is heard (frame). Nothing but
Keras 3 layers: they run on any backend of Keras.

`paper` (Braun, "Deep Plunder", 2020, section 4.1 and Figure 3). Three stacks, each of units of
[bidirectional LSTM -> batch normalization -> ReLU -> max pooling along the features ->
dropout], then one sigmoid. The three sigmoids go together through one more bidirectional LSTM,
whose sigmoid is the frame output. The third stack's own sigmoid has no loss of its own: its
gradient comes through that last LSTM. The paper publishes two totals, 3,563,948 trainable and
4,342 non-trainable parameters, but no sizes. The default sizes are FITTED to the totals: they
meet them, many others do as well, and they are not claimed to be the author's. Of the 4,342, 4,332
are the moving means and variances of batch normalization; the other 10 are the totals and counts
of the five `Mean` metrics (loss and its four terms) that the author's port kept as variables of
the model. Here they are no part of the model. The paper says that it tried dropout rates and
pool sizes, not which it chose: 0.25 is the rate of the units that these stand in for (Hawthorne
et al., 2018), 2 halves the features as there.

`conv`, `default` and `grouped` are in modules of their own, `onf_conv`, a baseline, in
`onf_network`. The first three are also written as graphs, which run without Keras.

Initial weights and dropout are drawn from `seed` alone, no global random state is used.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from deep_plunder.errors import ConfigError
from deep_plunder.models.compiled.keras_layers import compile_layers
from deep_plunder.models.layers import LayerMaker
from deep_plunder.models.networks import conv, grouped, onf_conv, paper, two_rate
from deep_plunder.models.onnx_graph import GraphMaker
from deep_plunder.models.sizes import (
    GRAPHS,
    ConvSizes,
    DefaultSizes,
    GroupedSizes,
    OnfConvSizes,
    PaperSizes,
    feature_faults,
    network_sizes,
)
from deep_plunder.truth.labels import LABELS, OUTPUTS

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from deep_plunder.models.onnx_graph import LayerWeights

__all__ = [
    "RECURRENT_FRAMES",
    "build",
    "graph",
    "long_step",
    "output_names",
    "receptive_frames",
    "run_plainly",
    "runner",
    "window_s",
]

RECURRENT_FRAMES = 313
"""Frames on each side that a network with LSTMs is given where it cannot be given all: 10 s at
32 ms.

An LSTM has no bound. It is trained on minutes, of which the events last seconds.
"""


def receptive_frames(architecture: str, **sizes: Any) -> int:
    """Count the frames before and after a frame that its output needs.

    Parameters
    ----------
    architecture, **sizes
        As of `build`.

    Returns
    -------
    frames : int
        On each side. Enough for `conv`, `default` and `grouped`; `RECURRENT_FRAMES`, a choice, for
        the others.

    Raises
    ------
    ConfigError
        As `models.sizes.network_sizes`.
    """
    chosen = network_sizes(architecture, **sizes)
    if isinstance(chosen, DefaultSizes):
        return two_rate.receptive_frames(chosen)
    if isinstance(chosen, GroupedSizes):
        return grouped.receptive_frames(chosen)
    if isinstance(chosen, ConvSizes):
        return conv.receptive_frames(chosen)
    return RECURRENT_FRAMES


def long_step(architecture: str, **sizes: Any) -> int:
    """Say which frames' long windows a network looks at, of detailed features.

    Parameters
    ----------
    architecture, **sizes
        As of `build`.

    Returns
    -------
    frames : int
        From one that is looked at to the next, the first is one. `default` has a size for it,
        `grouped` looks at one a group, others at all. What is not looked at need not be computed
        (`features.log_mel.stream_log_mel`).

    Raises
    ------
    ConfigError
        As `models.sizes.network_sizes`.
    """
    chosen = network_sizes(architecture, **sizes)
    if isinstance(chosen, DefaultSizes):
        return chosen.long_step
    return chosen.group if isinstance(chosen, GroupedSizes) else 1


def window_s(architecture: str) -> float:
    """Say how much of a song a network is best given at a time.

    Parameters
    ----------
    architecture : str
        A key of `models.sizes.ARCHITECTURES`.

    Returns
    -------
    seconds : float
        A minute for networks with LSTMs, which are trained on minutes and hear all of one. Two
        for the others: what neighbours both compute is then little.
    """
    return 120.0 if architecture in GRAPHS else 60.0


def output_names(architecture: str) -> tuple[str, ...]:
    """Give the names of a network's outputs.

    Parameters
    ----------
    architecture : str
        A key of `models.sizes.ARCHITECTURES`.

    Returns
    -------
    names : tuple of str
        In the order of `truth.labels.LABELS`.
    """
    return LABELS if architecture in ("default", "grouped") else OUTPUTS


def graph(
    architecture: str,
    *,
    bands: int,
    short_bands: int,
    weights: LayerWeights,
    exact: bool = False,
    **sizes: Any,
) -> bytes | None:
    """Write a network with its weights as a graph, which runs without Keras.

    Parameters
    ----------
    architecture, bands, short_bands, **sizes
        As of `build`.
    weights : LayerWeights
        Of the layers of `build`.
    exact : bool
        Whether nothing in it is rounded to bytes (`graphs`).

    Returns
    -------
    graph : bytes or None
        As `models.onnx_graph.runner` takes it; None for networks with LSTMs, which run in Keras.

    Raises
    ------
    ConfigError
        As `build`.
    ValueError
        If the weights are of other shapes.
    """
    chosen, make = network_sizes(architecture, **sizes), GraphMaker(weights, exact=exact)
    if isinstance(chosen, DefaultSizes):
        return two_rate.graph(bands, short_bands, chosen, make)
    if isinstance(chosen, GroupedSizes):
        return grouped.graph(bands, short_bands, chosen, make)
    if isinstance(chosen, ConvSizes):
        return conv.graph(bands, chosen, make)
    return None


def build(
    architecture: str,
    *,
    bands: int = 229,
    short_bands: int = 0,
    seed: int = 0,
    bfloat16: bool = False,
    **sizes: Any,
) -> keras.Model:
    """Build a network with fresh weights, not compiled.

    Parameters
    ----------
    architecture : str
        A key of `models.sizes.ARCHITECTURES`.
    bands : int
        Numbers a frame of the features.
    short_bands : int
        Of detailed features (`features.spec.FeatureSpec`), else 0.
    seed : int
        What the initial weights and the dropout are drawn from.
    bfloat16 : bool
        Whether the layers compute with 16 bits, where processors do so faster; weights and
        outputs have 32 all the same. For training.
    **sizes : Any
        Fields of its class of sizes that differ from the default.

    Returns
    -------
    model : keras.Model
        From features of shape (batch, frames, bands), float32, to a dict of ``onset``,
        ``offset`` and ``frame``, of `default` and `grouped` also ``isolation``, each of shape
        (batch, frames, 1), in 0..1.

    Raises
    ------
    ConfigError
        As `models.sizes.network_sizes`, or if the network cannot work on such features.
    """
    chosen = network_sizes(architecture, **sizes)
    faults = feature_faults(architecture, bands=bands, short_bands=short_bands, **sizes)
    if faults:
        raise ConfigError(faults)
    layers = LayerMaker(seed, "mixed_bfloat16" if bfloat16 else None)
    if isinstance(chosen, DefaultSizes):
        return two_rate.build(bands, short_bands, chosen, layers)
    if isinstance(chosen, GroupedSizes):
        return grouped.build(bands, short_bands, chosen, layers)
    if isinstance(chosen, OnfConvSizes):
        return onf_conv.build(bands, chosen, layers)
    if isinstance(chosen, PaperSizes):
        return paper.build(bands, chosen, layers)
    return conv.build(bands, chosen, layers)


def run_plainly(model: keras.Model, *, bfloat16: bool = False) -> None:
    """Let a network run on its backend's own operations, and not through XLA, but with JAX.

    LSTMs and poolings run as `compiled.keras_layers` has them.

    Parameters
    ----------
    model : keras.Model
        The network; on TensorFlow Keras would choose XLA by itself.
    bfloat16 : bool
        Whether its LSTMs are trained with 16 bits, as its other layers may be (`build`).
    """
    import keras

    # XLA takes several times as long as TensorFlow's own convolutions on a CPU, and minutes to
    # compile a loop over frames.
    model.jit_compile = keras.backend.backend() == "jax"
    compile_layers(model, bfloat16=bfloat16)


def runner(model: keras.Model) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    """Give what runs a network on features of any number of frames.

    Parameters
    ----------
    model : keras.Model
        The network, as `run_plainly` leaves it.

    Returns
    -------
    run : callable
        From features of shape (b, frames, bands) to outputs of shape (b, frames, k), in the order
        of `truth.labels.LABELS`. On TensorFlow it is prepared once, where Keras prepares itself
        anew
        for the first two numbers of frames.
    """
    import keras

    names = [name for name in LABELS if name in model.output]
    call: Callable[[NDArray[np.float32]], dict[str, Any]] = model.predict_on_batch
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        call = tf.function(
            functools.partial(model, training=False),
            input_signature=[tf.TensorSpec(model.input.shape, tf.float32)],
            autograph=False,
            jit_compile=False,
        )

    def run(features: NDArray[np.float32]) -> NDArray[np.float32]:
        outputs = call(features)
        return np.concatenate([np.asarray(outputs[name]) for name in names], axis=2)

    return run
