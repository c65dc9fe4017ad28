"""The settings of a training, their rules, and a row of its history.

This module computes nothing, so a configuration is checked without a network.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from deep_plunder.errors import ConfigError

__all__ = [
    "SCHEDULES",
    "SELECTIONS",
    "HistoryRow",
    "TrainingSpec",
    "frame_faults",
    "variation_faults",
    "varied",
]

SELECTIONS = {"total": "loss", "frame": "frame_loss", "onset": "onset_loss"}
"""What a model may be selected by, and the loss that this is."""

SCHEDULES = ("exponential", "cosine")
"""How the learning rate may fall."""


@dataclasses.dataclass(frozen=True, slots=True)
class TrainingSpec:
    """How to train. The defaults are the paper's (section 4.4), where it states them.

    Attributes
    ----------
    batch_size : int
        Items (minutes) of a step.
    steps_per_epoch, epochs : int
        Steps of an epoch, and epochs at most.
    learning_rate : float
        Of Adam, at the first step.
    decay_rate : float
        Factor on the learning rate every `decay_steps`.
    decay_steps : int
        Steps over which the learning rate falls by `decay_rate`.
    clip_norm : float
        Greatest norm of the gradient of each variable.
    validate_every : int
        Epochs from one validation to the next.
    patience : int or None
        Training stops after so many validations in a row without a better one; None: never
        (ours, the paper stops early and does not say when).
    select_by : str
        Validation loss that the best model is chosen by, and that `patience` watches:
        ``"total"``, or ``"frame"`` as the paper's footnote 3 would rather, or ``"onset"``, which
        says best what is found where frames of few songs are learnt by heart.
    tensorboard : bool
        Whether the caller wants event files for TensorBoard; changes nothing in the result.
    schedule : str
        ``"exponential"`` as above, or ``"cosine"``: the learning rate rises over `warmup_steps`
        and falls along a half cosine to nothing at the last step (Loshchilov and Hutter, 2017).
    warmup_steps : int
        Of the cosine schedule.
    weight_decay : float
        Above 0, AdamW with this decay (Loshchilov and Hutter, 2019); the gradient is then
        clipped by its norm over all variables.
    crop_frames : int
        Frames of the part of an item that a step takes, drawn anew each time; 0: whole items.
    gain_db : pair of float
        Change of level of a part (`augmentation`); needs `crop_frames` and detailed features, as
        the next three.
    curve_db : float
        Greatest change of level of a band of a part, along a curve over the spectrum.
    masks : float
        That some bands of a part are hidden.
    mirror : bool
        Whether left and right are swapped for half of the parts.
    onset_weight, positive_weight : float
        Of the losses (`training.losses.cross_entropy`): factor on that of the onset, weight of
        positive
        frames of onset and offset.
    spread : float
        Label of the frames beside an onset or offset (`truth.labels.widened`).
    bfloat16 : bool
        Whether layers compute with 16 bits (`models.architecture.Network.build`).
    label_share : float
        Of the labels in the targets where there are teachers, 0..1
        (`training.distillation.blended`).
    average : float
        Above 0, what is validated and kept is the running mean of the weights with this momentum,
        which varies less from step to step than they do (Polyak and Juditsky, 1992).

    Raises
    ------
    ConfigError
        If a value is out of its range.
    """

    batch_size: int = 16
    steps_per_epoch: int = 80
    epochs: int = 50
    learning_rate: float = 6e-4
    decay_rate: float = 0.98
    decay_steps: int = 10000
    clip_norm: float = 3.0
    validate_every: int = 5
    patience: int | None = None
    select_by: str = "total"
    tensorboard: bool = False
    schedule: str = "exponential"
    warmup_steps: int = 0
    weight_decay: float = 0.0
    crop_frames: int = 0
    gain_db: tuple[float, float] = (0.0, 0.0)
    curve_db: float = 0.0
    masks: float = 0.0
    mirror: bool = False
    onset_weight: float = 1.0
    positive_weight: float = 1.0
    spread: float = 0.0
    bfloat16: bool = False
    label_share: float = 0.0
    average: float = 0.0

    @property
    def varies(self) -> bool:
        """Whether parts are varied beyond where they begin."""
        return bool(varied(dataclasses.asdict(self)))

    def __post_init__(self) -> None:
        faults = [
            f"training.{name}: must be at least 1, got {getattr(self, name)}"
            for name in ("batch_size", "steps_per_epoch", "epochs", "decay_steps", "validate_every")
            if getattr(self, name) < 1
        ]
        faults += [
            f"training.{name}: must be above 0, got {getattr(self, name)}"
            for name in ("learning_rate", "decay_rate", "clip_norm")
            if not getattr(self, name) > 0
        ]
        if self.patience is not None and self.patience < 1:
            faults.append(f"training.patience: must be at least 1 or null, got {self.patience}")
        if self.select_by not in SELECTIONS:
            known = ", ".join(SELECTIONS)
            faults.append(f"training.select_by: must be one of {known}, got {self.select_by!r}")
        if self.schedule not in SCHEDULES:
            known = ", ".join(SCHEDULES)
            faults.append(f"training.schedule: must be one of {known}, got {self.schedule!r}")
        faults += [
            f"training.{name}: must be at least 0, got {getattr(self, name)}"
            for name in (
                "warmup_steps",
                "weight_decay",
                "crop_frames",
                "curve_db",
                "masks",
                "spread",
            )
            if not getattr(self, name) >= 0
        ]
        if not 0 <= self.label_share <= 1:
            faults.append(f"training.label_share: must be in 0..1, got {self.label_share}")
        if not 0 <= self.average < 1:
            faults.append(f"training.average: must be at least 0 and below 1, got {self.average}")
        if len(self.gain_db) != 2 or not self.gain_db[0] <= self.gain_db[1]:
            faults.append(
                f"training.gain_db: must be a lowest and a highest value, got {self.gain_db}"
            )
        if faults:
            raise ConfigError(faults)


@dataclasses.dataclass(frozen=True, slots=True)
class HistoryRow:
    """One epoch. Validation losses are NaN for epochs that were not validated.

    Attributes
    ----------
    epoch : int
        Number of the epoch, from 1.
    seconds : float
        Time that it took, validation included.
    learning_rate : float
        At its last step.
    loss, onset_loss, offset_loss, frame_loss, l2_loss : float
        The total and its four terms, on what was trained on.
    val_loss, val_onset_loss, val_offset_loss, val_frame_loss, val_l2_loss : float
        The same on the validation items.
    isolation_loss, val_isolation_loss : float
        A fifth term; NaN for networks that do not give the isolation.
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


_NEUTRAL = {"gain_db": "[0, 0]", "curve_db": "0", "masks": "0", "mirror": "false"}
"""Keys that vary parts of mixes (`augmentation`), and the value that varies nothing."""


def varied(training: Mapping[str, Any]) -> list[str]:
    """Name the keys that vary parts of mixes beyond where they begin.

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
    """Say why parts of mixes cannot be varied as asked.

    Parameters
    ----------
    training : mapping
        The fields of `training.spec.TrainingSpec`.
    short_bands : int
        Of the features; only where it is above 0 do they hold levels as bytes, and a direction.

    Returns
    -------
    faults : list of str
        A line each: key, rule and values; none if they can.
    """
    crop = training["crop_frames"]
    if short_bands and crop:
        return []
    needed = "features.short_bands and training.crop_frames are above 0"
    return [
        f"training.{key}: must be {_NEUTRAL[key]} unless {needed}, "
        f"got {training[key]}, {short_bands}, {crop}"
        for key in varied(training)
    ]


def frame_faults(*, stride: int, frames: int, crop_frames: int) -> list[str]:
    """Check that the parts of mixes that a step takes suit a network.

    Some networks take whole groups of frames. The input of a trained model is padded to whole
    groups (`models.model_file.LoadedModel.predict`); in training, the network would learn the
    padding too.

    Parameters
    ----------
    stride : int
        Frames in a group (`models.architecture.Network.stride`).
    frames : int
        Frames of a mix.
    crop_frames : int
        As of `training.spec.TrainingSpec`.

    Returns
    -------
    faults : list of str
        One line each: key, rule and value; none if they do.
    """
    if min(crop_frames or frames, frames) % stride == 0:
        return []
    rule = f"must be a multiple of sizes.group {stride}"
    if frames % stride:
        rule += f", above 0 and below the {frames} frames of a mix (mixes.duration_s)"
    return [f"training.crop_frames: {rule}, got {crop_frames}"]
