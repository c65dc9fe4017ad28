"""Score the regions found in each test mix, and write the tables of scores.

Networks of this run (`evaluation.evaluate`), baselines and the shipped model
(`evaluation.finders`) are all scored here, in the same way.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deep_plunder.decoding.paper import decode_intervals
from deep_plunder.errors import InputError
from deep_plunder.evaluation.intervals import IntervalRow, interval_rows, songs_in_mixes
from deep_plunder.evaluation.spec import Reference
from deep_plunder.evaluation.table1 import (
    CLIP_METRICS,
    METRICS,
    TableRow,
    clip_metrics,
    file_metrics,
    summarise,
    table1,
)
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.truth.labels import FRAME, ONSET
from deep_plunder.util.arrays import Float64Array
from deep_plunder.util.bounds import broken
from deep_plunder.util.tables import write_records

__all__ = ["FileScores", "check_reference", "score_mix", "write_scores"]

FileScores = dataclasses.make_dataclass(
    "FileScores",
    [("mix", int), ("regions", int), ("intervals", int), ("clips", int), ("clip_s", float)]
    + [(key, float) for key in (*METRICS, *CLIP_METRICS)],
    namespace={
        "__doc__": "A row of `per_file.tsv`: counts, and the scores of one mix in per cent."
    },
    frozen=True,
    slots=True,
)


def check_reference(reference: str) -> None:
    """Check the name of a reference.

    Parameters
    ----------
    reference : str
        The name.

    Raises
    ------
    InputError
        If it is not one of `Reference`.
    """
    for _, text in broken(reference, Reference):
        raise InputError(f"reference: {text}, got {reference!r}")


def score_mix(
    number: int,
    *,
    truth: Float64Array,
    labels: NDArray[np.uint8],
    intervals: Float64Array,
    clips: Sequence[tuple[float, float]],
    reference: Reference,
    spec: FeatureSpec,
) -> Mapping[str, float]:
    """Score the intervals and clips found in one mix.

    Parameters
    ----------
    number : int
        Number of the mix.
    truth : ndarray, shape (k, 2)
        True regions in seconds, in order of onset.
    labels : ndarray of uint8, shape (frames, 3 or 4)
        Labels of the mix.
    intervals : ndarray, shape (n, 2)
        Intervals found, for Table 1, in seconds.
    clips : sequence of (float, float)
        Onset and offset of the clips found, in seconds.
    reference : {"tsv", "labels"}
        The reference of Table 1, see `evaluation.spec.EvaluationSpec`. Clips are always compared
        with `truth`.
    spec : FeatureSpec
        Features of this run, whose frames Table 1 counts.

    Returns
    -------
    scores : mapping
        The fields of `FileScores`, scores in 0..1.
    """
    wanted = truth
    if reference == "labels":
        sure = labels == 1
        wanted = decode_intervals(sure[:, ONSET], sure[:, FRAME], hop_s=spec.hop_s)
    counts = {
        "mix": number, "regions": len(wanted), "intervals": len(intervals), "clips": len(clips),
        "clip_s": sum(offset - onset for onset, offset in clips),
    }  # fmt: skip
    frames = file_metrics(wanted, intervals, frames=len(labels), frame_rate=spec.frame_rate)
    return counts | frames | clip_metrics(truth, clips)


def write_scores(
    folder: str | os.PathLike[str],
    files: Sequence[Mapping[str, float]],
    *,
    plans: Sequence[str | os.PathLike[str]] = (),
) -> tuple[list[TableRow], list[TableRow]]:
    """Write the scores of all test mixes.

    Parameters
    ----------
    folder : path-like
        Folder for ``table1.tsv``, ``clips.tsv``, ``per_file.tsv`` and ``intervals.tsv``, in per
        cent.
    files : sequence of mapping
        Per mix the fields of `FileScores`, scores in 0..1.
    plans : sequence of path-like
        Plans of the mixes in the paper's style, for the songs that intervals are drawn from.

    Returns
    -------
    rows, clip_rows : list of TableRow
        Rows of Table 1, and the scores of clips.
    """
    folder = Path(folder)
    rows, clip_rows = table1(files), summarise(files, CLIP_METRICS)
    write_records(folder / "table1.tsv", TableRow, rows)
    write_records(folder / "clips.tsv", TableRow, clip_rows)
    songs = songs_in_mixes(plans, len(files))
    intervals = interval_rows(files, {**METRICS, **CLIP_METRICS}, songs)
    write_records(folder / "intervals.tsv", IntervalRow, intervals)
    percent = {*METRICS, *CLIP_METRICS}
    per_file = (
        FileScores(**{k: 100 * v if k in percent else v for k, v in file.items()}) for file in files
    )
    write_records(folder / "per_file.tsv", FileScores, per_file)
    return rows, clip_rows
