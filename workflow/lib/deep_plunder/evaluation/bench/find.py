"""Find regions in the songs of a bench.

A finder is a trained model or a baseline: it returns regions with scores. The regions of a song
become a table of `FoundClip`. One song is in memory at a time.
"""

from __future__ import annotations

import dataclasses
import logging
import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from deep_plunder.decoding.clip import Clip
from deep_plunder.evaluation.bench.layout import songs_of
from deep_plunder.util.files import atomic_directory
from deep_plunder.util.tables import Seconds, write_records

__all__ = ["Finder", "FoundClip", "find_all"]

_log = logging.getLogger(__name__)

Finder = Callable[[Path], Sequence[Clip]]


@dataclasses.dataclass(frozen=True, slots=True)
class FoundClip:
    """A region that was found: a row of ``regions/NAME.tsv`` of a finder.

    Attributes
    ----------
    onset_s, offset_s : float
        Where it begins and ends, in seconds.
    score : float
        What it is ranked by.
    cut : bool
        Whether the finder would cut it by itself.
    """

    onset_s: Seconds
    offset_s: Seconds
    score: float
    cut: bool


def find_all(
    find: Finder,
    bench: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    *,
    min_score: float = -math.inf,
) -> None:
    """Find regions in each song of a bench, song by song.

    Parameters
    ----------
    find : callable
        From a song's file to its regions.
    bench : path-like
    folder : path-like
        Gets ``NAME.tsv``, rows of `FoundClip`, a song.
    min_score : float
        Regions of this score or more are those that the finder would cut by itself.

    Raises
    ------
    InputError, AudioError
        If the bench or a song of it cannot be used.
    """
    with atomic_directory(folder) as temporary:
        for song in songs_of(bench):
            clips = find(song.audio)
            rows = (
                FoundClip(clip.onset_s, clip.offset_s, clip.score, clip.score >= min_score)
                for clip in clips
            )
            write_records(temporary / f"{song.name}.tsv", FoundClip, rows)
            _log.info("%s: %d regions", song.name, len(clips))
