"""Build `onf_conv`: Onsets and Frames with its convolutions, for one pitch.

The paper replaced the convolutional units of Onsets and Frames by LSTMs (section 4.1) "out of a
desire to try something new"; this is what it replaced. Three stacks of Kelz et al.'s (2016)
convolutions, [3 x 3 -> batch normalization -> ReLU] three times with a pooling of the
bands by two before the dropout of the second and third, then a dense layer on all bands and
channels of a frame. Those of onset and offset go through a bidirectional LSTM each; the sigmoids
of all three go together through one more, whose sigmoid is the frame output. The gradient of the
frame output does not reach the onset and offset stacks. Sizes are those of the authors' published
code (2019), with half of its LSTM units as in the article (2018); offsets were added by Hawthorne
et al. (2019).

Deviations: one output of each kind and not 88, no velocities, the paper's own loss, and a third
stack's sigmoid without loss of its own, as in `networks`' `paper`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deep_plunder.models.layers import LayerMaker
from deep_plunder.models.sizes import OnfConvSizes

if TYPE_CHECKING:
    import keras

__all__ = ["build"]

_TAPS = (3, 3)


def build(bands: int, sizes: OnfConvSizes, make: LayerMaker) -> keras.Model:
    """Build the network.

    Parameters
    ----------
    bands : int
        Numbers a frame of the features, 4 or more.
    sizes : OnfConvSizes
    make : LayerMaker

    Returns
    -------
    model : keras.Model
        As of `models.registry.build`.

    References
    ----------
    Kelz et al., "On the Potential of Simple Framewise Approaches to Piano Transcription", ISMIR
    2016; Hawthorne et al., "Onsets and Frames", ISMIR 2018, section 3; Hawthorne et al.,
    "Enabling Factorized Piano Music Modeling and Generation with the MAESTRO Dataset", ICLR 2019.
    """
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

    features = keras.Input((None, bands), name="features")
    image = layers.Reshape((-1, bands, 1), name="image")(features)
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
