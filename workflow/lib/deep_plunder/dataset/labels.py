"""The labels of a mix on the frames of its features."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deep_plunder.dataset.mixes import Mix
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.truth.labels import ISOLATION_UNKNOWN, OUTPUTS, encode, encode_truth

__all__ = ["labels_of"]


def labels_of(mix: Mix, frames: int, spec: FeatureSpec) -> NDArray[np.uint8]:
    """Return the labels of a mix.

    Parameters
    ----------
    mix : Mix
    frames : int
    spec : FeatureSpec

    Returns
    -------
    labels : ndarray of uint8, shape (frames, 3), or 4 columns with detailed features
        See `deep_plunder.truth.labels`.
    """
    if mix.truth is not None:
        labels = encode_truth(mix.truth, frames=frames, frame_rate=spec.frame_rate)
        return labels if spec.short_bands else labels[:, : len(OUTPUTS)]
    bounds = [(region.onset_s, region.offset_s) for region in mix.regions]
    labels = encode(bounds, frames=frames, frame_rate=spec.frame_rate)
    if not spec.short_bands:
        return labels
    return np.pad(labels, ((0, 0), (0, 1)), constant_values=ISOLATION_UNKNOWN)
