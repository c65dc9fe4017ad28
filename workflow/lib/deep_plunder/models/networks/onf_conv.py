"""Onsets and Frames with its original convolutions, for one pitch.

The paper replaced the convolutional units of Onsets and Frames by LSTMs (section 4.1) "out of a
desire to try something new". This network has the original units. Three stacks of Kelz et al.'s
(2016) convolutions, [3 x 3 -> batch normalization -> ReLU] three times with a pooling of the bands
by two before the dropout of the second and third, then a dense layer on all bands and channels of a
frame. Those of onset and offset go through a bidirectional LSTM each; the sigmoids of all three go
together through one more, whose sigmoid is the frame output. The gradient of the frame output does
not reach the onset and offset stacks. Sizes are those of the authors' published code (2019), with
half of its LSTM units as in the article (2018); offsets were added by Hawthorne et al. (2019).

Deviations: one output of each kind and not 88, no velocities, the paper's own loss, and a third
stack's sigmoid without a loss of its own, as in `paper`.

References
----------
Kelz et al., "On the Potential of Simple Framewise Approaches to Piano Transcription", ISMIR
2016; Hawthorne et al., "Onsets and Frames", ISMIR 2018, section 3; Hawthorne et al., "Enabling
Factorized Piano Music Modeling and Generation with the MAESTRO Dataset", ICLR 2019.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.architecture import (
    RECURRENT_FRAMES,
    Architecture,
    Count,
    DropRate,
    Momentum,
    Penalty,
    Sizes,
)
from deep_plunder.models.layers import LayerMaker

if TYPE_CHECKING:
    import keras

__all__ = ["ARCHITECTURE", "OnfConvSizes"]

_TAPS = (3, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnfConvSizes(Sizes):
    """Sizes of `onf_conv`, by default those of Onsets and Frames."""

    filters: tuple[Count, Count, Count] = (48, 48, 96)
    """Filters of the three convolutions of a stack. Unit: filters."""
    dense: Count = 768
    """Units of the dense layer at the end of a stack. Unit: units."""
    units: Count = 128
    """LSTM units, each way, after the onset and the offset stack. Unit: units."""
    combining_units: Count = 128
    """LSTM units, each way, of the last LSTM. Unit: units."""
    dropout: DropRate = 0.25
    """Share of values dropped after the second and third convolution in training."""
    dense_dropout: DropRate = 0.5
    """Share of features dropped after the dense layer in training."""
    l2: Penalty = 0.0
    """Weight of the squared input kernels of all LSTMs in the loss."""
    momentum: Momentum = 0.99
    """Momentum of batch normalization. Source: Keras."""


def _feature_faults(spec: FeatureSpec, _: OnfConvSizes) -> list[str]:
    if spec.bands >= 4:
        return []
    return [f"features.mel_bands: onf_conv needs 4 or more, got {spec.bands}"]


def _least_parameters(spec: FeatureSpec, sizes: OnfConvSizes) -> int:
    first, second, third = sizes.filters
    stack = 9 * (first * second + second * third) + spec.bands // 4 * third * sizes.dense
    recurrent = [sizes.units, sizes.units, sizes.combining_units]
    return 3 * stack + sum(8 * units**2 for units in recurrent)


def _build(spec: FeatureSpec, sizes: OnfConvSizes, make: LayerMaker) -> keras.Model:
    import keras
    from keras import layers, ops

    def stack(image: Any, name: str) -> Any:
        x = image
        for number, filters in enumerate(sizes.filters, start=1):
            unit = f"{name}_{number}"
            x = make.convolution(f"{unit}_conv", filters, _TAPS, use_bias=False)(x)
            x = layers.BatchNormalization(momentum=sizes.momentum, name=f"{unit}_norm")(x)
            x = layers.ReLU(name=f"{unit}_relu")(x)
            if number > 1:
                x = layers.MaxPooling2D((1, 2), name=f"{unit}_pool")(x)
                x = make.dropout(f"{unit}_dropout", sizes.dropout)(x)
        x = layers.Reshape((-1, x.shape[2] * x.shape[3]), name=f"{name}_flat")(x)
        x = make.dense(f"{name}_dense", sizes.dense, activation="relu")(x)
        return make.dropout(f"{name}_dropout", sizes.dense_dropout)(x)

    def recurrent(x: Any, name: str, units: int) -> Any:
        return make.bidirectional(f"{name}_lstm", units, sizes.l2)(x)

    features = keras.Input((None, spec.bands), name="features")
    image = layers.Reshape((-1, spec.bands, 1), name="image")(features)
    chances = {
        name: make.dense(name, 1, activation="sigmoid", dtype="float32")(
            recurrent(stack(image, f"{name}_stack"), name, sizes.units)
        )
        for name in ("onset", "offset")
    }
    last = make.dense("frame_alone", 1, activation="sigmoid", dtype="float32")
    alone = last(stack(image, "frame_stack"))
    x = layers.Concatenate(name="combined")(
        [*(ops.stop_gradient(chance) for chance in chances.values()), alone]
    )
    x = recurrent(x, "combined", sizes.combining_units)
    frame = make.dense("frame", 1, activation="sigmoid", dtype="float32")(x)
    outputs = chances | {"frame": frame}
    return keras.Model(features, outputs, name="onf_conv")


ARCHITECTURE = Architecture(
    name="onf_conv",
    sizes=OnfConvSizes,
    build=_build,
    write_graph=None,
    receptive_frames=lambda _: RECURRENT_FRAMES,
    window_s=60.0,
    feature_faults=_feature_faults,
    least_parameters=_least_parameters,
)
