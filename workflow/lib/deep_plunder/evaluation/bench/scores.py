"""Score regions found in real music against its exact truth.

A bench (`evaluation.bench.layout`) is a folder of songs for which it is known when one sound is
heard alone. Its scores take four views of the regions found:

frame
    precision, recall and F1 on frames of 32 ms; a frame is found if regions cover half of it;
note
    precision, recall and F1 of regions that begin within 50 ms of a true one; "note w/ offset"
    also compares ends, within 50 ms or 20 % of the true length, whichever is larger
    (`mir_eval.transcription`);
clip
    purity, share of usable clips, and quality of the ranking;
false seconds
    seconds found wrongly per minute of music, over all songs.

A clip is usable if it begins within 50 ms of a true onset that no longer clip has claimed, and
90 % of it is isolated. The isolated time may belong to several sounds: two short sounds in a row
pass, if no other sound covers them. (`evaluation.table1.clip_metrics`, for synthetic mixes, asks
for one sound.)

Stretches that the truth ignores are neither right nor wrong. Micro scores pool all songs. Macro
scores are means over the songs that have true regions. Times are in seconds. Regions are arrays of
shape (n, 2), or (n, 3) with a score. Scores are fractions in 0..1; tables are in per cent.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from math import nan
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deep_plunder.decoding.calibration import ReliabilityBin, expected_error, reliability
from deep_plunder.errors import InputError
from deep_plunder.evaluation.bench.layout import FRAME_S, IGNORED, ISOLATED, BenchTruth
from deep_plunder.evaluation.usable import NEAR_S, PURE, WHOLE
from deep_plunder.util.arrays import Float64Array

__all__ = ["BenchScore", "Found", "Prf", "SongScore", "reliability_of", "score", "score_song"]

_MS = 32

_PITCH_HZ = 440.0

_BEST = 100

Prf = tuple[float, float, float]


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """A region that was found, with its judgement.

    Attributes
    ----------
    score : float
        Score for ranking.
    usable : bool
        Whether it begins within 50 ms of a true onset and 90 % of it is isolated.
    pure_s, scored_s : float
        Isolated time, and time outside ignored stretches, in seconds.
    """

    score: float
    usable: bool
    pure_s: float
    scored_s: float


@dataclasses.dataclass(frozen=True, slots=True)
class SongScore:
    """Counts of one song, from which all scores are computed.

    Attributes
    ----------
    song : str
        Name of the song.
    regions : int
        Number of true regions.
    frames : tuple of int
        Numbers of frames found correctly, of frames found, and of true frames.
    notes, notes_with_offset : int
        Numbers of true regions that a found region matches.
    found : tuple of Found
        Regions found, without those in ignored stretches, the longest first.
    covered : int
        Number of true regions of which one usable clip covers 80 % or more.
    minutes : float
        Length of the song.
    unscored : int
        Number of regions found in ignored stretches.
    """

    song: str
    regions: int
    frames: tuple[int, int, int]
    notes: int
    notes_with_offset: int
    found: tuple[Found, ...]
    covered: int
    minutes: float
    unscored: int

    @property
    def frame(self) -> Prf:
        """Precision, recall and F1 of frames."""
        return _prf(*self.frames)

    @property
    def note(self) -> Prf:
        """Precision, recall and F1 of onsets."""
        return _prf(self.notes, len(self.found), self.regions)

    @property
    def note_with_offset(self) -> Prf:
        """Precision, recall and F1 of onsets and offsets."""
        return _prf(self.notes_with_offset, len(self.found), self.regions)

    @property
    def false_s(self) -> float:
        """Seconds found wrongly."""
        return (self.frames[1] - self.frames[0]) * FRAME_S


_SCORES = [
    f"{view}_{mean}_{part}"
    for view in ("frame", "note", "note_offset")
    for mean in ("macro", "micro")
    for part in ("precision", "recall", "f1")
] + [
    "clip_purity", "clip_usable", "clip_usable_top100", "clip_ap", "reached_at_80_usable", "found"
]  # fmt: skip

BenchScore = dataclasses.make_dataclass(
    "BenchScore",
    [
        ("songs", int),
        ("clips", int),
        *((key, float) for key in _SCORES),
        ("false_s_per_min", float),
        ("calibration_error", float),
        ("unscored", int),
    ],
    namespace={
        "__doc__": """Scores over all songs of a bench, in per cent unless stated otherwise.

    ``songs`` is the number of songs with true regions, ``clips`` the number of regions found.
    ``clip_purity`` is the share of the clips' time that is isolated. ``clip_usable`` is the share
    of usable clips, and ``clip_usable_top100`` their share among the 100 clips with the highest
    scores (missing ones count as not usable). ``clip_ap`` is the average precision of the clips
    ranked by score, with recall as usable clips per true region; it depends on no threshold.
    ``reached_at_80_usable`` is the largest such recall at which 80 % of the clips so far are
    usable. ``found`` is the share of true regions of which one usable clip covers 80 % or more.
    ``false_s_per_min`` is in seconds per minute of music. ``calibration_error`` is the expected
    calibration error of the clips' scores (`decoding.calibration.expected_error`), NaN where
    scores are no probabilities. ``unscored`` is the number of regions found in ignored stretches,
    which are not among ``clips``.
    """
    },
    frozen=True,
    slots=True,
)


def _prf(right: int, found: int, true: int) -> Prf:
    precision = right / found if found else 0.0
    recall = right / true if true else 0.0
    total = precision + recall
    return precision, recall, 2 * precision * recall / total if total else 0.0


def _covered(regions: Float64Array, frames: int) -> NDArray[np.bool_]:
    """Return the frames that regions cover by at least half, in steps of a millisecond."""
    steps = np.zeros(frames * _MS + 1, np.int32)
    bounds = np.clip(np.rint(regions[:, :2] * 1000), 0, frames * _MS).astype(np.int64)
    np.add.at(steps, bounds[:, 0], 1)
    np.add.at(steps, bounds[:, 1], -1)
    covered = np.cumsum(steps)[:-1] > 0
    half: NDArray[np.bool_] = covered.reshape(frames, _MS).mean(axis=1) >= 0.5
    return half


def _inside(regions: Float64Array, onset: float, offset: float) -> float:
    """Compute the seconds of a span that lie in regions, which must not overlap."""
    shared = np.minimum(regions[:, 1], offset) - np.maximum(regions[:, 0], onset)
    return float(np.clip(shared, 0, None).sum())


def _matches(truth: Float64Array, found: Float64Array, **options: Any) -> int:
    from mir_eval import transcription

    if not len(truth) or not len(found):
        return 0
    pitches = [np.full(len(rows), _PITCH_HZ) for rows in (truth, found)]
    return len(transcription.match_notes(truth, pitches[0], found, pitches[1], **options))


def _counted(truth: BenchTruth, found: Float64Array) -> Float64Array:
    """Return the regions without those mostly in ignored stretches and outside of true regions."""
    keep = [
        _inside(truth.ignore, on, off) - _inside(truth.regions, on, off) < 0.5 * (off - on)
        for on, off, _ in found.tolist()
    ]
    return found[np.array(keep, np.bool_)]


def score_song(truth: BenchTruth, found: ArrayLike) -> SongScore:
    """Compare the regions found in a song with the true ones.

    Parameters
    ----------
    truth : BenchTruth
    found : array_like, shape (m, 3)
        Onset, offset and score of the regions found, in any order. Regions without length are
        left out.

    Returns
    -------
    score : SongScore

    Raises
    ------
    InputError
        If a region is not three finite numbers.
    """
    rows = np.array(found, np.float64).reshape(-1, 3)
    if not np.isfinite(rows).all():
        raise InputError(f"{truth.name}: regions must be finite numbers, got {rows.tolist()}")
    rows = rows[rows[:, 1] > rows[:, 0]]
    every = len(rows)
    rows = _counted(truth, rows[np.lexsort(rows.T[::-1])])
    regions = truth.regions
    estimate = _covered(rows, len(truth.labels))
    is_true = truth.labels == ISOLATED
    frames = (
        int((estimate & is_true).sum()),
        int((estimate & (truth.labels != IGNORED)).sum()),
        int(is_true.sum()),
    )
    judged: list[Found] = []
    usable: list[tuple[float, float]] = []
    claimed: set[int] = set()
    # Only the longest clip claims a true region.
    for on, off, rank in rows[np.argsort(-(rows[:, 1] - rows[:, 0]))].tolist():
        pure_s = _inside(regions, on, off)
        scored_s = max(off - on - _inside(truth.ignore, on, off), 1e-9)
        near = int(np.abs(regions[:, 0] - on).argmin()) if len(regions) else -1
        begins = near >= 0 and near not in claimed and abs(regions[near, 0] - on) <= NEAR_S
        good = begins and pure_s > 0 and pure_s >= PURE * scored_s
        if good:
            claimed.add(near)
            usable.append((on, off))
        judged.append(Found(rank, good, pure_s, scored_s))
    covered = sum(
        any(min(off, end) - max(on, start) >= WHOLE * (end - start) for on, off in usable)
        for start, end in regions.tolist()
    )
    return SongScore(
        song=truth.name,
        regions=len(regions),
        frames=frames,
        notes=_matches(regions, rows[:, :2], offset_ratio=None),
        notes_with_offset=_matches(regions, rows[:, :2]),
        found=tuple(judged),
        covered=covered,
        minutes=len(truth.labels) * FRAME_S / 60,
        unscored=every - len(rows),
    )


def reliability_of(songs: Sequence[SongScore]) -> list[ReliabilityBin]:
    """Compare the scores of clips with the shares of usable ones.

    Parameters
    ----------
    songs : sequence of SongScore

    Returns
    -------
    bins : list of ReliabilityBin
        Empty if a score is no probability.
    """
    clips = [clip for song in songs for clip in song.found]
    if not all(0 <= clip.score <= 1 for clip in clips):
        return []
    return reliability([clip.score for clip in clips], [clip.usable for clip in clips])


def score(songs: Sequence[SongScore]) -> Any:
    """Compute the scores of a bench.

    Parameters
    ----------
    songs : sequence of SongScore
        Counts of each song. Regions with the same score are ranked in the order of the songs,
        and within a song the longest first.

    Returns
    -------
    score : BenchScore
        Scores that have nothing to count are zero.
    """
    with_regions = [song for song in songs if song.regions]
    total = sum(song.regions for song in songs)
    clips = sorted((f for song in songs for f in song.found), key=lambda found: -found.score)
    hits = np.cumsum([clip.usable for clip in clips])
    precision, recall = hits / np.arange(1, len(clips) + 1), hits / max(1, total)
    usable = np.array([clip.usable for clip in clips], np.bool_)

    def macro(view: str) -> Sequence[float]:
        values = [getattr(song, view) for song in with_regions]
        return tuple(np.mean(values, axis=0)) if values else (0.0, 0.0, 0.0)

    frames = np.sum([song.frames for song in songs] or [(0, 0, 0)], axis=0).tolist()
    values: list[float] = [*macro("frame"), *_prf(*frames)]
    for view, matched in (("note", "notes"), ("note_with_offset", "notes_with_offset")):
        right = sum(getattr(song, matched) for song in songs)
        values += [*macro(view), *_prf(right, len(clips), total)]
    scored_s = sum(clip.scored_s for clip in clips)
    values += [
        sum(min(clip.pure_s, clip.scored_s) for clip in clips) / max(1e-9, scored_s),
        float(usable.mean()) if clips else 0.0,
        float(usable[:_BEST].sum()) / _BEST,
        float(precision[usable].sum()) / max(1, total),
        float(recall[precision >= 0.8].max(initial=0.0)),
        sum(song.covered for song in songs) / max(1, total),
    ]
    minutes = sum(song.minutes for song in songs)
    false_s = sum(song.false_s for song in songs)
    percent = {key: 100 * float(value) for key, value in zip(_SCORES, values, strict=True)}
    return BenchScore(
        songs=len(with_regions),
        clips=len(clips),
        **percent,
        false_s_per_min=false_s / minutes if minutes else 0.0,
        calibration_error=100 * expected_error(bins) if (bins := reliability_of(songs)) else nan,
        unscored=sum(song.unscored for song in songs),
    )
