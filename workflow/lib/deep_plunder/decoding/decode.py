"""Find the regions of a song with the decoder that belongs to the model.

Every caller that needs regions, to cut clips or to score them, uses `decode`. A model may bring a
`Decoder`: settings of `decoding.regions` that were chosen on songs whose truth is known, and a
calibration of the scores. A model without a decoder, such as the paper's, is decoded as in the
paper (`decoding.paper.walk_clips`, both thresholds 0.2), and the score of a region is the mean of
the frame output.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from numpy.typing import NDArray

from deep_plunder.audio.reading import Recording
from deep_plunder.decoding import calibration
from deep_plunder.decoding.clip import Clip
from deep_plunder.decoding.paper import PAPER_THRESHOLD, walk_clips
from deep_plunder.decoding.regions import find_regions
from deep_plunder.decoding.settings import Decoder, DetectionSpec, check_threshold
from deep_plunder.errors import InputError

__all__ = ["EVERYTHING", "Overrides", "decode"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """A user's overrides of the model's decoding settings. None takes the model's own.

    Attributes
    ----------
    onset_threshold : float or None
        A region begins at a peak of the onset output of at least this threshold. Without a
        decoder it begins where the output is above the threshold; the paper has 0.2.
    frame_threshold : float or None
        A region ends where the frame output falls below this threshold; the paper has 0.2. A
        decoder also ends it where the output falls below `share` of its maximum so far
        (`DetectionSpec`), and leaves out regions whose output does not reach the threshold near
        the onset.
    min_duration_s : float or None
        Shorter regions are left out, in seconds; the paper keeps all.
    min_score : float or None
        Regions with a lower score are left out; the paper keeps all.

    Raises
    ------
    InputError
        If a threshold or score is outside 0..1, or the duration is not a number of at least 0.
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
"""Overrides that keep every region, however unlikely, as a ranking needs."""


def _asked(spec: DetectionSpec, settings: Overrides) -> DetectionSpec:
    """Replace a model's settings by a user's; raise upper limits that would fall below them."""
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
    heard_hz: tuple[float, float] = (0.0, math.inf),
) -> list[Clip]:
    """Decode the outputs of a model into regions with scores.

    Parameters
    ----------
    probabilities : ndarray, shape (n, 3) or (n, 4)
        Onset, offset and frame outputs, and the isolation output of models that have one.
    decoder : Decoder or None
        The model's decoder. None decodes as the paper does.
    hop_s : float
        Seconds per frame.
    settings : Overrides, optional
        A user's settings, which replace those of the decoder.
    recording : path-like or Reader, optional
        The recording that the outputs belong to. With a `decoder`, the edges of regions are
        refined on it (`decoding.refine`). By default they stay where the network puts them.
    heard_hz : (float, float)
        Lowest and highest frequency that the model hears. With a `decoder` and a `recording`,
        regions with much of their power below the lowest, or under a steady sound above the
        highest, are left out. By default neither are.

    Returns
    -------
    clips : list of Clip
        Regions in order of time, without overlap. With a `decoder`, the score is the probability
        that the clip is usable.

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
            heard_hz=heard_hz,
        )
    return [clip for clip in clips if clip.score >= least]
