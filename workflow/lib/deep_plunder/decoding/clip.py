"""Clips: regions of a song with a score."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Clip"]


@dataclass(frozen=True, slots=True)
class Clip:
    """A span that is worth cutting out.

    Attributes
    ----------
    onset_s, offset_s : float
        Where it begins and ends, in seconds.
    score : float
        How sure the network is that one sound is heard alone from its beginning to its end:
        of `walk_clips`, the mean of the frame output over the span, 0..1.
    """

    onset_s: float
    offset_s: float
    score: float
