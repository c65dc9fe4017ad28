"""The table that a scene is planned as: one row per instrument, note or excerpt.

Each row has the columns of `SceneRow`; what only one kind of row needs stands in its `settings`, as
``name=value`` with a blank between. Together with the library and the songs the rows say all
that there is to say of a scene: the same rows always give the same audio.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypeVar

from deep_plunder.mixes.scenes.cells import read_cell
from deep_plunder.util.tables import Bounds, Number, Seconds, Words

__all__ = ["KINDS", "SceneRow", "read_settings"]

KINDS = ("master", "section", "track", "instrument", "note", "excerpt")
"""What a row can be, in the order in which a scene's rows stand."""


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
        Which track it belongs to; -1 for master, section and excerpt.
    instrument : int
        For a note: the row of what it plays; -1 otherwise.
    source : str
        For an instrument: a sound, a song, ``wave:KIND``, or ``synth:CLASS``; for an excerpt: a
        song.
    start_s, duration_s : float
        When it is heard; a note may end sooner, with its sound.
    source_start_s : float
        Where in the recording it is taken from.
    semitones : float
        Change of pitch, by playing faster or slower.
    gain_db : float
        Change of level.
    settings : str
        What else was drawn.
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
    record : type
        The settings of this kind of row (`deep_plunder.mixes.scenes.settings`).

    Returns
    -------
    settings : dataclass

    Raises
    ------
    InputError
        If a setting is not ``name=value``, is not known, is out of bounds, or is lacking.

    Examples
    --------
    >>> from deep_plunder.mixes.scenes.settings import SectionSettings
    >>> read_settings(SceneRow(0, 1, "section", settings="tracks=2 level=1"), SectionSettings)
    SectionSettings(tracks=2, level=1.0)
    """
    where = f"plan: mix {row.mix}, row {row.row}"
    return read_cell(row.settings, record, where=where, kind=row.kind)
