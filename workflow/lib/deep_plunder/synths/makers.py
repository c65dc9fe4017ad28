"""The makers of synthesized instruments, one per class."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from deep_plunder.synths import blown, drums, electronic, plucked, struck
from deep_plunder.synths.playing import Player

__all__ = ["MAKERS", "Maker"]

Maker = Callable[[np.random.Generator, int], Player]
"""A function ``maker(rng, rate)`` that draws an instrument.

`rng` is the source of randomness, and `rate` is the sample rate in Hz."""

MAKERS: dict[str, Maker] = {
    "bass": electronic.bass,
    "bell": struck.bell,
    "clap": drums.clap,
    "cowbell": drums.cowbell,
    "cymbal": drums.cymbal,
    "epiano": struck.epiano,
    "flute": blown.flute,
    "fx": electronic.effect,
    "guitar": plucked.guitar,
    "harp": plucked.harp,
    "hihat": drums.hihat,
    "kick": drums.kick,
    "mallet": struck.mallet,
    "organ": blown.organ,
    "pad": electronic.pad,
    "shaker": drums.shaker,
    "snare": drums.snare,
    "strings": electronic.strings,
    "synth": electronic.synth,
    "tom": drums.tom,
    "voice": electronic.voice,
    "wood_block": struck.wood_block,
}
"""The maker of each class, in the order of `synths.classes.CLASSES`."""
