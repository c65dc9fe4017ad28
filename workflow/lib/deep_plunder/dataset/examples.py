"""Turn mixes into what a network learns from: a shard of features and labels, and its regions.

Mixes come as they are rendered or from the WAV files that were kept of them: both hold the same
16-bit samples and so give the same bytes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deep_plunder.audio import reading
from deep_plunder.dataset.shards import write_shard
from deep_plunder.errors import InputError
from deep_plunder.features.log_mel import features_from_audio, silence
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.mixes.rendered import MixAnnotation, SceneAnnotation
from deep_plunder.truth.isolation import IsolationTruth, read_truth
from deep_plunder.truth.labels import ISOLATION_UNKNOWN, OUTPUTS, encode, encode_truth
from deep_plunder.truth.regions import Region
from deep_plunder.util.tables import read_records, write_records

__all__ = ["Mix", "labels_of", "read_mixes", "write_examples"]


@dataclass(frozen=True, slots=True)
class Mix:
    """The audio of a mix and what is labelled in it.

    Attributes
    ----------
    audio : ndarray of int16 or float, shape (samples, channels)
    rate : int
        Samples a second.
    regions : tuple of Region
    truth : deep_plunder.scenes.truth.Truth, optional
        What more is known of a scene.
    path : Path, optional
        The file, if it has one.
    """

    audio: NDArray[Any]
    rate: int
    regions: tuple[Region, ...]
    truth: IsolationTruth | None = None
    path: Path | None = None


def read_mixes(folder: str | os.PathLike[str]) -> Iterator[Mix]:
    """Read the mixes that `deep_plunder.mixes.rendered.write_mixes` wrote, one at a time.

    Parameters
    ----------
    folder : path-like
        Holds ``mix_NNNNNN.wav`` and ``mix_NNNNNN.tsv``.

    Yields
    ------
    mix : Mix
        In order of their numbers.

    Raises
    ------
    InputError
        If a file is missing or cannot be read.
    """
    for path in sorted(Path(folder).glob("mix_*.wav")):
        number = int(path.stem.removeprefix("mix_"))
        samples, rate = reading.read(path)
        table, truth_path = path.with_suffix(".tsv"), path.with_suffix(".truth.npz")
        if not truth_path.is_file():
            rows = read_records(table, MixAnnotation)
            plain = (Region(number, r.onset_s, r.offset_s, r.sound, r.sound_class) for r in rows)
            yield Mix(samples, rate, tuple(plain), path=path)
            continue
        regions = tuple(
            Region(number, r.onset_s, r.offset_s, r.sound, r.sound_class, r.isolation_db)
            for r in read_records(table, SceneAnnotation)
        )
        yield Mix(samples, rate, regions, read_truth(truth_path, regions), path)


def labels_of(mix: Mix, frames: int, spec: FeatureSpec) -> NDArray[np.uint8]:
    """Give the labels of a mix.

    Parameters
    ----------
    mix : Mix
    frames : int
    spec : FeatureSpec

    Returns
    -------
    labels : ndarray of uint8, shape (frames, 3), or 4 columns with detailed features
        See `labels`.
    """
    if mix.truth is not None:
        labels = encode_truth(mix.truth, frames=frames, frame_rate=spec.frame_rate)
        return labels if spec.short_bands else labels[:, : len(OUTPUTS)]
    bounds = [(region.onset_s, region.offset_s) for region in mix.regions]
    labels = encode(bounds, frames=frames, frame_rate=spec.frame_rate)
    if not spec.short_bands:
        return labels
    return np.pad(labels, ((0, 0), (0, 1)), constant_values=ISOLATION_UNKNOWN)


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
        As of `deep_plunder.dataset.shards.write_shard`.
    mixes : iterable of Mix
    count : int
        How many there are.
    duration_s : float
        Length of each, in seconds.
    regions_path : path-like
        Gets a table of `Region`.
    spec : FeatureSpec
        How features are computed.

    Raises
    ------
    InputError
        If there are not `count` mixes, or one is not of the length of the others.
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
