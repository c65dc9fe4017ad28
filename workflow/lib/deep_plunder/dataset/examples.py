"""Write mixes as training examples: a shard of features and labels, and its regions.

Mixes come from the renderer or from their WAV files. Both hold the same 16-bit samples, so both
give the same bytes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deep_plunder.dataset.labels import labels_of
from deep_plunder.dataset.mixes import Mix
from deep_plunder.dataset.shards import write_shard
from deep_plunder.errors import InputError
from deep_plunder.features.log_mel import features_from_audio, silence
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.truth.regions import Region
from deep_plunder.util.tables import write_records

__all__ = ["write_examples"]


def write_examples(
    path: str | os.PathLike[str],
    mixes: Iterable[Mix],
    *,
    count: int,
    duration_s: float,
    regions_path: str | os.PathLike[str],
    spec: FeatureSpec,
) -> None:
    """Write the features, labels and regions of mixes.

    Parameters
    ----------
    path : path-like
        See `deep_plunder.dataset.shards.write_shard`.
    mixes : iterable of Mix
    count : int
        Number of mixes.
    duration_s : float
        Length of a mix, in seconds.
    regions_path : path-like
        The table of `Region` to write.
    spec : FeatureSpec
        How features are computed.

    Raises
    ------
    InputError
        If the number of mixes is not `count`, or a mix has another length.
    """
    frames = spec.frames(round(duration_s * spec.sample_rate))
    regions: list[Region] = []

    def examples() -> Iterator[tuple[NDArray[Any], NDArray[np.uint8]]]:
        found, place = 0, path
        for number, mix in enumerate(mixes):
            found, place = number + 1, mix.path.parent if mix.path else path
            features = features_from_audio(mix.audio, mix.rate, spec)
            # Resampling may round the length of a mix up or down by a sample.
            if abs(len(features) - frames) > 1:
                raise InputError(
                    f"{path}: mix {number} of the shard has {len(features)} frames, {frames} "
                    f"are needed for {duration_s} s"
                )
            fitted = np.tile(silence(spec), (frames, 1))
            fitted[: len(features)] = features[:frames]
            regions.extend(mix.regions)
            yield fitted, labels_of(mix, frames, spec)
        if found != count:
            raise InputError(f"{place}: must hold {count} mixes, found {found}")

    write_shard(path, examples(), count=count, frames=frames, spec=spec)
    write_records(regions_path, Region, regions)
