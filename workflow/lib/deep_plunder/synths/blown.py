"""Instruments that are blown: organs and flutes."""

from __future__ import annotations

import numpy as np

from deep_plunder.synths.playing import Player
from deep_plunder.synths.shaping import filtered, finish, mix, stereo
from deep_plunder.synths.sources import Signal, decay, gate, hertz, noise
from deep_plunder.util.rng import log_uniform

__all__ = ["flute", "organ"]


def _additive(
    rng: np.random.Generator,
    rate: int,
    *,
    harmonics: Signal,
    attack: float,
    release: float,
    breath: float,
) -> Player:
    """Build an organ or a flute: steady harmonics with wind noise at the level `breath`."""
    speed, vibrato = rng.uniform(4.5, 6.0), rng.uniform(0.0, 0.006) * (breath > 0)

    def play(rng: np.random.Generator, note: float, seconds: float) -> Signal:
        envelope = gate(seconds, rate, attack=attack, release=release)
        time = np.arange(len(envelope)) / rate
        pitch = hertz(note) * (
            1 + vibrato * np.minimum(time / 0.5, 1) * np.sin(2 * np.pi * speed * time)
        )
        angle = 2 * np.pi * np.cumsum(pitch) / rate
        tone = np.zeros(len(time))
        for number, level in harmonics.reshape(-1, 2):
            if number * hertz(note) < 0.45 * rate:
                tone += level * np.sin(number * angle + rng.uniform(0, 2 * np.pi))
        wind = noise(rng, len(time) / rate, rate, width=0.3)[: len(time)]
        wind = filtered(wind, rate, low=hertz(note), high=6 * hertz(note))
        wind *= breath * np.abs(tone).max() * (1 + 3 * decay(len(time) / rate, rate, 0.15))[:, None]
        return finish(mix(stereo(tone), wind) * envelope[:, None], rate)

    return play


def organ(rng: np.random.Generator, rate: int) -> Player:
    """Draw an organ with nine drawbars.

    Parameters
    ----------
    rng, rate
        See `makers.Maker`.

    Returns
    -------
    player : Player
        The instrument.
    """
    drawbars = np.stack([[0.5, 1, 1.5, 2, 3, 4, 5, 6, 8], rng.uniform(0, 1, 9) ** 2], axis=1)
    drawbars[1, 1] = 1.0
    return _additive(rng, rate, harmonics=drawbars, attack=0.006, release=0.05, breath=0.0)


def flute(rng: np.random.Generator, rate: int) -> Player:
    """Draw a flute.

    Parameters
    ----------
    rng, rate
        See `makers.Maker`.

    Returns
    -------
    player : Player
        The instrument.
    """
    numbers = np.arange(1.0, 9.0)
    levels = numbers ** -rng.uniform(1.2, 2.4) * rng.uniform(0.5, 1.0, 8)
    return _additive(
        rng,
        rate,
        harmonics=np.stack([numbers, levels], axis=1),
        attack=log_uniform(rng, 0.03, 0.12),
        release=log_uniform(rng, 0.06, 0.25),
        breath=rng.uniform(0.01, 0.06),
    )
