"""The settings of the features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
from annotated_types import Ge, Le

from deep_plunder.util.settings import NonNegative, Positive, Rule, Settings

__all__ = ["FeatureSpec"]


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

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(("fmin", "fmax"), lambda low, high: low < high, "must be below features.fmax"),
        Rule(
            ("fmax", "sample_rate"),
            lambda high, rate: high <= rate / 2,
            "must not exceed half of features.sample_rate",
        ),
        Rule(("hop", "n_fft"), lambda hop, n_fft: hop <= n_fft, "must not exceed features.n_fft"),
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
    def bands(self) -> int:
        """Numbers per frame: mel bands, or all that `detail` gives."""
        return self.mel_bands + 2 * self.short_bands + 1 if self.short_bands else self.mel_bands

    @property
    def channels(self) -> int:
        """Channels that are heard: 1, or 2 for detailed features."""
        return 2 if self.short_bands else 1

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the features: float32, or uint8 for detailed ones."""
        return np.dtype(np.uint8 if self.short_bands else "<f4")

    @property
    def lead(self) -> int:
        """Samples of the first window that lie before the signal."""
        return (self.n_fft - self.hop) // 2 if self.short_bands else 0

    def frames(self, samples: int) -> int:
        """Count the frames of a signal.

        Parameters
        ----------
        samples : int
            Length at `sample_rate`.

        Returns
        -------
        frames : int
        """
        return -(-samples // self.hop)
