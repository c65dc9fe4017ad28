"""A network that hears fine features and distinguishes one sound from several.

It takes fine features (`features.fine`): a long window, several short windows per frame, and the
difference between left and right. Convolutions over the short windows, with wide strides in
frequency, are brought down to the rate of frames inside the network: sounds that are struck
together differ by milliseconds, which a frame of 16 ms hides. The long window is used once in
`TrunkSizes.long_step` frames, as in `two_rate`, and the trunk is shared with `two_rate`
(`models.trunk`). Beside the four outputs of `two_rate` it returns the probability that several
sounds are heard.
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
from deep_plunder.truth.labels import HEADS

if TYPE_CHECKING:
    import keras

__all__ = ["ARCHITECTURE", "FineSizes"]

_BIASES = (*OUTPUT_BIASES, 0.0)
_SIDE_TAPS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class FineSizes(TrunkSizes):
    """Sizes of `fine`."""

    front: tuple[Count, Count] = (16, 24)
    """Filters of the two convolutions over the long window's bands. Unit: filters."""
    fine: tuple[Count, Count, Count] = (8, 16, 8)
    """Filters of the two convolutions over the short windows' bands, and of the one over those of
    the side. Unit: filters."""


def _receptive_frames(sizes: FineSizes) -> int:
    # Two long windows on each side, which begin up to a step less one before a frame; the short
    # windows need one frame.
    return trunk_frames(sizes, 3 * sizes.long_step - 1)


def _feature_faults(spec: FeatureSpec, sizes: FineSizes) -> list[str]:
    if spec.short_bands >= _SIDE_TAPS:
        return []
    rule = f"fine needs features.short_bands of at least {_SIDE_TAPS}"
    return [f"architecture: {rule}, got {spec.short_bands}"]


def _build(spec: FeatureSpec, sizes: FineSizes, make: LayerMaker) -> keras.Model:
    import keras
    from keras import layers

    long_bands, short_bands, steps = spec.mel_bands, spec.short_bands, spec.short_steps
    features = keras.Input((None, spec.bands), name="features")
    x = layers.Rescaling(LEVEL_SCALE, LEVEL_OFFSET, name="standardize", dtype=make.policy)(features)

    def image(part: Any, bands: int, name: str) -> Any:
        return layers.Reshape((-1, bands, 1), name=name, dtype=make.policy)(part)

    def flat(y: Any, name: str) -> Any:
        shape = (-1, y.shape[2] * y.shape[3])
        return layers.Reshape(shape, name=name, dtype=make.policy)(y)

    y = image(x[:, :: sizes.long_step, :long_bands], long_bands, "long")
    y = make.convolution("long_1", sizes.front[0], (3, 7), strides=(1, 4), activation="relu")(y)
    y = make.convolution("long_2", sizes.front[1], (3, 3), strides=(1, 3), activation="relu")(y)
    y = make.dense("long_project", sizes.channels)(flat(y, "long_flat"))
    parts = [make.between(y, "long_frames", sizes.long_step)]
    first, second, third = sizes.fine
    y = image(x[:, :, long_bands:-short_bands], short_bands, "fine")
    y = make.convolution("fine_1", first, (3, 5), strides=(1, 3), activation="relu")(y)
    y = make.convolution("fine_2", second, (steps, 3), strides=(steps, 2), activation="relu")(y)
    parts.append(make.dense("fine_project", sizes.channels)(flat(y, "fine_flat")))
    y = image(x[:, :, -short_bands:], short_bands, "side")
    y = make.convolution("side_1", third, (3, _SIDE_TAPS), strides=(1, 6), activation="relu")(y)
    parts.append(make.dense("side_project", sizes.channels)(flat(y, "side_flat")))
    h = build_trunk(layers.Add(name="front", dtype=make.policy)(parts), sizes, make)
    outputs = {}
    for name, bias in zip(HEADS, _BIASES, strict=True):
        start = keras.initializers.Constant(bias)
        outputs[name] = make.dense(
            name, 1, scale=0.01, activation="sigmoid", bias_initializer=start, dtype="float32"
        )(h)
    return keras.Model(features, outputs, name="fine")


def _write_graph(spec: FeatureSpec, sizes: FineSizes, make: GraphMaker) -> bytes:
    total, long_bands, short_bands = spec.bands, spec.mel_bands, spec.short_bands
    steps, channels = spec.short_steps, sizes.channels

    def image(x: str, start: int, stop: int, bands: int) -> str:
        levels = make.scaled(make.part(x, start, stop, 2), LEVEL_SCALE, LEVEL_OFFSET)
        return make.op("Reshape", levels, make.constant([1, 1, -1, bands]))

    def project(y: str, layer: str, filters: int, count: int) -> str:
        kernel, bias = make.weights(layer, (count * filters, channels), (channels,))
        return make.rows(make.projected(y, kernel, bias, bands=count), channels)

    front, second = sizes.front
    looked_at = image(
        make.part(FEATURES, 0, TO_END, 1, step=sizes.long_step), 0, long_bands, long_bands
    )
    y, count = make.image_convolution(
        looked_at, "long_1", (3, 7, 1, front), bands=long_bands, stride=4
    )
    y, count = make.image_convolution(y, "long_2", (3, 3, front, second), bands=count, stride=3)
    h = make.between(project(y, "long_project", second, count), sizes.long_step, channels)
    first, second, third = sizes.fine
    side = total - short_bands
    y, count = make.image_convolution(
        image(FEATURES, long_bands, side, short_bands), "fine_1", (3, 5, 1, first),
        bands=short_bands, stride=3,
    )  # fmt: skip
    y, count = make.image_convolution(
        y, "fine_2", (steps, 3, first, second), bands=count, stride=2, step=steps
    )
    h = make.op("Add", h, project(y, "fine_project", second, count))
    y, count = make.image_convolution(
        image(FEATURES, side, total, short_bands), "side_1", (3, _SIDE_TAPS, 1, third),
        bands=short_bands, stride=6,
    )  # fmt: skip
    h = make.op("Add", h, project(y, "side_project", third, count))
    h = write_trunk(h, sizes, make)
    return make.finish(make.outputs(h, HEADS, sizes.head), len(HEADS), bands=total)


ARCHITECTURE = Architecture(
    name="fine",
    sizes=FineSizes,
    build=_build,
    write_graph=_write_graph,
    receptive_frames=_receptive_frames,
    # Long windows, so that neighbours compute little twice.
    window_s=120.0,
    outputs=HEADS,
    stride=lambda sizes: sizes.group,
    long_step=lambda sizes: sizes.long_step,
    needs_short_steps=True,
    feature_faults=_feature_faults,
)
