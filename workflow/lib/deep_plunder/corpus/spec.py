"""The settings of the corpus: ``library``, ``songs``, ``modules``, ``choices`` and ``split``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Gt, Le, Len, Lt

from deep_plunder.util.bounds import Must, NonNegative, Positive, Text
from deep_plunder.util.settings import Rule, Settings

__all__ = [
    "ChoiceSpec",
    "LibrarySpec",
    "ModuleSpec",
    "OffsetMethod",
    "Protocol",
    "SongSpec",
    "SplitSpec",
]

OffsetMethod = Literal["decay", "flip"]
Protocol = Literal["disjoint", "paper"]

_Share = Annotated[float, Gt(0), Lt(1)]
_Mapped = Annotated[
    str,
    Must(
        lambda text: re.search("^.+=.+$", text) is not None,
        "must have the form OLD=NEW",
        {"pattern": "^.+=.+$"},
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class LibrarySpec(Settings):
    """The library of sounds."""

    section: ClassVar[str] = "library"

    path: Text
    """Folder of one-shot recordings, with one folder for each class."""
    classes: Text | None = None
    """Table of classes (TSV with the columns file and class) that replaces the folders. Source:
    ours."""
    offset_method: OffsetMethod = "decay"
    """Method that finds the onset and offset of a sound. flip is the paper's. decay also handles
    long tails. Source: ours; the paper's is flip (Figure 1)."""
    onsets: Text | None = None
    """Edited copy of results/library/onsets.json (JSON), read in its place. Sounds that it leaves
    out keep their measured onset and offset. Source: ours."""
    max_duration_s: Positive = 60
    """Longer recordings are rejected, since they are not one-shots. Unit: s. Source: ours."""
    keep_loops: bool = False
    """Whether to keep recordings of several strong attacks. Otherwise they are rejected as loops.
    Source: ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SongSpec(Settings):
    """The songs, and the bounds that they must keep."""

    section: ClassVar[str] = "songs"

    sources: Annotated[tuple[Text, ...], Len(1)]
    """Playlist exports (text, Library.xml, M3U) and folders of audio."""
    path_map: tuple[_Mapped, ...] = ()
    """Entries OLD=NEW: a location that begins with OLD is looked up at NEW instead. For playlists
    written on another machine. Source: ours."""
    min_duration_s: Positive = 60
    """Shorter songs are rejected. Unit: s. Source: the paper, section 3.3."""
    max_duration_s: Positive = 360
    """Longer songs are rejected. Unit: s. Source: the paper, section 3.3."""
    min_bit_rate_kbps: NonNegative = 200
    """Songs at this bit rate or below are rejected. 0 accepts all. Unit: kbit/s. Source: the paper,
    section 3.3."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            ("min_duration_s", "max_duration_s"),
            lambda low, high: low <= high,
            "must not exceed songs.max_duration_s",
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleSpec(Settings):
    """The tracker modules, which mixes and benches are made of.

    Source: ours, the paper has no modules.
    """

    section: ClassVar[str] = "modules"

    folders: tuple[Text, ...] = ()
    """Folders of tracker modules, subfolders included. Only mixes in the style modules, and the
    benches `results/modules/validation` and `results/modules/test`, need them."""
    validation: _Share = 0.1
    """Share of the authors whose modules go to validation. Unit: share."""
    test: _Share = 0.1
    """Share of the authors whose modules go to the test set. Unit: share."""
    versions: Annotated[int, Ge(1), Le(99)] = 1
    """Number of versions of each module for training, the module itself included. Each other
    version has another speed, up to four semitones higher or lower, and each of its channels is
    silent with probability 0.5."""
    shards: Annotated[int, Ge(1), Le(9999)] = 8
    """Number of jobs that render the modules channel by channel. It affects no result. Unit:
    jobs."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            ("validation", "test"),
            lambda validation, test: validation + test < 1,
            "together with modules.test must leave something to train on",
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceSpec(Settings):
    """The clips that a listener accepted and rejected, from which models learn.

    Source: ours, the paper has no choices.
    """

    section: ClassVar[str] = "choices"

    files: tuple[Text, ...] = ()
    """Files of choices that the gallery wrote. Choices about songs of validation or test, and about
    songs that have changed or are gone, are not used."""
    use: Literal["training", "calibration"] = "training"
    """The stage that learns from the choices. With training, every model also trains on them:
    accepted clips are positives, rejected ones hard negatives. With calibration, networks stay as
    they are, and the calibration of scores is also fitted to the choices. One stage only: a model
    would score the clips that it was trained on too well."""
    share: Annotated[float, Gt(0), Lt(1)] = 0.1
    """Share of parts with choices among the items of a training, beside the mixes. Unit: share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitSpec(Settings):
    """The division of sounds and songs into training, validation and test."""

    section: ClassVar[str] = "split"

    protocol: Protocol = "disjoint"
    """disjoint keeps every sound and song in one split. paper uses all sounds and songs in every
    split, and validates on the test mixes. Source: ours; the paper's is paper (footnote 2)."""
    validation: _Share = 0.1
    """Share of the songs, and of the sounds of each class, that goes to validation. Unit: share.
    Source: ours."""
    test: _Share = 0.1
    """Share of the songs, and of the sounds of each class, that goes to the test set. Unit:
    share. Source: ours."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            ("validation", "test"),
            lambda validation, test: validation + test < 1,
            "together with split.test must leave something to train on",
        ),
    )
