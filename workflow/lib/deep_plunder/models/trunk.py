"""The trunk of networks at two frame rates: residual blocks over frames, and over groups of frames.

Residual blocks of [normalization -> convolution over frames -> ReLU -> dense] follow each other:
some at each frame, for exact times; most over groups of frames, where a wider view is cheap; some
at each frame again. The trunk sees a fixed number of frames on each side, and shifting its input by
a group shifts its output.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from annotated_types import Len

from deep_plunder.models.architecture import Count, DropRate, Sizes
from deep_plunder.models.layers import EPSILON
from deep_plunder.util.settings import Rule

if TYPE_CHECKING:
    from deep_plunder.models.layers import LayerMaker
    from deep_plunder.models.onnx_layers import GraphMaker

__all__ = ["TrunkSizes", "build_trunk", "trunk_frames", "write_trunk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkSizes(Sizes):
    """Sizes of a trunk, and the step between the long windows that its front uses."""

    rules: ClassVar = (
        Rule(("long_step", "group"), lambda step, group: group % step == 0, "must divide group"),
    )

    long_step: Count = 4
    """Frames from one long window that is used to the next; divides `group`. Unit: frames."""
    channels: Count = 96
    """Channels of the residual blocks at each frame. Unit: channels."""
    before: Annotated[tuple[Count, ...], Len(1, 16)] = (1, 2)
    """Frames between the taps of the blocks at each frame before the groups. Unit: frames."""
    after: Annotated[tuple[Count, ...], Len(1, 16)] = (1, 2)
    """Frames between the taps of the blocks at each frame after the groups. Unit: frames."""
    group: Count = 4
    """Frames in a group. Unit: frames."""
    group_channels: Count = 176
    """Channels of the residual blocks over groups. Unit: channels."""
    dilations: Annotated[tuple[Count, ...], Len(1, 64)] = (1, 2, 4, 8, 16, 8, 4, 1)
    """Groups between the taps of the blocks over groups. Unit: groups."""
    head: Count = 64
    """Channels from which the outputs are computed. Unit: channels."""
    dropout: DropRate = 0.0
    """Share of channels dropped in the blocks over groups in training."""


def trunk_frames(sizes: TrunkSizes, front: int) -> int:
    """Count the frames on each side of a frame that its output needs.

    Parameters
    ----------
    sizes : TrunkSizes
    front : int
        Frames on each side that the front needs.

    Returns
    -------
    frames : int
        Whole groups.
    """
    # The head sees one frame; a group begins up to its number of frames less one before a frame.
    frames = front + sum(sizes.before) + sum(sizes.after) + 1
    frames += sizes.group * sum(sizes.dilations) + sizes.group - 1
    return -(-frames // sizes.group) * sizes.group


def build_trunk(h: Any, sizes: TrunkSizes, make: LayerMaker) -> Any:
    """Apply the trunk in Keras.

    Parameters
    ----------
    h : keras.KerasTensor, shape (batch, frames, sizes.channels)
        The output of the front.
    sizes : TrunkSizes
    make : LayerMaker

    Returns
    -------
    y : keras.KerasTensor, shape (batch, frames, sizes.head)
    """
    from keras import layers

    for number, dilation in enumerate(sizes.before, start=1):
        h = make.residual(h, f"before_{number}", sizes.channels, dilation)
    g = make.convolution("group", sizes.group_channels, sizes.group, strides=sizes.group)(h)
    for number, dilation in enumerate(sizes.dilations, start=1):
        name = f"group_{number}"
        g = make.residual(g, name, sizes.group_channels, dilation, dropout=sizes.dropout)
    g = make.dense("ungroup", sizes.channels)(g)
    g = layers.UpSampling1D(sizes.group, name="repeat", dtype=make.policy)(g)
    h = layers.Add(name="joined", dtype=make.policy)([h, g])
    for number, dilation in enumerate(sizes.after, start=1):
        h = make.residual(h, f"after_{number}", sizes.channels, dilation)
    h = layers.LayerNormalization(epsilon=EPSILON, name="norm", dtype=make.policy)(h)
    return make.convolution("head", sizes.head, 3, activation="relu")(h)


def write_trunk(h: str, sizes: TrunkSizes, make: GraphMaker) -> str:
    """Apply the trunk in an ONNX graph.

    Parameters
    ----------
    h : str
        Of shape (frames, sizes.channels).
    sizes : TrunkSizes
    make : GraphMaker

    Returns
    -------
    y : str
        Of shape (frames, sizes.head).
    """
    channels, group, wide = sizes.channels, sizes.group, sizes.group_channels
    for number, dilation in enumerate(sizes.before, start=1):
        h = make.residual(h, f"before_{number}", channels, dilation)
    kernel, bias = make.weights("group", (group, channels, wide), (wide,))
    g = make.affine(make.matrix(h, group * channels), kernel.reshape(-1, wide), bias)
    for number, dilation in enumerate(sizes.dilations, start=1):
        g = make.residual(g, f"group_{number}", wide, dilation)
    g = make.dense(g, "ungroup", wide, channels)
    repeated = make.matrix(make.op("Concat", *[g] * group, axis=1), channels)
    h = make.op("Add", h, repeated)
    for number, dilation in enumerate(sizes.after, start=1):
        h = make.residual(h, f"after_{number}", channels, dilation)
    return make.convolution(h, "norm", "head", channels, sizes.head)
