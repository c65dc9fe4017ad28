"""The settings of the scenes: the section ``scenes`` of the configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Ge, Gt, Le, Len

from deep_plunder.util.bounds import ASCENDING, Fraction, Must, NonNegative, Text
from deep_plunder.util.settings import Rule, Settings

__all__ = ["MOST_TRACKS", "PANNINGS", "ROLES", "SECTIONS", "SceneSpec"]

MOST_TRACKS = 8
"""Largest number of tracks, before layers and echoes."""
ROLES = ("kit", "drum", "melody", "bass", "mixed", "effects", "loop")
"""Roles of tracks, in the order of `SceneSpec.role_weights`."""
SECTIONS = ("solo", "pair", "some", "all", "none")
"""Kinds of sections by the number of playing tracks, in the order of
`SceneSpec.section_weights`."""
PANNINGS = ("mono", "centre", "sides", "spread")
"""Arrangements of the tracks between left and right, in the order of
`SceneSpec.panning_weights`."""

_Tempo = Annotated[float, Ge(20), Le(400)]
_Level = Annotated[float, Ge(-90), Le(24)]
_SOME = Must(lambda weights: sum(weights) > 0, "must not be all 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneSpec(Settings):
    """The settings of the scenes.

    Weights are relative. The defaults were chosen by listening to sample-based music and from the
    results of a feasibility study.

    Source: ours, the paper has no scenes.
    """

    section: ClassVar[str] = "scenes"

    tempo_bpm: Annotated[tuple[_Tempo, _Tempo], ASCENDING] = (80, 180)
    """Lowest and highest tempo of a scene. Unit: beats/min."""
    track_weights: Annotated[tuple[NonNegative, ...], Len(MOST_TRACKS, MOST_TRACKS), _SOME] = (
        0.05,
        0.08,
        0.14,
        0.42,
        0.13,
        0.08,
        0.05,
        0.05,
    )
    """Weights of scenes with 1 to 8 tracks, one per number. Layers and echoes are further
    tracks."""
    role_weights: Annotated[tuple[NonNegative, ...], Len(len(ROLES), len(ROLES)), _SOME] = (
        0.24,
        0.08,
        0.34,
        0.14,
        0.1,
        0.05,
        0.05,
    )
    """Weights of the roles of a track: a drum kit, one drum, a melody, a bass, drums and melody
    mixed, effects, a loop of a song."""
    section_weights: Annotated[
        tuple[NonNegative, ...], Len(len(SECTIONS), len(SECTIONS)), _SOME
    ] = (0.25, 0.25, 0.18, 0.3, 0.02)
    """Weights of sections in which one track plays, two, half of them, all, or none."""
    panning_weights: Annotated[
        tuple[NonNegative, ...], Len(len(PANNINGS), len(PANNINGS)), _SOME
    ] = (0.15, 0.12, 0.48, 0.25)
    """Weights of scenes that are mono, or stereo with all tracks in the centre, on the two sides,
    or spread out."""
    drum_classes: tuple[Text, ...] = (
        "kick",
        "snare",
        "hihat",
        "clap",
        "tom",
        "cymbal",
        "perc",
        "rim",
        "ride",
        "crash",
        "drum",
        "shaker",
        "cowbell",
        "conga",
        "bongo",
        "percussion",
        "drums",
        "hat",
    )
    """Classes of the library for drums."""
    effect_classes: tuple[Text, ...] = ("fx", "vox", "noise", "effects", "voice", "stab", "riser")
    """Classes of the library for effects. Classes in neither list are melodic."""
    swing: Fraction = 0.2
    """Probability that a scene has swing: every second row of its grid comes late."""
    jitter: Fraction = 0.1
    """Probability that the notes of a track lie a few milliseconds off the grid."""
    monophonic: Fraction = 0.86
    """Probability that a track is monophonic: each note cuts the note before it."""
    chords: Fraction = 0.5
    """Probability that a melodic track that is not monophonic plays chords."""
    gate: Fraction = 0.4
    """Probability that the notes of a track are cut after one, two or four rows."""
    stop: Fraction = 0.5
    """Probability that the start of a section cuts the notes that still sound from the section
    before."""
    entries: Fraction = 0
    """Probability that a section of two tracks or more is an entry: all else stops some rows
    before it, and all its tracks play on its first row."""
    velocities: Fraction = 0.5
    """Probability that the notes of a track differ in level."""
    layer: Fraction = 0.6
    """Probability that one or two tracks have layers: further tracks that play at the same
    times."""
    doubled: Fraction = 0.5
    """Probability that a layer plays the same instruments as its track, transposed or slightly
    detuned."""
    echo: Fraction = 0.5
    """Probability that one or two tracks have an echo: one or two quieter repeats, a few rows
    later. Tracks of plain waves are preferred. Most echoes keep the panning of their track."""
    along: Fraction = 0.6
    """Probability that all layers and echoes of the playing tracks also play in a section."""
    waves: Fraction = 0.4
    """Probability that a melodic instrument is a plain wave, not a one-shot."""
    synths: Fraction = 0.4
    """Probability that a one-shot comes from a synthesizer, not from the library."""
    looped: Fraction = 0.5
    """Probability that a melodic one-shot is sustained by a loop."""
    slides: Fraction = 0.06
    """Probability that the notes of a melodic track glide in pitch."""
    vibrato: Fraction = 0.1
    """Probability that the notes of a melodic track have vibrato."""
    arpeggio: Fraction = 0.06
    """Probability that the notes of a melodic track run quickly through a chord."""
    shaped: Fraction = 0.4
    """Probability that an equalizer gives an instrument one to three peaks or dips."""
    shortened: Fraction = 0.4
    """Probability that an instrument decays faster than its sample."""
    low_rate: Fraction = 0.35
    """Probability that an instrument is reduced to a lower sample rate."""
    low_bits: Fraction = 0.5
    """Probability that an instrument is reduced to 8 bits."""
    dulled: Fraction = 0.4
    """Probability that a low-pass filter dulls an instrument."""
    wet: Fraction = 0.1
    """Probability that the sample of an instrument contains reverberation."""
    wide: Fraction = 0.12
    """Probability that an instrument differs between left and right."""
    reverb: Fraction = 0.12
    """Probability that a track is sent to a reverberation."""
    delay: Fraction = 0.08
    """Probability that a track is sent to a delay."""
    songs: Fraction = 0.4
    """Probability that a scene has excerpts of songs."""
    song_between: Fraction = 0.15
    """Probability that a section has only an excerpt and no tracks, in a scene with excerpts."""
    song_under: Fraction = 0.25
    """Probability that an excerpt plays along with the tracks of a section, in a scene with
    excerpts."""
    song_gain_db: Annotated[tuple[_Level, _Level], ASCENDING] = (-34, 0)
    """Lowest and highest level of an excerpt, relative to the peak of the notes. Unit: dB."""
    levelled: Fraction = 0.5
    """Probability that the sections of a scene are brought closer together in level."""
    tilt: Fraction = 0.5
    """Probability that the whole scene is made brighter or darker."""
    compression: Fraction = 0.2
    """Probability that the whole scene is compressed."""
    drive: Fraction = 0.25
    """Probability that the whole scene is saturated."""
    low_pass: Fraction = 0.5
    """Probability that the whole scene passes through a low-pass filter."""
    high_pass: Fraction = 0.15
    """Probability that the whole scene passes through a high-pass filter."""
    noise: Fraction = 0.35
    """Probability that the whole scene has a floor of noise."""
    vinyl: Fraction = 0.08
    """Probability that the whole scene has the crackle of vinyl."""
    degraded: Fraction = 0.08
    """Probability that the whole scene is reduced to fewer bits and a lower sample rate."""
    coded: Fraction = 0.3
    """Probability that the whole scene passes through a lossy codec."""
    level_db: Annotated[tuple[_Level, _Level], ASCENDING] = (-12, -1)
    """Lowest and highest level of the peaks of a scene, relative to full scale. Unit: dB."""
    isolated_db: Annotated[float, Gt(0), Le(60)] = 30
    """Least isolation of an isolated sound: everything else together is at least this far below
    it. Unit: dB. Source: the truth of the benchmark of real songs."""
    margin_db: Annotated[float, Gt(0), Le(60)] = 15
    """Least isolation of an uncertain sound. Between this and `isolated_db`, the answer of a
    network is not judged. Unit: dB. Source: the truth of the benchmark of real songs."""
    min_region_s: Annotated[float, Gt(0), Le(10)] = 0.06
    """Least length of a region. A sound that is isolated for a shorter time has none. Unit: s."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            ("margin_db", "isolated_db"),
            lambda margin, isolated: margin <= isolated,
            "must not exceed scenes.isolated_db",
        ),
    )
