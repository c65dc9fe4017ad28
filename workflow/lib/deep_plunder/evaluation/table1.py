"""Score decoded intervals against the truth: Table 1 of the paper, and clips.

Times are in seconds. The scores of a file are fractions in 0..1; errors may exceed 1. Tables hold
the mean and the population standard deviation over files, in per cent. A file whose reference or
estimate is empty scores zeros, as in mir_eval, and counts like any other.

Notes are scored by `mir_eval.transcription.precision_recall_f1_overlap` with one constant pitch.
Frames are scored by the formulas of `mir_eval.multipitch.evaluate`. With one pitch, its matching
of pitches per frame is a comparison of two vectors. This module does that comparison itself, which
is several hundred times faster; the tests show that the results are exactly equal.

The paper judges clips by ear (section 5.2). `clip_metrics` scores them.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deep_plunder.evaluation.usable import NEAR_S, PURE, WHOLE
from deep_plunder.truth.labels import FRAME, encode

__all__ = [
    "CLIP_METRICS",
    "METRICS",
    "PAPER_TABLE1",
    "TableRow",
    "clip_metrics",
    "file_metrics",
    "summarise",
    "table1",
]

METRICS: Mapping[str, tuple[str, str]] = {
    "note_precision": ("note", "precision"),
    "note_recall": ("note", "recall"),
    "note_f1": ("note", "f1"),
    "note_overlap": ("note", "overlap"),
    "note_offset_precision": ("note w/ offset", "precision"),
    "note_offset_recall": ("note w/ offset", "recall"),
    "note_offset_f1": ("note w/ offset", "f1"),
    "note_offset_overlap": ("note w/ offset", "overlap"),
    "frame_precision": ("frame", "precision"),
    "frame_recall": ("frame", "recall"),
    "frame_f1": ("frame", "f1"),
    "frame_accuracy": ("frame", "accuracy"),
    "frame_miss_error": ("frame", "miss error"),
    "frame_false_alarm_error": ("frame", "false alarm error"),
    "frame_total_error": ("frame", "total error"),
}
"""The 15 scores of Table 1 in its order: key -> (output, metric), named as in the table."""

CLIP_METRICS: Mapping[str, tuple[str, str]] = {
    "clip_purity": ("clip", "purity"),
    "clip_coverage": ("clip", "coverage"),
    "clip_usable": ("clip", "usable"),
    "clip_found": ("clip", "found"),
}
"""The scores of `clip_metrics`: key -> (output, metric)."""

_PITCH_HZ = 27.5  # The port's lowest key; any one constant pitch scores the same.


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a table of scores.

    Attributes
    ----------
    output : str
        The unit that is scored: note, note w/ offset, frame or clip.
    metric : str
        Name of the metric.
    mean, std : float
        Mean and population standard deviation over files, in per cent.
    """

    output: str
    metric: str
    mean: float
    std: float


PAPER_TABLE1: tuple[TableRow, ...] = tuple(
    TableRow(*METRICS[key], mean, std)
    for key, mean, std in [
        ("note_precision", 95.6, 6.3),
        ("note_recall", 41.9, 10.7),
        ("note_f1", 57.5, 10.7),
        ("note_overlap", 65.6, 11.6),
        ("note_offset_precision", 52.9, 16.8),
        ("note_offset_recall", 23.6, 10.6),
        ("note_offset_f1", 32.1, 12.5),
        ("note_offset_overlap", 91.7, 9.1),
        ("frame_precision", 96.6, 3.8),
        ("frame_recall", 59.1, 17.2),
        ("frame_f1", 71.8, 14.4),
        ("frame_accuracy", 57.9, 16.8),
        ("frame_miss_error", 40.9, 17.2),
        ("frame_false_alarm_error", 2.1, 2.6),
        ("frame_total_error", 43.0, 17.1),
    ]
)
"""Table 1 as published: scores on the paper's own synthetic validation set."""


def _rows(intervals: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(intervals, dtype=np.float64).reshape(-1, 2)


def _harmonic(precision: float, recall: float) -> float:
    total = precision + recall
    return 2 * precision * recall / total if total > 0 else 0.0


def file_metrics(
    reference: ArrayLike, estimate: ArrayLike, *, frames: int, frame_rate: float
) -> dict[str, float]:
    """Compute the 15 scores of Table 1 for one file.

    Parameters
    ----------
    reference, estimate : array_like, shape (k, 2) and (m, 2)
        Onset and offset of each interval in seconds. Intervals may overlap.
    frames : int
        Number of frames of the file.
    frame_rate : float
        Frames per second (31.25 in the paper). Intervals are mapped to frames as labels are.

    Returns
    -------
    scores : dict of float
        The scores as fractions, in the order of `METRICS`. If the reference is not empty,
        recall + miss error = 1. Miss error + false alarm error = total error, since one pitch
        allows no substitutions. Overlap is negative where two short notes match by their onsets,
        within 50 ms, but do not overlap.

    Raises
    ------
    InputError
        If an interval is not two finite numbers with ``0 <= onset <= offset``.

    References
    ----------
    Raffel et al., "mir_eval", ISMIR 2014, for notes and frames. A note matches if its onset is
    within 50 ms and, with offset, its offset is within 50 ms or 20 % of the reference's duration,
    whichever is larger. The F1 of frames is the harmonic mean of the file's precision and recall,
    as in the author's port.
    """
    from mir_eval import multipitch, transcription

    reference, estimate = _rows(reference), _rows(estimate)
    on = [
        encode(rows, frames=frames, frame_rate=frame_rate)[:, FRAME].astype(np.int64)
        for rows in (reference, estimate)
    ]
    # mir_eval refuses intervals of no length; in frames such an interval is one frame.
    reference, estimate = (
        np.stack([rows[:, 0], np.maximum(rows[:, 1], rows[:, 0] + 1e-6)], axis=1)
        for rows in (reference, estimate)
    )
    pitches = [np.full(len(rows), _PITCH_HZ) for rows in (reference, estimate)]
    with warnings.catch_warnings():
        # mir_eval warns of empty references and estimates, which are expected and score zeros.
        warnings.filterwarnings("ignore", message=".*(empty|all empty).*")
        scores = [
            transcription.precision_recall_f1_overlap(
                reference, pitches[0], estimate, pitches[1], **options
            )
            for options in ({"offset_ratio": None}, {})
        ]
        hits = np.minimum(*on)
        precision, recall, accuracy = multipitch.compute_accuracy(hits, *on)
        _, miss, false_alarm, total = multipitch.compute_err_score(hits, *on)
    f1 = _harmonic(precision, recall)
    values = (*scores[0], *scores[1], precision, recall, f1, accuracy, miss, false_alarm, total)
    return {key: float(value) for key, value in zip(METRICS, values, strict=True)}


def clip_metrics(reference: ArrayLike, clips: ArrayLike) -> dict[str, float]:
    """Score the clips cut from one file against its true regions.

    A clip belongs to the one true region with which it shares the most time. So a clip of two
    sounds in a row is not pure, even if no music is heard in it.

    Parameters
    ----------
    reference : array_like, shape (k, 2)
        Onset and offset of the true regions in seconds.
    clips : array_like, shape (m, 2)
        Onset and offset of the clips.

    Returns
    -------
    scores : dict of float
        The keys of `CLIP_METRICS`, as fractions in 0..1:

        ``clip_purity``
            share of the clips' time that lies in the region to which the clip belongs;
        ``clip_coverage``
            share of the regions' time that the best clip of each region covers;
        ``clip_usable``
            share of clips that begin within 50 ms of a true onset and have 90 % or more of their
            time in that region; only the longest clip of a region counts;
        ``clip_found``
            share of regions for which one usable clip covers 80 % or more.

        All are zero if there are no clips or no regions.
    """
    reference, clips = _rows(reference), _rows(clips)
    scores = dict.fromkeys(CLIP_METRICS, 0.0)
    if not len(reference) or not len(clips):
        return scores
    begin = np.maximum(reference[:, None, 0], clips[None, :, 0])
    end = np.minimum(reference[:, None, 1], clips[None, :, 1])
    shared = np.clip(end - begin, 0, None)
    region_s, clip_s = np.diff(reference).ravel(), np.diff(clips).ravel()
    # Sums of frames are not exact in binary: no decision may depend on the last digit.
    slack = 1e-9
    near = np.abs(reference[:, None, 0] - clips[None, :, 0]) <= NEAR_S + slack
    good = near & (shared > 0) & (shared >= PURE * clip_s - slack)
    usable: dict[int, int] = {}
    for clip in np.argsort(-clip_s, kind="stable"):
        free = [int(r) for r in np.flatnonzero(good[:, clip]) if int(r) not in usable]
        if free:
            usable[free[int(np.argmax(shared[free, clip]))]] = int(clip)
    found = sum(shared[r, c] >= WHOLE * region_s[r] - slack for r, c in usable.items())
    scores["clip_purity"] = float(shared.max(axis=0).sum() / max(clip_s.sum(), slack))
    scores["clip_coverage"] = float(shared.max(axis=1).sum() / max(region_s.sum(), slack))
    scores["clip_usable"] = len(usable) / len(clips)
    scores["clip_found"] = float(found) / len(reference)
    return scores


def summarise(
    per_file: Iterable[Mapping[str, float]], metrics: Mapping[str, tuple[str, str]]
) -> list[TableRow]:
    """Compute the mean and the standard deviation of each score over files.

    Parameters
    ----------
    per_file : iterable of mapping
        Scores of each file, as fractions. Keys that `metrics` lacks are ignored.
    metrics : mapping
        `METRICS` or `CLIP_METRICS`.

    Returns
    -------
    rows : list of TableRow
        One row per metric, in the order of `metrics`, in per cent. All are zero if there are no
        files.
    """
    files = list(per_file)
    columns = {key: 100 * np.array([file[key] for file in files] or [0.0]) for key in metrics}
    return [
        TableRow(*names, float(columns[key].mean()), float(columns[key].std()))
        for key, names in metrics.items()
    ]


def table1(per_file: Iterable[Mapping[str, float]]) -> list[TableRow]:
    """Compute the 15 rows of Table 1 from the scores of each file.

    Parameters
    ----------
    per_file : iterable of mapping
        Scores of each file, as `file_metrics` returns them.

    Returns
    -------
    rows : list of TableRow
        In the paper's order, in per cent.

    References
    ----------
    Braun, "Deep Plunder", 2020, Table 1.
    """
    return summarise(per_file, METRICS)
