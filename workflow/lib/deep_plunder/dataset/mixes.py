"""Mixes with their labels, fresh from the renderer or read from disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from deep_plunder.audio import reading
from deep_plunder.mixes.rendered import MixAnnotation, SceneAnnotation
from deep_plunder.truth.isolation import IsolationTruth, read_isolation
from deep_plunder.truth.regions import Region
from deep_plunder.util.checksums import check_files
from deep_plunder.util.tables import read_records

__all__ = ["Mix", "read_mixes"]


@dataclass(frozen=True, slots=True)
class Mix:
    """The audio of a mix and its labels.

    Attributes
    ----------
    audio : ndarray of int16 or float, shape (samples, channels)
    rate : int
        Samples per second.
    regions : tuple of Region
    truth : IsolationTruth, optional
        The state and isolation of each step of a scene.
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
        The folder of ``mix_NNNNNN.wav``, ``mix_NNNNNN.tsv`` and their checksums.

    Yields
    ------
    mix : Mix
        In order of their numbers.

    Raises
    ------
    InputError
        If a file is missing, cannot be read, or has another checksum than when it was written.
    """
    for path in sorted(Path(folder).glob("mix_*.wav")):
        number = int(path.stem.removeprefix("mix_"))
        check_files(path.with_suffix(".sums"), [path.name], remove=Path(folder))
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
        yield Mix(samples, rate, regions, read_isolation(truth_path, regions), path)
