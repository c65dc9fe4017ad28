"""The settings of the rows of a scene, a frozen record per kind of row.

The fields stand in the order in which a plan has them. A record inside another is a group of
settings that only make sense together: all of them are in a plan, or none.
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
"""Kinds of synthesized waves, which instruments name as ``wave:KIND``."""

WAVE_NEEDS = {
    "pulse": "duty", "square": "duty", "detuned": "detune", "fm": "ratio", "noise": "steps",
}  # fmt: skip
"""Setting of `Wave` that a kind needs beside those of all kinds."""

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
    """Compression of the whole scene, above a level."""

    ratio: Annotated[float, Bounds(1, 1000)]
    threshold_db: _Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Crackle:
    """Crackle of vinyl: its level, and clicks per second."""

    vinyl_db: _Level
    clicks_hz: Annotated[float, Bounds(0, 1000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Degradation:
    """Fewer bits, and a sample rate divided by a number."""

    bits: _Bits
    divide: _Divisor


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterSettings:
    """What the whole scene goes through (`master`)."""

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
    """A section: how many tracks play, and how far its level is corrected, 0 to 1."""

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
    """A sample rate divided by a number, with or without a filter before and a hold after."""

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
    """A peak or dip in the spectrum; in a plan, its names begin with ``peak_`` and a number."""

    hz: _Hz
    db: _Gain
    q: Annotated[float, Bounds(0.01, 100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wet:
    """A reverberation in the sample itself."""

    wet_s: _Span
    wet_db: _Level
    wet_hz: _Hz


@dataclass(frozen=True, slots=True, kw_only=True)
class Width:
    """A delay of the right side and its level: what differs between left and right."""

    wide_ms: Annotated[float, Bounds(0, 1000)]
    wide_db: _Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    """What colours the sound of an instrument of any kind."""

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
    """A loop that sustains a sound: where it begins, its periods, its cross-fade in samples."""

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
    """An instrument from a synthesizer: the MIDI note that is sampled, and how long it is held."""

    note: Annotated[float, Bounds(0, 127)]
    held_s: Annotated[float, Bounds(0.001, 10)]
    stereo: _Flag
    loop: Loop | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fm:
    """Frequency modulation: the modulator's frequency ratio, its index and the index's decay."""

    ratio: Annotated[float, Bounds(0, 100)]
    index: Annotated[float, Bounds(0, 100)]
    index_s: _Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave(Colours):
    """A plain wave: its pitch, spectrum and envelope.

    `duty` belongs to pulse and square, `detune` to detuned, `fm` to fm, `steps` to noise. Without
    `fall_s` the wave does not fall; it falls to `level`, or to silence.
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
    """A glide by some semitones."""

    slide: _Semitones
    slide_s: _Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Vibrato:
    """A vibrato of some semitones."""

    vibrato: _Semitones
    vibrato_hz: Annotated[float, Bounds(0, 1000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arpeggio:
    """A quick run through a chord: two intervals, and the time that each note lasts."""

    arpeggio_1: _Semitones
    arpeggio_2: _Semitones
    tick_s: _Span


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSettings:
    """How the pitch of a note moves."""

    slide: Slide | None = None
    vibrato: Vibrato | None = None
    arpeggio: Arpeggio | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcerptSettings:
    """An excerpt of a song: its fades."""

    fade_s: _Time
