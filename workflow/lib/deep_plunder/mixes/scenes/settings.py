"""The settings of the rows of a scene: one frozen record per kind of row.

The order of the fields is their order in a plan. A record inside another is a group of settings
that only make sense together: a plan has all or none of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from deep_plunder.util.tables import Bounds

__all__ = [
    "WAVES",
    "WAVE_NEEDS",
    "Arpeggio",
    "Colours",
    "Compression",
    "Crackle",
    "Degradation",
    "Delay",
    "Dulling",
    "ExcerptSettings",
    "Fm",
    "InstrumentSettings",
    "Loop",
    "LowRate",
    "MasterSettings",
    "NoteSettings",
    "OneShot",
    "Peak",
    "SectionSettings",
    "Slide",
    "SynthNote",
    "TrackSettings",
    "Vibrato",
    "Wave",
    "Wet",
    "Width",
]

WAVES = ("pulse", "saw", "triangle", "fm", "sine", "detuned", "noise", "square")
"""Kinds of synthesized waves. An instrument names one as ``wave:KIND``."""

WAVE_NEEDS = {
    "pulse": "duty", "square": "duty", "detuned": "detune", "fm": "ratio", "noise": "steps",
}  # fmt: skip
"""The optional setting of `Wave` that each of these kinds needs."""

_Level = Annotated[float, Bounds(-200, 60)]
_Gain = Annotated[float, Bounds(-60, 60)]
_Time = Annotated[float, Bounds(0, 60)]
_Span = Annotated[float, Bounds(1e-4, 60)]
_Share = Annotated[float, Bounds(0, 1)]
_Flag = Annotated[bool, Bounds(0, 1)]
_Hz = Annotated[float, Bounds(1, 1e5)]
_Semitones = Annotated[float, Bounds(-96, 96)]
_Seed = Annotated[int, Bounds(0, 2**32 - 1)]
_Divisor = Annotated[int, Bounds(1, 1000)]
_Bits = Annotated[int, Bounds(2, 32)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compression:
    """Compression of the whole scene above a threshold."""

    ratio: Annotated[float, Bounds(1, 1000)]
    threshold_db: _Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Crackle:
    """Crackle of vinyl: its level, and its rate in clicks per second."""

    vinyl_db: _Level
    clicks_hz: Annotated[float, Bounds(0, 1000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Degradation:
    """Reduction to a number of bits, and division of the sample rate."""

    bits: _Bits
    divide: _Divisor


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterSettings:
    """Effects on the whole scene (see the module `master`)."""

    level_db: _Level
    reverb_s: _Span
    reverb_hz: _Hz
    tilt_db: _Gain | None = None
    compression: Compression | None = None
    drive: Annotated[float, Bounds(0.001, 1000)] | None = None
    low_pass_hz: _Hz | None = None
    high_pass_hz: _Hz | None = None
    noise_db: _Level | None = None
    crackle: Crackle | None = None
    degradation: Degradation | None = None
    quality: _Share | None = None
    seed: _Seed
    mono: _Flag


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionSettings:
    """A section: the number of playing tracks, and the strength of its level correction, 0 to 1."""

    tracks: Annotated[int, Bounds(0, 1000)]
    level: Annotated[float, Bounds(0, 10)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """A delay: loss per repeat, time between repeats, number of repeats."""

    delay_db: _Level
    delay_s: _Time
    delays: Annotated[int, Bounds(0, 16)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackSettings:
    """A track: balance from left (-1) to right, release of its notes, and its sends."""

    balance: Annotated[float, Bounds(-1, 1)]
    release_s: _Time
    monophonic: _Flag
    reverb_db: _Level | None = None
    delay: Delay | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LowRate:
    """Division of the sample rate, with or without a filter before it and a hold after it."""

    divide: _Divisor
    filter: _Flag
    hold: _Flag


@dataclass(frozen=True, slots=True, kw_only=True)
class Dulling:
    """A low-pass filter."""

    dull_hz: _Hz
    dull_order: Annotated[int, Bounds(1, 8)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """A peak or dip in the spectrum. In a plan, its names begin with ``peak_`` and a number."""

    hz: _Hz
    db: _Gain
    q: Annotated[float, Bounds(0.01, 100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wet:
    """A reverberation that is part of the sample."""

    wet_s: _Span
    wet_db: _Level
    wet_hz: _Hz


@dataclass(frozen=True, slots=True, kw_only=True)
class Width:
    """The difference between left and right: delay and level of the right side."""

    wide_ms: Annotated[float, Bounds(0, 1000)]
    wide_db: _Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    """Effects on the sound of an instrument of any kind."""

    low_rate: LowRate | None = None
    dulling: Dulling | None = None
    peaks: tuple[Peak, ...] = ()
    decay_s: Annotated[float, Bounds(1e-4, 1000)] | None = None
    wet: Wet | None = None
    bits: _Bits | None = None
    width: Width | None = None
    seed: _Seed


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """A loop that sustains a sound: its start, periods, cross-fade in samples, and total length."""

    loop_s: _Time
    periods: Annotated[int, Bounds(1, 1024)]
    seam: Annotated[int, Bounds(0, 65536)]
    sustain_s: _Time


@dataclass(frozen=True, slots=True, kw_only=True)
class OneShot(Colours):
    """An instrument from a recording."""

    length_s: _Time
    loop: Loop | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthNote(Colours):
    """An instrument from a synthesizer: the sampled MIDI note, and its duration until release."""

    note: Annotated[float, Bounds(0, 127)]
    held_s: Annotated[float, Bounds(0.001, 10)]
    stereo: _Flag
    loop: Loop | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fm:
    """Frequency modulation: frequency ratio of the modulator, index, and decay of the index."""

    ratio: Annotated[float, Bounds(0, 100)]
    index: Annotated[float, Bounds(0, 100)]
    index_s: _Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave(Colours):
    """A plain wave: its pitch, spectrum and envelope.

    `duty` belongs to pulse and square, `detune` to detuned, `fm` to fm, `steps` to noise. With
    `fall_s`, the wave decays to `level`, or to silence without it. Without `fall_s`, it does not
    decay.
    """

    hz: Annotated[float, Bounds(1, 20_000)]
    harmonics: Annotated[int, Bounds(1, 1000)]
    length_s: _Time
    attack_s: _Span
    duty: _Share | None = None
    detune: Annotated[float, Bounds(-1, 1)] | None = None
    fm: Fm | None = None
    steps: Annotated[int, Bounds(1, 10_000)] | None = None
    level: _Share | None = None
    fall_s: _Span | None = None


InstrumentSettings = OneShot | SynthNote | Wave


@dataclass(frozen=True, slots=True, kw_only=True)
class Slide:
    """A glide in pitch: its interval in semitones, and its duration."""

    slide: _Semitones
    slide_s: _Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Vibrato:
    """A vibrato: its depth in semitones, and its rate."""

    vibrato: _Semitones
    vibrato_hz: Annotated[float, Bounds(0, 1000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arpeggio:
    """A quick run through a chord: two intervals in semitones, and the duration of each note."""

    arpeggio_1: _Semitones
    arpeggio_2: _Semitones
    tick_s: _Span


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSettings:
    """Motions of the pitch of a note."""

    slide: Slide | None = None
    vibrato: Vibrato | None = None
    arpeggio: Arpeggio | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcerptSettings:
    """An excerpt of a song: the length of its fades."""

    fade_s: _Time
