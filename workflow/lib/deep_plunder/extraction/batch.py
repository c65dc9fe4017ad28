"""Extract clips from many songs in separate jobs, and list all clips.

A song that cannot be read does not stop the others; its row holds the reason. A full disk is no
fault of the song and would stop the next one too, so it ends the job. Each job writes a table of
its songs. Together these tables show which folders belong to this run.
"""

from __future__ import annotations

import dataclasses
import logging
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deep_plunder.corpus.songs import Song
from deep_plunder.corpus.split import Assignment, members
from deep_plunder.errors import AudioError, InputError
from deep_plunder.extraction.folder import check_folder, lost_files, read_record
from deep_plunder.extraction.region import ExtractedRegion
from deep_plunder.util.files import write_text
from deep_plunder.util.names import SafeNames, one_line
from deep_plunder.util.tables import FileName, read_records

__all__ = [
    "ClipRow",
    "ExtractedSong",
    "count_losses",
    "extract_songs",
    "list_clips",
    "name_files",
    "note_losses",
    "songs_to_extract",
]

_log = logging.getLogger(__name__)


def name_files(
    paths: Iterable[str | os.PathLike[str]], *, taken: Iterable[str] = ()
) -> list[tuple[str, str]]:
    """Return a safe and unique name for each file.

    Parameters
    ----------
    paths : iterable of path-like
        Audio files.
    taken : iterable of str
        Names that are in use already.

    Returns
    -------
    songs : list of (name, path)
        Names and files in the order of `paths`.

    Examples
    --------
    >>> name_files(["a/My Song.mp3", "b/My Song.wav"])
    [('My_Song', 'a/My Song.mp3'), ('My_Song_2', 'b/My Song.wav')]
    """
    names = SafeNames(taken)
    return [(names.new(Path(path).stem), os.fspath(path)) for path in paths]


def songs_to_extract(
    songs: Iterable[Song], assignments: Sequence[Assignment], *, split: str | None
) -> list[tuple[str, str]]:
    """Return the songs of a split, or all songs.

    Parameters
    ----------
    songs : iterable of Song
    assignments : sequence of Assignment
        The split of sounds and songs.
    split : str or None
        The split whose songs are returned. None returns all songs.

    Returns
    -------
    songs : list of (name, path)
        Names and files in the order of `songs`.

    Examples
    --------
    >>> song = Song("Tide", "tide.wav", "Tide", "", 90.0, 44100, 2, 1411.2, "list.txt", 2)
    >>> songs_to_extract([song], [Assignment("song", "Tide", "test")], split="test")
    [('Tide', 'tide.wav')]
    """
    own = None if split is None else set(members(assignments, kind="song", split=split))
    return [(song.song, song.path) for song in songs if own is None or song.song in own]


def extract_songs(
    model: Any,
    songs: Sequence[tuple[str, str]],
    folder: str | os.PathLike[str],
    **options: Any,
) -> list[ExtractedSong]:
    """Extract clips from songs one after the other.

    Parameters
    ----------
    model : models.model_file.LoadedModel
    songs : sequence of (name, path)
    folder : path-like
        Folder of the results. Each song gets a folder in it, which replaces an existing one.
    **options
        Options of `extraction.song.extract_song`.

    Returns
    -------
    rows : list of ExtractedSong
        One row per song, in the order of `songs`. All of them may have a fault: only `list_clips`
        checks that some song of the run could be used.

    Raises
    ------
    OSError
        If a song's folder cannot be written. Existing folders stay.
    ModelError, InputError
        See `extraction.song.extract_song`.

    Examples
    --------
    >>> from deep_plunder.models.model_file import load_model
    >>> from deep_plunder.util.resources import shipped_model_path
    >>> model = load_model(shipped_model_path())
    >>> [row] = extract_songs(model, [("Tide", "tide.wav")], "clips")
    >>> row.song, row.fault
    ('Tide', 'tide.wav: missing: cannot be opened (No such file or directory)')
    """
    from deep_plunder.extraction.song import extract_song

    rows = []
    for name, path in songs:
        fault = ""
        try:
            extract_song(model, path, Path(folder) / name, **options)
        except AudioError as error:
            fault = str(error)
            _log.warning("%s", fault)
        rows.append(ExtractedSong(name, path, fault))
    return rows


@dataclass(frozen=True, slots=True)
class ExtractedSong:
    """The outcome for a song: a row of a job's table.

    Attributes
    ----------
    song : str
        Name of the song and of its folder.
    path : str
        The song's file.
    fault : str
        Reason why the song cannot be used; empty if it was read.
    """

    song: FileName
    path: str
    fault: str


def count_losses(part: str | os.PathLike[str]) -> int:
    """Count how often files of a job's songs were lost, in earlier runs and at present.

    The count is a parameter of the job. It grows when a user deletes clips, so that the job runs
    again. It stays when the job has written them again.

    Parameters
    ----------
    part : path-like
        The job's table, rows of `ExtractedSong`. The songs' folders are beside it.

    Returns
    -------
    losses : int
        The count in the file beside the table, plus one if files are missing at present.

    Examples
    --------
    >>> count_losses("clips/0000.tsv")
    0
    """
    part = Path(part)
    try:
        rows = read_records(part, ExtractedSong)
    except InputError:
        rows = []
    try:
        before = int(_losses_path(part).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        before = 0
    folders = (part.parent / row.song for row in rows if not row.fault)
    records = ((folder, read_record(folder)) for folder in folders)
    lost = any(record is None or lost_files(folder, record) for folder, record in records)
    return before + lost


def note_losses(part: str | os.PathLike[str], losses: int) -> None:
    """Write the count of losses beside a job's table, after the job has run.

    Parameters
    ----------
    part : path-like
        The job's table.
    losses : int
        Result of `count_losses` before the job ran.

    Examples
    --------
    >>> note_losses("clips/0000.tsv", 1)
    >>> count_losses("clips/0000.tsv")
    1
    """
    if losses:
        write_text(_losses_path(Path(part)), f"{losses}\n")


def _losses_path(part: Path) -> Path:
    return part.with_suffix(".losses")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipRow(ExtractedRegion):
    """A clip: a row of the table of all clips.

    Attributes
    ----------
    clip : str
        Path of the clip's file below the folder of all clips, with ``/``.
    song : str
        Name of the song.
    """

    song: str


def list_clips(
    parts: Iterable[str | os.PathLike[str]], *, folder: str | os.PathLike[str]
) -> list[ClipRow]:
    """List the clips of all songs, and remove the folders of songs that the tables do not list.

    The folder of a song with a fault is removed too, since it was made from an earlier state of
    the file. Links and folders that `extraction.song.extract_song` did not write stay.

    Parameters
    ----------
    parts : iterable of path-like
        The tables of all jobs, rows of `ExtractedSong`.
    folder : path-like
        Folder that holds the songs' folders.

    Returns
    -------
    clips : list of ClipRow
        Clips ordered by song, then by time. Regions of which no clip was written are left out.

    Raises
    ------
    InputError
        If there are songs but none can be used, a song's folder lacks files, or its table of
        regions cannot be read. Nothing is removed then.

    Examples
    --------
    >>> list_clips([], folder="clips")
    []
    """
    folder = Path(folder)
    tables = {os.fspath(part): read_records(part, ExtractedSong) for part in parts}
    rows = [row for table in tables.values() for row in table]
    if rows and all(row.fault for row in rows):
        raise InputError(
            f"none of {len(rows)} songs can be used; the first: {one_line(rows[0].fault)}"
        )
    part_of = {row.song: part for part, table in tables.items() for row in table if not row.fault}
    names = sorted(part_of)
    for name, part in part_of.items():
        check_folder(folder / name, "regions.tsv", part=part)
    if folder.is_dir():
        for old in folder.iterdir():
            gone = old.name not in names and not old.is_symlink()
            if gone and read_record(old) is not None:
                shutil.rmtree(old)
    return [
        ClipRow(**{**dataclasses.asdict(region), "song": name, "clip": f"{name}/{region.clip}"})
        for name in names
        for region in read_records(folder / name / "regions.tsv", ExtractedRegion)
        if region.clip
    ]
