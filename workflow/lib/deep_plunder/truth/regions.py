"""Regions: spans of a mix in which one library sound is heard."""

from __future__ import annotations

import math
from dataclasses import dataclass

from deep_plunder.util.tables import Number, Seconds

__all__ = ["Region"]


@dataclass(frozen=True, slots=True)
class Region:
    """A span of a mix in which one library sound is heard.

    Attributes
    ----------
    mix : int
        Number of the mix within its split.
    onset_s, offset_s : float
        Where the sound begins and ends, in seconds of the mix.
    sound : str
        Name of the sound in the library.
    sound_class : str
        Its class; empty for a synthesized wave.
    isolation_db : float
        Least isolation within the region, in dB; NaN in the paper's mixes, where it is not
        measured.
    """

    mix: Number
    onset_s: Seconds
    offset_s: Seconds
    sound: str
    sound_class: str
    isolation_db: float = math.nan
