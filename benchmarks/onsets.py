"""Onsets and offsets of a library as the paper finds them, against librosa's own function."""

from __future__ import annotations

from pathlib import Path

import librosa
import numpy as np

from deep_plunder.corpus.library import scan_library

from .catalogue import Setup
from .harness import Result, Sides, agree, compare


def _peer(path: Path) -> tuple[float, float]:
    samples, rate = librosa.load(path, sr=None)
    length = len(samples) / rate
    first, last = (
        librosa.onset.onset_detect(y=y, sr=rate, units="time")
        for y in (samples, np.ascontiguousarray(samples[::-1]))
    )
    onset, offset = (float(found[0]) if len(found) else 0.0 for found in (first, last))
    onset, offset = onset if onset < length else 0.0, length - offset
    return onset, offset if offset > onset else length


def sides(setup: Setup) -> Sides:
    """Return both sides, after a check that they agree, and the number of sounds."""
    library = setup.corpus.library
    names = [sound.sound for sound in setup.corpus.sounds]

    def ours() -> dict[str, tuple[float, float]]:
        sounds, _ = scan_library(library, offset_method="flip")
        return {sound.sound: (sound.onset_s, sound.offset_s) for sound in sounds}

    def peer() -> dict[str, tuple[float, float]]:
        return {name: _peer(library / name) for name in names}

    found, expected = ours(), peer()
    assert list(found) == list(expected)
    differ = sum(found[name] != expected[name] for name in names)
    agree(f"sounds of {len(names)} whose onset or offset differs", differ, 0)
    return ours, peer, len(names)


def run(setup: Setup) -> Result:
    """Compare."""
    ours, peer, sounds = sides(setup)
    return compare(
        setup.name, ours, peer, unit="s/sound", rounds=setup.rounds,
        ours_amount=sounds, peer_amount=sounds,
    )  # fmt: skip
