"""The network of the paper: stacks of bidirectional LSTMs (Braun, 2020, section 4.1, Figure 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deep_plunder.models.layers import LayerMaker
from deep_plunder.models.sizes import (
    PaperSizes,
)

if TYPE_CHECKING:
    import keras


__all__ = ["build"]


def build(bands: int, sizes: PaperSizes, make: LayerMaker) -> keras.Model:
    """Build the network that the paper trains (Braun, 2020, section 4.1 and Figure 3).

    Parameters
    ----------
    bands : int
        Numbers per frame of the features.
    sizes : PaperSizes
    make : LayerMaker

    Returns
    -------
    model : keras.Model
        Its outputs are ``onset``, ``offset`` and ``frame``.
    """
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

    features = keras.Input((None, bands), name="features")
    onset = stack(features, "onset_stack", "onset")
    offset = stack(features, "offset_stack", "offset")
    alone = stack(features, "frame_stack", "frame_alone")
    x = layers.Concatenate(name="combined")([onset, offset, alone])
    x = make.bidirectional("combined_lstm", sizes.combining_units, sizes.l2)(x)
    frame = make.dense("frame", 1, activation="sigmoid", dtype="float32")(x)
    return keras.Model(features, {"onset": onset, "offset": offset, "frame": frame}, name="paper")
