"""Random features and labels of true sizes, in memory, for the benchmarks of training."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from deep_plunder.features.spec import FeatureSpec
from deep_plunder.util.rng import generator

__all__ = ["DETAILED", "Minutes"]

DETAILED = FeatureSpec(hop=256, short_bands=80)
"""The features of the model that ships."""


class Minutes:
    """Minutes to train on: `training.batches.Items` in memory."""

    def __init__(self, count: int, spec: FeatureSpec, *, seconds: float = 60.0) -> None:
        self.frames = spec.frames(round(seconds * spec.sample_rate))
        rng = generator(0, "benchmark", "minutes")
        shape = (count, self.frames, spec.bands)
        if spec.short_bands:
            self.features: npt.NDArray[Any] = rng.integers(0, 200, shape, np.uint8)
        else:
            self.features = rng.normal(0.4, 1.6, shape).astype(np.float32)
        columns = 4 if spec.short_bands else 3
        self.labels = (rng.random((count, self.frames, columns)) < 0.1).astype(np.uint8)

    def __len__(self) -> int:
        return len(self.features)

    def onsets(self, index: int) -> npt.NDArray[np.int64]:
        """Return the frames of a minute in which a sound begins."""
        return np.flatnonzero(self.labels[index, :, 0] == 1)

    def batch(
        self,
        indices: npt.ArrayLike,
        *,
        starts: npt.ArrayLike | None = None,
        frames: int | None = None,
    ) -> tuple[npt.NDArray[Any], npt.NDArray[np.uint8]]:
        """Return parts of minutes."""
        wanted, count = np.asarray(indices), self.frames if frames is None else frames
        first = np.zeros(len(wanted), int) if starts is None else np.asarray(starts)
        spans = [(k, slice(s, s + count)) for k, s in zip(wanted, first, strict=True)]
        return (
            np.stack([self.features[k, span] for k, span in spans]),
            np.stack([self.labels[k, span] for k, span in spans]),
        )
