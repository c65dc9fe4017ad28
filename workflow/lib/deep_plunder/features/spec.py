"""The settings of the features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deep_plunder.errors import ConfigError

__all__ = ["FeatureSpec"]


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """How features are computed. The defaults are the paper's (section 3.1).

    Attributes
    ----------
    sample_rate : int
        Samples a second of the mono signal that is analysed.
    n_fft, hop : int
        Length of a window and distance between two, in samples.
    mel_bands : int
        Number of mel bands.
    fmin, fmax : float
        Lowest and highest frequency of the bands, in Hz.
    short_bands : int
        0 for the paper's features; above 0 for detailed ones (`detail`), with so many bands of
        the short window.
    short_n_fft : int
        Length of the short window, in samples.

    Raises
    ------
    ConfigError
        If a value is out of its range.
    """

    sample_rate: int = 16000
    n_fft: int = 2048
    hop: int = 512
    mel_bands: int = 229
    fmin: float = 30.0
    fmax: float = 8000.0
    short_bands: int = 0
    short_n_fft: int = 512

    def __post_init__(self) -> None:
        rules = (
            (self.sample_rate >= 1, f"sample_rate: must be at least 1, got {self.sample_rate}"),
            (self.n_fft >= 2, f"n_fft: must be at least 2, got {self.n_fft}"),
            (1 <= self.hop <= self.n_fft, f"hop: must be in 1..n_fft, got {self.hop}"),
            (self.mel_bands >= 1, f"mel_bands: must be at least 1, got {self.mel_bands}"),
            (
                0 <= self.fmin < self.fmax <= self.sample_rate / 2,
                "fmin, fmax: must satisfy 0 <= fmin < fmax <= sample_rate / 2, "
                f"got {self.fmin}, {self.fmax}",
            ),
            (self.short_bands >= 0, f"short_bands: must be at least 0, got {self.short_bands}"),
            (
                not self.short_bands or self.hop <= self.short_n_fft <= self.n_fft,
                f"short_n_fft: must be in hop..n_fft, got {self.short_n_fft}",
            ),
        )
        faults = [f"features: {fault}" for holds, fault in rules if not holds]
        if faults:
            raise ConfigError(faults)

    @property
    def frame_rate(self) -> float:
        """Frames a second."""
        return self.sample_rate / self.hop

    @property
    def hop_s(self) -> float:
        """Seconds between the beginnings of two frames."""
        return self.hop / self.sample_rate

    @property
    def bands(self) -> int:
        """Numbers a frame: mel bands, or all that `detail` gives."""
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
