"""The tables of choices: those that train or calibrate, and those that cannot be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from deep_plunder.util.tables import Bounds, Seconds, Words

__all__ = ["REASONS", "Choice", "SetAsideChoice"]

REASONS = {
    "missing": "the song is not where it was",
    "changed": "another file has the song's name now",
    "unreadable": "the song cannot be decoded up to the end of the region",
    "held out": "the song is in validation, test or a bench, which must not train",
    "contradicted": "the same region is accepted and rejected",
    "duplicate": "the same choice stands in an earlier place",
}
"""Reasons for which a choice cannot be used, each with its meaning."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice to train on: a row of ``choices.tsv``.

    Attributes
    ----------
    path : str
        The song's file.
    onset_s, offset_s : float
        The region, in seconds of the song.
    accepted : int
        1 if the clip was accepted, 0 if it was rejected.
    file : str
        The file of choices.
    """

    path: str
    onset_s: Seconds
    offset_s: Seconds
    accepted: Annotated[int, Bounds(0, 1)]
    file: str


@dataclass(frozen=True, slots=True)
class SetAsideChoice:
    """A choice that cannot be used: a row of ``set_aside.tsv``.

    Attributes
    ----------
    path, onset_s, offset_s, accepted, file
        See `Choice`.
    reason : str
        One of `REASONS`.
    detail : str
        The message of an error, or the split, the bench or the file at fault.
    """

    path: str
    onset_s: Seconds
    offset_s: Seconds
    accepted: Annotated[int, Bounds(0, 1)]
    file: str
    reason: Annotated[str, Words(tuple(REASONS))]
    detail: str
