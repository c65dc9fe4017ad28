"""Find the regions of a song as a model asks for it: the one way, for clips and for scores.

A model may bring a `Decoder`: settings of `regionfinder` that were chosen on songs whose truth is
known, and a calibration of the scores. A model without one, as the paper's, is decoded as the
paper does (`decoding.paper.walk_clips`, 0.2 and 0.2), and its score is the mean of the frame
output.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deep_plunder.audio.reading import Recording
from deep_plunder.decoding import calibration
from deep_plunder.decoding.clip import Clip
from deep_plunder.decoding.paper import walk_clips
from deep_plunder.decoding.regions import find_regions
from deep_plunder.decoding.settings import Decoder, DetectionSpec, check_threshold
from deep_plunder.errors import InputError

if TYPE_CHECKING:
    pass

__all__ = ["EVERYTHING", "PAPER_THRESHOLD", "Overrides", "decode"]

PAPER_THRESHOLD = 0.2
"""Of the onset and of the frame output (Braun, 2020, section 5.2)."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """A user's overrides of the model's decoding settings. None leaves it to the model.

    Attributes
    ----------
    onset_threshold : float or None
        A region begins where the onset output is above it; the paper's is 0.2.
    frame_threshold : float or None
        A region ends where the frame output falls below it; the paper's is 0.2.
    min_duration_s : float or None
        Shorter regions are left out; the paper keeps all.
    min_score : float or None
        Regions of a lower score are left out; the paper keeps all.

    Raises
    ------
    InputError
        If a threshold or score is outside 0..1, or the duration no number of at least 0.
    """

    onset_threshold: float | None = None
    frame_threshold: float | None = None
    min_duration_s: float | None = None
    min_score: float | None = None

    def __post_init__(self) -> None:
        for name in ("onset_threshold", "frame_threshold", "min_score"):
            if getattr(self, name) is not None:
                check_threshold(name, getattr(self, name))
        shortest = self.min_duration_s
        if shortest is not None and not 0 <= shortest < math.inf:
            raise InputError(f"min_duration_s: must be a number of at least 0, got {shortest!r}")


EVERYTHING = Overrides(min_score=0.0)
"""Every region that a model finds, however unlikely: what a ranking is judged by."""


def _asked(spec: DetectionSpec, settings: Overrides) -> DetectionSpec:
    """Lay a user's settings over a model's; what they would contradict gives way."""
    changes: dict[str, float] = {}
    if settings.onset_threshold is not None:
        changes["onset"] = settings.onset_threshold
        changes["split"] = max(spec.split, settings.onset_threshold)
    if settings.frame_threshold is not None:
        changes["low"] = settings.frame_threshold
        changes["high"] = max(spec.high, settings.frame_threshold)
    if settings.min_duration_s is not None:
        changes["min_s"] = settings.min_duration_s
        changes["max_s"] = max(spec.max_s, settings.min_duration_s)
    return dataclasses.replace(spec, **changes)


def decode(
    probabilities: NDArray[np.float32],
    *,
    decoder: Decoder | None,
    hop_s: float,
    settings: Overrides | None = None,
    recording: Recording | None = None,
    lowest_hz: float = 0.0,
) -> list[Clip]:
    """Decode the outputs of a model into regions with scores.

    Parameters
    ----------
    probabilities : ndarray, shape (n, 3) or (n, 4)
        Onset, offset, frame, and the isolation if there is one.
    decoder : Decoder or None
        The model's.
    hop_s : float
        Seconds per frame.
    settings : Overrides, optional
        What is wanted otherwise.
    recording : path-like or Reader, optional
        With a `decoder`, the edges of regions are refined on it (`refine`).
    lowest_hz : float
        With a `recording`, regions much of whose power lies below it are left out: the lowest
        frequency that the model hears.

    Returns
    -------
    clips : list of Clip
        In order of time, without overlap; with a `decoder`, the score is the probability that
        the clip is usable.

    Raises
    ------
    AudioError
        If the recording cannot be read.
    InputError
        If `probabilities` has another shape.

    Examples
    --------
    >>> outputs = np.zeros((50, 3), np.float32)
    >>> outputs[10, 0], outputs[10:30, 2] = 0.9, 0.8
    >>> [clip] = decode(outputs, decoder=None, hop_s=0.032)
    >>> round(clip.onset_s, 3), round(clip.offset_s, 3), round(clip.score, 3)
    (0.32, 0.96, 0.8)
    """
    wanted = Overrides() if settings is None else settings
    if decoder is None:
        onset, frame = wanted.onset_threshold, wanted.frame_threshold
        least = wanted.min_score or 0.0
        found = walk_clips(
            probabilities[:, :3],
            onset_threshold=PAPER_THRESHOLD if onset is None else onset,
            frame_threshold=PAPER_THRESHOLD if frame is None else frame,
            hop_s=hop_s,
            min_duration_s=wanted.min_duration_s or 0.0,
        )
        return [clip for clip in found if clip.score >= least]
    spec = _asked(decoder.spec, wanted)
    found = find_regions(probabilities, spec=spec, hop_s=hop_s)
    scores = calibration.apply(decoder.calibration, [clip.score for clip in found])
    least = decoder.min_score if wanted.min_score is None else wanted.min_score
    clips = [
        dataclasses.replace(clip, score=float(score))
        for clip, score in zip(found, scores, strict=True)
    ]
    if recording is not None:
        from deep_plunder.decoding.refine import refine_clips

        return refine_clips(
            recording,
            clips,
            hop_s=hop_s,
            min_s=spec.min_s,
            min_score=least,
            lowest_hz=lowest_hz,
        )
    return [clip for clip in clips if clip.score >= least]
