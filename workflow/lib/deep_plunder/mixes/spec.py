"""The settings of the mixes: the section ``mixes`` of the configuration."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Gt, Le

from deep_plunder.util.settings import (
    ASCENDING,
    Fraction,
    NonNegative,
    Positive,
    Rule,
    Settings,
)

__all__ = ["MixCounts", "MixSetSpec", "MixSpec"]

_Semitones = Annotated[int, Ge(-24), Le(24)]
_Gain = Annotated[float, Ge(-60), Le(24)]
_Fade = Annotated[float, Ge(0), Le(60)]
_Excerpt = Annotated[float, Gt(0), Le(600)]
_Count = Annotated[int, Ge(1), Le(1_000_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class MixSpec(Settings):
    """How mixes sound: the keys of the section ``mixes`` that shape the audio.

    The number of mixes and their division into shards are in `MixSetSpec`: no mix depends on
    them. A range is a pair of the lowest and the highest value, drawn uniformly.
    """

    section: ClassVar[str] = "mixes"

    duration_s: Annotated[float, Ge(0.5), Le(3600)] = 60
    """Length of a mix. Unit: s. Source: the paper, section 3.4."""
    sample_rate: Annotated[int, Ge(8000), Le(192_000)] = 44100
    """Sample rate of a mix. Unit: Hz. Source: the paper, section 3.4."""
    sound_probability: Fraction = 0.5
    """Probability that the next event of a mix is a sound and not a song excerpt. Unit:
    probability. Source: ours, the paper does not say."""
    overlap_s: Annotated[float, Ge(-60), Le(60)] = 0
    """How far an event reaches into the one before it, at most half of either. A negative value is
    a gap. Unit: s. Source: the paper, section 3.4."""
    rebalance_cap: Annotated[float, Ge(1)] = 30
    """Sounds of rare classes are drawn up to this many times as often as their share of the
    library, but never more often than those of the commonest class. Unit: times. Source: the
    paper, section 3.4."""
    semitones: Annotated[tuple[_Semitones, _Semitones], ASCENDING] = (-3, 3)
    """Least and greatest change of a sound's pitch. Unit: semitones. Source: the paper, section
    3.4."""
    pitch_method: Literal["phase_vocoder", "resample"] = "phase_vocoder"
    """How the pitch of a sound is changed. phase_vocoder keeps its length, resample plays it
    faster or slower. Source: the paper (librosa's pitch_shift)."""
    sound_gain_db: Annotated[tuple[_Gain, _Gain], ASCENDING] = (0, 0)
    """Least and greatest change of a sound's level. Unit: dB. Source: the paper changes none."""
    song_gain_db: Annotated[tuple[_Gain, _Gain], ASCENDING] = (0, 0)
    """Least and greatest change of a song excerpt's level. Unit: dB. Source: the paper changes
    none."""
    excerpt_s: Annotated[tuple[_Excerpt, _Excerpt], ASCENDING] = (1, 5)
    """Least and greatest length of a song excerpt. Unit: s. Source: ours, the paper does not
    say."""
    fade_in_s: Annotated[tuple[_Fade, _Fade], ASCENDING] = (0.01, 0.5)
    """Least and greatest fade-in of a song excerpt (at most half of it). Unit: s. Source: ours,
    the paper does not say."""
    fade_out_s: Annotated[tuple[_Fade, _Fade], ASCENDING] = (0.01, 0.5)
    """Least and greatest fade-out of a song excerpt (at most half of it), and of a sound that is
    cut. Unit: s. Source: ours, the paper does not say."""
    long_sound_s: Positive = 4
    """Longer sounds are faded to a shorter length. Unit: s. Source: the paper, section 3.4."""
    long_sound_cut_s: Annotated[tuple[Positive, Positive], ASCENDING] = (1, 4)
    """Least and greatest length that a long sound is faded to. Unit: s. Source: ours, the paper
    does not say."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            ("long_sound_cut_s", "long_sound_s"),
            lambda pair, limit: pair[1] <= limit,
            "the second must not exceed mixes.long_sound_s",
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MixCounts(Settings):
    """How many mixes each split has."""

    section: ClassVar[str] = "mixes.count"

    train: _Count = 2826
    """Mixes to train on. Unit: mixes. Source: the paper, section 3.4."""
    validation: _Count = 174
    """Mixes by which the best state of a model is chosen. Unit: mixes. Source: as many as in the
    paper's test set."""
    test: _Count = 174
    """Mixes to evaluate on. Unit: mixes. Source: the paper, section 3.4."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MixSetSpec(MixSpec):
    """The section ``mixes`` as a whole: how mixes sound, and how many of them are made."""

    count: MixCounts = field(default_factory=MixCounts)
    per_shard: Annotated[int, Ge(1), Le(9999)] = 200
    """Mixes that one job makes. It changes nothing in the audio. Unit: mixes. Source: ours, jobs
    that start in a few per cent of their time."""
    style: Literal["paper", "scenes", "both"] = "paper"
    """paper strings sounds and excerpts of songs together. scenes are short pieces of synthetic
    music made of the sounds. both takes turns. Source: the paper, section 3.4."""
    keep_audio: bool = True
    """Whether to keep the mixes as WAV (50 hours take 32 GB at the default rate), or only their
    features. Source: ours."""
    cache_gb: NonNegative = 4
    """Greatest size of `results/cache`, where jobs share decoded and re-pitched audio. 0 keeps
    none. It changes nothing in the audio. Unit: GB. Source: ours."""
