"""Draw the instruments of a scene: the sound or wave, and its colours.

An instrument is a library sound, a note of a synthesizer, a plain wave, or a loop cut from a song.
Its colours are the effects of old samplers and trackers: short decays, loops, low sample rates,
8 bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from deep_plunder.corpus.library import Sound
from deep_plunder.corpus.songs import Song
from deep_plunder.errors import InputError
from deep_plunder.mixes.scenes.settings import (
    WAVES,
    Dulling,
    Fm,
    InstrumentSettings,
    Loop,
    LowRate,
    OneShot,
    Peak,
    SynthNote,
    Wave,
    Wet,
    Width,
)
from deep_plunder.mixes.scenes.spec import SceneSpec
from deep_plunder.synths.classes import CLASSES
from deep_plunder.util.rng import chance, log_uniform, pick, uniform, weighted

__all__ = ["Instrument", "Palette"]

_WAVE_WEIGHTS = (0.20, 0.20, 0.10, 0.15, 0.08, 0.12, 0.05, 0.10)
_KIT = ("kick", "snare", "hihat")
_SYNTHS = {
    "drums": ("kick", "snare", "hihat", "clap", "tom", "cymbal", "cowbell", "shaker", "wood_block"),
    "effects": ("fx", "voice"),
}
_SYNTHS["melodic"] = tuple(sorted({*CLASSES} - {*_SYNTHS["drums"], *_SYNTHS["effects"]}))


@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument of a track.

    Attributes
    ----------
    source : str
        Name of a sound or song, ``wave:KIND``, or ``synth:CLASS``.
    source_start_s : float
        Position in the recording at which the sound begins, in seconds.
    semitones : float
        Tuning of the instrument, in semitones.
    settings : OneShot, SynthNote or Wave
        Parameters of the sound and its colours.
    """

    source: str
    source_start_s: float
    semitones: float
    settings: InstrumentSettings


class Palette:
    """The sounds and songs that the scenes of a split may use.

    Parameters
    ----------
    sounds : sequence of Sound
        The sounds, at least one.
    songs : sequence of Song
        The songs. Without any, there are no loops.
    spec : SceneSpec
        Settings of the scenes.

    Raises
    ------
    InputError
        If there is no sound.
    """

    def __init__(self, sounds: Sequence[Sound], songs: Sequence[Song], spec: SceneSpec) -> None:
        if not sounds:
            raise InputError("scenes: need at least one sound in each split, got none")
        self._spec = spec
        self.songs = sorted(songs, key=lambda song: song.song)
        groups: dict[str, dict[str, list[Sound]]] = {"drums": {}, "effects": {}, "melodic": {}}
        for sound in sorted(sounds, key=lambda sound: sound.sound):
            name = sound.sound_class.lower()
            kind = (
                "drums"
                if name in spec.drum_classes
                else "effects"
                if name in spec.effect_classes
                else "melodic"
            )
            groups[kind].setdefault(name, []).append(sound)
        every = {name: found for group in groups.values() for name, found in group.items()}
        self._groups = {kind: group or every for kind, group in groups.items()}

    def _sound(self, rng: np.random.Generator, group: str, name: str = "") -> Sound:
        classes = self._groups[group]
        return pick(rng, classes.get(name) or classes[pick(rng, list(classes))])

    def _one_shot(
        self, rng: np.random.Generator, group: str, name: str = "", *, semitones: float = 0.0
    ) -> Instrument:
        """Draw a one-shot from a group, and from the named class if the group has it."""
        if chance(rng, self._spec.synths):
            return self._synth(rng, group, name, semitones)
        sound = self._sound(rng, group, name)
        length_s = min(sound.offset_s - sound.onset_s, 6.0)
        settings = OneShot(**self._colours(rng), length_s=length_s)
        return Instrument(sound.sound, sound.onset_s, semitones, settings)

    def _synth(
        self, rng: np.random.Generator, group: str, name: str, semitones: float
    ) -> Instrument:
        classes = _SYNTHS[group]
        kind = name if name in classes else pick(rng, classes)
        played = CLASSES[kind]
        note = int(rng.integers(played.lowest, played.highest + 1))
        settings = SynthNote(
            **self._colours(rng),
            note=note,
            held_s=log_uniform(rng, *played.held),
            stereo=chance(rng, 0.35),
        )
        # A pitched synthesizer is tuned to the nearest C.
        tuning = -((note + 6) % 12 - 6) if played.highest > played.lowest else 0
        return Instrument(f"synth:{kind}", 0.0, semitones + tuning, settings)

    def _colours(self, rng: np.random.Generator) -> dict[str, Any]:
        """Draw the fields of `settings.Colours`."""
        spec = self._spec
        low_rate = dulling = decay_s = wet = bits = width = None
        peaks: tuple[Peak, ...] = ()
        if chance(rng, spec.low_rate):
            divide = pick(rng, (2, 2, 3, 4))
            low_rate = LowRate(divide=divide, filter=chance(rng, 0.6), hold=chance(rng, 0.4))
        if chance(rng, spec.dulled):
            dulling = Dulling(dull_hz=log_uniform(rng, 1000, 7900), dull_order=pick(rng, (1, 2)))
        if chance(rng, spec.shaped):
            peaks = tuple(
                Peak(
                    hz=log_uniform(rng, 100, 6000),
                    db=uniform(rng, -15, 12),
                    q=log_uniform(rng, 0.5, 4),
                )
                for _ in range(1, int(rng.integers(2, 5)))
            )
        if chance(rng, spec.shortened):
            decay_s = log_uniform(rng, 0.03, 0.8)
        if chance(rng, spec.wet):
            wet = Wet(
                wet_s=uniform(rng, 0.05, 0.6),
                wet_db=uniform(rng, -26, -6),
                wet_hz=log_uniform(rng, 1500, 6000),
            )
        if chance(rng, spec.low_bits):
            bits = 8
        if chance(rng, spec.wide):
            width = Width(wide_ms=uniform(rng, 2, 22), wide_db=uniform(rng, -12, 0))
        return {
            "low_rate": low_rate, "dulling": dulling, "peaks": peaks, "decay_s": decay_s,
            "wet": wet, "bits": bits, "width": width, "seed": int(rng.integers(2**16)),
        }  # fmt: skip

    def drum(self, rng: np.random.Generator, name: str = "") -> Instrument:
        """Draw a drum.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of randomness.
        name : str
            Preferred class of the drum. If it is empty, a class is drawn.

        Returns
        -------
        drum : Instrument
            The drum; its class is another one if the library lacks `name`.
        """
        if not name:
            name = weighted(
                rng,
                ("kick", "snare", "hihat", "clap", "tom", "cymbal", "perc", ""),
                (0.22, 0.22, 0.20, 0.06, 0.08, 0.06, 0.10, 0.06),
            )
        return self._one_shot(rng, "drums", name, semitones=float(rng.normal(0, 2.5)))

    def kit(self, rng: np.random.Generator) -> list[Instrument]:
        """Draw two to five drums, which usually begin with a kick, a snare and a hi-hat.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of randomness.

        Returns
        -------
        kit : list of Instrument
            The drums.
        """
        count = int(rng.integers(2, 6))
        kit = [self.drum(rng, name) for name in _KIT] + [self.drum(rng) for _ in range(3)]
        order = rng.permutation(len(kit)) if chance(rng, 0.4) else np.arange(len(kit))
        return [kit[place] for place in order[:count]]

    def effect(self, rng: np.random.Generator) -> Instrument:
        """Draw an effect, or sometimes a drum.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of randomness.

        Returns
        -------
        effect : Instrument
            The effect.
        """
        group = "effects" if chance(rng, 0.7) else "drums"
        return self._one_shot(rng, group, semitones=float(rng.normal(0, 4)))

    def melodic(self, rng: np.random.Generator) -> Instrument:
        """Draw an instrument for melodies: a wave, or a one-shot that may be looped.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of randomness.

        Returns
        -------
        instrument : Instrument
            The instrument.
        """
        if chance(rng, self._spec.waves):
            return self._wave(rng)
        instrument = self._one_shot(rng, "melodic")
        if chance(rng, self._spec.looped):
            loop = Loop(
                loop_s=uniform(rng, 0.03, 0.4),
                periods=pick(rng, (1, 2, 4, 8, 16, 32)),
                seam=pick(rng, (1, 16, 64, 256)),
                sustain_s=uniform(rng, 1, 4),
            )
            assert not isinstance(instrument.settings, Wave)
            return replace(instrument, settings=replace(instrument.settings, loop=loop))
        return instrument

    def _wave(self, rng: np.random.Generator) -> Instrument:
        kind = weighted(rng, WAVES, _WAVE_WEIGHTS)
        drawn: dict[str, Any] = {
            "hz": pick(rng, (110.0, 130.81, 164.81, 220.0, 261.63)),
            "harmonics": int(rng.integers(3, 30)),
            "length_s": weighted(rng, (0.3, 0.8, 1.5, 4.0), (0.15, 0.25, 0.30, 0.30)),
            "attack_s": weighted(
                rng, (0.001, 0.003, 0.01, 0.03, 0.08), (0.4, 0.25, 0.2, 0.1, 0.05)
            ),
        }
        if kind in ("pulse", "square"):
            drawn["duty"] = uniform(rng, 0.1, 0.5)
        if kind == "detuned":
            drawn["detune"] = uniform(rng, 0.002, 0.012)
        if kind == "fm":
            drawn["fm"] = Fm(
                ratio=pick(rng, (1.0, 2.0, 3.0, 0.5, 1.41)),
                index=uniform(rng, 0.5, 5),
                index_s=uniform(rng, 0.05, 1.5),
            )
        if kind == "noise":
            drawn["steps"] = int(rng.integers(1, 12))
        shape = rng.random()
        if shape < 0.4:
            drawn["fall_s"] = log_uniform(rng, 0.03, 2)
        elif shape < 0.7:
            drawn |= {"level": uniform(rng, 0.2, 0.8), "fall_s": uniform(rng, 0.03, 0.3)}
        return Instrument(f"wave:{kind}", 0.0, 0.0, Wave(**self._colours(rng), **drawn))

    def loop(self, rng: np.random.Generator) -> Instrument | None:
        """Draw a loop from a song.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of randomness.

        Returns
        -------
        loop : Instrument or None
            The loop, or None if there are no songs.
        """
        if not self.songs:
            return None
        song = pick(rng, self.songs)
        length = uniform(rng, 0.4, 3.0)
        settings = OneShot(**self._colours(rng), length_s=min(length, song.seconds))
        start = uniform(rng, 0, max(0.0, song.seconds - length - 0.1))
        return Instrument(song.song, start, 0.0, settings)
