"""Say what a training cannot do with its network, its features and its mixes.

Apart from `fitting`, so that a configuration is checked without anything that computes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .sizes import frame_stride

__all__ = ["frame_faults", "variation_faults", "varied"]

_NEUTRAL = {"gain_db": "[0, 0]", "curve_db": "0", "masks": "0", "mirror": "false"}
"""Keys that vary parts of mixes (`augmentation`), and the value that varies nothing."""


def varied(training: Mapping[str, Any]) -> list[str]:
    """Name the keys that vary parts of mixes beyond where they begin.

    Parameters
    ----------
    training : mapping
        The fields of `fitting.TrainingSpec`.

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
        The fields of `fitting.TrainingSpec`.
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


def frame_faults(architecture: str, *, frames: int, crop_frames: int, **sizes: Any) -> list[str]:
    """Say why the parts of mixes that a step takes do not suit a network.

    `default` and `grouped` take whole groups of frames. What a trained model hears is made up to
    whole groups (`modelfile.LoadedModel.predict`); in training, frames that are no part of a mix
    would be learnt too.

    Parameters
    ----------
    architecture, **sizes
        As of `sizes.network_sizes`.
    frames : int
        Of a mix.
    crop_frames : int
        As of `fitting.TrainingSpec`.

    Returns
    -------
    faults : list of str
        A line each: key, rule and value; none if they do.

    Raises
    ------
    ConfigError
        As `sizes.network_sizes`.
    """
    group = frame_stride(architecture, **sizes)
    if min(crop_frames or frames, frames) % group == 0:
        return []
    rule = f"must be a multiple of sizes.group {group}"
    if frames % group:
        rule += f", above 0 and below the {frames} frames of a mix (mixes.duration_s)"
    return [f"training.crop_frames: {rule}, got {crop_frames}"]
