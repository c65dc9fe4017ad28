"""Rank sounds by how alike they are to a given one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deep_plunder.audio import reading
from deep_plunder.audio.source import AUDIO_SUFFIXES
from deep_plunder.description.timbre import embedding
from deep_plunder.errors import AudioError, InputError
from deep_plunder.util.arrays import Float32Array, Float64Array
from deep_plunder.util.listing import files_below
from deep_plunder.util.names import shown

__all__ = ["SimilarSound", "distances", "find_similar"]

_LONGEST_S = 3.0


@dataclass(frozen=True, slots=True)
class SimilarSound:
    """A sound with its distance from the given one.

    Attributes
    ----------
    path : Path
        The file.
    distance : float
        Root mean square difference of the embeddings, in standard deviations over all sounds that
        were searched. 0 for the same samples.
    """

    path: Path
    distance: float


def distances(one: Float32Array, others: Float32Array) -> Float64Array:
    """Compute the distances of embeddings from a given one.

    Parameters
    ----------
    one : ndarray, shape (n,)
        The given embedding.
    others : ndarray, shape (k, n)
        The embeddings that are searched. Each value is divided by its standard deviation over
        these and the given one, so that no value outweighs the others.

    Returns
    -------
    distances : ndarray, shape (k,)

    Examples
    --------
    >>> distances(np.zeros(2), np.array([[0.0, 0.0], [1.0, 100.0]])).round(2).tolist()
    [0.0, 2.12]
    """
    every = np.vstack([one[np.newaxis], others]).astype(np.float64)
    scaled = (every - every.mean(axis=0)) / np.maximum(every.std(axis=0), 1e-6)
    apart: Float64Array = np.sqrt(np.square(scaled[1:] - scaled[0]).mean(axis=1))
    return apart


def _embedding_of(path: Path) -> Float32Array:
    info = reading.probe(path)
    samples, rate = reading.read(path, stop=round(_LONGEST_S * info.rate))
    return embedding(samples, rate)


def _audio_files(folders: Sequence[Path], fail: Callable[[str], None]) -> Iterator[Path]:
    """List the audio files of folders, each once."""

    def closed(error: OSError) -> None:
        fail(f"{shown(error.filename)}: cannot be read: {error.strerror}")

    seen = set()
    for folder in folders:
        if os.path.exists(folder) and not os.path.isdir(folder):  # noqa: PTH110, PTH112
            fail(f"{shown(folder)}: is not a folder")
            continue
        for path in files_below(folder, suffixes=AUDIO_SUFFIXES, onerror=closed):
            real = os.path.realpath(path)
            if real not in seen:
                seen.add(real)
                yield path


def find_similar(
    sound: Path, folders: Sequence[Path], *, fail: Callable[[str], None]
) -> list[SimilarSound]:
    """Rank the sounds of folders by how alike they are to a given sound.

    Parameters
    ----------
    sound : Path
        Any audio file. Its first 3 seconds count.
    folders : sequence of Path
        Folders of sounds, subfolders included, such as the results of `extract`.
    fail : callable
        Called with a line per file and folder that cannot be read.

    Returns
    -------
    similar : list of SimilarSound
        The most alike first, without the given file itself. Of several names of a file the first
        counts.

    Raises
    ------
    AudioError
        If the given sound cannot be read.
    InputError
        If there is no file to compare with.

    Examples
    --------
    >>> find_similar(Path("kick.wav"), [Path("missing")], fail=print)
    Traceback (most recent call last):
    deep_plunder.errors.AudioError: kick.wav: missing: cannot be opened (No such file or directory)
    """
    given = _embedding_of(sound)
    own = os.path.realpath(sound)
    paths: list[Path] = []
    found, failed = [], False

    def note(fault: str) -> None:
        nonlocal failed
        failed = True
        fail(fault)

    for path in _audio_files(folders, note):
        if os.path.realpath(path) == own:
            continue
        try:
            found.append(_embedding_of(path))
        except AudioError as error:
            note(str(error))
            continue
        paths.append(path)
    if not paths:
        if failed:
            return []
        places = ", ".join(map(shown, folders))
        raise InputError(f"{places}: no other audio file to compare with")
    apart = distances(given, np.array(found)).tolist()
    ranked = sorted(zip(apart, paths, strict=True), key=lambda pair: (pair[0], str(pair[1])))
    return [SimilarSound(path, distance) for distance, path in ranked]
