"""Clips: regions of a song with a score."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ROUNDING_S", "Clip"]

ROUNDING_S = 5e-7
"""Seconds by which a length may fall short of a bound, since sums of frames are not exact."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A region of a song with its score.

    Attributes
    ----------
    onset_s, offset_s : float
        Beginning and end, in seconds.
    score : float
        Confidence that one sound is heard alone from the beginning to the end. The function that
        finds the clip defines the scale, for example 0..1 for `decoding.paper.walk_clips`.
    """

    onset_s: float
    offset_s: float
    score: float
