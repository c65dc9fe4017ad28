"""The description of a clip's sound, and the words that it uses."""

from __future__ import annotations

import re
from dataclasses import dataclass

from deep_plunder.errors import InputError

__all__ = ["OTHER", "Description", "note_name", "note_number"]

OTHER = "other"
"""Class of a sound whose class is unsure."""

_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


@dataclass(frozen=True, slots=True)
class Description:
    """The properties of a sound that can be heard.

    Attributes
    ----------
    sound_class : str
        Kind of the sound, such as ``kick``; ``other`` if it is unsure.
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
    match = re.fullmatch(r"([A-G]#?)(-1|[0-9])", name)
    if not match or match[1] not in _NAMES:
        raise InputError(f"{name!r} must be a note from C-1 to G9, such as A#4")
    return 12 * (int(match[2]) + 1) + _NAMES.index(match[1])
