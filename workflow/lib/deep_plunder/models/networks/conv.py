"""A small network, fast on a CPU: convolutions over bands, then over frames.

Two convolutions with wide strides in frequency (most of the cost is in the first bands, so they
go early), a projection, dilated residual convolutions over the frames, three sigmoids. It sees a
fixed number of frames around each, and shifting its input shifts its output, so a song may be
cut into windows anywhere. Its input is scaled by constants inside the network.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from annotated_types import Len

from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.architecture import Architecture, Count, DropRate, Momentum, Penalty, Sizes
from deep_plunder.models.layers import EPSILON, LayerMaker
from deep_plunder.models.onnx_graph import FEATURES
from deep_plunder.models.onnx_layers import GraphMaker
from deep_plunder.truth.labels import OUTPUTS
from deep_plunder.util.arrays import Float32Array

if TYPE_CHECKING:
    import keras

__all__ = ["ARCHITECTURE", "ConvSizes"]

FEATURE_MEAN = 0.4
"""Mean of log-mel features over excerpts of 13 songs of many kinds (ours)."""
FEATURE_DEVIATION = 1.6
"""Standard deviation of the same."""

OUTPUT_BIASES = (-3.0, -3.0, -1.0)
"""First biases of the outputs: sigmoids of about how rare onsets, offsets and frames of lone
sounds are, so that training does not begin by learning that."""

_SCALE, _OFFSET = 1 / FEATURE_DEVIATION, -FEATURE_MEAN / FEATURE_DEVIATION


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvSizes(Sizes):
    """Sizes of `conv`, chosen for its speed on a CPU."""

    front: tuple[Count, Count] = (16, 48)
    """Filters of the two convolutions over frequency. Unit: filters."""
    channels: Count = 128
    """Channels of the convolutions over frames. Unit: channels."""
    dilations: Annotated[tuple[Count, ...], Len(1, 64)] = (1, 2, 4, 8, 16, 32)
    """Frames between the taps of each residual convolution of 3 taps. Unit: frames."""
    dropout: DropRate = 0.1
    """Share of channels dropped in each residual convolution in training."""
    l2: Penalty = 1e-5
    """Weight of the squared kernels of the residual convolutions in the loss."""
    momentum: Momentum = 0.9
    """Momentum of batch normalization; lower than Keras's default, for short trainings."""


def _receptive_frames(sizes: ConvSizes) -> int:
    return 1 + sum(sizes.dilations)


def _build(spec: FeatureSpec, sizes: ConvSizes, make: LayerMaker) -> keras.Model:
    import keras
    from keras import initializers, layers, regularizers

    def normalized(x: Any, name: str) -> Any:
        norm = layers.BatchNormalization(
            momentum=sizes.momentum, epsilon=EPSILON, name=f"{name}_norm"
        )
        return layers.ReLU(name=f"{name}_relu")(norm(x))

    features = keras.Input((None, spec.bands), name="features")
    x = layers.Rescaling(_SCALE, _OFFSET, name="standardize")(features)
    x = layers.Reshape((-1, spec.bands, 1), name="image")(x)
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


def _write_graph(spec: FeatureSpec, sizes: ConvSizes, make: GraphMaker) -> bytes:
    channels = sizes.channels
    first, second = sizes.front

    def normalized(kernel: Float32Array, name: str) -> tuple[Float32Array, Float32Array]:
        """Return the kernel and the bias of a layer with the normalization after it."""
        scale, offset, mean, variance = make.weights(f"{name}_norm", *[(channels,)] * 4)
        scale = scale / np.sqrt(variance + np.float32(EPSILON))
        return kernel * scale, offset - mean * scale

    x = make.scaled(FEATURES, _SCALE, _OFFSET)
    x = make.op("Unsqueeze", x, make.constant([1]))
    x, count = make.image_convolution(x, "front_1", (3, 12, 1, first), bands=spec.bands, stride=6)
    x, count = make.image_convolution(x, "front_2", (1, 5, first, second), bands=count, stride=4)
    (kernel,) = make.weights("project", (count * second, channels))
    x = make.projected(x, *normalized(kernel, "project"), bands=count)
    x = make.rows(make.op("Relu", x), channels)
    for number, dilation in enumerate(sizes.dilations, start=1):
        name = f"residual_{number}"
        (kernel,) = make.weights(name, (3, channels, channels))
        branch = make.over_frames(x, *normalized(kernel, name), dilation=dilation)
        x = make.op("Add", x, branch)
    return make.finish(make.outputs(x, OUTPUTS, channels), len(OUTPUTS), bands=spec.bands)


ARCHITECTURE = Architecture(
    name="conv",
    sizes=ConvSizes,
    build=_build,
    write_graph=_write_graph,
    receptive_frames=_receptive_frames,
    window_s=120.0,
)
