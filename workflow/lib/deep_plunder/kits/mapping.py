"""Choose the key of each clip of a kit.

Drums take the keys of General MIDI, one per class. Other sounds without a clear pitch take the keys
above them, one each. Pitched sounds are laid out chromatically by their root notes, above all of
these: each sounds at its own pitch on its own key, and transposed up to half-way to the next. The
outermost are transposed by up to an octave. Sounds that share a key are played by turns, the best
first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from deep_plunder.description.record import note_number

__all__ = ["DRUM_KEYS", "KitSound", "Zone", "map_keys"]

DRUM_KEYS = {
    "kick": 36, "snare": 38, "clap": 39, "hihat": 42, "tom": 45, "cymbal": 49, "perc": 56,
}  # fmt: skip
"""Key of each class of drums: MIDI notes of General MIDI 1, percussion."""

# Keys of other sounds without a clear pitch: four octaves from the kick on.
_FIRST, _LAST = 36, 83
_HIGHEST = 127
_OCTAVE = 12


@dataclass(frozen=True, slots=True)
class KitSound:
    """The properties of a clip that decide its key.

    Attributes
    ----------
    sound_class : str
        Class of the sound.
    note : str
        Root note, such as ``A4``; empty without a clear pitch.
    score : float
        Score, 0..1.
    """

    sound_class: str
    note: str
    score: float


@dataclass(frozen=True, slots=True)
class Zone:
    """The keys of a clip.

    Attributes
    ----------
    key : int
        MIDI note at which the clip sounds as it is.
    lowest, highest : int
        The keys that play it, transposed.
    turn, turns : int
        Which of the clips on its key it is, from 1 on, and how many there are.
    """

    key: int
    lowest: int
    highest: int
    turn: int
    turns: int


def map_keys(sounds: Sequence[KitSound]) -> list[Zone]:
    """Choose the keys of clips.

    Parameters
    ----------
    sounds : sequence of KitSound

    Returns
    -------
    zones : list of Zone
        In the order of `sounds`.

    Examples
    --------
    >>> sounds = [KitSound("kick", "", 0.9), KitSound("keys", "C4", 0.8), KitSound("fx", "", 0.7)]
    >>> [zone.key for zone in map_keys(sounds)]
    [36, 60, 37]
    """
    order = sorted(range(len(sounds)), key=lambda row: (-sounds[row].score, row))
    drums = [row for row in order if sounds[row].sound_class in DRUM_KEYS]
    keys = {row: DRUM_KEYS[sounds[row].sound_class] for row in drums}
    pitched = [row for row in order if row not in keys and sounds[row].note]
    taken = set(keys.values())
    free = [key for key in range(_FIRST, _LAST + 1) if key not in taken]
    others = [row for row in range(len(sounds)) if row not in keys and not sounds[row].note]
    keys.update({row: free[number % len(free)] for number, row in enumerate(others)})
    top = max(keys.values(), default=-1)
    notes = {row: note_number(sounds[row].note) for row in pitched}
    shift = _shift(list(notes.values()), above=top)
    keys.update({row: note + shift for row, note in notes.items()})
    reach = _reach(sorted({keys[row] for row in pitched}), above=top)
    on_key: dict[int, list[int]] = {}
    for row in order:
        on_key.setdefault(keys[row], []).append(row)
    zones = {
        row: Zone(key, *reach.get(key, (key, key)), turn, len(rows))
        for key, rows in on_key.items()
        for turn, row in enumerate(rows, start=1)
    }
    return [zones[row] for row in range(len(sounds))]


def _shift(notes: Sequence[int], *, above: int) -> int:
    """Return the keys, whole octaves, by which notes move up to lie above a key."""
    if not notes:
        return 0
    wanted = max(0, -(-(above + 1 - min(notes)) // _OCTAVE))
    return _OCTAVE * min(wanted, (_HIGHEST - max(notes)) // _OCTAVE)


def _reach(roots: Sequence[int], *, above: int) -> dict[int, tuple[int, int]]:
    """Return the lowest and the highest key of each root note."""
    reach = {}
    for place, root in enumerate(roots):
        lowest = (roots[place - 1] + root) // 2 + 1 if place else max(above + 1, root - _OCTAVE)
        last = place + 1 == len(roots)
        highest = min(_HIGHEST, root + _OCTAVE) if last else (root + roots[place + 1]) // 2
        reach[root] = (min(lowest, root), highest)
    return reach
