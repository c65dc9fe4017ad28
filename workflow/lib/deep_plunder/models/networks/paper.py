"""The network of the paper: stacks of bidirectional LSTMs (Braun, 2020, section 4.1, Figure 3).

It has three stacks, each of units of [bidirectional LSTM -> batch normalization -> ReLU -> max
pooling along the features -> dropout], then one sigmoid. The three sigmoids go together through
one more bidirectional LSTM, whose sigmoid is the frame output. The third stack's own sigmoid has
no loss of its own: its gradient comes through that last LSTM.

The paper publishes two totals, 3,563,948 trainable and 4,342 non-trainable parameters, but no
sizes. The default sizes are fitted to the totals. They meet both, but other sizes would too, and
they are not claimed to be the author's. Of the 4,342, 4,332 are the moving means and variances of
batch normalization; the other 10 are the totals and counts of the five `Mean` metrics (loss and
its four terms) that the author's port kept as variables of the model. Here they are no part of
the model. The paper says that it tried dropout rates and pool sizes, but not which it chose:
0.25 is the rate of the units that these replace (Hawthorne et al., 2018), and pools of 2 halve
the features as there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Ge, Le, Len

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

__all__ = ["ARCHITECTURE", "PaperSizes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperSizes(Sizes):
    """Sizes of `paper`, by default those fitted to the published totals."""

    units: Annotated[tuple[Count, ...], Len(1, 16)] = (193, 110, 58)
    """LSTM units, each way, of each unit of a stack. Unit: units."""
    pool: Annotated[int, Ge(1), Le(63)] = 2
    """Features that one pooling joins. Unit: features."""
    combining_units: Count = 263
    """LSTM units, each way, of the last LSTM. Unit: units."""
    dropout: DropRate = 0.25
    """Share of features dropped after each unit in training."""
    l2: Penalty = 0.001
    """Weight of the squared input kernels of all LSTMs in the loss. Source: the paper, section
    4.2."""
    momentum: Momentum = 0.99
    """Momentum of batch normalization. Source: Keras."""


def _feature_faults(spec: FeatureSpec, sizes: PaperSizes) -> list[str]:
    if sizes.pool <= min(spec.bands, 2 * min(sizes.units)):
        return []
    return [f"sizes.pool: must be at most the features, got {sizes.pool}"]


def _least_parameters(_: FeatureSpec, sizes: PaperSizes) -> int:
    recurrent = [*(units for units in sizes.units for _ in range(3)), sizes.combining_units]
    return sum(8 * units**2 for units in recurrent)


def _build(spec: FeatureSpec, sizes: PaperSizes, make: LayerMaker) -> keras.Model:
    import keras
    from keras import layers

    def stack(inputs: Any, name: str, output: str) -> Any:
        x = inputs
        for number, units in enumerate(sizes.units, start=1):
            unit = f"{name}_{number}"
            x = make.bidirectional(f"{unit}_lstm", units, sizes.l2)(x)
            x = layers.BatchNormalization(momentum=sizes.momentum, name=f"{unit}_norm")(x)
            x = layers.ReLU(name=f"{unit}_relu")(x)
            # "Channels first" pools the last axis, the features: no frame is lost.
            pool = layers.MaxPooling1D(
                sizes.pool, data_format="channels_first", name=f"{unit}_pool"
            )
            x = make.dropout(f"{unit}_dropout", sizes.dropout)(pool(x))
        return make.dense(output, 1, activation="sigmoid", dtype="float32")(x)

    features = keras.Input((None, spec.bands), name="features")
    onset = stack(features, "onset_stack", "onset")
    offset = stack(features, "offset_stack", "offset")
    alone = stack(features, "frame_stack", "frame_alone")
    x = layers.Concatenate(name="combined")([onset, offset, alone])
    x = make.bidirectional("combined_lstm", sizes.combining_units, sizes.l2)(x)
    frame = make.dense("frame", 1, activation="sigmoid", dtype="float32")(x)
    return keras.Model(features, {"onset": onset, "offset": offset, "frame": frame}, name="paper")


ARCHITECTURE = Architecture(
    name="paper",
    sizes=PaperSizes,
    build=_build,
    write_graph=None,
    receptive_frames=lambda _: RECURRENT_FRAMES,
    # The paper trains on minutes.
    window_s=60.0,
    feature_faults=_feature_faults,
    least_parameters=_least_parameters,
    is_calibrated=False,
)
