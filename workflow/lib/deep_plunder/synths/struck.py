"""Pitched instruments that are struck: bells, bars, wood blocks and electric pianos."""

from __future__ import annotations

import numpy as np

from deep_plunder.synths.playing import Player, vary
from deep_plunder.synths.shaping import finish, hiss, mix, stereo
from deep_plunder.synths.sources import Signal, decay, fm, gate, hertz, modes
from deep_plunder.util.rng import log_uniform

__all__ = ["bell", "epiano", "mallet", "wood_block"]


def _struck(
    rng: np.random.Generator,
    rate: int,
    *,
    ratios: Signal,
    t60: float,
    slope: float,
    brightness: float,
    strike: float,
) -> Player:
    """Build a tuned bar, plate or bell.

    Over the frequency ratio of a mode, its decay time falls with the power `slope`, and its
    amplitude rises with the power `brightness`. `strike` is the level of the mallet's noise.
    """
    ratios = ratios * np.exp(0.004 * rng.standard_normal(len(ratios)))
    amplitudes = ratios**brightness * rng.uniform(0.5, 1.0, len(ratios))
    width = rng.uniform(0.0, 0.7)

    def play(rng: np.random.Generator, note: float, seconds: float) -> Signal:
        pitch = hertz(note)
        ring = np.clip(t60 * (440.0 / pitch) ** 0.4, 0.03, 8.0)
        body = modes(
            rng,
            1.1 * ring,
            rate,
            frequencies=pitch * ratios,
            amplitudes=amplitudes * np.exp(0.2 * rng.standard_normal(len(ratios))),
            t60s=ring * ratios**-slope,
            width=width,
        )
        mallet = hiss(rng, rate, t60=0.015, low=0.7 * pitch, high=6 * pitch)
        return finish(mix(body, strike * mallet), rate)

    return play


def bell(rng: np.random.Generator, rate: int) -> Player:
    """Draw a church bell or an FM bell.

    Parameters
    ----------
    rng, rate
        See `makers.Maker`.

    Returns
    -------
    player : Player
        The instrument.
    """
    church = [0.5, 1.0, 1.183, 1.506, 2.0, 2.514, 2.662, 3.011, 4.166, 5.433, 6.796]
    if rng.random() < 0.4:
        return _fm_bell(rng, rate)
    return _struck(
        rng,
        rate,
        ratios=np.array(church),
        t60=log_uniform(rng, 2.0, 7.0),
        slope=rng.uniform(0.5, 1.0),
        brightness=rng.uniform(-0.9, -0.2),
        strike=0.1,
    )


def _fm_bell(rng: np.random.Generator, rate: int) -> Player:
    ratio = float(rng.choice([1.4, 2.76, 3.5, 1.41])) + rng.uniform(-0.02, 0.02)
    depth, t60 = rng.uniform(1.5, 5.0), log_uniform(rng, 1.5, 5.5)

    def play(rng: np.random.Generator, note: float, seconds: float) -> Signal:
        index = depth * decay(t60, rate, 0.6 * t60)
        sides = [
            fm(t60, rate, frequency=hertz(note) * tune, ratio=ratio, index=index)
            for tune in (1.0, vary(rng, 1.0, by=0.001))
        ]
        return finish(stereo(*sides) * decay(t60, rate, t60)[:, None], rate)

    return play


def mallet(rng: np.random.Generator, rate: int) -> Player:
    """Draw a marimba, a vibraphone or a glockenspiel.

    Parameters
    ----------
    rng, rate
        See `makers.Maker`.

    Returns
    -------
    player : Player
        The instrument.
    """
    bars = {  # Source: Fletcher and Rossing, The Physics of Musical Instruments, chapter 19.
        "marimba": ([1.0, 3.93, 9.2, 16.3], 0.9),
        "vibraphone": ([1.0, 4.0, 10.1, 17.0], 3.2),
        "glockenspiel": ([1.0, 2.71, 5.15, 8.43, 12.2], 2.0),
    }
    ratios, t60 = bars[str(rng.choice(list(bars)))]
    return _struck(
        rng,
        rate,
        ratios=np.array(ratios),
        t60=vary(rng, t60, by=0.3),
        slope=rng.uniform(0.5, 0.9),
        brightness=rng.uniform(-1.3, -0.6),
        strike=rng.uniform(0.03, 0.25),
    )


def wood_block(rng: np.random.Generator, rate: int) -> Player:
    """Draw a wood block.

    Parameters
    ----------
    rng, rate
        See `makers.Maker`.

    Returns
    -------
    player : Player
        The instrument.
    """
    return _struck(
        rng,
        rate,
        ratios=np.array([1.0, 1.48, 2.07, 2.9, 4.1]),
        t60=log_uniform(rng, 0.08, 0.22),
        slope=rng.uniform(0.2, 0.7),
        brightness=rng.uniform(-1.0, -0.1),
        strike=rng.uniform(0.1, 0.5),
    )


def epiano(rng: np.random.Generator, rate: int) -> Player:
    """Draw an electric piano: a reed and a tine by FM, with tremolo.

    Parameters
    ----------
    rng, rate
        See `makers.Maker`.

    Returns
    -------
    player : Player
        The instrument.
    """
    bell, depth = rng.uniform(0.1, 0.5), rng.uniform(0.6, 2.2)
    t60, tremolo = log_uniform(rng, 1.6, 5.0), rng.uniform(0.0, 0.35)
    speed = rng.uniform(3.0, 6.5)

    def play(rng: np.random.Generator, note: float, seconds: float) -> Signal:
        envelope = gate(seconds, rate, attack=0.002, release=0.15)
        length, pitch = len(envelope) / rate, hertz(note)
        reed = fm(
            length, rate, frequency=pitch, ratio=1.0, index=depth * decay(length, rate, 0.6 * t60)
        )
        tine = fm(length, rate, frequency=pitch, ratio=14.0, index=bell)
        tine = (tine - np.mean(tine)) * decay(length, rate, 0.25)
        tone = (reed + 0.4 * tine) * envelope * decay(length, rate, t60)
        wave = tremolo * np.sin(2 * np.pi * speed * np.arange(len(tone)) / rate)
        return finish(stereo(tone * (1 + wave), tone * (1 - wave)), rate)

    return play
