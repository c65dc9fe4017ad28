"""Endless queues of sounds and of songs that any mix can enter anywhere.

A queue gives every item its turn once a cycle, in an order drawn afresh for each cycle, and
answers ``queue[position]`` for any position without walking there: a mix needs no other mix.

Deviation from the paper (section 3.4.1): its queues are shared by eight threads, so that what
a thread draws depends on its speed; here it depends on the seed and the position alone.
Rebalancing (section 3.4.2) is exact within each cycle rather than on average.
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
    """Count the turns that each class gets in one cycle of the sound queue.

    Parameters
    ----------
    sizes : mapping of str to int
        Number of sounds in each class.
    cap : float, at least 1
        A sound of a rare class is drawn at most this many times as often as one of the
        commonest. Default 30: section 3.4.2.

    Returns
    -------
    turns : dict of str to int
        ``min(floor(cap * size), largest size)``: at least the size of the class, never
        more than the commonest class gets.

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
    """One cycle after another, each a shuffle that its own number determines."""

    def __init__(self, length: int, seed: int, *names: str) -> None:
        self._length = length
        self._seed = seed
        self._names = names
        self._orders: dict[int, npt.NDArray[np.int64]] = {}

    def __len__(self) -> int:
        """Count the positions of a cycle."""
        return self._length

    def _locate(self, position: int) -> tuple[int, int]:
        if position < 0:
            raise IndexError(f"a queue starts at position 0, got {position}")
        cycle, turn = divmod(position, self._length)
        if cycle not in self._orders:
            # A mix touches two cycles at most where a cycle is longer than a mix.
            if len(self._orders) >= 4:
                del self._orders[next(iter(self._orders))]
            order = generator(self._seed, "queue", *self._names, cycle).permutation(self._length)
            self._orders[cycle] = order
        return cycle, int(self._orders[cycle][turn])


class SongQueue(_Queue):
    """Songs in turn: every song once a cycle.

    Parameters
    ----------
    ids : iterable of str
        The songs, in any order: the queue does not depend on it.
    seed : int
        The seed of the configuration.
    split : str
        ``"train"``, ``"validation"`` or ``"test"``: each has its own orders.

    Raises
    ------
    InputError
        If there is no song.
    """

    def __init__(self, ids: Iterable[str], seed: int, split: str) -> None:
        self._ids = sorted(ids)
        if not self._ids:
            raise InputError(f"split {split}: no song to draw from, at least one is needed")
        super().__init__(len(self._ids), seed, "song", split)

    def __getitem__(self, position: int) -> str:
        """Return the song at a position, 0 or more, without limit."""
        return self._ids[self._locate(position)[1]]


class SoundQueue(_Queue):
    """Sounds in turn, rare classes more often.

    A cycle holds ``turns[k]`` sounds of each class k (see `class_turns`), shuffled together.
    They are taken from the class's own queue, which goes round in one fixed random order: in
    each cycle every sound of a class is heard equally often, or once more than the others,
    and whose turn that is goes round too.

    Parameters
    ----------
    ids : iterable of str
        The sounds, in any order: the queue does not depend on it.
    classes : iterable of str
        The class of each sound, in the order of `ids`.
    seed : int
        The seed of the configuration.
    split : str
        ``"train"``, ``"validation"`` or ``"test"``: each has its own orders.
    cap : float, at least 1
        See `class_turns`.

    Attributes
    ----------
    turns : dict of str to int
        Turns of each class in a cycle.

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
            raise InputError(f"split {split}: no sound to draw from, at least one is needed")
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
        """Return the sound at a position, 0 or more, without limit."""
        cycle, slot = self._locate(position)
        number = int(self._class_of[slot])
        sounds = self._members[number]
        return sounds[(cycle * self._turns[number] + int(self._turn_of[slot])) % len(sounds)]
