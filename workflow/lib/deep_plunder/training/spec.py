"""The settings of a training, their rules, and the rows of its history.

The module imports no network, so a configuration can be checked without one.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge, Gt, Le, Lt

from deep_plunder.util.bounds import ASCENDING, Fraction, NonNegative, Positive, one_of
from deep_plunder.util.settings import Settings

__all__ = [
    "SELECTIONS",
    "HistoryRow",
    "TrainingSpec",
    "frame_faults",
    "variation_faults",
    "varied",
]

SELECTIONS = {"total": "loss", "frame": "frame_loss", "onset": "onset_loss"}
"""Values of `select_by`, and the validation loss that each stands for."""

_Gain = Annotated[float, Ge(-60), Le(24)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSpec(Settings):
    """How networks are trained: the section ``training`` of the configuration."""

    section: ClassVar[str] = "training"

    batch_size: Annotated[int, Ge(1), Le(4096)] = 16
    """Mixes in a training step. Unit: mixes. Source: the paper, section 4.4."""
    steps_per_epoch: Annotated[int, Ge(1)] = 80
    """Training steps in an epoch. Unit: steps. Source: the paper, section 4.4."""
    epochs: Annotated[int, Ge(1)] = 50
    """Greatest number of epochs. Unit: epochs. Source: the paper, section 4.4."""
    learning_rate: Annotated[float, Gt(0), Le(1)] = 0.0006
    """Learning rate of Adam at the first step. Source: the paper, section 4.4."""
    decay_rate: Annotated[float, Gt(0), Le(1)] = 0.98
    """Factor on the learning rate every `decay_steps` steps. Source: the paper, section 4.4."""
    decay_steps: Annotated[int, Ge(1)] = 10000
    """Number of steps in which the learning rate falls by the factor `decay_rate`. Unit: steps.
    Source: the paper, section 4.4."""
    clip_norm: Positive = 3.0
    """Greatest norm of the gradient of each variable. Longer gradients are scaled down to it.
    Source: the paper, section 4.4."""
    validate_every: Annotated[int, Ge(1)] = 5
    """Epochs from one validation to the next. Unit: epochs. Source: the paper, section 4.4."""
    patience: Annotated[int, Ge(1)] | None = None
    """Training stops after this many validations in a row without improvement. null never stops
    it early. Unit: validations. Source: the paper stops early and does not say when."""
    select_by: Annotated[str, one_of(tuple(SELECTIONS))] = "total"
    """Validation loss by which the best model is chosen. Source: the paper, section 4.4; footnote
    3 would choose by frame."""
    tensorboard: bool = False
    """Whether to write event files for TensorBoard as well. Source: ours."""
    schedule: Literal["exponential", "cosine"] = "exponential"
    """How the learning rate falls: exponential follows `decay_rate`, cosine falls along half a
    cosine to zero at the last step. Source: the paper, section 4.4."""
    warmup_steps: Annotated[int, Ge(0)] = 0
    """Steps over which the learning rate rises at the beginning, with the schedule cosine. Unit:
    steps. Source: the paper has none."""
    weight_decay: Fraction = 0
    """Above 0, training uses AdamW with this weight decay, and `clip_norm` limits the gradient of
    all variables together. Source: the paper has none."""
    crop_frames: Annotated[int, Ge(0)] = 0
    """Length of the part that is drawn from each mix for a step. 0 takes whole mixes. For a network
    with a size `group`, it must be a multiple of `group`. Unit: frames. Source: the paper, section
    4.4."""
    positive_share: Fraction = 0
    """Probability that a part is drawn so that it holds the onset of an isolated sound, in mixes
    that have one. Needs `crop_frames`. Source: ours, isolated sounds are rare in real music."""
    gain_db: Annotated[tuple[_Gain, _Gain], ASCENDING] = (0, 0)
    """Lowest and highest change of level of a part. Needs `crop_frames` and `features.short_bands`,
    as do the next five keys. Unit: dB. Source: the paper changes none."""
    curve_db: Annotated[float, Ge(0), Le(24)] = 0
    """Greatest change of level of a band, along a random curve over the spectrum that is drawn
    for each part. Unit: dB. Source: Nam et al. (2022); the paper changes none."""
    floor: Fraction = 0
    """Probability that a steady noise lies under a part: a hum, or a broad noise, 30 to 100 dB
    below the part's loudest band. Source: ours, recordings have noise and mains hum."""
    masks: Fraction = 0
    """Probability that some neighbouring bands of a part are hidden. Source: the paper hides
    none."""
    band_limit: Fraction = 0
    """Probability that a part has nothing above a frequency, drawn between 3 and 16 kHz, like
    recordings of low rates. Source: ours."""
    mirror: bool = False
    """Whether left and right are swapped in half of the parts. Source: ours."""
    onset_weight: NonNegative = 1
    """Weight of the onset's loss. Source: the paper, section 4.2."""
    positive_weight: Positive = 1
    """Weight, in the losses of onset and offset, of the frames that hold one. Source: the paper,
    section 4.2."""
    several_weight: NonNegative = 1
    """Weight of the loss of the output several, where a network has one. Source: ours."""
    spread: Fraction = 0
    """Target of the frames beside an onset or offset, 0 to 1. Source: the paper, section 4.2."""
    bfloat16: bool = False
    """Whether to compute in 16 bits. Weights and outputs keep 32. Source: ours."""
    label_share: Fraction = 0
    """Weight of the labels, 0 to 1, in the targets of a network that has teachers. Source: ours,
    after Hinton et al. (2015)."""
    average: Annotated[float, Ge(0), Lt(1)] = 0
    """Above 0, training validates and keeps a running mean of the weights, with this momentum.
    Source: ours, after Polyak and Juditsky, 1992."""
    norm_batches: Annotated[int, Ge(0), Le(4096)] = 0
    """Above 0, the mean and the variance of batch normalization are computed anew from this many
    training batches before each validation, and kept, in place of the moving averages. Unit:
    batches. Source: Wu and Johnson (2021); the paper does not say."""

    @property
    def varies(self) -> bool:
        """Whether parts of mixes are augmented, not only drawn."""
        return bool(varied(dataclasses.asdict(self)))


@dataclasses.dataclass(frozen=True, slots=True)
class HistoryRow:
    """An epoch of a training: a row of the history.

    Attributes
    ----------
    epoch : int
        Number of the epoch, from 1.
    seconds : float
        Duration of the epoch, validation included. This is the only value that varies between
        runs with the same seed.
    learning_rate : float
        Learning rate at the last step of the epoch.
    loss, onset_loss, offset_loss, frame_loss, l2_loss : float
        Total loss and its four terms, on the training items.
    val_loss, val_onset_loss, val_offset_loss, val_frame_loss, val_l2_loss : float
        The same on the validation items. NaN for epochs without validation.
    isolation_loss, val_isolation_loss, several_loss, val_several_loss : float
        Fifth term of each. NaN for networks without an isolation output.
    """

    epoch: int
    seconds: float
    learning_rate: float
    loss: float
    onset_loss: float
    offset_loss: float
    frame_loss: float
    l2_loss: float
    val_loss: float = math.nan
    val_onset_loss: float = math.nan
    val_offset_loss: float = math.nan
    val_frame_loss: float = math.nan
    val_l2_loss: float = math.nan
    isolation_loss: float = math.nan
    val_isolation_loss: float = math.nan
    several_loss: float = math.nan
    val_several_loss: float = math.nan


_NEUTRAL = {
    "gain_db": "[0, 0]",
    "curve_db": "0",
    "floor": "0",
    "masks": "0",
    "band_limit": "0",
    "mirror": "false",
}
"""Keys of the augmentation (`training.augmentation`), and the value that turns each off."""


def varied(training: Mapping[str, Any]) -> list[str]:
    """Return the keys of the augmentation that are not turned off.

    Parameters
    ----------
    training : mapping
        The fields of `training.spec.TrainingSpec`.

    Returns
    -------
    keys : list of str
    """
    return [key for key in _NEUTRAL if training[key] not in (0, [0, 0], (0, 0))]


def variation_faults(training: Mapping[str, Any], *, short_bands: int) -> list[str]:
    """Check that the augmentation suits the features and the parts of mixes.

    Parameters
    ----------
    training : mapping
        The fields of `training.spec.TrainingSpec`.
    short_bands : int
        Number of bands of the short window. Only if it is above 0 do features hold levels as
        bytes, and a direction.

    Returns
    -------
    faults : list of str
        One line per fault: key, rule and values.
    """
    crop, share = training["crop_frames"], training["positive_share"]
    if share and not crop:
        rule = "must be 0 unless training.crop_frames is above 0"
        return [f"training.positive_share: {rule}, got {share}"]
    if short_bands and crop:
        return []
    needed = "features.short_bands and training.crop_frames are above 0"
    return [
        f"training.{key}: must be {_NEUTRAL[key]} unless {needed}, "
        f"got {training[key]}, {short_bands}, {crop}"
        for key in varied(training)
    ]


def frame_faults(*, stride: int, frames: int, crop_frames: int) -> list[str]:
    """Check that the length of training parts suits a network.

    Some networks take whole groups of frames. The input of a trained model is padded to whole
    groups (`models.model_file.LoadedModel.predict`). Training parts are not padded, since the
    network would learn the padding too.

    Parameters
    ----------
    stride : int
        Frames per group (`models.architecture.Network.stride`).
    frames : int
        Frames per mix.
    crop_frames : int
        See `training.spec.TrainingSpec`.

    Returns
    -------
    faults : list of str
        One line per fault: key, rule and value.
    """
    if min(crop_frames or frames, frames) % stride == 0:
        return []
    rule = f"must be a multiple of sizes.group {stride}"
    if frames % stride:
        rule += f", above 0 and below the {frames} frames of a mix (mixes.duration_s)"
    return [f"training.crop_frames: {rule}, got {crop_frames}"]
