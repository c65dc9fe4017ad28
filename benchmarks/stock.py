"""The paper's network, built from Keras's own layers as their documentation shows.

Sizes, losses and optimizer are those of `models.networks.paper` and `training.fit`. The layers have
the same order, so weights can be copied between both networks.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers

from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.networks.paper import PaperSizes
from deep_plunder.truth.labels import OUTPUTS

__all__ = ["paper_network", "targets"]


def paper_network() -> Any:
    """Build and compile the network."""
    sizes = PaperSizes()

    def bidirectional(x: Any, units: int) -> Any:
        lstm = layers.LSTM(
            units, return_sequences=True, kernel_regularizer=keras.regularizers.L2(sizes.l2)
        )
        return layers.Bidirectional(lstm)(x)

    def stack(x: Any, output: str) -> Any:
        for units in sizes.units:
            x = layers.ReLU()(layers.BatchNormalization()(bidirectional(x, units)))
            x = layers.MaxPooling1D(sizes.pool, data_format="channels_first")(x)
            x = layers.Dropout(sizes.dropout)(x)
        return layers.Dense(1, activation="sigmoid", name=output)(x)

    features = keras.Input((None, FeatureSpec().mel_bands))
    onset, offset = stack(features, "onset"), stack(features, "offset")
    joined = layers.Concatenate()([onset, offset, stack(features, "frame_alone")])
    x = bidirectional(joined, sizes.combining_units)
    frame = layers.Dense(1, activation="sigmoid", name="frame")(x)
    model = keras.Model(features, {"onset": onset, "offset": offset, "frame": frame})
    # With XLA, compiling the loop over frames takes minutes on a CPU.
    model.compile(
        keras.optimizers.Adam(6e-4, clipnorm=3.0),
        loss=dict.fromkeys(OUTPUTS, "binary_crossentropy"),
        jit_compile=False,
    )
    return model


def targets(labels: npt.NDArray[np.uint8]) -> dict[str, npt.NDArray[np.float32]]:
    """Return the target of each output."""
    return {
        name: labels[:, :, column, None].astype(np.float32) for column, name in enumerate(OUTPUTS)
    }
