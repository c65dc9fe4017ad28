"""The settings of the mixes: the section ``mixes`` of the configuration."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Gt, Le

from deep_plunder.mixes.styles import STYLES
from deep_plunder.util.bounds import ASCENDING, Fraction, Must, NonNegative, Positive
from deep_plunder.util.settings import Rule, Settings

__all__ = ["MixCounts", "MixSetSpec", "MixSpec"]

_Semitones = Annotated[int, Ge(-24), Le(24)]
_Gain = Annotated[float, Ge(-60), Le(24)]
_Fade = Annotated[float, Ge(0), Le(60)]
_Overlap = Annotated[float, Ge(-60), Le(60)]
_Excerpt = Annotated[float, Gt(0), Le(600)]
_Count = Annotated[int, Ge(1), Le(1_000_000)]


def _is_style(style: object) -> bool:
    """Return whether a value names a style, or holds weights of several."""
    if not isinstance(style, Mapping):
        return style in STYLES
    numbers = [*style.values()]
    return (
        all(name in STYLES for name in style)
        and all(type(number) in (int, float) and 0 <= number < math.inf for number in numbers)
        and sum(numbers) > 0
    )


_Style = Annotated[
    Literal["paper", "scenes", "struck", "modules"] | dict[str, float],
    Must(
        _is_style,
        f"must be one of {', '.join(STYLES)}, or hold weights of these, not all 0",
        whole=True,
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class MixSpec(Settings):
    """The sound of the mixes: the keys of the section ``mixes`` that affect the audio.

    `MixSetSpec` adds the number of mixes and their division into shards, which do not affect any
    single mix. A range is a pair of a lowest and a highest value; values are drawn uniformly.
    """

    section: ClassVar[str] = "mixes"

    duration_s: Annotated[float, Ge(0.5), Le(3600)] = 60
    """Length of a mix. Unit: s. Source: the paper, section 3.4."""
    sample_rate: Annotated[int, Ge(8000), Le(192_000)] = 44100
    """Sample rate of a mix. Unit: Hz. Source: the paper, section 3.4."""
    sound_probability: Fraction = 0.5
    """Probability that the next event of a mix is a sound and not a song excerpt. Unit:
    probability. Source: ours, the paper does not say."""
    overlap_s: Annotated[tuple[_Overlap, _Overlap], ASCENDING] = (0, 0)
    """Least and greatest time by which an event overlaps the event before it, at most half of
    either. A negative value is a gap. Unit: s. Source: the paper, section 3.4."""
    rebalance_cap: Annotated[float, Ge(1)] = 30
    """Greatest factor by which a sound of a rare class is drawn more often than a sound of the
    commonest class. No class as a whole is drawn more often than the commonest. Unit: times.
    Source: the paper, section 3.4."""
    semitones: Annotated[tuple[_Semitones, _Semitones], ASCENDING] = (-3, 3)
    """Least and greatest change of a sound's pitch. Unit: semitones. Source: the paper, section
    3.4."""
    pitch_method: Literal["phase_vocoder", "resample"] = "phase_vocoder"
    """Method of changing the pitch of a sound. phase_vocoder keeps its length, resample plays it
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
    """Length above which a sound is cut and faded out. Unit: s. Source: the paper, section 3.4."""
    long_sound_cut_s: Annotated[tuple[Positive, Positive], ASCENDING] = (1, 4)
    """Least and greatest length to which a long sound is cut. Unit: s. Source: ours, the paper
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
    """The number of mixes in each split."""

    section: ClassVar[str] = "mixes.count"

    train: _Count = 2826
    """Number of mixes for training. Unit: mixes. Source: the paper, section 3.4."""
    validation: _Count = 174
    """Number of mixes on which training chooses the best weights. Unit: mixes. Source: as many as
    in the paper's test set."""
    test: _Count = 174
    """Number of mixes for evaluation. Unit: mixes. Source: the paper, section 3.4."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MixSetSpec(MixSpec):
    """The whole section ``mixes``: the sound of the mixes, their number and their storage."""

    count: MixCounts = field(default_factory=MixCounts)
    per_shard: Annotated[int, Ge(1), Le(9999)] = 200
    """Number of mixes per job. It does not affect the audio. Unit: mixes. Source: ours, a job
    spends only a few per cent of its time on starting."""
    style: _Style = "paper"
    """Style of the mixes. paper strings sounds and excerpts of songs together. scenes composes
    short pieces of synthetic music from the sounds. struck strikes one sound or several in turn.
    modules takes parts of tracker modules (`modules.folders`). Weights such as {scenes: 0.4,
    modules: 0.6} use several side by side. Source: the paper, section 3.4."""
    keep_audio: bool = True
    """Whether to keep the mixes as WAV files, or only their features. 50 hours take 32 GB at the
    default rate. Source: ours."""
    cache_gb: NonNegative = 4
    """Greatest size of `results/cache`, where jobs share decoded and re-pitched audio. 0 stores
    none. It does not affect the audio. Unit: GB. Source: ours."""
