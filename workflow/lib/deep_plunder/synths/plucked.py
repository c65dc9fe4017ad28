"""Plucked strings: guitars and harps."""

from __future__ import annotations

import numpy as np

from deep_plunder.synths.playing import Player, vary
from deep_plunder.synths.shaping import finish, fit, mix, stereo
from deep_plunder.synths.sources import Signal, gate, hertz, modes, string
from deep_plunder.util.rng import log_uniform

__all__ = ["guitar", "harp", "plucked"]


def plucked(
    rng: np.random.Generator, rate: int, *, t60: float, softness: float, body: float, release: float
) -> Player:
    """Build a plucked string instrument.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness for the plucking position, the stereo width and the resonances.
    rate : int
        Sample rate, in Hz.
    t60 : float
        Decay time of the strings at 220 Hz, in seconds. Higher notes decay faster.
    softness : float
        See `sources.string`.
    body : float
        Level of the resonances of the wood, relative to the tone.
    release : float
        Time in which a released note falls by 60 dB, in seconds.

    Returns
    -------
    player : Player
        The instrument.
    """
    position, width = rng.uniform(0.08, 0.35), rng.uniform(0.0, 0.5)
    resonances = np.array([100.0, 205.0, 390.0, 620.0]) * np.exp(0.15 * rng.standard_normal(4))

    def play(rng: np.random.Generator, note: float, seconds: float) -> Signal:
        pitch = hertz(note)
        ring = np.clip(t60 * (220.0 / pitch) ** 0.5, 0.3, 7.0)
        length = min(seconds + release, ring)
        tone = string(
            rng,
            length,
            rate,
            frequency=vary(rng, pitch, by=0.0008),
            t60=ring,
            softness=float(np.clip(vary(rng, softness, by=0.1), 0.02, 0.5)),
            position=position,
        )
        damped = gate(max(length - release, 0.01), rate, attack=0.001, release=release)
        tone = fit(stereo(tone), len(damped)) * damped[:, None]
        # The right ear hears the string a little later than the left.
        tone[:, 1] = (1 - width) * tone[:, 1] + width * np.roll(tone[:, 1], round(0.0007 * rate))
        wood = modes(
            rng,
            0.3,
            rate,
            frequencies=resonances,
            amplitudes=body * np.abs(tone).max() * rng.uniform(0.2, 1.0, 4),
            t60s=rng.uniform(0.08, 0.2, 4),
        )
        return finish(mix(tone, wood), rate)

    return play


def guitar(rng: np.random.Generator, rate: int) -> Player:
    """Draw a guitar: strings on a small wooden body.

    Parameters
    ----------
    rng, rate
        See `makers.Maker`.

    Returns
    -------
    player : Player
        The instrument.
    """
    return plucked(
        rng,
        rate,
        t60=log_uniform(rng, 1.5, 5.5),
        softness=rng.uniform(0.08, 0.5),
        body=rng.uniform(0.0, 0.4),
        release=log_uniform(rng, 0.05, 0.3),
    )


def harp(rng: np.random.Generator, rate: int) -> Player:
    """Draw a harp: strings with a long decay.

    Parameters
    ----------
    rng, rate
        See `makers.Maker`.

    Returns
    -------
    player : Player
        The instrument.
    """
    return plucked(
        rng,
        rate,
        t60=log_uniform(rng, 3.0, 8.0),
        softness=rng.uniform(0.2, 0.5),
        body=rng.uniform(0.1, 0.3),
        release=rng.uniform(0.4, 1.2),
    )
