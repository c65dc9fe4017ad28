"""Synthesizers: basses, leads, pads, voices and effects."""

from __future__ import annotations

import numpy as np

from deep_plunder.synths.playing import Player
from deep_plunder.synths.plucked import plucked
from deep_plunder.synths.shaping import (
    filtered,
    finish,
    hiss,
    reverberate,
    room,
    stereo,
    swept_lowpass,
)
from deep_plunder.synths.sources import Signal, chirp, decay, fm, gate, hertz, noise, saw, square
from deep_plunder.util.rng import log_uniform

__all__ = ["bass", "effect", "pad", "strings", "synth", "voice"]


def bass(rng: np.random.Generator, rate: int) -> Player:
    """Draw a bass: a plucked string, an FM bass, or a subtractive one.

    Parameters
    ----------
    rng, rate
        See `makers.Maker`.

    Returns
    -------
    player : Player
        The instrument.
    """
    kind = str(rng.choice(["string", "fm", "subtractive"]))
    if kind == "string":
        return plucked(
            rng,
            rate,
            t60=log_uniform(rng, 0.8, 2.2),
            softness=rng.uniform(0.25, 0.5),
            body=0.05,
            release=0.08,
        )
    if kind == "subtractive":
        return _subtractive(
            rng, rate, voices=1, attack=0.003, release=0.06, sweep=rng.uniform(1.0, 4.0), base=2.0
        )
    ratio, depth = float(rng.choice([1.0, 2.0, 0.5])), rng.uniform(1.0, 4.0)
    fall, t60 = log_uniform(rng, 0.1, 0.5), log_uniform(rng, 0.8, 2.5)

    def play(rng: np.random.Generator, note: float, seconds: float) -> Signal:
        envelope = gate(seconds, rate, attack=0.004, release=0.08)
        length = len(envelope) / rate
        index = depth * decay(length, rate, fall) + 0.2
        tone = fm(length, rate, frequency=hertz(note), ratio=ratio, index=index)
        return finish(stereo(tone * envelope * decay(length, rate, t60)), rate)

    return play


def _subtractive(
    rng: np.random.Generator,
    rate: int,
    *,
    voices: int,
    attack: float,
    release: float,
    sweep: float,
    base: float,
    vibrato: float = 0.0,
) -> Player:
    """Build an analogue synthesizer: saw or pulse waves through a low-pass filter that closes.

    The cut-off falls by `sweep` octaves to `base` octaves above the note. `vibrato` is the depth
    of the vibrato, in semitones.
    """
    pulse, duty = rng.random() < 0.35, rng.uniform(0.2, 0.5)
    spread = rng.uniform(0.0008, 0.006) if voices > 1 else 0.0
    fall, speed = log_uniform(rng, 0.08, 1.2), rng.uniform(4.5, 6.5)

    def play(rng: np.random.Generator, note: float, seconds: float) -> Signal:
        envelope = gate(seconds, rate, attack=attack, release=release)
        length = len(envelope) / rate
        time = np.arange(len(envelope)) / rate
        onset = np.minimum(time / 0.4, 1.0)
        bend = vibrato / 12 * onset * np.sin(2 * np.pi * speed * time)
        pitch = hertz(note) * 2.0**bend
        total = np.zeros((len(envelope), 2))
        for voice in range(voices):
            place = 2 * voice / max(voices - 1, 1) - 1 if voices > 1 else 0.0
            tuned = pitch * (1 + spread * place + 0.0005 * rng.standard_normal())
            phase = rng.random()
            wave = (
                square(tuned, rate, phase=phase, duty=duty)
                if pulse
                else saw(tuned, rate, phase=phase)
            )
            total += wave[:, None] * [1 - 0.7 * place, 1 + 0.7 * place]
        cutoff = hertz(note) * 2.0 ** (base + sweep * decay(length, rate, fall))
        return finish(swept_lowpass(total, rate, cutoff) * envelope[:, None], rate)

    return play


def synth(rng: np.random.Generator, rate: int) -> Player:
    """Draw a lead or a plucked synthesizer.

    Parameters
    ----------
    rng, rate
        See `makers.Maker`.

    Returns
    -------
    player : Player
        The instrument.
    """
    return _subtractive(
        rng,
        rate,
        voices=int(rng.integers(1, 4)),
        attack=log_uniform(rng, 0.002, 0.02),
        release=log_uniform(rng, 0.05, 0.6),
        sweep=rng.uniform(0.5, 4.5),
        base=rng.uniform(1.0, 3.5),
        vibrato=float(rng.choice([0.0, 0.0, 0.2])),
    )


def pad(rng: np.random.Generator, rate: int) -> Player:
    """Draw a pad: five voices with a slow attack and release.

    Parameters
    ----------
    rng, rate
        See `makers.Maker`.

    Returns
    -------
    player : Player
        The instrument.
    """
    return _subtractive(
        rng,
        rate,
        voices=5,
        attack=log_uniform(rng, 0.08, 0.9),
        release=log_uniform(rng, 0.6, 2.5),
        sweep=rng.uniform(-1.5, 1.5),
        base=rng.uniform(1.5, 3.0),
    )


def strings(rng: np.random.Generator, rate: int) -> Player:
    """Draw an ensemble of bowed strings.

    Parameters
    ----------
    rng, rate
        See `makers.Maker`.

    Returns
    -------
    player : Player
        The instrument.
    """
    return _subtractive(
        rng,
        rate,
        voices=4,
        attack=log_uniform(rng, 0.05, 0.25),
        release=log_uniform(rng, 0.15, 0.6),
        sweep=0.0,
        base=rng.uniform(2.5, 4.0),
        vibrato=rng.uniform(0.1, 0.3),
    )


def effect(rng: np.random.Generator, rate: int) -> Player:
    """Draw an effect: a sweep of noise, a zap, or a hit in a hall.

    Parameters
    ----------
    rng, rate
        See `makers.Maker`.

    Returns
    -------
    player : Player
        The instrument.
    """
    kind, length = str(rng.choice(["sweep", "zap", "hit"])), log_uniform(rng, 0.25, 5.5)
    start, end = log_uniform(rng, 150, 9000), log_uniform(rng, 60, 6000)
    hall = room(rng, rate, t60=float(np.clip(length, 0.5, 5.0)), damping=rng.uniform(0.3, 0.8))

    def play(rng: np.random.Generator, note: float, seconds: float) -> Signal:
        if kind == "hit":
            burst = hiss(rng, rate, t60=0.06, low=60, high=end + 500)[:, 0]
            burst = np.pad(burst, (0, len(hall)))
            wet = stereo(reverberate(burst, hall[:, 0]), reverberate(burst, hall[:, 1]))
            return finish(0.3 * stereo(burst) + wet, rate)
        if kind == "zap":
            tone = chirp(length, rate, start=start, end=end, time_constant=0.15 * length)
            return finish(stereo(tone * decay(length, rate, length)), rate)
        air = noise(rng, length, rate, width=0.6)
        shape = np.linspace(0.0, 1.0, len(air))
        swept = swept_lowpass(air, rate, start * (end / start) ** shape)
        rise = np.minimum(shape / 0.3, 1.0) * np.minimum((1.0 - shape) / 0.2, 1.0)
        return finish(swept * rise[:, None] ** 2, rate)

    return play


def voice(rng: np.random.Generator, rate: int) -> Player:
    """Draw a voice that sings one vowel.

    Parameters
    ----------
    rng, rate
        See `makers.Maker`.

    Returns
    -------
    player : Player
        The instrument.
    """
    vowels = [(730, 1090, 2440), (270, 2290, 3010), (570, 840, 2410), (530, 1840, 2480)]
    formants = np.array(vowels[int(rng.integers(4))]) * rng.uniform(0.9, 1.25)
    attack, speed, depth = rng.uniform(0.03, 0.15), rng.uniform(4.8, 6.2), rng.uniform(0.1, 0.5)

    def play(rng: np.random.Generator, note: float, seconds: float) -> Signal:
        envelope = gate(seconds, rate, attack=attack, release=0.15)
        time = np.arange(len(envelope)) / rate
        bend = depth / 12 * np.minimum(time / 0.5, 1.0) * np.sin(2 * np.pi * speed * time)
        source = saw(hertz(note) * 2.0**bend, rate)
        tone = sum(
            level * filtered(source, rate, low=0.92 * formant, high=1.08 * formant)
            for formant, level in zip(formants, (1.0, 0.5, 0.25), strict=True)
        )
        air = 0.01 * noise(rng, len(time) / rate, rate)[: len(time)]
        return finish((stereo(np.asarray(tone)) + air) * envelope[:, None], rate)

    return play
