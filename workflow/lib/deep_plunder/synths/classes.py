"""The classes of synthesized instruments: their shares of a library and their playing."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CLASSES", "InstrumentClass"]


@dataclass(frozen=True, slots=True)
class InstrumentClass:
    """The share of one class in a library, and the notes that its instruments play.

    Parameters
    ----------
    share : int
        Number of sounds of this class among 240 of the demo's library. The shares are unequal, as
        in real libraries.
    lowest, highest : int
        Range of MIDI notes. Drums have a single note and ignore it.
    held : tuple of float
        Shortest and longest time from the start of a one-shot to its release, in seconds.
    """

    share: int
    lowest: int = 60
    highest: int = 60
    held: tuple[float, float] = (0.3, 0.3)


CLASSES: dict[str, InstrumentClass] = {
    "bass": InstrumentClass(20, 28, 48, (0.2, 1.6)),
    "bell": InstrumentClass(8, 55, 84),
    "clap": InstrumentClass(8),
    "cowbell": InstrumentClass(4),
    "cymbal": InstrumentClass(8),
    "epiano": InstrumentClass(12, 40, 84, (0.3, 3.5)),
    "flute": InstrumentClass(6, 60, 88, (0.3, 2.0)),
    "fx": InstrumentClass(10),
    "guitar": InstrumentClass(18, 40, 76, (0.4, 5.0)),
    "harp": InstrumentClass(6, 43, 88, (0.8, 6.0)),
    "hihat": InstrumentClass(24),
    "kick": InstrumentClass(18),
    "mallet": InstrumentClass(12, 48, 88),
    "organ": InstrumentClass(4, 40, 80, (0.3, 2.0)),
    "pad": InstrumentClass(8, 40, 72, (1.5, 5.0)),
    "shaker": InstrumentClass(6),
    "snare": InstrumentClass(20),
    "strings": InstrumentClass(6, 40, 84, (0.5, 3.0)),
    "synth": InstrumentClass(22, 40, 84, (0.1, 1.2)),
    "tom": InstrumentClass(12),
    "voice": InstrumentClass(4, 45, 72, (0.4, 2.0)),
    "wood_block": InstrumentClass(4, 72, 92),
}
"""All classes in order of name."""
