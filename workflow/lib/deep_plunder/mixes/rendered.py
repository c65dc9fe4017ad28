"""Rendered mixes, and how they are written to disk."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deep_plunder.audio import writing
from deep_plunder.corpus.library import Rejected
from deep_plunder.truth.isolation import IsolationTruth, write_truth
from deep_plunder.truth.regions import Region
from deep_plunder.util.checksums import write_sums
from deep_plunder.util.files import atomic_directory
from deep_plunder.util.tables import Seconds, write_records

__all__ = ["MixAnnotation", "RenderedMix", "SceneAnnotation", "write_mixes"]


@dataclass(frozen=True, slots=True)
class MixAnnotation:
    """A row of the table beside a mix: one labelled sound.

    Attributes
    ----------
    onset_s, offset_s : float
        Where it is heard, in seconds of the mix.
    sound, sound_class : str
        Which sound it is.
    """

    onset_s: Seconds
    offset_s: Seconds
    sound: str
    sound_class: str


@dataclass(frozen=True, slots=True)
class SceneAnnotation(MixAnnotation):
    """A row of the table beside a scene.

    Attributes
    ----------
    isolation_db : float
        How far all else lies below the sound where that is least.
    """

    isolation_db: float


@dataclass(frozen=True, slots=True)
class RenderedMix:
    """A mix as audio.

    Attributes
    ----------
    mix : int
        Number of the mix in its split.
    audio : ndarray of int16, shape (samples, 2)
        At the sample rate of the `MixSpec`.
    regions : tuple of Region
        Where sounds are heard, in order of time.
    rejected : tuple of Rejected
        A row for each event that is silent because its file fails.
    truth : deep_plunder.scenes.truth.Truth, optional
        What is known of every moment of a scene; None for a mix in the paper's manner.
    """

    mix: int
    audio: npt.NDArray[np.int16]
    regions: tuple[Region, ...]
    rejected: tuple[Rejected, ...]
    truth: IsolationTruth | None = None


def write_mixes(
    mixes: Iterable[RenderedMix], folder: str | os.PathLike[str], *, rate: int
) -> list[Rejected]:
    """Write mixes as WAV files, each with a table of its regions.

    Parameters
    ----------
    mixes : iterable of RenderedMix
        Taken one after another.
    folder : path-like
        Gets ``mix_NNNNNN.wav`` (16 bit, stereo) and ``mix_NNNNNN.tsv`` (rows of `MixAnnotation`)
        for each mix; for a scene rows of `SceneAnnotation`, and ``mix_NNNNNN.truth.npz``
        (`deep_plunder.truth.isolation.write_truth`); ``mix_NNNNNN.sums`` holds their checksums.
        It is replaced as a whole, or not at all.
    rate : int
        Hz.

    Returns
    -------
    rejected : list of Rejected
        What could not be used, one row per event.

    Raises
    ------
    InputError
        See `Renderer.render`.
    OSError
        If a file cannot be written: with the name of the folder.

    Examples
    --------
    >>> region = Region(0, 0.1, 0.4, "a.wav", "kick")
    >>> mix = RenderedMix(0, np.zeros((44100, 2), np.int16), (region,), ())
    >>> write_mixes([mix], "shard", rate=44100)
    []
    >>> sorted(path.name for path in Path("shard").iterdir())
    ['mix_000000.tsv', 'mix_000000.wav']
    """
    rejected: list[Rejected] = []
    with atomic_directory(folder) as temporary:
        for mix in mixes:
            rejected.extend(mix.rejected)
            _write(mix, temporary / f"mix_{mix.mix:06d}", rate)
    return rejected


def _write(mix: RenderedMix, stem: Path, rate: int) -> None:
    writing.write(stem.with_suffix(".wav"), mix.audio, rate)
    table = stem.with_suffix(".tsv")
    columns = [(r.onset_s, r.offset_s, r.sound, r.sound_class) for r in mix.regions]
    files = [stem.with_suffix(".wav"), table]
    if mix.truth is None:
        plain = [MixAnnotation(*row) for row in columns]
        write_records(table, MixAnnotation, plain, checksum=False)
    else:
        isolations = [region.isolation_db for region in mix.regions]
        rows = [SceneAnnotation(*row, db) for row, db in zip(columns, isolations, strict=True)]
        write_records(table, SceneAnnotation, rows, checksum=False)
        files.append(stem.with_suffix(".truth.npz"))
        write_truth(files[-1], mix.truth)
    write_sums(stem.with_suffix(".sums"), files)
