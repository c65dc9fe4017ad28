"""Endless queues of sounds and of songs that any mix can enter anywhere.

A queue is a series of cycles. Each cycle holds every item in a new random order.
``queue[position]`` computes the item at any position directly, so that a mix can be planned
without the mixes before it.

Deviations from the paper: eight threads share its queues (section 3.4.1), so that a draw depends
on the speed of the threads. Here it depends only on the seed and the position. Rebalancing
(section 3.4.2) is exact within each cycle, not only on average.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from deep_plunder.errors import InputError
from deep_plunder.util.rng import generator

__all__ = ["SongQueue", "SoundQueue", "class_turns"]


def class_turns(sizes: Mapping[str, int], *, cap: float = 30) -> dict[str, int]:
    """Compute the number of turns that each class has in one cycle of the sound queue.

    Parameters
    ----------
    sizes : mapping of str to int
        Number of sounds in each class.
    cap : float, at least 1
        Greatest ratio of turns to sounds in a rare class. A sound of a rare class is drawn at most
        this many times as often as a sound of the commonest class. Source of the default 30: the
        paper, section 3.4.2.

    Returns
    -------
    turns : dict of str to int
        ``min(floor(cap * size), largest size)`` per class. This is at least the size of the class,
        and at most the size of the commonest class.

    Raises
    ------
    InputError
        If `cap` is below 1.

    Examples
    --------
    >>> class_turns({"kick": 50, "cowbell": 2}, cap=10)
    {'kick': 50, 'cowbell': 20}
    """
    if not cap >= 1:
        raise InputError(f"rebalance_cap: must be at least 1, got {cap}")
    largest = max(sizes.values(), default=0)
    return {name: int(min(cap * size, largest)) for name, size in sizes.items()}


class _Queue:
    """An endless series of cycles; the number of a cycle determines its order."""

    def __init__(self, length: int, seed: int, *names: str) -> None:
        self._length = length
        self._seed = seed
        self._names = names
        self._orders: dict[int, npt.NDArray[np.int64]] = {}

    def __len__(self) -> int:
        """Return the number of positions in a cycle."""
        return self._length

    def _locate(self, position: int) -> tuple[int, int]:
        if position < 0:
            raise IndexError(f"a queue starts at position 0, got {position}")
        cycle, turn = divmod(position, self._length)
        if cycle not in self._orders:
            # A mix that is shorter than a cycle needs at most two.
            if len(self._orders) >= 4:
                del self._orders[next(iter(self._orders))]
            order = generator(self._seed, "queue", *self._names, cycle).permutation(self._length)
            self._orders[cycle] = order
        return cycle, int(self._orders[cycle][turn])


class SongQueue(_Queue):
    """A queue of songs: every song once per cycle.

    Parameters
    ----------
    ids : iterable of str
        The songs. Their order does not affect the queue.
    seed : int
        The seed of the configuration.
    split : str
        ``"train"``, ``"validation"`` or ``"test"``. Each split has orders of its own.

    Raises
    ------
    InputError
        If there is no song.
    """

    def __init__(self, ids: Iterable[str], seed: int, split: str) -> None:
        self._ids = sorted(ids)
        if not self._ids:
            raise InputError(f"split {split}: needs at least one song, has none")
        super().__init__(len(self._ids), seed, "song", split)

    def __getitem__(self, position: int) -> str:
        """Return the song at a position of 0 or above; there is no upper limit."""
        return self._ids[self._locate(position)[1]]


class SoundQueue(_Queue):
    """A queue of sounds in which rare classes come more often.

    A cycle holds ``turns[k]`` sounds of each class k (see `class_turns`), shuffled together. Each
    class goes through its sounds in one fixed random order, again and again, and continues in
    the next cycle where it stopped. The counts of two sounds of a class therefore differ by at
    most one in a cycle, and even out over many cycles.

    Parameters
    ----------
    ids : iterable of str
        The sounds. Their order does not affect the queue.
    classes : iterable of str
        The class of each sound, in the order of `ids`.
    seed : int
        The seed of the configuration.
    split : str
        ``"train"``, ``"validation"`` or ``"test"``. Each split has orders of its own.
    cap : float, at least 1
        See `class_turns`.

    Attributes
    ----------
    turns : dict of str to int
        Number of turns of each class in a cycle.

    Raises
    ------
    InputError
        If there is no sound, or `cap` is below 1.
    """

    def __init__(
        self, ids: Iterable[str], classes: Iterable[str], seed: int, split: str, cap: float = 30
    ) -> None:
        members = defaultdict(list)
        for sound, sound_class in sorted(zip(ids, classes, strict=True)):
            members[sound_class].append(sound)
        if not members:
            raise InputError(f"split {split}: needs at least one sound, has none")
        self.turns = class_turns({name: len(sounds) for name, sounds in members.items()}, cap=cap)
        self._members: list[list[str]] = []
        for name, sounds in members.items():
            order = generator(seed, "queue", "class", split, name).permutation(len(sounds))
            self._members.append([sounds[i] for i in order])
        self._turns = list(self.turns.values())
        self._class_of = np.repeat(np.arange(len(self._turns)), self._turns)
        self._turn_of = np.concatenate([np.arange(count) for count in self._turns])
        super().__init__(len(self._class_of), seed, "sound", split)

    def __getitem__(self, position: int) -> str:
        """Return the sound at a position of 0 or above; there is no upper limit."""
        cycle, slot = self._locate(position)
        number = int(self._class_of[slot])
        sounds = self._members[number]
        return sounds[(cycle * self._turns[number] + int(self._turn_of[slot])) % len(sounds)]
