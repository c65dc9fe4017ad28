"""Songs that are rendered for a bench: their truth on frames, and their files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deep_plunder.audio import writing
from deep_plunder.evaluation.bench.layout import FRAME_S, IGNORED, ISOLATED, BenchTruth, write_truth
from deep_plunder.truth.isolation import STEP_S, UNKNOWN, IsolationTruth
from deep_plunder.util.checksums import sums_path, write_sums

__all__ = ["exact_truth", "frame_labels", "write_song"]

_STEPS_A_FRAME = round(FRAME_S / STEP_S)


def frame_labels(state: NDArray[np.uint8], regions: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Compute the labels of frames from the state of steps.

    Parameters
    ----------
    state : ndarray of uint8, shape (steps,)
        State of each step of 4 ms, see `truth.isolation`.
    regions : ndarray of float64, shape (k, 2)
        Isolated regions, in seconds.

    Returns
    -------
    labels : ndarray of uint8, shape (ceil(steps / 8),)
        ``ISOLATED`` if regions cover at least half of a frame, ``IGNORED`` if regions and unknown
        steps do so together, else 0.

    Examples
    --------
    >>> state = np.full(16, UNKNOWN, np.uint8)
    >>> frame_labels(state, np.array([[0.0, 0.02]])).tolist() == [ISOLATED, IGNORED]
    True
    """
    frames = -(-len(state) // _STEPS_A_FRAME)
    alone = np.zeros(frames * _STEPS_A_FRAME, np.bool_)
    for onset_s, offset_s in regions.tolist():
        alone[round(onset_s / STEP_S) : round(offset_s / STEP_S)] = True
    unknown = np.zeros_like(alone)
    unknown[: len(state)] = state == UNKNOWN

    def half(steps: NDArray[np.bool_]) -> NDArray[np.bool_]:
        covered: NDArray[np.bool_] = steps.reshape(frames, -1).mean(axis=1) >= 0.5
        return covered

    labels = np.where(half(alone | unknown), np.uint8(IGNORED), np.uint8(0))
    return np.where(half(alone), np.uint8(ISOLATED), labels)


def _runs(steps: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the spans, in seconds, in which steps are true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], steps.astype(np.int8), [0]])))
    return np.asarray(edges.reshape(-1, 2) * STEP_S, np.float64)


def exact_truth(name: str, found: IsolationTruth) -> BenchTruth:
    """Convert the truth measured on stems into the truth of a bench.

    Parameters
    ----------
    name : str
        Name of the song.
    found : IsolationTruth
        Truth that a `TruthBuilder` measured.

    Returns
    -------
    truth : BenchTruth

    Examples
    --------
    >>> state = np.zeros(16, np.uint8)
    >>> found = IsolationTruth(state, np.zeros(16, np.float32), [(0.0, 0.032, 30.0, "kick")])
    >>> exact_truth("song", found).labels.tolist() == [ISOLATED, 0]
    True
    """
    regions = np.array([row[:2] for row in found.regions], np.float64).reshape(-1, 2)
    return BenchTruth(
        name=name,
        regions=regions,
        ignore=_runs(found.state == UNKNOWN),
        labels=frame_labels(found.state, regions),
    )


def write_song(
    folder: str | os.PathLike[str], truth: BenchTruth, samples: NDArray[Any], rate: int
) -> None:
    """Write a song and its truth into a bench.

    Parameters
    ----------
    folder : path-like
        Folder of the bench. The song becomes ``audio/NAME.wav``, 16 bits, with its checksum.
    truth : BenchTruth
        The truth, which names the song.
    samples : ndarray of int16 or float, shape (n, channels)
    rate : int
        Samples per second.

    Raises
    ------
    OSError
        If a file cannot be written.

    Examples
    --------
    >>> nothing = np.empty((0, 2))
    >>> truth = BenchTruth("rest", nothing, nothing, np.zeros(32, np.uint8))
    >>> write_song("bench", truth, np.zeros((44100, 2), np.float32), 44100)
    >>> sorted(path.name for path in Path("bench/audio").iterdir())
    ['rest.wav', 'rest.wav.sums']
    """
    path = Path(folder) / "audio" / f"{truth.name}.wav"
    writing.write(path, samples, rate)
    write_sums(sums_path(path), [path])
    write_truth(folder, truth)
