"""Render tracker modules into a bench of songs with exact truth (`mixes.modules.render`)."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deep_plunder.audio import writing
from deep_plunder.audio.openmpt import MISSING, is_there
from deep_plunder.corpus.modules import RejectedModule
from deep_plunder.errors import InputError
from deep_plunder.evaluation.bench.layout import FRAME_S, IGNORED, ISOLATED, BenchTruth, write_truth
from deep_plunder.mixes.modules.render import RATE, render_module
from deep_plunder.truth.isolation import STEP_S, UNKNOWN, IsolationTruth
from deep_plunder.util.checksums import sums_path, write_sums
from deep_plunder.util.files import atomic_directory
from deep_plunder.util.names import SafeNames, one_line
from deep_plunder.util.tables import write_records

__all__ = ["exact_truth", "frame_labels", "render_bench"]

_log = logging.getLogger(__name__)

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
    """
    regions = np.array([row[:2] for row in found.regions], np.float64).reshape(-1, 2)
    return BenchTruth(
        name=name,
        regions=regions,
        ignore=_runs(found.state == UNKNOWN),
        labels=frame_labels(found.state, regions),
    )


def render_bench(
    modules: Mapping[str, str | os.PathLike[str]],
    folder: str | os.PathLike[str],
    *,
    source: str | os.PathLike[str],
) -> None:
    """Render tracker modules into a bench.

    Parameters
    ----------
    modules : mapping
        The path of each module, by name (`corpus.modules.list_modules`).
    folder : path-like
        The bench to write (`evaluation.bench.layout`), with songs as 16-bit WAV. Its
        ``set_aside.tsv`` lists the modules that could not be used.
    source : path-like
        Where the modules are from, for messages.

    Raises
    ------
    InputError
        If libopenmpt is missing or no module can be used.
    OSError
        If a file cannot be written. The error names the folder.
    """
    if not is_there():
        raise InputError(f"{source}: {MISSING}")
    names, count = SafeNames(), 0
    aside: list[RejectedModule] = []
    with atomic_directory(folder) as temporary:
        for module, path in modules.items():
            name = names.new(Path(path).stem)
            try:
                song = render_module(path)
            except (InputError, OSError) as error:
                _log.warning("rejected: %s", error)
                aside.append(RejectedModule(module, one_line(str(error))))
                continue
            count += 1
            audio = temporary / "audio" / f"{name}.wav"
            writing.write(audio, song.samples, RATE)
            write_sums(sums_path(audio), [audio])
            truth = exact_truth(name, song.truth)
            write_truth(temporary, truth)
            _log.info("%s: %d regions", name, len(truth.regions))
        if not count:
            reason = aside[0].reason if aside else "there is none"
            raise InputError(f"{source}: must hold a module that can be used: {reason}")
        write_records(temporary / "set_aside.tsv", RejectedModule, aside)
