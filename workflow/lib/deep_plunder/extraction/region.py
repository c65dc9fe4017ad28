"""The record of a region that was found in a song and described: a row of ``regions.tsv``."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from deep_plunder.description.record import A_NOTE, NOTE
from deep_plunder.util.tables import Bounds, Form, PlainName, Seconds

__all__ = ["ExtractedRegion"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ExtractedRegion:
    """A row of ``regions.tsv``.

    Attributes
    ----------
    onset_s, offset_s : float
        The span that was cut, in seconds of the song: sample ``round(onset_s * rate)`` up to
        ``round(offset_s * rate)``.
    score : float
        Probability that the clip is usable, 0..1. For models without a decoder, the mean of the
        frame output over the region.
    group : int
        Number of the region's group, from 1 on in order of time. The regions of a group hold the
        same sound (`description.groups`).
    kept : int
        1 for the best region of each group, 0 for the others, its duplicates.
    sound_class : str
        Kind of the sound, such as ``kick``; ``melodic`` if only this is sure, ``other`` if nothing
        is.
    note : str
        Root note, such as ``A4``, the A of 440 Hz; empty if the sound has no clear pitch.
    cents : float
        Deviation of the pitch from the note, -50..50 cents; empty without a note.
    note_confidence : float
        Share of the sound, by level, whose pitch agrees with one note, 0..1. Below 0.8 no note is
        stated.
    loudness_lufs : float
        Greatest momentary loudness by ITU-R BS.1770, in LUFS.
    attacks : int
        Number of strong attacks: 1 for a single sound, more for several or a loop, 0 for a sound
        that fades in.
    clip : str
        Path of the clip below the song's folder, with ``/``; empty for a duplicate of which no
        clip was written.
    source : str
        The song's file.
    """

    onset_s: Seconds
    offset_s: Seconds
    score: Annotated[float, Bounds(0, 1)]
    group: Annotated[int, Bounds(1, 10**9)]
    kept: Annotated[int, Bounds(0, 1)]
    sound_class: str
    note: Annotated[str, Form(f"({NOTE})?", f"{A_NOTE}, or empty")]
    cents: Annotated[float, Bounds(-50, 50, missing=True)]
    note_confidence: Annotated[float, Bounds(0, 1)]
    loudness_lufs: Annotated[float, Bounds(-1000, 1000)]
    attacks: Annotated[int, Bounds(0, 10**9)]
    clip: Annotated[str, PlainName(below=True, missing=True)]
    source: str
