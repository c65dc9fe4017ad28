"""The makers of synthesized instruments, one per class."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from deep_plunder.synths import acoustic, drums, electronic
from deep_plunder.synths.playing import Player

__all__ = ["MAKERS", "Maker"]

Maker = Callable[[np.random.Generator, int], Player]
"""A function ``maker(rng, rate)`` that draws an instrument.

`rng` is the source of randomness, and `rate` is the sample rate in Hz."""

MAKERS: dict[str, Maker] = {
    "bass": electronic.bass,
    "bell": acoustic.bell,
    "clap": drums.clap,
    "cowbell": drums.cowbell,
    "cymbal": drums.cymbal,
    "epiano": acoustic.epiano,
    "flute": acoustic.flute,
    "fx": electronic.effect,
    "guitar": acoustic.guitar,
    "harp": acoustic.harp,
    "hihat": drums.hihat,
    "kick": drums.kick,
    "mallet": acoustic.mallet,
    "organ": acoustic.organ,
    "pad": electronic.pad,
    "shaker": drums.shaker,
    "snare": drums.snare,
    "strings": electronic.strings,
    "synth": electronic.synth,
    "tom": drums.tom,
    "voice": electronic.voice,
    "wood_block": acoustic.wood_block,
}
"""The maker of each class, in the order of `synths.classes.CLASSES`."""
