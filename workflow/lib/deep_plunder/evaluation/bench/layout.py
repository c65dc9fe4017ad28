"""Read and write the files of a bench: a folder of real songs with exact truth.

For each song NAME, a bench holds:

- ``audio/NAME.*``: the song, in any format;
- ``regions/NAME.tsv``: isolated regions, columns ``onset_s`` and ``offset_s`` (others are ignored);
- ``ignore/NAME.tsv``: stretches that are not scored, with the same columns; may be missing;
- ``labels32ms/NAME.npy``: uint8, one value per frame of 32 ms: 1 isolated, 2 not scored, else 0.

A folder of tracker modules is not a bench; `evaluation.bench.trackers` renders one from it.
"""

from __future__ import annotations

import dataclasses
import io
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deep_plunder.audio.source import AUDIO_SUFFIXES
from deep_plunder.errors import InputError
from deep_plunder.util.arrays import Float64Array
from deep_plunder.util.checksums import read_checked, sums_path, write_sums
from deep_plunder.util.files import atomic_path
from deep_plunder.util.npy import NPY_ERRORS
from deep_plunder.util.tables import Seconds, read_records, write_records

__all__ = [
    "FRAME_S",
    "IGNORED",
    "ISOLATED",
    "BenchSong",
    "BenchTruth",
    "Span",
    "songs_in_benches",
    "songs_of",
    "truth_of",
    "write_truth",
]

FRAME_S = 0.032
"""Seconds per frame of the truth: the paper's hop."""

ISOLATED, IGNORED = 1, 2
"""Values of a frame of the truth. All other frames are 0."""


@dataclasses.dataclass(frozen=True, slots=True)
class Span:
    """A row of ``regions/NAME.tsv`` and ``ignore/NAME.tsv``.

    Attributes
    ----------
    onset_s, offset_s : float
        Beginning and end, in seconds.
    """

    onset_s: Seconds
    offset_s: Seconds


@dataclasses.dataclass(frozen=True, slots=True)
class BenchSong:
    """A song of a bench.

    Attributes
    ----------
    name : str
        Name of the song and stem of its files.
    audio : Path
        The song's file.
    """

    name: str
    audio: Path


@dataclasses.dataclass(frozen=True, slots=True)
class BenchTruth:
    """The truth of a song.

    Attributes
    ----------
    name : str
        Name of the song.
    regions : ndarray of float64, shape (k, 2)
        Isolated regions in seconds, in order of onset, without overlap.
    ignore : ndarray of float64, shape (m, 2)
        Stretches that are not scored, in seconds, without overlap.
    labels : ndarray of uint8, shape (n,)
        One value per frame: 0, `ISOLATED` or `IGNORED`.
    """

    name: str
    regions: Float64Array
    ignore: Float64Array
    labels: NDArray[np.uint8]


def songs_of(folder: str | os.PathLike[str]) -> list[BenchSong]:
    """List the songs of a bench, by name.

    Parameters
    ----------
    folder : path-like

    Returns
    -------
    songs : list of BenchSong
        The songs that have labels. The audio of one may be missing.

    Raises
    ------
    InputError
        If there are none.
    """
    root = Path(folder)
    audio = {
        path.stem: path
        for path in sorted((root / "audio").glob("*"))
        if path.suffix.lower() in AUDIO_SUFFIXES
    }
    names = sorted(labels.stem for labels in (root / "labels32ms").glob("*.npy"))
    songs = [BenchSong(name, audio.get(name, root / "audio" / name)) for name in names]
    if not songs:
        raise InputError(f"{root}: labels32ms: must hold one .npy per song, holds none")
    return songs


def songs_in_benches(benches: Mapping[str, str | os.PathLike[str]]) -> list[tuple[str, str]]:
    """List the songs of benches, which must not train.

    Parameters
    ----------
    benches : mapping of str to path-like
        The folder of each bench by its name.

    Returns
    -------
    held_out : list of (path, place)
        Each song's file, with the bench that holds it.

    Raises
    ------
    InputError
        If a bench has no songs.
    """
    return [
        (os.fspath(song.audio), f"the bench {name}")
        for name, folder in benches.items()
        for song in songs_of(folder)
    ]


def _spans(path: Path) -> NDArray[np.float64]:
    rows = [(row.onset_s, row.offset_s) for row in read_records(path, Span)]
    spans = np.array(sorted(rows), np.float64).reshape(-1, 2)
    if not np.isfinite(spans).all() or (spans[:, 1] < spans[:, 0]).any():
        raise InputError(f"{path}: must hold finite seconds with onset_s <= offset_s")
    return spans


def truth_of(folder: str | os.PathLike[str], name: str) -> BenchTruth:
    """Read the truth of a song.

    Parameters
    ----------
    folder : path-like
        Folder of the bench.
    name : str
        Name of the song.

    Returns
    -------
    truth : BenchTruth

    Raises
    ------
    InputError
        If a file cannot be read or breaks the rules above.
    """
    root = Path(folder)
    path = root / "labels32ms" / f"{name}.npy"
    try:
        labels = np.load(io.BytesIO(read_checked(path)), allow_pickle=False)
    except NPY_ERRORS as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    if labels.ndim != 1 or labels.dtype.kind not in "iub" or not len(labels):
        raise InputError(f"{path}: must be integers, one value per frame, got {labels.dtype}")
    ignore = root / "ignore" / f"{name}.tsv"
    return BenchTruth(
        name=name,
        regions=_spans(root / "regions" / f"{name}.tsv"),
        ignore=_spans(ignore) if ignore.exists() else np.empty((0, 2)),
        labels=labels.astype(np.uint8),
    )


def write_truth(folder: str | os.PathLike[str], truth: BenchTruth) -> None:
    """Write the truth of a song into a bench, in the form that `truth_of` reads.

    Parameters
    ----------
    folder : path-like
        Folder of the bench. Missing folders are created.
    truth : BenchTruth
    """
    root = Path(folder)
    for name, spans in (("regions", truth.regions), ("ignore", truth.ignore)):
        rows = [Span(onset, offset) for onset, offset in spans.tolist()]
        write_records(root / name / f"{truth.name}.tsv", Span, rows)
    labels = root / "labels32ms" / f"{truth.name}.npy"
    labels.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(labels) as temporary, temporary.open("wb") as file:
        np.save(file, truth.labels, allow_pickle=False)
    write_sums(sums_path(labels), [labels])
