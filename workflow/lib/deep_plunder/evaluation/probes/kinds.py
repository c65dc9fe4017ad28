"""The probes: numbers of sounds, their distances, and the noise over them."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CHANGES", "HISS", "KINDS", "ROOM", "Change", "Kind", "Noise"]


@dataclass(frozen=True, slots=True)
class Noise:
    """A noise with a spectrum that falls with frequency, in a band.

    Attributes
    ----------
    level_db : float
        Root mean square in dB of full scale.
    low_hz, high_hz : float
        Edges of the band.
    slope_db : float
        Change of power density per octave.
    is_wide : bool
        Whether the two channels have unrelated noises.
    """

    level_db: float
    low_hz: float
    high_hz: float
    slope_db: float = 0.0
    is_wide: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A probe.

    Attributes
    ----------
    sounds : (int, int)
        Fewest and most sounds of an event. Several are of different classes.
    delays_s : (float, float)
        Range of the delay of each further sound behind the first, in seconds.
    gap_s : float
        Silence between two events, in seconds.
    length_s : float
        Length at which a sound is cut, in seconds.
    noise : Noise or None
        Noise over the whole recording.
    wanted : bool
        Whether the events should have a clip.
    bar : float
        Share of events with a clip, in per cent, that a good finder has at least, or at most
        where clips are not wanted.
    """

    sounds: tuple[int, int] = (1, 1)
    delays_s: tuple[float, float] = (0.0, 0.0)
    gap_s: float = 0.5
    length_s: float = 1.5
    noise: Noise | None = None
    wanted: bool = True
    bar: float = 90.0


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a song.

    Attributes
    ----------
    wanted : bool
        Whether the song should give the same clips, or else none of them.
    bar : float
        Share of the same clips, in per cent, that a good finder has at least, or at most.
    """

    wanted: bool = True
    bar: float = 95.0


ROOM = Noise(-55, 20, 20_000, slope_db=-3, is_wide=True)
_HUM = Noise(-50, 45, 65)
HISS = Noise(-22, 9_500, 16_000)

KINDS: dict[str, Kind] = {
    "alone": Kind(),
    "chopped": Kind(gap_s=0.0, length_s=0.25, bar=82),
    "room": Kind(noise=ROOM),
    "hum": Kind(noise=_HUM, bar=85),
    "pair": Kind(sounds=(2, 2), wanted=False, bar=50),
    "loose": Kind(sounds=(2, 2), delays_s=(0.008, 0.020), wanted=False, bar=55),
    "tutti": Kind(sounds=(3, 5), delays_s=(0.0, 0.010), wanted=False, bar=15),
    "hiss": Kind(noise=HISS, wanted=False, bar=10),
}
"""The probes by name. Each probe of single sounds plays the same sounds."""

CHANGES: dict[str, Change] = {
    "offset": Change(),
    "polarity": Change(),
    "quiet": Change(),
    "48 kHz": Change(),
    "shifted": Change(),
    "mp3": Change(bar=90),
    "under hiss": Change(wanted=False, bar=10),
}
"""The changes of songs by name (`evaluation.probes.variants`)."""
