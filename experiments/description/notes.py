"""Measure how often the note of a sound is found: ``python -m experiments.description.notes``."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deep_plunder.audio import reading
from deep_plunder.audio.source import AUDIO_SUFFIXES
from deep_plunder.description.pitch import SURE, Pitch, find_pitch
from deep_plunder.util.listing import files_below
from deep_plunder.util.tables import write_records

__all__ = ["NoteScore", "main", "score_notes"]

_DRUMS = ("clap", "cymbal", "hihat", "kick", "snare")


@dataclass(frozen=True, slots=True)
class NoteScore:
    """A row of the result.

    Attributes
    ----------
    library : str
        Name of the folder.
    sure : float
        Least confidence of a note that is stated.
    sounds : int
        Sounds whose names give a note.
    answered, right : float
        Share of them that get a note, and of these the share within 50 cents, in per cent.
    octave : float
        Share of the wrong notes that are whole octaves off, in per cent.
    drums : int
        Drums without a note in their name.
    drums_answered : float
        Share of them that get a note, in per cent.
    """

    library: str
    sure: float
    sounds: int
    answered: float
    right: float
    octave: float
    drums: int
    drums_answered: float


def _note_of(path: Path) -> int | None:
    match = re.search(r"_n(\d{1,3})$", path.stem)
    return int(match[1]) if match else None


def score_notes(
    named: Sequence[tuple[int, Pitch | None]],
    drums: Sequence[Pitch | None],
    *,
    library: str,
    sure: float,
) -> NoteScore:
    """Score the notes found in a library.

    Parameters
    ----------
    named : sequence of (note, pitch)
        True note and found pitch of each sound whose name gives its note.
    drums : sequence of Pitch or None
        Found pitch of each drum.
    library, sure
        See `NoteScore`.

    Returns
    -------
    score : NoteScore
    """
    answers = [(note, pitch) for note, pitch in named if pitch and pitch.confidence >= sure]
    errors = np.array([pitch.note + pitch.cents / 100 - note for note, pitch in answers])
    wrong = errors[np.abs(errors) > 0.5]
    octave = np.abs(wrong - 12 * np.round(wrong / 12)) <= 0.5
    stated = [pitch for pitch in drums if pitch and pitch.confidence >= sure]

    def share(part: int, whole: int) -> float:
        return round(100 * part / max(1, whole), 1)

    return NoteScore(
        library=library,
        sure=sure,
        sounds=len(named),
        answered=share(len(answers), len(named)),
        right=share(len(answers) - len(wrong), len(answers)),
        octave=share(int(octave.sum()), len(wrong)),
        drums=len(drums),
        drums_answered=share(len(stated), len(drums)),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure from the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line's by default.

    Returns
    -------
    status : int
        0.
    """
    parser = argparse.ArgumentParser(prog="python -m experiments.description.notes")
    parser.add_argument("libraries", nargs="+", type=Path, help="folders of one-shots")
    parser.add_argument("-o", "--output", required=True, type=Path, help="table to write (TSV)")
    options = parser.parse_args(arguments)
    rows = []
    for library in options.libraries:
        named: list[tuple[int, Pitch | None]] = []
        drums: list[Pitch | None] = []
        for path in files_below(library, suffixes=AUDIO_SUFFIXES):
            note = _note_of(path)
            if note is not None:
                named.append((note, find_pitch(*reading.read(path))))
            elif path.parent.name in _DRUMS:
                drums.append(find_pitch(*reading.read(path)))
        for sure in (0.5, 0.6, 0.7, SURE, 0.9):
            rows.append(score_notes(named, drums, library=os.fspath(library), sure=sure))
    write_records(options.output, NoteScore, rows, checksum=False)
    for row in rows:
        print(
            f"{row.library} {row.sure}: {row.answered} % of {row.sounds} answered, {row.right} % "
            f"right, {row.octave} % of the rest by octaves; {row.drums_answered} % of {row.drums} "
            "drums answered"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
