"""A network at a third of the cost of `two_rate`, which works on groups of frames throughout.

It takes the same detailed features (`features.detailed`), four frames at a time. The long window,
twice as long as a group, hardly changes from frame to frame: the network uses only the long window
of a group's first frame, so the others need not be computed. Convolutions over the bands go first,
with wide strides. To them the frames of a group are channels, as are the two parts of the short
window, so nothing is computed at each frame. The results are projected to channels, and residual
blocks over groups follow, as in `two_rate`. At the end a group's channels are spread over its
frames. Its outputs are those of `two_rate`.

It needs the convolutions over the bands: a dense layer from all numbers of a group in their place
costs as much and learns half as well from a teacher (experiments/diary.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from annotated_types import Len

from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.architecture import Architecture, Count, DropRate, Sizes
from deep_plunder.models.detailed_levels import LEVEL_OFFSET, LEVEL_SCALE, OUTPUT_BIASES
from deep_plunder.models.layers import EPSILON, LayerMaker
from deep_plunder.models.onnx_graph import FEATURES
from deep_plunder.models.onnx_layers import GraphMaker
from deep_plunder.truth.labels import LABELS

if TYPE_CHECKING:
    import keras

__all__ = ["ARCHITECTURE", "GroupedSizes"]

_LONG_1, _LONG_2, _SHORT_1 = (9, 4), (5, 2), (7, 3)
"""Bands of each convolution, and its stride."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupedSizes(Sizes):
    """Sizes of `grouped`, chosen for its cost in training (experiments/diary.md)."""

    front: tuple[Count, Count, Count] = (16, 24, 24)
    """Filters of the two convolutions over the long window's bands, and of the one over the short
    window's. Unit: filters."""
    group: Count = 4
    """Frames in a group. Unit: frames."""
    channels: Count = 128
    """Channels of the residual blocks over groups. Unit: channels."""
    dilations: Annotated[tuple[Count, ...], Len(1, 64)] = (1, 2, 4, 8, 16)
    """Groups between the taps of the blocks. Unit: groups."""
    head: Count = 16
    """Channels per frame from which the outputs are computed. Unit: channels."""
    dropout: DropRate = 0.0
    """Share of channels dropped in the blocks in training."""


def _receptive_frames(sizes: GroupedSizes) -> int:
    # The head sees a group on each side; a frame may be the first or the last of its own.
    return sizes.group * (sum(sizes.dilations) + 2)


def _build(spec: FeatureSpec, sizes: GroupedSizes, make: LayerMaker) -> keras.Model:
    import keras
    from keras import layers

    group, channels = sizes.group, sizes.channels
    total, long_bands, short_bands = spec.bands, spec.mel_bands, spec.short_bands
    features = keras.Input((None, total), name="features")
    x = layers.Rescaling(LEVEL_SCALE, LEVEL_OFFSET, name="standardize", dtype=make.policy)(features)

    def reshape(y: Any, *shape: int, name: str) -> Any:
        return layers.Reshape((-1, *shape), name=name, dtype=make.policy)(y)

    def narrowed(y: Any, layer: str, filters: int, shape: tuple[int, int]) -> Any:
        taps, stride = shape
        return make.convolution(
            layer, filters, (1, taps), strides=(1, stride), activation="relu"
        )(y)  # fmt: skip

    def projected(y: Any, name: str) -> Any:
        flat = reshape(y, y.shape[2] * y.shape[3], name=f"{name}_flat")
        return make.dense(f"{name}_project", channels)(flat)

    first, second, third = sizes.front
    y = reshape(x, group * total, name="groups")[:, :, :long_bands]
    y = reshape(y, long_bands, 1, name="long")
    y = narrowed(narrowed(y, "long_1", first, _LONG_1), "long_2", second, _LONG_2)
    parts = [projected(y, "long")]
    y = reshape(x[:, :, long_bands : total - 1], group * 2, short_bands, name="short")
    y = layers.Permute((1, 3, 2), name="short_bands", dtype=make.policy)(y)
    parts.append(projected(narrowed(y, "short_1", third, _SHORT_1), "short"))
    direction = reshape(x[:, :, total - 1 :], group, name="directions")
    parts.append(make.dense("direction", channels)(direction))
    h = layers.Add(name="front", dtype=make.policy)(parts)
    for number, dilation in enumerate(sizes.dilations, start=1):
        name = f"group_{number}"
        h = make.residual(h, name, channels, dilation, dropout=sizes.dropout)
    h = layers.LayerNormalization(epsilon=EPSILON, name="norm", dtype=make.policy)(h)
    h = make.convolution("head", group * sizes.head, 3, activation="relu")(h)
    outputs = {}
    for name, bias in zip(LABELS, OUTPUT_BIASES, strict=True):
        start = keras.initializers.Constant(bias)
        y = make.dense(
            f"{name}_group", group, scale=0.01, activation="sigmoid", bias_initializer=start,
            dtype="float32",
        )(h)  # fmt: skip
        outputs[name] = layers.Reshape((-1, 1), name=name, dtype="float32")(y)
    return keras.Model(features, outputs, name="grouped")


def _write_graph(spec: FeatureSpec, sizes: GroupedSizes, make: GraphMaker) -> bytes:
    group, channels = sizes.group, sizes.channels
    total, long_bands, short_bands = spec.bands, spec.mel_bands, spec.short_bands
    first, second, third = sizes.front
    x = make.scaled(FEATURES, LEVEL_SCALE, LEVEL_OFFSET)

    def projected(y: str, name: str, filters: int, count: int) -> str:
        kernel, bias = make.weights(f"{name}_project", (count * filters, channels), (channels,))
        return make.projected(y, kernel, bias, bands=count)

    y = make.part(make.matrix(x, group * total), 0, long_bands, 1)
    y = make.op("Unsqueeze", y, make.constant([0, 1]))
    y, count = make.image_convolution(
        y, "long_1", (1, _LONG_1[0], 1, first), bands=long_bands, stride=_LONG_1[1]
    )
    y, count = make.image_convolution(
        y, "long_2", (1, _LONG_2[0], first, second), bands=count, stride=_LONG_2[1]
    )
    h = projected(y, "long", second, count)
    rows = 2 * group
    y = make.part(x, long_bands, total - 1, 2)
    y = make.op("Reshape", y, make.constant([-1, rows, short_bands]))
    y = make.op("Unsqueeze", make.op("Transpose", y, perm=[1, 0, 2]), make.constant([0]))
    y, count = make.image_convolution(
        y, "short_1", (1, _SHORT_1[0], rows, third), bands=short_bands, stride=_SHORT_1[1]
    )
    h = make.rows(make.op("Add", h, projected(y, "short", third, count)), channels)
    direction = make.matrix(make.part(x, total - 1, total, 2), group)
    h = make.op("Add", h, make.dense(direction, "direction", group, channels))
    for number, dilation in enumerate(sizes.dilations, start=1):
        h = make.residual(h, f"group_{number}", channels, dilation)
    width = group * sizes.head
    h = make.convolution(h, "norm", "head", channels, width)
    pairs = [make.weights(f"{name}_group", (width, group), (group,)) for name in LABELS]
    # Put the outputs of a frame side by side, not the frames of an output.
    kernel = np.stack([kernel for kernel, _ in pairs], axis=2).reshape(width, -1)
    bias = np.stack([bias for _, bias in pairs], axis=1).reshape(-1)
    outputs = make.matrix(make.affine(h, kernel, bias), len(LABELS))
    return make.finish(outputs, len(LABELS), bands=total)


ARCHITECTURE = Architecture(
    name="grouped",
    sizes=GroupedSizes,
    build=_build,
    write_graph=_write_graph,
    receptive_frames=_receptive_frames,
    # Long windows, so that neighbours compute little twice.
    window_s=120.0,
    outputs=LABELS,
    stride=lambda sizes: sizes.group,
    long_step=lambda sizes: sizes.group,
    needs_short_bands=True,
)
