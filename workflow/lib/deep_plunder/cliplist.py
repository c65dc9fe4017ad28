"""List the clips of many songs in one table.

The songs are divided into parts that run as separate jobs. Each part writes a table of what it
did; the tables together say which songs' folders hold clips of this run.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .errors import InputError
from .songfolder import read_record
from .tables import read_records

__all__ = ["ClipRow", "ExtractedSong", "list_clips"]


@dataclass(frozen=True, slots=True)
class ExtractedSong:
    """What became of a song: a row of a part's table.

    Attributes
    ----------
    song : str
        Its name and the name of its folder.
    path : str
        The file.
    fault : str
        Why it has no clips; empty if it was read.
    """

    song: str
    path: str
    fault: str


@dataclass(frozen=True, slots=True)
class ClipRow:
    """A clip: a row of the table of all clips.

    Attributes
    ----------
    song : str
        The song that it was cut from.
    clip : str
        Its file, below the folder of all clips, with ``/``.
    onset_s, offset_s : float
        Where it lies in the song, in seconds.
    score : float
        See `deep_plunder.extraction.ExtractedRegion`.
    """

    song: str
    clip: str
    onset_s: float
    offset_s: float
    score: float


@dataclass(frozen=True, slots=True)
class _RegionRow:
    onset_s: float
    offset_s: float
    score: float
    clip: str


def list_clips(
    parts: Iterable[str | os.PathLike[str]], *, folder: str | os.PathLike[str]
) -> list[ClipRow]:
    """List the clips of all songs, and remove folders of songs that are no longer among them.

    Those of songs with a fault go too: their clips are of a file that was another one then, and
    the folder holds what the table lists. What `extraction.extract_song` did not make is let be,
    and so are links.

    Parameters
    ----------
    parts : iterable of path-like
        The tables of all parts, rows of `ExtractedSong`.
    folder : path-like
        Holds a folder for each song.

    Returns
    -------
    clips : list of ClipRow
        By song, then by time.

    Raises
    ------
    InputError
        If there are songs and none could be used, or a song's table of regions cannot be read.
    """
    folder = Path(folder)
    rows = [row for part in parts for row in read_records(part, ExtractedSong)]
    if rows and all(row.fault for row in rows):
        raise InputError(f"none of {len(rows)} songs can be used; the first: {rows[0].fault}")
    names = sorted(row.song for row in rows if not row.fault)
    if folder.is_dir():
        for old in folder.iterdir():
            gone = old.name not in names and not old.is_symlink()
            if gone and read_record(old) is not None:
                shutil.rmtree(old)
    return [
        ClipRow(name, f"{name}/{region.clip}", region.onset_s, region.offset_s, region.score)
        for name in names
        for region in read_records(folder / name / "regions.tsv", _RegionRow)
    ]
