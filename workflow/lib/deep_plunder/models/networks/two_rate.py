"""A network at two frame rates: residual convolutions over frames, and over groups of frames.

It takes detailed features (`features.detailed`): two windows, and the differences between left and
right. Convolutions with wide strides in frequency go first, since most of the cost is in the first
bands. The long window hardly changes from frame to frame: the network uses the window of one frame
in `TrunkSizes.long_step`, and interpolates the result up to the next. The results are projected to
channels, and the trunk (`models.trunk`) follows: residual blocks at each frame, over groups of four
frames, and at each frame again. Beside the three outputs of the paper's network it returns the
isolation, in units of 40 dB: how far all other sounds lie below the loudest. The isolation is known
at every moment of a scene, and teaches the meaning of "alone".

It sees a fixed number of frames on each side, and shifting its input by a group shifts its
output, so a song may be cut into windows at any multiple of a group. It takes whole groups.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.architecture import Architecture, Count
from deep_plunder.models.detailed_levels import LEVEL_OFFSET, LEVEL_SCALE, OUTPUT_BIASES
from deep_plunder.models.layers import LayerMaker
from deep_plunder.models.onnx_graph import FEATURES, TO_END
from deep_plunder.models.onnx_layers import GraphMaker
from deep_plunder.models.trunk import TrunkSizes, build_trunk, trunk_frames, write_trunk
from deep_plunder.truth.labels import LABELS

if TYPE_CHECKING:
    import keras

__all__ = ["ARCHITECTURE", "TwoRateSizes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoRateSizes(TrunkSizes):
    """Sizes of `two_rate`, by default those of the model that ships (experiments/diary.md)."""

    front: tuple[Count, Count, Count] = (16, 24, 16)
    """Filters of the two convolutions over the long window's bands, and of the one over the short
    window's. Unit: filters."""


def _receptive_frames(sizes: TwoRateSizes) -> int:
    # The front sees two long windows on each side, which begin up to a step less one before.
    return trunk_frames(sizes, 3 * sizes.long_step - 1)


def _build(spec: FeatureSpec, sizes: TwoRateSizes, make: LayerMaker) -> keras.Model:
    import keras
    from keras import layers

    total, long_bands, short_bands = spec.bands, spec.mel_bands, spec.short_bands
    first, second, third = sizes.front
    features = keras.Input((None, total), name="features")
    x = layers.Rescaling(LEVEL_SCALE, LEVEL_OFFSET, name="standardize", dtype=make.policy)(features)

    def image(part: Any, start: int, stop: int, name: str) -> Any:
        shape = (-1, stop - start, 1)
        return layers.Reshape(shape, name=name, dtype=make.policy)(part[:, :, start:stop])

    def flat(y: Any, name: str) -> Any:
        shape = (-1, y.shape[2] * y.shape[3])
        return layers.Reshape(shape, name=name, dtype=make.policy)(y)

    y = image(x[:, :: sizes.long_step], 0, long_bands, "long")
    y = make.convolution("long_1", first, (3, 7), strides=(1, 4), activation="relu")(y)
    y = make.convolution("long_2", second, (3, 3), strides=(1, 3), activation="relu")(y)
    y = make.dense("long_project", sizes.channels)(flat(y, "long_flat"))
    parts = [make.between(y, "long_frames", sizes.long_step)]
    y = layers.Concatenate(name="short", dtype=make.policy)(
        [
            image(x, long_bands, long_bands + short_bands, "short_main"),
            image(x, long_bands + short_bands, total - 1, "short_rest"),
        ]
    )
    y = make.convolution("short_1", third, (3, 5), strides=(1, 3), activation="relu")(y)
    parts.append(make.dense("short_project", sizes.channels)(flat(y, "short_flat")))
    parts.append(make.convolution("direction", sizes.channels, 3)(x[:, :, total - 1 :]))
    h = layers.Add(name="front", dtype=make.policy)(parts)

    h = build_trunk(h, sizes, make)
    outputs = {}
    for name, bias in zip(LABELS, OUTPUT_BIASES, strict=True):
        start = keras.initializers.Constant(bias)
        outputs[name] = make.dense(
            name, 1, scale=0.01, activation="sigmoid", bias_initializer=start, dtype="float32"
        )(h)
    return keras.Model(features, outputs, name="two_rate")


def _write_graph(spec: FeatureSpec, sizes: TwoRateSizes, make: GraphMaker) -> bytes:
    total, long_bands, short_bands = spec.bands, spec.mel_bands, spec.short_bands
    channels = sizes.channels
    first, second, third = sizes.front

    def levels(x: str, start: int, stop: int) -> str:
        return make.scaled(make.part(x, start, stop, 2), LEVEL_SCALE, LEVEL_OFFSET)

    def image(x: str, start: int, stop: int) -> str:
        return make.op("Unsqueeze", levels(x, start, stop), make.constant([1]))

    def project(y: str, layer: str, filters: int, count: int) -> str:
        kernel, bias = make.weights(layer, (count * filters, channels), (channels,))
        return make.rows(make.projected(y, kernel, bias, bands=count), channels)

    looked_at = make.part(FEATURES, 0, TO_END, 1, step=sizes.long_step)
    y, count = make.image_convolution(
        image(looked_at, 0, long_bands), "long_1", (3, 7, 1, first), bands=long_bands, stride=4
    )
    y, count = make.image_convolution(y, "long_2", (3, 3, first, second), bands=count, stride=3)
    h = make.between(project(y, "long_project", second, count), sizes.long_step, channels)
    middle = long_bands + short_bands
    main, rest = image(FEATURES, long_bands, middle), image(FEATURES, middle, total - 1)
    y, count = make.image_convolution(
        make.op("Concat", main, rest, axis=1), "short_1", (3, 5, 2, third),
        bands=short_bands, stride=3,
    )  # fmt: skip
    h = make.op("Add", h, project(y, "short_project", third, count))
    kernel, bias = make.weights("direction", (3, 1, channels), (channels,))
    direction = make.matrix(levels(FEATURES, total - 1, total), 1)
    h = make.op("Add", h, make.over_frames(direction, kernel, bias, relu=False))

    h = write_trunk(h, sizes, make)
    return make.finish(make.outputs(h, LABELS, sizes.head), len(LABELS), bands=total)


ARCHITECTURE = Architecture(
    name="two_rate",
    sizes=TwoRateSizes,
    build=_build,
    write_graph=_write_graph,
    receptive_frames=_receptive_frames,
    # Long windows, so that neighbours compute little twice.
    window_s=120.0,
    outputs=LABELS,
    stride=lambda sizes: sizes.group,
    long_step=lambda sizes: sizes.long_step,
    needs_short_bands=True,
)
