"""Choose a decoder on songs whose truth is exact.

Each part of the decoder is chosen by a rule:

1. The settings of `decoding.regions` are those of a small grid whose ranking of regions has the
   highest average precision. Among equals, the settings that find more regions win.
2. The calibration is fitted to the regions found with these settings. All songs have the same
   weight: the regions of one song often repeat one pattern, so they are right or wrong together.
   The clips that a listener accepted and rejected (`corpus.usable_choices`) count here too.
3. The least score for cutting is that of `evaluation.bench.least_score`.

Do not report scores on songs that were used here. One song is in memory at a time.
"""

from __future__ import annotations

import dataclasses
import itertools
import logging
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deep_plunder.audio.reading import Recording
from deep_plunder.corpus.chosen import Choice
from deep_plunder.decoding import calibration
from deep_plunder.decoding.calibration import ReliabilityBin
from deep_plunder.decoding.refine import refine_clips
from deep_plunder.decoding.regions import find_regions, score_spans
from deep_plunder.decoding.settings import Decoder, DetectionSpec
from deep_plunder.errors import InputError
from deep_plunder.evaluation.bench.layout import BenchTruth
from deep_plunder.evaluation.bench.least_score import least_score
from deep_plunder.evaluation.bench.scores import SongScore, score, score_song

__all__ = ["GRID", "Example", "Trial", "Tuning", "choice_columns", "choose"]

_log = logging.getLogger(__name__)

GRID: tuple[DetectionSpec, ...] = tuple(
    DetectionSpec(share=share, split=split, high=high)
    for share, split, high in itertools.product((0.3, 0.4, 0.5), (0.1, 0.2, 0.3), (0.05, 0.2))
)
"""Settings to try. The other fields of `DetectionSpec` made less difference on real music."""

Example = tuple[BenchTruth, NDArray[np.floating[Any]], Recording | None]
"""A song: its truth, the network's outputs, and its recording or None."""


@dataclasses.dataclass(frozen=True, slots=True)
class Trial:
    """Scores of one choice of settings: a row of ``trials.tsv``.

    Attributes
    ----------
    onset, split, high, low, share : float
        See `decoding.settings.DetectionSpec`.
    clips : int
        Number of clips found.
    average_precision, found, usable : float
        ``clip_ap``, ``found`` and ``clip_usable`` of `evaluation.bench.scores.BenchScore`, in per
        cent.
    """

    onset: float
    split: float
    high: float
    low: float
    share: float
    clips: int
    average_precision: float
    found: float
    usable: float


@dataclasses.dataclass(frozen=True, slots=True)
class Tuning:
    """The decoder chosen, and the evidence for it.

    Attributes
    ----------
    decoder : Decoder or None
        None if the regions found are all usable or none is, so that no calibration can be fitted.
        The model then stays unchanged.
    trials : tuple of Trial
        One row for each of the settings tried.
    reliability : tuple of ReliabilityBin
        Reliability of scores by leave-one-out: each song is scored with a curve that was fitted
        to all others.
    expected_error : float
        Error of these bins, see `decoding.calibration.expected_error`.
    """

    decoder: Decoder | None
    trials: tuple[Trial, ...]
    reliability: tuple[ReliabilityBin, ...]
    expected_error: float


def _judged(
    example: Example, spec: DetectionSpec, *, hop_s: float, heard_hz: tuple[float, float]
) -> SongScore:
    truth, probabilities, recording = example
    clips = find_regions(probabilities, spec=spec, hop_s=hop_s)
    if recording is not None:
        clips = refine_clips(recording, clips, hop_s=hop_s, min_s=spec.min_s, heard_hz=heard_hz)
    return score_song(truth, [(clip.onset_s, clip.offset_s, clip.score) for clip in clips])


def _trial(spec: DetectionSpec, songs: Sequence[SongScore]) -> Trial:
    figures = score(songs)
    return Trial(
        spec.onset, spec.split, spec.high, spec.low, spec.share, figures.clips,
        figures.clip_ap, figures.found, figures.clip_usable,
    )  # fmt: skip


Columns = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


_NO_CHOICES: Columns = (np.empty(0), np.empty(0), np.empty(0))


def _columns(songs: Iterable[SongScore]) -> Columns:
    """Return the score of each region, whether it is usable, and its weight."""
    rows = [(f.score, f.usable, 1 / len(song.found)) for song in songs for f in song.found]
    scores, usable, weights = np.array(rows, np.float64).reshape(-1, 3).T
    return scores, usable, weights


def _joined(*columns: Columns) -> Columns:
    scores, usable, weights = (np.concatenate(column) for column in zip(*columns, strict=True))
    return scores, usable, weights


def choice_columns(songs: Iterable[tuple[Sequence[Choice], NDArray[Any]]], hop_s: float) -> Columns:
    """Compute the raw scores of the regions that a listener accepted or rejected.

    Parameters
    ----------
    songs : iterable of (sequence of Choice, ndarray)
        The choices about each song, and the model's outputs for it.
    hop_s : float
        Seconds per frame.

    Returns
    -------
    scores, usable, weights : ndarray of float64, shape (n,)
        The raw score of each region, 1 if it was accepted, else 0, and its weight: all songs have
        the same. Regions in which the model hears nothing at all are left out.

    Examples
    --------
    >>> outputs = np.full((50, 3), 0.5)
    >>> choices = [Choice("tide.wav", 0.1, 0.5, 1, ""), Choice("tide.wav", 0.6, 0.9, 0, "")]
    >>> scores, usable, weights = choice_columns([(choices, outputs)], hop_s=0.032)
    >>> usable.tolist(), weights.tolist()
    ([1.0, 0.0], [0.5, 0.5])
    """
    rows = []
    for choices, outputs in songs:
        spans = [(choice.onset_s, choice.offset_s) for choice in choices]
        # The settings of the grid do not change the score of a given span.
        scores = score_spans(outputs, spans, spec=DetectionSpec(), hop_s=hop_s)
        rows += [
            (score, choice.accepted, 1 / len(choices))
            for score, choice in zip(scores, choices, strict=True)
            if score > 0
        ]
    scores_, usable, weights = np.array(rows, np.float64).reshape(-1, 3).T
    return scores_, usable, weights


def _left_out(songs: Sequence[SongScore], chosen: Columns) -> list[ReliabilityBin]:
    """Calibrate each song with a curve that is fitted to all others and to the choices."""
    chances, judged = [], []
    for index, song in enumerate(songs):
        others = _columns([*songs[:index], *songs[index + 1 :]])
        scores, usable, weights = _joined(others, chosen)
        if song.found and 0 < usable.sum() < len(usable):
            own = _columns([song])
            curve = calibration.fit(scores, usable, weights=weights)
            chances.append(calibration.apply(curve, own[0]))
            judged.append(own)
    if not judged:
        return calibration.reliability([], [])
    _, usable, weights = _joined(*judged)
    return calibration.reliability(np.concatenate(chances), usable, weights=weights)


def choose(
    examples: Callable[[], Iterable[Example]],
    *,
    hop_s: float,
    fitted_on: str,
    heard_hz: tuple[float, float] = (0.0, math.inf),
    grid: Sequence[DetectionSpec] = GRID,
    chosen: Columns = _NO_CHOICES,
) -> Tuning:
    """Choose a decoder on songs whose truth is known.

    Parameters
    ----------
    examples : callable
        Function that yields the songs: the truth of each, the model's outputs of shape (n, 3) or
        (n, 4), and its recording, or None to leave edges where the network puts them.
    hop_s : float
        Seconds per frame.
    fitted_on : str
        Description of the songs, for the model's card.
    heard_hz : (float, float)
        The lowest and the highest frequency that the model hears
        (see `decoding.refine.refine_clips`).
    grid : sequence of DetectionSpec
        The settings to try.
    chosen : tuple of ndarray
        Scores of the regions that a listener accepted or rejected (`choice_columns`). By default
        there are none.

    Returns
    -------
    tuning : Tuning
    """
    judged: list[list[SongScore]] = [[] for _ in grid]
    for example in examples():
        for spec, songs in zip(grid, judged, strict=True):
            songs.append(_judged(example, spec, hop_s=hop_s, heard_hz=heard_hz))
        _log.info("%s: tried %d settings", example[0].name, len(grid))
    trials = [_trial(spec, songs) for spec, songs in zip(grid, judged, strict=True)]
    best = max(range(len(grid)), key=lambda i: (trials[i].average_precision, trials[i].found))
    songs = judged[best]
    scores, usable, weights = _joined(_columns(songs), chosen)
    try:
        curve = calibration.fit(scores, usable, weights=weights)
    except InputError as error:
        _log.warning("%s: no calibration can be fitted: %s", fitted_on, error)
        return Tuning(None, tuple(trials), tuple(calibration.reliability([], [])), 0.0)
    decoder = Decoder(
        spec=grid[best],
        calibration=curve,
        min_score=least_score(songs, curve),
        fitted_on=fitted_on,
    )
    bins = _left_out(songs, chosen)
    return Tuning(decoder, tuple(trials), tuple(bins), calibration.expected_error(bins))
