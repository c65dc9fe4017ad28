"""The table of a planned scene: one row per track, instrument, note, excerpt and so on.

Each row has the columns of `SceneRow`. The column `settings` holds the parameters of one kind of
row as ``name=value`` pairs, separated by blanks. Together with the library and the songs, the rows
determine the audio of a scene completely.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypeVar

from deep_plunder.errors import InputError
from deep_plunder.mixes.scenes.cells import read_cell
from deep_plunder.util.tables import Bounds, Number, Seconds, Words

__all__ = ["KINDS", "SceneRow", "read_settings", "row_fault"]

KINDS = ("master", "section", "track", "instrument", "note", "excerpt")
"""Kinds of rows, in the order of the rows of a scene."""


@dataclass(frozen=True, slots=True)
class SceneRow:
    """A row of a scene's plan.

    Attributes
    ----------
    mix : int
        Number of the mix in its split.
    row : int
        Number of the row in its scene, from 0.
    kind : str
        One of `KINDS`.
    track : int
        Number of its track; -1 for master, section and excerpt.
    instrument : int
        For a note, the row of its instrument; -1 otherwise.
    source : str
        For an instrument, the name of a sound or song, ``wave:KIND`` or ``synth:CLASS``. For an
        excerpt, the name of a song.
    start_s, duration_s : float
        Position in the scene and length, in seconds. A note may end sooner, with its sound.
    source_start_s : float
        Position in the recording at which the sound begins, in seconds.
    semitones : float
        Change of pitch in semitones, by playing faster or slower.
    gain_db : float
        Change of level, in dB.
    settings : str
        The other parameters of this kind of row.
    """

    mix: Number
    row: Number
    kind: Annotated[str, Words(KINDS)]
    track: Annotated[int, Bounds(-1, 10**9)] = -1
    instrument: Annotated[int, Bounds(-1, 10**9)] = -1
    source: str = ""
    start_s: Seconds = 0.0
    duration_s: Seconds = 0.0
    source_start_s: Seconds = 0.0
    semitones: Annotated[float, Bounds(-96, 96)] = 0.0
    gain_db: Annotated[float, Bounds(-200, 200)] = 0.0
    settings: str = ""


SettingsRecord = TypeVar("SettingsRecord")


def read_settings(row: SceneRow, record: type[SettingsRecord]) -> SettingsRecord:
    """Read the settings of a row.

    Parameters
    ----------
    row : SceneRow
        The row.
    record : type
        The record for this kind of row (`deep_plunder.mixes.scenes.settings`).

    Returns
    -------
    settings : dataclass
        The settings as a `record`.

    Raises
    ------
    InputError
        If a setting is not ``name=value``, unknown, out of bounds, or missing.

    Examples
    --------
    >>> from deep_plunder.mixes.scenes.settings import SectionSettings
    >>> read_settings(SceneRow(0, 1, "section", settings="tracks=2 level=1"), SectionSettings)
    SectionSettings(tracks=2, level=1.0)
    """
    return read_cell(row.settings, record, where=_place(row), kind=row.kind)


def row_fault(row: SceneRow, rule: str) -> InputError:
    """Return the error for a row that breaks a rule.

    Parameters
    ----------
    row : SceneRow
        The row.
    rule : str
        The rule and the value.

    Returns
    -------
    error : InputError
        With the place of the row.

    Examples
    --------
    >>> str(row_fault(SceneRow(3, 1, "note"), "must lie in 0..5 s, got 6 s"))
    'plan: mix 3, row 1: must lie in 0..5 s, got 6 s'
    """
    return InputError(f"{_place(row)}: {rule}")


def _place(row: SceneRow) -> str:
    return f"plan: mix {row.mix}, row {row.row}"
