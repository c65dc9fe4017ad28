"""The classes of synthesized instruments, and how common each is in the demo's library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from deep_plunder.synths import acoustic, drums, electronic
from deep_plunder.synths.playing import Player

__all__ = ["MAKERS", "Maker"]


@dataclass(frozen=True, slots=True)
class Maker:
    """How to make instruments of one class.

    Parameters
    ----------
    draw : callable
        ``draw(rng, rate)`` takes a ``numpy.random.Generator`` and a sample rate in Hz, and gives a
        `Player`.
    share : int
        Sounds of this class among 240 of the library: unequal, as in real libraries.
    lowest, highest : int
        Range of MIDI notes. Drums have one note, which they ignore.
    held : tuple of float
        Shortest and longest time that a one-shot is held, in seconds.
    """

    draw: Callable[[np.random.Generator, int], Player]
    share: int
    lowest: int = 60
    highest: int = 60
    held: tuple[float, float] = (0.3, 0.3)


MAKERS: dict[str, Maker] = {
    "bass": Maker(electronic.bass, 20, 28, 48, (0.2, 1.6)),
    "bell": Maker(acoustic.bell, 8, 55, 84),
    "clap": Maker(drums.clap, 8),
    "cowbell": Maker(drums.cowbell, 4),
    "cymbal": Maker(drums.cymbal, 8),
    "epiano": Maker(acoustic.epiano, 12, 40, 84, (0.3, 3.5)),
    "flute": Maker(acoustic.flute, 6, 60, 88, (0.3, 2.0)),
    "fx": Maker(electronic.effect, 10),
    "guitar": Maker(acoustic.guitar, 18, 40, 76, (0.4, 5.0)),
    "harp": Maker(acoustic.harp, 6, 43, 88, (0.8, 6.0)),
    "hihat": Maker(drums.hihat, 24),
    "kick": Maker(drums.kick, 18),
    "mallet": Maker(acoustic.mallet, 12, 48, 88),
    "organ": Maker(acoustic.organ, 4, 40, 80, (0.3, 2.0)),
    "pad": Maker(electronic.pad, 8, 40, 72, (1.5, 5.0)),
    "shaker": Maker(drums.shaker, 6),
    "snare": Maker(drums.snare, 20),
    "strings": Maker(electronic.strings, 6, 40, 84, (0.5, 3.0)),
    "synth": Maker(electronic.synth, 22, 40, 84, (0.1, 1.2)),
    "tom": Maker(drums.tom, 12),
    "voice": Maker(electronic.voice, 4, 45, 72, (0.4, 2.0)),
    "wood_block": Maker(acoustic.wood_block, 4, 72, 92),
}
"""The classes of the library, in order of name."""
