"""Unpitched instruments: drums, cymbals, claps and shakers."""

from __future__ import annotations

import numpy as np

from deep_plunder.synths.playing import Player, vary
from deep_plunder.synths.shaping import filtered, finish, fit, hiss, mix, stereo
from deep_plunder.synths.sources import Signal, chirp, decay, gate, modes, noise, square
from deep_plunder.util.rng import log_uniform

__all__ = ["clap", "cowbell", "cymbal", "hihat", "kick", "shaker", "snare", "tom"]


def kick(rng: np.random.Generator, rate: int) -> Player:
    """Draw a bass drum: a sine that falls in pitch, and the click of the beater.

    Parameters
    ----------
    rng, rate
        See `makers.Maker`.

    Returns
    -------
    player : Player
        The instrument.
    """
    end, start = rng.uniform(38, 62), rng.uniform(110, 420)
    bend, t60 = log_uniform(rng, 0.012, 0.06), log_uniform(rng, 0.25, 1.1)
    click, drive = rng.uniform(0.05, 0.5), rng.uniform(0.5, 3.0)

    def play(rng: np.random.Generator, note: float, seconds: float) -> Signal:
        body = chirp(t60, rate, start=vary(rng, start), end=end, time_constant=bend)
        body = np.tanh(drive * body * decay(t60, rate, t60)) / np.tanh(drive)
        beater = hiss(rng, rate, t60=0.02, low=1200, high=7000, width=0.1)
        return finish(mix(stereo(body), click * beater), rate)

    return play


def tom(rng: np.random.Generator, rate: int) -> Player:
    """Draw a tom: a sine that falls slightly in pitch, the modes of the skin, and the stick.

    Parameters
    ----------
    rng, rate
        See `makers.Maker`.

    Returns
    -------
    player : Player
        The instrument.
    """
    low, t60 = log_uniform(rng, 70, 230), log_uniform(rng, 0.3, 1.4)
    bend, skin, width = rng.uniform(1.1, 1.7), rng.uniform(0.05, 0.3), rng.uniform(0, 0.6)

    def play(rng: np.random.Generator, note: float, seconds: float) -> Signal:
        pitch = vary(rng, low, by=0.01)
        body = chirp(t60, rate, start=bend * pitch, end=pitch, time_constant=0.05)
        body *= decay(t60, rate, t60)
        ratios = np.array([1.59, 2.14, 2.30, 2.65])
        head = modes(
            rng,
            t60,
            rate,
            frequencies=pitch * ratios,
            amplitudes=rng.uniform(0.05, 0.3, 4),
            t60s=t60 * rng.uniform(0.15, 0.5, 4),
            width=width,
        )
        stick = hiss(rng, rate, t60=0.05, low=400, high=6000)
        return finish(mix(stereo(body), head, skin * stick), rate)

    return play


def cowbell(rng: np.random.Generator, rate: int) -> Player:
    """Draw a cowbell: two square waves at an inharmonic interval.

    Parameters
    ----------
    rng, rate
        See `makers.Maker`.

    Returns
    -------
    player : Player
        The instrument.
    """
    low, ratio = rng.uniform(480, 640), rng.uniform(1.42, 1.54)
    t60, high = log_uniform(rng, 0.2, 0.7), rng.uniform(3000, 7000)

    def play(rng: np.random.Generator, note: float, seconds: float) -> Signal:
        envelope = 0.3 * decay(t60, rate, t60) + 0.7 * decay(t60, rate, 0.15 * t60)
        steady = np.full(len(envelope), vary(rng, low, by=0.005))
        tone = square(steady, rate) + 0.8 * square(ratio * steady, rate)
        return finish(stereo(filtered(tone, rate, low=low, high=high) * envelope), rate)

    return play


def snare(rng: np.random.Generator, rate: int) -> Player:
    """Draw a snare drum: the modes of its shell, the noise of its wires, and a crack.

    Parameters
    ----------
    rng, rate
        See `makers.Maker`.

    Returns
    -------
    player : Player
        The instrument.
    """
    low, t60 = rng.uniform(150, 240), log_uniform(rng, 0.12, 0.5)
    wires, edge = rng.uniform(0.5, 1.5), rng.uniform(900, 2500)
    high, width = rng.uniform(6000, 14000), rng.uniform(0.05, 0.8)

    def play(rng: np.random.Generator, note: float, seconds: float) -> Signal:
        shell = modes(
            rng,
            0.4,
            rate,
            frequencies=vary(rng, low, by=0.01) * np.array([1.0, 1.83, 2.6]),
            amplitudes=[0.5, 0.3, 0.12],
            t60s=[0.6 * t60, 0.4 * t60, 0.2 * t60],
            width=0.1,
        )
        rattle = hiss(rng, rate, t60=t60, low=edge, high=high, width=width)
        crack = hiss(rng, rate, t60=0.02, low=500, high=9000, width=0.1)
        return finish(mix(shell, wires * rattle, 0.5 * crack), rate)

    return play


def _metal(
    rng: np.random.Generator, rate: int, *, length: tuple[float, float], edge: float
) -> Player:
    """Build a hi-hat from noise and six detuned square waves, as drum machines do."""
    base, t60 = rng.uniform(180, 420), log_uniform(rng, *length)
    ratios = np.array([1.0, 1.342, 1.2312, 1.6532, 1.9523, 2.1523])
    ratios = ratios * np.exp(0.03 * rng.standard_normal(6))
    sizzle, width = rng.uniform(0.2, 1.0), rng.uniform(0.0, 0.6)

    def play(rng: np.random.Generator, note: float, seconds: float) -> Signal:
        ring = vary(rng, t60, by=0.1)
        envelope = decay(ring, rate, ring)
        ones = np.ones(len(envelope))
        tone = sum(square(base * ratio * ones, rate, phase=rng.random()) for ratio in ratios)
        tone = filtered(np.asarray(tone), rate, low=edge, order=3)
        tone = tone / np.abs(tone).max() * envelope
        sizzling = hiss(rng, rate, t60=ring, low=edge, high=16000, width=width)
        return finish(mix(stereo(tone), sizzle * sizzling), rate)

    return play


def hihat(rng: np.random.Generator, rate: int) -> Player:
    """Draw a hi-hat: closed with a probability of 0.65, otherwise open.

    Parameters
    ----------
    rng, rate
        See `makers.Maker`.

    Returns
    -------
    player : Player
        The instrument.
    """
    spans = (0.05, 0.16) if rng.random() < 0.65 else (0.35, 1.6)
    return _metal(rng, rate, length=spans, edge=rng.uniform(4500, 8000))


def clap(rng: np.random.Generator, rate: int) -> Player:
    """Draw a clap: several hands that clap almost together.

    Parameters
    ----------
    rng, rate
        See `makers.Maker`.

    Returns
    -------
    player : Player
        The instrument.
    """
    low, high = rng.uniform(600, 1100), rng.uniform(2500, 6000)
    hands, gap = int(rng.integers(2, 6)), rng.uniform(0.007, 0.014)
    t60, width = log_uniform(rng, 0.15, 0.6), rng.uniform(0.1, 0.9)

    def play(rng: np.random.Generator, note: float, seconds: float) -> Signal:
        total = np.zeros((round((hands * gap + 1.3 * t60) * rate), 2))
        for hand in range(hands):
            last = hand == hands - 1
            clap = hiss(rng, rate, t60=t60 if last else 0.03, low=low, high=high, width=width)
            start = round(vary(rng, hand * gap, by=0.1) * rate)
            total += fit(np.pad(clap, ((start, 0), (0, 0))), len(total)) * rng.uniform(0.6, 1.0)
        return finish(total, rate)

    return play


def cymbal(rng: np.random.Generator, rate: int) -> Player:
    """Draw a cymbal: 70 modes and a wash of noise.

    Parameters
    ----------
    rng, rate
        See `makers.Maker`.

    Returns
    -------
    player : Player
        The instrument.
    """
    t60, low = log_uniform(rng, 1.2, 7.0), rng.uniform(250, 600)
    wash, count = rng.uniform(0.3, 1.0), 70
    frequencies = low * np.exp(np.sort(rng.uniform(0, np.log(12000 / low), count)))

    def play(rng: np.random.Generator, note: float, seconds: float) -> Signal:
        body = modes(
            rng,
            t60,
            rate,
            frequencies=frequencies,
            amplitudes=rng.uniform(0.2, 1.0, count),
            t60s=t60 * np.clip((2000 / frequencies) ** 0.3, 0.3, 1.0),
            width=0.8,
        )
        sizzling = hiss(rng, rate, t60=0.5 * t60, low=3000, high=15000, width=0.7)
        return finish(mix(body / np.abs(body).max(), wash * sizzling), rate)

    return play


def shaker(rng: np.random.Generator, rate: int) -> Player:
    """Draw a shaker: a swell of bright noise.

    Parameters
    ----------
    rng, rate
        See `makers.Maker`.

    Returns
    -------
    player : Player
        The instrument.
    """
    low, high = rng.uniform(2500, 5000), rng.uniform(9000, 15000)
    swell, t60 = rng.uniform(0.01, 0.05), log_uniform(rng, 0.06, 0.25)

    def play(rng: np.random.Generator, note: float, seconds: float) -> Signal:
        envelope = gate(vary(rng, swell), rate, attack=swell, release=t60)
        grains = noise(rng, len(envelope) / rate, rate, width=0.3)
        grains = filtered(grains, rate, low=low, high=high)
        return finish(grains * envelope[:, None], rate)

    return play
