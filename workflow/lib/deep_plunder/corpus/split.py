"""Divide sounds, songs and tracker modules among training, validation and test.

Protocol ``disjoint`` (the default) puts each of them into exactly one split, so that no two splits
share audio. Sounds are divided class by class. Songs with the same artist and title (one song on
two albums, or in two formats) stay together, as do all modules of an author.

Protocol ``paper`` puts all of them into all splits. The paper divides only its mixes, which share
their sounds and songs (section 3). Its test set is also its validation set (footnote 2).

The rank of an item depends only on the seed and the item's name. Test gets the lowest ranks of a
class and validation the highest. So adding or removing an item moves at most one other item across
each border within its class, and none between test and validation. The exception is a class that
becomes large enough to be divided by itself.
"""

from __future__ import annotations

import os
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from deep_plunder.corpus.library import Sound
from deep_plunder.corpus.modules import TrackerModule
from deep_plunder.corpus.onset_table import read_onsets_json
from deep_plunder.corpus.songs import Song
from deep_plunder.corpus.spec import ModuleSpec, Protocol, SplitSpec
from deep_plunder.errors import ConfigError, InputError
from deep_plunder.util.rng import generator
from deep_plunder.util.settings import default
from deep_plunder.util.tables import Words, read_records

__all__ = ["SPLITS", "Assignment", "members", "split_items", "split_modules", "split_tables"]

SPLITS = ("train", "validation", "test")
_KINDS = ("sound", "song", "module")
_UNITS = {"sound": "sounds", "song": "songs", "module": "authors of modules"}
_ALL = "all"
# One per split.
_SMALLEST = 3


@dataclass(frozen=True, slots=True)
class Assignment:
    """The split of one item.

    Attributes
    ----------
    kind : str
        ``"sound"``, ``"song"`` or ``"module"``.
    id : str
        `Sound.sound`, `Song.song` or `TrackerModule.module`.
    split : str
        One of `SPLITS`, or ``"all"`` under protocol ``paper``; `members` handles both.
    """

    kind: Annotated[str, Words(_KINDS)]
    id: str
    split: Annotated[str, Words((*SPLITS, _ALL))]


def _quotas(count: int, validation: float, test: float) -> tuple[int, int]:
    """Return the numbers of groups for validation and test, leaving at least one of `count`."""
    if count < _SMALLEST:
        return 0, 0
    quota_v = max(1, round(count * validation)) if validation else 0
    quota_t = max(1, round(count * test)) if test else 0
    while quota_v + quota_t >= count:
        quota_v, quota_t = (quota_v - 1, quota_t) if quota_v >= quota_t else (quota_v, quota_t - 1)
    return quota_v, quota_t


@dataclass(frozen=True, slots=True)
class _Divider:
    seed: int
    validation: float
    test: float

    def divide(self, kind: str, groups: Mapping[str, Sequence[str]]) -> Iterator[Assignment]:
        """Divide groups of items, keeping each group together."""
        ranks = {name: generator(self.seed, "split", kind, name).random() for name in groups}
        ranked = sorted(groups, key=lambda name: (ranks[name], name))
        quota_v, quota_t = _quotas(len(ranked), self.validation, self.test)
        for rank, name in enumerate(ranked):
            split = "train"
            if rank < quota_t:
                split = "test"
            elif rank >= len(ranked) - quota_v:
                split = "validation"
            yield from (Assignment(kind, item, split) for item in groups[name])


def _strata(sounds: Sequence[Sound]) -> list[list[str]]:
    """Return the sounds of each class, pooling the classes that are too small to divide."""
    classes: dict[str, list[str]] = defaultdict(list)
    for sound in sounds:
        classes[sound.sound_class].append(sound.sound)
    large = [names for names in classes.values() if len(names) >= _SMALLEST]
    small = [names for names in classes.values() if len(names) < _SMALLEST]
    return [*large, [name for names in small for name in names]]


def _same_songs(songs: Sequence[Song]) -> dict[str, list[str]]:
    """Group songs by artist and title; a song that lacks either is a group of its own."""
    groups: dict[str, list[str]] = defaultdict(list)
    for song in songs:
        tags = unicodedata.normalize("NFC", f"{song.artist}\t{song.title}").casefold()
        groups[tags if song.artist and song.title else song.song].append(song.song)
    return groups


def _by_author(modules: Sequence[TrackerModule]) -> dict[str, list[str]]:
    authors: dict[str, list[str]] = defaultdict(list)
    for module in modules:
        authors[module.author].append(module.module)
    return authors


def split_items(
    sounds: Sequence[Sound],
    songs: Sequence[Song],
    modules: Sequence[TrackerModule] = (),
    *,
    seed: int,
    validation: float = default(SplitSpec, "validation"),
    test: float = default(SplitSpec, "test"),
    protocol: Protocol = default(SplitSpec, "protocol"),
    module_shares: tuple[float, float] = (
        default(ModuleSpec, "validation"),
        default(ModuleSpec, "test"),
    ),
) -> list[Assignment]:
    """Assign every sound, song and module to a split.

    Parameters
    ----------
    sounds : sequence of Sound
    songs : sequence of Song
    modules : sequence of TrackerModule
        Further versions of a module go where the module goes.
    seed : int
    validation, test : float
        Shares, together below 1. Each class of three or more sounds has at least one in each
        split whose share is above 0. The sounds of smaller classes are divided as one class.
        Defaults: ours, since the paper has no disjoint splits.
    protocol : {"disjoint", "paper"}
    module_shares : pair of float
        Shares of the modules' authors that go to validation and to test.

    Returns
    -------
    assignments : list of Assignment
        Sounds, songs, then modules, each sorted by id. The result does not depend on the order of
        the arguments.

    Raises
    ------
    ConfigError
        If a share is negative or the shares leave nothing for training.
    InputError
        If there are too few sounds, songs or authors for one in each split.

    Examples
    --------
    >>> names = [f"{number}.wav" for number in range(10)]
    >>> sounds = [Sound(name, "kick", name, 1.0, 44100, 1, 0.0, 0.9) for name in names]
    >>> songs = [
    ...     Song(name, name, "", "", 90.0, 44100, 2, 1411.2, "list.txt", 1) for name in names
    ... ]
    >>> assignments = split_items(sounds, songs, seed=1)
    >>> len(assignments), len(members(assignments, kind="song", split="train"))
    (20, 8)
    """
    if not (validation >= 0 and test >= 0 and validation + test < 1):
        shares = f"got validation={validation}, test={test}"
        raise ConfigError([f"split: shares must be at least 0 and together below 1, {shares}"])
    modules = [module for module in modules if module.version == 1]
    if protocol == "paper":
        assignments = [Assignment("sound", sound.sound, _ALL) for sound in sounds]
        assignments += [Assignment("song", song.song, _ALL) for song in songs]
        assignments += [Assignment("module", module.module, _ALL) for module in modules]
    else:
        divider = _Divider(seed, validation, test)
        assignments = list(divider.divide("song", _same_songs(songs)))
        for names in _strata(sounds):
            assignments += divider.divide("sound", {name: [name] for name in names})
        module_divider = _Divider(seed, *module_shares)
        assignments += module_divider.divide("module", _by_author(modules))
    assignments.sort(key=lambda item: (_KINDS.index(item.kind), item.id))
    needed = [split for split, share in zip(SPLITS, (1, validation, test), strict=True) if share]
    for kind in {item.kind for item in assignments}:
        lacking = [split for split in needed if not members(assignments, kind=kind, split=split)]
        if lacking:
            authors = len(_by_author(modules))
            count = {"sound": len(sounds), "song": len(songs), "module": authors}[kind]
            raise InputError(
                f"split: no {kind} is left for {' and '.join(lacking)}: disjoint splits need "
                f"{_SMALLEST} different {_UNITS[kind]} at least, got {count}; bring more "
                "(rejected.tsv says why others were rejected), or set split.protocol to paper"
            )
    return assignments


def members(assignments: Iterable[Assignment], *, kind: str, split: str) -> list[str]:
    """Return the items that a split may use.

    Parameters
    ----------
    assignments : iterable of Assignment
    kind : str
        ``"sound"``, ``"song"`` or ``"module"``.
    split : str
        One of `SPLITS`.

    Returns
    -------
    ids : list of str
        In the order of `assignments`.

    Raises
    ------
    ValueError
        If `kind` or `split` is none of these.

    Examples
    --------
    >>> members([Assignment("song", "Tide", "test")], kind="song", split="test")
    ['Tide']
    """
    if kind not in _KINDS or split not in SPLITS:
        raise ValueError(f"kind must be one of {_KINDS} and split of {SPLITS}: {kind!r}, {split!r}")
    return [item.id for item in assignments if item.kind == kind and item.split in (split, _ALL)]


def split_tables(
    splits: str | os.PathLike[str],
    sounds: str | os.PathLike[str],
    songs: str | os.PathLike[str],
    *,
    onsets: str | os.PathLike[str],
    split: str,
) -> tuple[list[Sound], list[Song]]:
    """Read the sounds and songs that a split may use.

    Parameters
    ----------
    splits, sounds, songs : path-like
        Tables of `Assignment`, `Sound` and `Song`.
    onsets : path-like
        Onsets and offsets of the sounds; see `deep_plunder.corpus.onset_table`.
    split : str
        One of `SPLITS`.

    Returns
    -------
    sounds : list of Sound
    songs : list of Song
        Both in the order of their tables.

    Raises
    ------
    InputError
        If a table or `onsets` cannot be read.
    ConfigError
        If entries of `onsets` break rules.

    Examples
    --------
    >>> from deep_plunder.corpus.onset_table import write_onsets_json
    >>> from deep_plunder.util.tables import write_records
    >>> write_records("splits.tsv", Assignment, [Assignment("sound", "a.wav", "train")])
    >>> sound = Sound("a.wav", "kick", "a.wav", 1.0, 44100, 1, 0.0, 0.9)
    >>> write_records("sounds.tsv", Sound, [sound])
    >>> write_records("songs.tsv", Song, [])
    >>> write_onsets_json("onsets.json", [sound])
    >>> tables = ("splits.tsv", "sounds.tsv", "songs.tsv")
    >>> split_tables(*tables, onsets="onsets.json", split="train") == ([sound], [])
    True
    """
    assignments = read_records(splits, Assignment)
    library = read_onsets_json(onsets, read_records(sounds, Sound))
    own_sounds = set(members(assignments, kind="sound", split=split))
    own_songs = set(members(assignments, kind="song", split=split))
    return (
        [sound for sound in library if sound.sound in own_sounds],
        [song for song in read_records(songs, Song) if song.song in own_songs],
    )


def split_modules(
    splits: str | os.PathLike[str], modules: str | os.PathLike[str], *, split: str
) -> list[TrackerModule]:
    """Read the tracker modules that a split may use.

    Parameters
    ----------
    splits, modules : path-like
        Tables of `Assignment` and `TrackerModule`.
    split : str
        One of `SPLITS`.

    Returns
    -------
    modules : list of TrackerModule
        In the order of their table. Further versions of a module are for training alone.

    Raises
    ------
    InputError
        If a table cannot be read.

    Examples
    --------
    >>> from deep_plunder.util.tables import write_records
    >>> write_records("splits.tsv", Assignment, [])
    >>> write_records("modules.tsv", TrackerModule, [])
    >>> split_modules("splits.tsv", "modules.tsv", split="train")
    []
    """
    own = set(members(read_records(splits, Assignment), kind="module", split=split))
    rows = read_records(modules, TrackerModule)
    return [row for row in rows if row.plain in own and (row.version == 1 or split == "train")]
