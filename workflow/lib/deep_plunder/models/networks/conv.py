"""A small network, fast on a CPU: convolutions over bands, then over frames.

Two convolutions with wide strides in frequency (most of the cost is in the first bands, so they
go early), a projection, dilated residual convolutions over the frames, three sigmoids. It sees a
fixed number of frames around each, and shifting its input shifts its output, so a song may be
cut into windows anywhere. Its input is scaled by constants inside the network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from deep_plunder.models.layers import LayerMaker
from deep_plunder.models.onnx_graph import EPSILON, FEATURES, GraphMaker
from deep_plunder.models.sizes import ConvSizes
from deep_plunder.truth.labels import OUTPUTS

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

__all__ = ["build", "graph", "receptive_frames"]

FEATURE_MEAN = 0.4
"""Mean of log-mel features over excerpts of 13 songs of many kinds (ours)."""
FEATURE_DEVIATION = 1.6
"""Standard deviation of the same."""

OUTPUT_BIASES = (-3.0, -3.0, -1.0)
"""First biases of the outputs: sigmoids of about how rare onsets, offsets and frames of lone
sounds are, so that training does not begin by learning that."""

_SCALE, _OFFSET = 1 / FEATURE_DEVIATION, -FEATURE_MEAN / FEATURE_DEVIATION


def receptive_frames(sizes: ConvSizes) -> int:
    """Count the frames before and after a frame that its output needs.

    Parameters
    ----------
    sizes : ConvSizes

    Returns
    -------
    frames : int
        On each side.
    """
    return 1 + sum(sizes.dilations)


def build(bands: int, sizes: ConvSizes, make: LayerMaker) -> keras.Model:
    """Build the network with fresh weights, not compiled.

    Parameters
    ----------
    bands : int
        Of the features.
    sizes : ConvSizes
    make : LayerMaker

    Returns
    -------
    model : keras.Model
        See `models.registry.build`.
    """
    import keras
    from keras import initializers, layers, regularizers

    def normalized(x: Any, name: str) -> Any:
        norm = layers.BatchNormalization(
            momentum=sizes.momentum, epsilon=EPSILON, name=f"{name}_norm"
        )
        return layers.ReLU(name=f"{name}_relu")(norm(x))

    features = keras.Input((None, bands), name="features")
    x = layers.Rescaling(_SCALE, _OFFSET, name="standardize")(features)
    x = layers.Reshape((-1, bands, 1), name="image")(x)
    first, second = sizes.front
    x = make.convolution("front_1", first, (3, 12), strides=(1, 6), activation="relu")(x)
    x = make.convolution("front_2", second, (1, 5), strides=(1, 4), activation="relu")(x)
    x = layers.Reshape((-1, x.shape[2] * x.shape[3]), name="flatten_bands")(x)
    x = normalized(make.dense("project", sizes.channels, use_bias=False)(x), "project")
    for number, dilation in enumerate(sizes.dilations, start=1):
        name = f"residual_{number}"
        branch = make.convolution(
            name,
            sizes.channels,
            3,
            dilation_rate=dilation,
            use_bias=False,
            kernel_regularizer=regularizers.L2(sizes.l2),
        )(x)
        branch = make.dropout(f"{name}_dropout", sizes.dropout, channels=True)(
            normalized(branch, name)
        )
        x = layers.Add(name=f"{name}_add")([x, branch])
    outputs = {}
    for name, bias in zip(OUTPUTS, OUTPUT_BIASES, strict=True):
        start = initializers.Constant(bias)
        layer = make.dense(name, 1, scale=0.01, activation="sigmoid", bias_initializer=start)
        outputs[name] = layer(x)
    return keras.Model(features, outputs, name="conv")


def graph(bands: int, sizes: ConvSizes, make: GraphMaker) -> bytes:
    """Write the network with its weights as a graph.

    Parameters
    ----------
    bands : int
        Of the features.
    sizes : ConvSizes
    make : GraphMaker
        Has the weights of the layers of `build`.

    Returns
    -------
    graph : bytes
        As `models.onnx_graph.runner` takes it.

    Raises
    ------
    ValueError
        If the weights are of other shapes.
    """
    channels = sizes.channels
    first, second = sizes.front

    def normalized(kernel: NDArray[np.float32], name: str) -> tuple[Any, Any]:
        """Give the kernel and the bias of a layer with the normalization behind it."""
        scale, offset, mean, variance = make.weights(f"{name}_norm", *[(channels,)] * 4)
        scale = scale / np.sqrt(variance + np.float32(EPSILON))
        return kernel * scale, offset - mean * scale

    x = make.scaled(FEATURES, _SCALE, _OFFSET)
    x = make.op("Unsqueeze", x, make.constant([1]))
    x, count = make.image_convolution(x, "front_1", (3, 12, 1, first), bands=bands, stride=6)
    x, count = make.image_convolution(x, "front_2", (1, 5, first, second), bands=count, stride=4)
    (kernel,) = make.weights("project", (count * second, channels))
    x = make.projected(x, *normalized(kernel, "project"), bands=count)
    x = make.rows(make.op("Relu", x), channels)
    for number, dilation in enumerate(sizes.dilations, start=1):
        name = f"residual_{number}"
        (kernel,) = make.weights(name, (3, channels, channels))
        branch = make.over_frames(x, *normalized(kernel, name), dilation=dilation)
        x = make.op("Add", x, branch)
    return make.finish(make.outputs(x, OUTPUTS, channels), len(OUTPUTS), bands=bands)
