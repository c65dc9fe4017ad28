"""The table that a scene is planned as: a row an instrument, a note, an excerpt.

Each row has the columns of `SceneRow`; what only one kind of row needs stands in its `settings`, as
``name=value`` with a blank between. Together with the library and the songs the rows say all
that there is to say of a scene: the same rows always give the same audio.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from deep_plunder.errors import InputError
from deep_plunder.mixes.scenes.settings import Settings, setting_fault
from deep_plunder.util.tables import Bounds, Number, Seconds, Words

__all__ = ["KINDS", "SceneRow", "read_settings", "write_settings"]

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


def write_settings(values: Mapping[str, float | str]) -> str:
    """Write settings as one cell.

    Parameters
    ----------
    values : mapping
        Names, and numbers or single words.

    Returns
    -------
    text : str
        Numbers to five significant digits: what is read back is what is rendered.

    Examples
    --------
    >>> write_settings({"tempo_bpm": 120.0, "style": "kit"})
    'tempo_bpm=120 style=kit'
    """
    return " ".join(
        f"{name}={value}" if isinstance(value, str) else f"{name}={value:.5g}"
        for name, value in values.items()
    )


def read_settings(row: SceneRow) -> Settings:
    """Read the settings of a row.

    Parameters
    ----------
    row : SceneRow

    Returns
    -------
    values : dict
        Numbers as floats, words as text.

    Raises
    ------
    InputError
        If a setting is not ``name=value``, or breaks a rule of `settings`.

    Examples
    --------
    >>> read_settings(SceneRow(0, 1, "section", settings="tracks=2 level=1"))
    {'tracks': 2.0, 'level': 1.0}
    """
    values: Settings = {}
    for part in row.settings.split():
        name, sign, value = part.partition("=")
        if not sign or not name or not value:
            raise InputError(
                f"plan: mix {row.mix}, row {row.row}: settings must be name=value, "
                f"got {part[:80]!r}"
            )
        try:
            values[name] = float(value)
        except ValueError:
            values[name] = value
    if fault := setting_fault(row.kind, values):
        raise InputError(f"plan: mix {row.mix}, row {row.row}: {fault}")
    return values
