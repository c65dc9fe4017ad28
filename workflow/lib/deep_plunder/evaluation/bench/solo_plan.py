"""Plan where solo phrases are laid into recorded songs: each once into a pause and once over one.

A recorded band hardly ever pauses, so a pause is made: the song stops and goes on after the phrase.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deep_plunder.util.rng import generator, uniform
from deep_plunder.util.tables import Seconds

__all__ = ["OVER", "PAUSE", "LaidPhrase", "plan_solos"]

PAUSE, OVER = "pause", "over"
"""Places of a phrase."""

_LEVEL_DB = 6.0


@dataclass(frozen=True, slots=True)
class LaidPhrase:
    """A phrase that is laid into a song.

    Attributes
    ----------
    song, phrase : str
        Names of both.
    place : {"pause", "over"}
        Whether the song pauses for it, or goes on beneath it.
    at_s : float
        Time in the recording of the song, without pauses: where the song stops, or where the phrase
        begins, in seconds.
    level_db : float
        Mean power of the phrase, over that of the song, in dB.
    """

    song: str
    phrase: str
    place: str
    at_s: Seconds
    level_db: float


def plan_solos(
    songs: Mapping[str, float], phrases: Mapping[str, float], *, seed: int
) -> list[LaidPhrase]:
    """Draw the song, time and level of each phrase.

    Parameters
    ----------
    songs, phrases : mapping of str to float
        The length of each by its name, in seconds.
    seed : int
        The seed of the configuration.

    Returns
    -------
    plan : list of LaidPhrase
        By song and time. A phrase that is too long to lie over its song lies only in a pause.

    Examples
    --------
    >>> plan = plan_solos({"a": 60.0, "b": 60.0}, {"flute": 5.0}, seed=1)
    >>> sorted((laid.phrase, laid.place) for laid in plan)
    [('flute', 'over'), ('flute', 'pause')]
    """
    rng = generator(seed, "solos")
    names, given = sorted(songs), sorted(phrases)
    dealt: dict[str, list[tuple[str, str]]] = {name: [] for name in names}
    for k, number in enumerate(rng.permutation(len(given)).tolist()):
        dealt[names[k % len(names)]].append((given[number], PAUSE))
        # Over another song than it pauses, where there are several.
        dealt[names[(k + 1) % len(names)]].append((given[number], OVER))
    plan: list[LaidPhrase] = []
    for name, items in dealt.items():
        slot = songs[name] / max(1, len(items))
        for k, number in enumerate(rng.permutation(len(items)).tolist()):
            phrase, place = items[number]
            spare = slot - (phrases[phrase] if place == OVER else 0.0)
            at_s = slot * k + uniform(rng, 0, max(0.0, spare))
            level_db = uniform(rng, -_LEVEL_DB, _LEVEL_DB)
            if spare >= 0:
                plan.append(LaidPhrase(name, phrase, place, round(at_s, 3), round(level_db, 2)))
    return plan
