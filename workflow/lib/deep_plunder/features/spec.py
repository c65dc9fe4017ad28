"""The settings of the features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
from annotated_types import Ge, Le

from deep_plunder.util.bounds import NonNegative, Positive
from deep_plunder.util.settings import Rule, Settings

__all__ = ["FINE_RATES", "FeatureSpec"]

FINE_RATES = (44_100, 48_000)
"""Rates at which fine features are computed, in Hz."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureSpec(Settings):
    """How features are computed: the section ``features`` of the configuration."""

    section: ClassVar[str] = "features"

    sample_rate: Annotated[int, Ge(4000), Le(192_000)] = 16000
    """Sample rate of the signal that is analysed. Unit: Hz. Source: the paper, section 3.1."""
    n_fft: Annotated[int, Ge(64), Le(65536)] = 2048
    """Length of an analysis window. Unit: samples. Source: the paper, section 3.1."""
    hop: Annotated[int, Ge(16), Le(65536)] = 512
    """Step from frame to frame (32 ms at 16 kHz). Unit: samples. Source: the paper, section 3.1."""
    mel_bands: Annotated[int, Ge(1), Le(1024)] = 229
    """Mel bands of a frame. Unit: bands. Source: the paper, section 3.1."""
    fmin: NonNegative = 30
    """Lower edge of the lowest band. Unit: Hz. Source: the paper, section 3.1."""
    fmax: Positive = 8000
    """Upper edge of the highest band. Unit: Hz. Source: the paper, section 3.1."""
    short_bands: Annotated[int, Ge(0), Le(512)] = 0
    """Number of mel bands of the short window. The same number describes the sound outside the
    main stereo direction. 0 switches both off. Unit: bands. Source: ours, the paper has one
    window and one channel."""
    short_n_fft: Annotated[int, Ge(64), Le(65536)] = 512
    """Length of the short window. Unit: samples. Source: ours."""
    short_steps: Annotated[int, Ge(1), Le(8)] = 1
    """Short windows per frame. Above 1, features are fine: they reach up to 20 kHz, leave low
    frequencies out, and are computed at the recording's own rate of 44.1 or 48 kHz. They need a
    `features.sample_rate` of 48000, which then only defines the unit of lengths in samples. Unit:
    windows. Source: ours."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(("fmin", "fmax"), lambda low, high: low < high, "must be below features.fmax"),
        Rule(
            ("fmax", "sample_rate"),
            lambda high, rate: high <= rate / 2,
            "must not exceed half of features.sample_rate",
        ),
        Rule(("hop", "n_fft"), lambda hop, n_fft: hop <= n_fft, "must not exceed features.n_fft"),
        Rule(
            ("short_steps", "short_bands", "sample_rate"),
            lambda steps, bands, rate: steps == 1 or (bands > 0 and rate == FINE_RATES[1]),
            "must be 1 unless features.short_bands is above 0 and features.sample_rate 48000",
        ),
        Rule(
            ("short_steps", "fmax"),
            lambda steps, high: steps == 1 or high <= FINE_RATES[0] / 2,
            "must be 1 unless features.fmax is at most 22050",
        ),
        Rule(
            ("hop", "short_n_fft", "n_fft", "short_bands"),
            lambda hop, short, long, bands: not bands or hop <= short <= long,
            "must with features.short_bands not exceed features.short_n_fft, nor that "
            "features.n_fft",
        ),
    )

    @property
    def frame_rate(self) -> float:
        """Frames per second."""
        return self.sample_rate / self.hop

    @property
    def hop_s(self) -> float:
        """Seconds between the beginnings of two frames."""
        return self.hop / self.sample_rate

    @property
    def is_fine(self) -> bool:
        """Whether features are those of `features.fine`."""
        return self.short_steps > 1

    @property
    def levels(self) -> int:
        """Levels per frame: all numbers except the direction of detailed features."""
        return self.mel_bands + (self.short_steps + 1) * self.short_bands

    @property
    def bands(self) -> int:
        """Numbers per frame: levels, and the direction of detailed features."""
        return self.levels + (self.short_bands > 0 and not self.is_fine)

    @property
    def channels(self) -> int:
        """Channels that are heard: 1, or 2 with a short window."""
        return 2 if self.short_bands else 1

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the features: float32, or uint8 with a short window."""
        return np.dtype(np.uint8 if self.short_bands else "<f4")

    def analysis_rate(self, rate: int) -> int:
        """Return the rate at which a recording is analysed.

        Parameters
        ----------
        rate : int
            The recording's samples per second.

        Returns
        -------
        rate : int
            `sample_rate`; for fine features 48,000 if `rate` is a multiple of 8,000, else 44,100.
        """
        if not self.is_fine:
            return self.sample_rate
        return FINE_RATES[1] if rate % 8000 == 0 else FINE_RATES[0]

    def lead(self, rate: int) -> int:
        """Return the zeros that precede the signal, for its first windows.

        Parameters
        ----------
        rate : int
            An `analysis_rate`.

        Returns
        -------
        samples : int
        """
        if not self.short_bands:
            return 0
        if self.is_fine:
            return self.n_fft * rate // self.sample_rate
        return (self.n_fft - self.hop) // 2

    def frames(self, samples: int, rate: int | None = None) -> int:
        """Count the frames of a signal.

        Parameters
        ----------
        samples : int
            Length of the signal.
        rate : int, optional
            Its samples per second. The default is `sample_rate`.

        Returns
        -------
        frames : int
        """
        return -(-samples * self.sample_rate // (self.hop * (rate or self.sample_rate)))
