"""Plan probes: the sound, the time and the gain of each note, as a small table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from deep_plunder.corpus.library import Sound
from deep_plunder.errors import InputError
from deep_plunder.evaluation.probes.kinds import KINDS, Kind
from deep_plunder.evaluation.probes.sounds import RATE, blended, prepared, usable
from deep_plunder.util.rng import generator, uniform
from deep_plunder.util.tables import Number, Seconds, Words

__all__ = ["ProbeNote", "plan_probes"]

_PEAK = 0.7
_LEAD_S = 0.5
_TRIES = 100


@dataclass(frozen=True, slots=True)
class ProbeNote:
    """A note of a probe.

    Attributes
    ----------
    probe : str
        Name of the probe.
    event : int
        Number of the event, from 0. Several notes may belong to one.
    onset_s : float
        Time of the note in the probe's recording.
    length_s : float
        Length of the note, in seconds.
    gain : float
        Factor on the sound, whose peak is 1.
    sound : str
        Name of the sound in the library.
    """

    probe: Annotated[str, Words(tuple(KINDS))]
    event: Number
    onset_s: Seconds
    length_s: Seconds
    gain: float
    sound: str


def plan_probes(sounds: Sequence[Sound], *, events: int, seed: int) -> list[ProbeNote]:
    """Plan all probes.

    Parameters
    ----------
    sounds : sequence of Sound
        Sounds that no training has heard, in any order. Those that cannot be read are left out.
    events : int
        Most events per probe. A probe of single sounds has at most one per sound. A probe of
        several sounds has an event less for each that was drawn 100 times without blending.
    seed : int

    Returns
    -------
    notes : list of ProbeNote
        In the order of probes and events.

    Raises
    ------
    InputError
        If no sound can be read.
    """
    ordered = sorted(sounds, key=lambda sound: sound.sound)
    order = generator(seed, "probes").permutation(len(ordered))
    drawn = usable(ordered[index] for index in order[:events])
    if not drawn:
        raise InputError("probes: there must be a test sound that can be read, there is none")
    return [
        note
        for name, kind in KINDS.items()
        for note in _notes(name, kind, drawn, events=events, seed=seed)
    ]


def _notes(
    name: str, kind: Kind, sounds: Sequence[Sound], *, events: int, seed: int
) -> Iterator[ProbeNote]:
    if kind.sounds == (1, 1):
        chords = [[(sound, 0.0)] for sound in sounds]
    else:
        rngs = (generator(seed, "probes", name, event) for event in range(events))
        chords = [chord for rng in rngs if (chord := _chord(kind, sounds, rng))]
    time_s = _LEAD_S
    for event, chord in enumerate(chords):
        end_s = time_s
        for sound, delay_s in chord:
            length_s = min(len(prepared(sound)) / RATE, kind.length_s)
            onset_s = round(time_s + delay_s, 6)
            yield ProbeNote(
                name, event, onset_s, round(length_s, 6), _gain(len(chord)), sound.sound
            )
            # Each note of a chopped probe is cut by the next, or followed by a pause.
            end_s = max(end_s, onset_s + (length_s if kind.gap_s else kind.length_s))
        time_s = end_s + kind.gap_s


def _gain(sounds: int) -> float:
    return round(_PEAK / math.sqrt(sounds), 6)


def _chord(
    kind: Kind, sounds: Sequence[Sound], rng: np.random.Generator
) -> list[tuple[Sound, float]]:
    """Draw sounds of different classes that blend, with their delays; none if none are found."""
    for _ in range(_TRIES):
        count = int(rng.integers(kind.sounds[0], kind.sounds[1] + 1))
        chosen: dict[str, Sound] = {}
        for index in rng.permutation(len(sounds)):
            chosen.setdefault(sounds[index].sound_class, sounds[index])
            if len(chosen) == count:
                break
        if len(chosen) < count:
            continue
        delays = [0.0, *(uniform(rng, *kind.delays_s) for _ in range(count - 1))]
        chord = list(zip(chosen.values(), delays, strict=True))
        if blended((prepared(sound), _gain(count), delay) for sound, delay in chord):
            return chord
    return []
