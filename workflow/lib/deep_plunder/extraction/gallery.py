"""Write the pages of the gallery: one for a run, and one for each of its songs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from deep_plunder.extraction.folder import PAGE
from deep_plunder.extraction.gallery_data import gallery_songs
from deep_plunder.extraction.inputs import Report
from deep_plunder.extraction.results import SongFolder, read_songs
from deep_plunder.pages.gallery import MARK, gallery_parts
from deep_plunder.util.files import write_text
from deep_plunder.util.names import shown

__all__ = ["is_gallery", "song_page", "write_gallery", "write_run_page"]


def _page(songs: Sequence[SongFolder], title: str, base: Path, report: Report) -> Iterator[str]:
    """Yield the parts of a page."""
    found = gallery_songs(songs, base=base, report=report)
    return gallery_parts({"title": title, "songs": found})


def song_page(song: SongFolder, *, report: Report) -> Iterator[str]:
    """Yield the gallery of a song, for its folder.

    Parameters
    ----------
    song : SongFolder
    report : callable
        See `extraction.gallery_data.gallery_data`.

    Yields
    ------
    part : str
        HTML: the next part of the page.

    Examples
    --------
    >>> from deep_plunder.extraction.folder import FolderRecord
    >>> record = FolderRecord(source="/music/Tide.wav", deep_plunder="0.1.0")
    >>> page = "".join(song_page(SongFolder(Path("Tide"), "Tide", record, ()), report=print))
    >>> "<title>Tide</title>" in page
    True
    """
    return _page([song], song.name, song.folder, report)


def write_gallery(
    folder: str | os.PathLike[str], *, report: Report, fail: Report | None = None
) -> int:
    """Write the gallery of a run, and that of each of its songs.

    A file of the same name that is no gallery stays.

    Parameters
    ----------
    folder : path-like
        The folder of a run of ``deep-plunder extract``, or the folder of a song in it.
    report : callable
        Called with a line per song of which clips are gone.
    fail : callable, optional
        Called with a line for each page that stays, and for each song and each clip that cannot be
        read. By default such a song raises, and the others go to `report`.

    Returns
    -------
    clips : int
        Number of clips in the gallery.

    Raises
    ------
    InputError
        If the folder cannot be read or holds no song that can be read.
    OSError
        If a page cannot be written.

    Examples
    --------
    >>> write_gallery("nothing", report=print)
    Traceback (most recent call last):
    deep_plunder.errors.InputError: nothing: cannot be read: No such file or directory
    """
    songs = read_songs(folder, report=report, fail=fail)
    top = Path(folder)
    if songs[0].folder != top:
        _write_run_page(top, songs, report, fail=fail or report)
    for song in songs:
        # Clips that cannot be read were reported above, where the run has a page.
        page = song_page(song, report=(fail or report) if song.folder == top else _ignore)
        _write(song.folder / PAGE, page, fail or report)
    return sum(len(song.rows) for song in songs)


def write_run_page(folder: str | os.PathLike[str], *, report: Report) -> None:
    """Write the gallery of a run alone, after its songs were extracted.

    Parameters
    ----------
    folder, report
        See `write_gallery`.

    Raises
    ------
    InputError, OSError
        See `write_gallery`.

    Examples
    --------
    >>> write_run_page("nothing", report=print)
    Traceback (most recent call last):
    deep_plunder.errors.InputError: nothing: cannot be read: No such file or directory
    """
    songs = read_songs(folder, report=report, fail=report)
    _write_run_page(Path(folder), songs, report, fail=report)


def _write_run_page(
    top: Path, songs: Sequence[SongFolder], report: Report, *, fail: Report
) -> None:
    _write(top / PAGE, _page(songs, top.absolute().name, top, fail), fail)


def _ignore(line: str) -> None:
    pass


def _write(path: Path, page: Iterator[str], report: Report) -> None:
    if is_gallery(path) or not os.path.lexists(path):
        write_text(path, page)
    else:
        report(f"{shown(path)}: is not a gallery and stays")


def is_gallery(path: str | os.PathLike[str]) -> bool:
    """Return whether a file is a gallery that was written here.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    is_gallery : bool

    Examples
    --------
    >>> is_gallery("nothing.html")
    False
    """
    path = Path(path)
    try:
        # Reading a pipe would block.
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return MARK.encode() in file.read(1000)
    except OSError:
        return False
