"""Play a tracker module in further versions: at another speed, and with some channels silent.

There are few modules, and a network learns them by heart. A version has other pitches and another
tempo, and other sounds are alone in it. Its truth is as exact as that of the module, since each
version is rendered channel by channel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deep_plunder.util.rng import chance, uniform

__all__ = ["PLAIN", "Version", "draw_version"]

SEMITONES = 4.0
"""Greatest change of pitch, up or down. Drums and basses stay in the range of real ones (ours)."""

SILENT_SHARE = 0.5
"""Probability that a channel is silent (ours)."""


@dataclass(frozen=True, slots=True)
class Version:
    """A way to play a module.

    Attributes
    ----------
    speed : float
        Factor on the tempo and on all frequencies, as of a tape.
    silent : frozenset of int
        Channels that are not heard.
    """

    speed: float = 1.0
    silent: frozenset[int] = frozenset()

    def rate(self, rate: int) -> int:
        """Return the rate to render at, so that played at another rate it has this speed.

        Parameters
        ----------
        rate : int
            The sample rate at which the samples are played, in Hz.

        Returns
        -------
        rate : int
            In Hz.

        Examples
        --------
        >>> Version(speed=2.0).rate(48000)
        24000
        """
        return round(rate / self.speed)


PLAIN = Version()
"""The module as it was written."""


def draw_version(rng: np.random.Generator, *, channels: int) -> Version:
    """Draw a version of a module.

    Parameters
    ----------
    rng : numpy.random.Generator
    channels : int
        Number of channels of the module.

    Returns
    -------
    version : Version
        Up to four semitones higher or lower. Each channel is silent with probability 0.5.

    Examples
    --------
    >>> version = draw_version(np.random.default_rng(1), channels=4)
    >>> version.speed, sorted(version.silent)
    (1.0055, [1, 3])
    """
    # Tables hold four decimals.
    speed = round(2 ** (uniform(rng, -SEMITONES, SEMITONES) / 12), 4)
    silent = frozenset(channel for channel in range(channels) if chance(rng, SILENT_SHARE))
    return Version(speed, silent)
