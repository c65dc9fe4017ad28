"""Read the folders of songs that `extraction.song` wrote."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

from deep_plunder.audio.reading import probe
from deep_plunder.errors import DeepPlunderError, InputError
from deep_plunder.extraction.folder import RECORD, FolderRecord, read_record
from deep_plunder.extraction.inputs import Report
from deep_plunder.extraction.region import ExtractedRegion
from deep_plunder.util.counts import counted
from deep_plunder.util.names import shown
from deep_plunder.util.tables import read_records

__all__ = ["SongFolder", "read_song", "read_songs"]


@dataclasses.dataclass(frozen=True, slots=True)
class SongFolder:
    """A song's folder.

    Attributes
    ----------
    folder : Path
        The folder.
    name : str
        Name of the song: that of its folder.
    record : FolderRecord
        How it was made.
    regions : tuple of ExtractedRegion
        All regions. Those whose file is gone have no clip.
    gone : frozenset of int
        Rows of the regions whose file is gone.
    to_cut : frozenset of int
        Rows of the regions without a clip that a kit is to cut from the song.
    known_s : float or None
        Length of the song in seconds, if it is known. By default its file is read.
    """

    folder: Path
    name: str
    record: FolderRecord
    regions: tuple[ExtractedRegion, ...]
    gone: frozenset[int] = frozenset()
    to_cut: frozenset[int] = frozenset()
    known_s: float | None = None

    @property
    def rows(self) -> list[int]:
        """Rows of the regions that have a clip."""
        return [row for row, region in enumerate(self.regions) if region.clip]

    @property
    def seconds(self) -> float:
        """Length of the song, or the end of its last region if the song is gone."""
        if self.known_s is not None:
            return self.known_s
        try:
            return probe(self.record.source).seconds
        except DeepPlunderError:
            return max((region.offset_s for region in self.regions), default=0.0)


def read_songs(
    folder: str | os.PathLike[str], *, report: Report, fail: Report | None = None
) -> list[SongFolder]:
    """Read the songs of a run, or one song.

    Parameters
    ----------
    folder : path-like
        The folder of a run of ``deep-plunder extract``, or the folder of a song in it. Clips that
        were deleted are left out.
    report : callable
        Called with a line per song of which clips are gone.
    fail : callable, optional
        Called with a line per song whose record or table is damaged; the song is left out. By
        default the first one raises.

    Returns
    -------
    songs : list of SongFolder
        In order of their names.

    Raises
    ------
    InputError
        If the folder cannot be read or holds no song that can be read.

    Examples
    --------
    >>> read_songs("nothing", report=print)
    Traceback (most recent call last):
    deep_plunder.errors.InputError: nothing: cannot be read: No such file or directory
    """
    top = Path(folder)
    try:
        folders = [top] if os.path.lexists(top / RECORD) else sorted(top.iterdir())
    except OSError as error:
        raise InputError(f"{shown(top)}: cannot be read: {error.strerror}") from error
    songs, damaged = [], False
    for place in folders:
        try:
            song = read_song(place, report=report)
        except InputError as error:
            if fail is None:
                raise
            fail(f"{error}; the song is left out")
            damaged = True
            continue
        if song is not None:
            songs.append(song)
    if not songs:
        held = "can be read" if damaged else "deep-plunder extract wrote"
        raise InputError(f"{shown(top)}: holds no song that {held}")
    return songs


def read_song(place: str | os.PathLike[str], *, report: Report) -> SongFolder | None:
    """Read the folder of a song.

    Parameters
    ----------
    place : path-like
        Any folder.
    report : callable
        Called with a line if clips are gone.

    Returns
    -------
    song : SongFolder or None
        None if `extraction.song.extract_song` did not write the folder.

    Raises
    ------
    InputError
        If the record or the table of the song is damaged.

    Examples
    --------
    >>> read_song("nothing", report=print) is None
    True
    """
    place = Path(place)
    if (record := read_record(place)) is None:
        if os.path.lexists(place / RECORD):
            raise InputError(f"{shown(place / RECORD)}: must be as deep-plunder extract wrote it")
        return None
    regions = read_records(place / "regions.tsv", ExtractedRegion)
    gone = frozenset(
        row
        for row, region in enumerate(regions)
        if region.clip and not (place / region.clip).is_file()
    )
    if gone:
        report(f"{shown(place)}: {counted(len(gone), 'clip is', 'clips are')} gone and left out")
    kept = tuple(
        dataclasses.replace(region, clip="") if row in gone else region
        for row, region in enumerate(regions)
    )
    return SongFolder(place, place.absolute().name, record, kept, gone)
