"""The rendered mix, and writing mixes to disk."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deep_plunder.audio import writing
from deep_plunder.corpus.library import Rejected
from deep_plunder.truth.annotations import (
    Annotation,
    write_audacity,
    write_sonic_visualiser,
)
from deep_plunder.truth.isolation import IsolationTruth, write_isolation
from deep_plunder.truth.regions import Region
from deep_plunder.util.checksums import write_sums
from deep_plunder.util.files import atomic_directory
from deep_plunder.util.tables import Seconds, write_records

__all__ = ["MixAnnotation", "RenderedMix", "SceneAnnotation", "write_mixes"]


@dataclass(frozen=True, slots=True)
class MixAnnotation:
    """A labelled sound: a row of the table beside a mix.

    Attributes
    ----------
    onset_s, offset_s : float
        The region of the sound, in seconds of the mix.
    sound, sound_class : str
        Name and class of the sound.
    """

    onset_s: Seconds
    offset_s: Seconds
    sound: str
    sound_class: str


@dataclass(frozen=True, slots=True)
class SceneAnnotation(MixAnnotation):
    """An isolated sound: a row of the table beside a scene.

    Attributes
    ----------
    isolation_db : float
        Least isolation in the region, in dB: the distance of everything else below the sound.
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
        The audio at the sample rate of the `MixSpec`.
    regions : tuple of Region
        The regions of its sounds, in order of time.
    rejected : tuple of Rejected
        One row per event that is silent because its file cannot be read.
    truth : deep_plunder.truth.isolation.IsolationTruth, optional
        The state of every step of a scene; None for a mix in the paper's style.
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
        The mixes. Only one is in memory at a time.
    folder : path-like
        The folder to write, which is replaced as a whole or not at all. Each mix has these files:
        ``mix_NNNNNN.wav`` (16 bit, stereo), ``mix_NNNNNN.tsv`` (rows of `MixAnnotation`, for a
        scene of `SceneAnnotation`), and ``mix_NNNNNN.sums`` (the checksums of the others). A scene
        also has ``mix_NNNNNN.truth.npz`` (`deep_plunder.truth.isolation.write_isolation`).
        ``mix_NNNNNN.labels.txt`` and ``mix_NNNNNN.svl`` hold the regions as layers for Audacity and
        Sonic Visualiser. They have no checksums, since no stage reads them.
    rate : int
        Sample rate, in Hz.

    Returns
    -------
    rejected : list of Rejected
        One row per event whose file could not be read.

    Raises
    ------
    InputError
        See `Renderer.render`.
    OSError
        If a file cannot be written. The message names the folder.

    Examples
    --------
    >>> region = Region(0, 0.1, 0.4, "a.wav", "kick")
    >>> mix = RenderedMix(0, np.zeros((44100, 2), np.int16), (region,), ())
    >>> write_mixes([mix], "shard", rate=44100)
    []
    >>> sorted(path.suffix for path in Path("shard").iterdir())
    ['.sums', '.svl', '.tsv', '.txt', '.wav']
    """
    rejected: list[Rejected] = []
    with atomic_directory(folder) as temporary:
        for mix in mixes:
            rejected.extend(mix.rejected)
            _write(mix, temporary / f"mix_{mix.mix:06d}", rate)
    return rejected


def _write(mix: RenderedMix, stem: Path, rate: int) -> None:
    wav, table = stem.with_suffix(".wav"), stem.with_suffix(".tsv")
    writing.write(wav, mix.audio, rate)
    columns = [(r.onset_s, r.offset_s, r.sound, r.sound_class) for r in mix.regions]
    files = [wav, table]
    if mix.truth is None:
        plain = [MixAnnotation(*row) for row in columns]
        write_records(table, MixAnnotation, plain, checksum=False)
    else:
        isolations = [region.isolation_db for region in mix.regions]
        rows = [SceneAnnotation(*row, db) for row, db in zip(columns, isolations, strict=True)]
        write_records(table, SceneAnnotation, rows, checksum=False)
        files.append(stem.with_suffix(".truth.npz"))
        write_isolation(files[-1], mix.truth)
    write_sums(stem.with_suffix(".sums"), files, whole=False, ends={wav: mix.audio})
    layer = [Annotation(r.onset_s, r.offset_s, r.sound) for r in mix.regions]
    write_audacity(stem.with_suffix(".labels.txt"), layer)
    write_sonic_visualiser(
        stem.with_suffix(".svl"), layer, rate=rate, end_s=len(mix.audio) / rate, name="Sounds"
    )
