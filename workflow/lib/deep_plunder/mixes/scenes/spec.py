"""The settings that shape a scene.

All defaults are ours: the paper has no scenes. They were set by listening to sample-based music
and by the leads of a feasibility study; ``experiments/diary.md`` says what was tried.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from deep_plunder.errors import ConfigError

__all__ = ["PANNINGS", "ROLES", "SECTIONS", "SceneSpec"]

ROLES = ("kit", "drum", "melody", "bass", "mixed", "effects", "loop")
"""What a track can play, in the order of `SceneSpec.role_weights`."""
SECTIONS = ("solo", "pair", "some", "all", "none")
"""How many tracks play in a section, in the order of `SceneSpec.section_weights`."""
PANNINGS = ("mono", "centre", "sides", "spread")
"""How tracks lie between left and right, in the order of `SceneSpec.panning_weights`."""

_LENGTHS = {"track_weights": 8, "role_weights": 7, "section_weights": 5, "panning_weights": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneSpec:
    """How scenes are made: the section ``scenes`` of the configuration.

    A float without a unit is a probability; a pair is the lowest and the highest value, drawn
    uniformly; weights are relative.

    Attributes
    ----------
    tempo_bpm : pair of float
        Beats a minute.
    track_weights : 8 floats
        Of 1 to 8 tracks, before layers and echoes.
    role_weights : 7 floats
        Of `ROLES`, for each track.
    section_weights : 5 floats
        Of `SECTIONS`, for each section of 8 to 64 rows.
    panning_weights : 4 floats
        Of `PANNINGS`, for each scene.
    drum_classes, effect_classes : tuple of str
        Classes of the library that kits and effect tracks draw from; all others are melodic.
    swing, jitter : float
        That every second row comes late; that notes are off the grid by some milliseconds.
    monophonic : float
        That in a track a note cuts the one before it.
    chords : float
        That a polyphonic melodic track plays chords.
    gate : float
        That the notes of a track end after some rows.
    stop : float
        That a section ends what rings from the one before it.
    velocities : float
        That a track plays its notes at differing levels.
    layer : float
        That further tracks strike together with one or two of the others.
    doubled : float
        That such a track has the instruments of the other, at an interval or out of tune.
    echo : float
        That one track or two are repeated rows later, and quieter, once or twice each; most
        often one of synthesized waves, and from the same side.
    along : float
        That in a section such tracks play wherever theirs does, so that it is not heard alone.
    waves : float
        That a melodic instrument is a plain wave, not a one-shot.
    synths : float
        That a one-shot is one of a synthesizer, not a sound of the library.
    looped : float
        That a melodic one-shot is sustained by a loop.
    slides, vibrato, arpeggio : float
        That the notes of a melodic track glide, sway, or run through a chord.
    shaped, shortened, low_rate, low_bits, dulled, wet : float
        What colours an instrument: one to three peaks and dips in its spectrum, a faster decay, a
        lower sample rate, 8 bits, a low-pass, a reverberation in the sample itself.
    wide : float
        That an instrument differs between left and right.
    reverb, delay : float
        That a track is sent to a reverberation, to a delay.
    songs : float
        That a scene has excerpts of real songs.
    song_between, song_under : float
        In these, that a section is an excerpt alone, or lies over one.
    song_gain_db : pair of float
        Level of excerpts under sections, relative to the notes.
    levelled : float
        That sections are brought near each other in level.
    tilt, compression, drive, low_pass, high_pass, noise, vinyl, degraded, coded : float
        That the master chain tilts the spectrum, compresses, saturates, cuts highs, cuts lows,
        adds noise, adds crackle, reduces rate and bits, passes through a lossy codec.
    level_db : pair of float
        Level of the peaks of a scene, relative to full scale.
    isolated_db, margin_db : float
        A sound is alone where all else is at least `isolated_db` below it; between
        `margin_db` and that no answer is right.
    min_region_s : float
        A sound that is alone for less is not counted.

    Raises
    ------
    ConfigError
        If a value cannot be: all faults at once.
    """

    tempo_bpm: tuple[float, float] = (80.0, 180.0)
    track_weights: tuple[float, ...] = (0.05, 0.08, 0.14, 0.42, 0.13, 0.08, 0.05, 0.05)
    role_weights: tuple[float, ...] = (0.24, 0.08, 0.34, 0.14, 0.10, 0.05, 0.05)
    section_weights: tuple[float, ...] = (0.25, 0.25, 0.18, 0.30, 0.02)
    panning_weights: tuple[float, ...] = (0.15, 0.12, 0.48, 0.25)
    drum_classes: tuple[str, ...] = (
        *("kick", "snare", "hihat", "clap", "tom", "cymbal", "perc", "rim", "ride", "crash"),
        *("drum", "shaker", "cowbell", "conga", "bongo", "percussion", "drums", "hat"),
    )
    effect_classes: tuple[str, ...] = ("fx", "vox", "noise", "effects", "voice", "stab", "riser")
    swing: float = 0.2
    jitter: float = 0.1
    monophonic: float = 0.86
    chords: float = 0.5
    gate: float = 0.4
    stop: float = 0.5
    velocities: float = 0.5
    layer: float = 0.6
    doubled: float = 0.5
    echo: float = 0.5
    along: float = 0.6
    waves: float = 0.4
    synths: float = 0.4
    looped: float = 0.5
    slides: float = 0.06
    vibrato: float = 0.1
    arpeggio: float = 0.06
    shaped: float = 0.4
    shortened: float = 0.4
    low_rate: float = 0.35
    low_bits: float = 0.5
    dulled: float = 0.4
    wet: float = 0.1
    wide: float = 0.12
    reverb: float = 0.12
    delay: float = 0.08
    songs: float = 0.4
    song_between: float = 0.15
    song_under: float = 0.25
    song_gain_db: tuple[float, float] = (-34.0, 0.0)
    levelled: float = 0.5
    tilt: float = 0.5
    compression: float = 0.2
    drive: float = 0.25
    low_pass: float = 0.5
    high_pass: float = 0.15
    noise: float = 0.35
    vinyl: float = 0.08
    degraded: float = 0.08
    coded: float = 0.3
    level_db: tuple[float, float] = (-12.0, -1.0)
    isolated_db: float = 30.0
    margin_db: float = 15.0
    min_region_s: float = 0.06

    def __post_init__(self) -> None:
        faults: list[str] = []
        for field in dataclasses.fields(self):
            name, value = field.name, getattr(self, field.name)
            if isinstance(value, list):
                value = tuple(value)
                object.__setattr__(self, name, value)
            faults += [f"scenes.{name}: {rule}, got {value!r}" for rule in _broken(name, value)]
        if self.margin_db > self.isolated_db:
            faults.append(
                f"scenes.margin_db: must be at most isolated_db {self.isolated_db}, "
                f"got {self.margin_db}"
            )
        if faults:
            raise ConfigError(faults)


def _broken(name: str, value: object) -> list[str]:
    """Name the rules that a value breaks."""
    if name.endswith("_classes"):
        ok = isinstance(value, tuple) and all(isinstance(item, str) for item in value)
        return [] if ok else ["must be a list of names"]
    if name.endswith("_weights"):
        count = _LENGTHS[name]
        assert isinstance(value, tuple)
        if len(value) != count or min(value) < 0 or not sum(value) > 0:
            return [f"must be {count} numbers of at least 0 that are not all 0"]
        return []
    if isinstance(value, tuple):
        ok = len(value) == 2 and value[0] <= value[1]
        if name == "tempo_bpm":
            ok = ok and value[0] >= 20
        return [] if ok else ["must be a lowest and a highest value"]
    assert isinstance(value, int | float)
    if name in ("isolated_db", "margin_db", "min_region_s"):
        return [] if value > 0 else ["must be above 0"]
    return [] if 0 <= value <= 1 else ["must be a probability in 0..1"]
