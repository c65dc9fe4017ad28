"""The description of a clip's sound, and the words that it uses."""

from __future__ import annotations

import re
from dataclasses import dataclass

from deep_plunder.errors import InputError

__all__ = ["A_NOTE", "NOTE", "OTHER", "Description", "note_name", "note_number"]

OTHER = "other"
"""Class of a sound whose class is unsure."""

_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")

NOTE = f"({'|'.join(_NAMES)})(-1|[0-8])|({'|'.join(_NAMES[:8])})9"
"""Regular expression of the names of notes."""

A_NOTE = "a note from C-1 to G9, such as A#4"
"""The names of notes in words."""


@dataclass(frozen=True, slots=True)
class Description:
    """The properties of a sound that can be heard.

    Attributes
    ----------
    sound_class : str
        Kind of the sound, such as ``kick``; ``melodic`` if only this is sure, ``other`` if nothing
        is.
    note : str
        Root note, such as ``A4``, the A of 440 Hz; empty if the sound has no clear pitch.
    cents : float
        Deviation of the pitch from the note, -50..50 cents; NaN without a note.
    note_confidence : float
        Share of the sound, by level, whose pitch agrees with one note, 0..1. Below 0.8 no note is
        stated.
    loudness_lufs : float
        Greatest momentary loudness by ITU-R BS.1770, see `description.loudness`.
    attacks : int
        Number of strong attacks: 1 for a single sound, more for several or a loop, 0 for a sound
        that fades in.
    """

    sound_class: str
    note: str
    cents: float
    note_confidence: float
    loudness_lufs: float
    attacks: int


def note_name(number: int) -> str:
    """Return the name of a MIDI note.

    Parameters
    ----------
    number : int
        MIDI note, 0..127; 69 is the A of 440 Hz.

    Returns
    -------
    name : str
        Scientific pitch notation, with sharps.

    Examples
    --------
    >>> note_name(60), note_name(70)
    ('C4', 'A#4')
    """
    return f"{_NAMES[number % 12]}{number // 12 - 1}"


def note_number(name: str) -> int:
    """Return the MIDI note of a name that `note_name` returned.

    Parameters
    ----------
    name : str

    Returns
    -------
    number : int

    Raises
    ------
    InputError
        If it is no such name.

    Examples
    --------
    >>> note_number("A#4")
    70
    """
    if not re.fullmatch(NOTE, name):
        raise InputError(f"{name!r} must be {A_NOTE}")
    letter = name.rstrip("-0123456789")
    return 12 * (int(name[len(letter) :]) + 1) + _NAMES.index(letter)
