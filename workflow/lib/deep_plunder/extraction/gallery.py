"""Collect the data of the gallery (`pages.gallery`), and write its pages.

The data is one JSON structure: ``title`` and ``songs``. A missing number is null, a missing text
is empty. Each song has

- ``name``, ``digest``, ``source``, ``model``: see `extraction.folder.FolderRecord`
- ``seconds``: its length
- ``song``: the address of its file
- ``page``: the address of its own gallery
- ``spectrogram``: the address of a grey picture of the whole song, without axes
- ``regions``: all regions in order of time, those without a file too

Each region has the columns of `extraction.region.ExtractedRegion` up to ``attacks``, with ``class``
for ``sound_class``, and

- ``name``, ``file``: name and address of its file; without a file, both are empty
- ``audio``: the address that plays: that of the file, or sound inside the page where a browser does
  not play the file; without a file, the song plays from the onset to the offset
- ``peaks``: its waveform (`extraction.previews.waveform`) in base64
"""

from __future__ import annotations

import base64
import math
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from deep_plunder.errors import AudioError
from deep_plunder.extraction.inputs import Report
from deep_plunder.extraction.previews import mp3_address, waveform
from deep_plunder.extraction.region import ExtractedRegion
from deep_plunder.extraction.results import SongFolder, read_songs
from deep_plunder.pages.gallery import MARK, gallery_parts
from deep_plunder.util.files import write_text
from deep_plunder.util.names import shown

__all__ = [
    "PAGE",
    "SPECTROGRAM",
    "gallery_data",
    "is_gallery",
    "song_page",
    "write_gallery",
    "write_run_page",
]

PAGE = "index.html"
"""Name of a gallery's file, in a run's folder and in a song's."""

SPECTROGRAM = "mel.jpg"
"""Name of the spectrogram without axes, in a song's folder."""

_PLAYED = {".wav", ".flac"}

Address = Callable[[SongFolder], str]
"""Function that returns the address of a song's file, or nothing."""


def gallery_data(
    songs: Sequence[SongFolder],
    *,
    title: str,
    base: str | os.PathLike[str],
    report: Report,
    song_address: Address | None = None,
) -> dict[str, Any]:
    """Collect the data of a gallery page.

    Parameters
    ----------
    songs : sequence of SongFolder
    title : str
        Title of the page.
    base : path-like
        Folder of the page. The addresses of clips and pictures are relative to it.
    report : callable
        Called with a line for each clip that cannot be read. It is shown without its file.
    song_address : callable, optional
        Returns the address of a song's file. If it is empty, the page cannot play the song. By
        default it is the path in the record, relative to `base` if that path is relative.

    Returns
    -------
    data : dict
        The structure of the module's description.

    Examples
    --------
    >>> gallery_data([], title="Nothing", base=".", report=print)
    {'title': 'Nothing', 'songs': []}
    """
    shown_songs = _songs(songs, Path(base), report, song_address)
    return {
        "title": title,
        "songs": [{**song, "regions": list(song["regions"])} for song in shown_songs],
    }


def _page(songs: Sequence[SongFolder], title: str, base: Path, report: Report) -> Iterator[str]:
    """Yield the parts of a page, region by region: a song of hours has many thousands."""
    return gallery_parts({"title": title, "songs": _songs(songs, base, report)})


def _songs(
    songs: Sequence[SongFolder], base: Path, report: Report, song_address: Address | None = None
) -> Iterator[dict[str, Any]]:
    for song in songs:
        address = song_address(song) if song_address else _address(song.record.source, base)
        yield _song(song, base, address, report)


def _address(source: str, base: str | os.PathLike[str]) -> str:
    if os.path.isabs(source):  # noqa: PTH117
        return Path(source).as_uri()
    return _relative(source, base)


def _relative(path: str | os.PathLike[str], base: str | os.PathLike[str]) -> str:
    # In bytes, since names need not be UTF-8.
    return quote(os.fsencode(Path(os.path.relpath(path, base)).as_posix()))


def _song(song: SongFolder, base: Path, address: str, report: Report) -> dict[str, Any]:
    def below(path: str) -> str:
        return _relative(song.folder / path, base)

    own = song.folder.absolute() == base.absolute()
    picture = (song.folder / SPECTROGRAM).is_file()
    return {
        "name": song.name,
        "digest": song.record.source_digest,
        "source": song.record.source,
        "model": song.record.model,
        "seconds": round(song.seconds, 6),
        "song": address,
        "page": "" if own else below(PAGE),
        "spectrogram": below(SPECTROGRAM) if picture else "",
        "regions": (
            {**_facts(region), **_file(song.folder / region.clip, region, below, report)}
            for region in song.regions
        ),
    }


def _facts(region: ExtractedRegion) -> dict[str, Any]:
    def number(value: float) -> float | None:
        return None if math.isnan(value) else round(value, 3)

    return {
        "onset_s": region.onset_s,
        "offset_s": region.offset_s,
        "score": round(region.score, 4),
        "group": region.group,
        "kept": region.kept,
        "class": region.sound_class,
        "note": region.note,
        "cents": number(region.cents),
        "loudness_lufs": number(region.loudness_lufs),
        "attacks": region.attacks,
    }


def _file(
    path: Path, region: ExtractedRegion, below: Callable[[str], str], report: Report
) -> dict[str, str]:
    nothing = {"name": "", "file": "", "audio": "", "peaks": ""}
    if not region.clip:
        return nothing
    try:
        peaks = base64.b64encode(waveform(path)).decode()
        address = below(region.clip)
        plays = path.suffix.lower() in _PLAYED
        audio = address if plays else mp3_address(path)
    except AudioError as error:
        report(f"{error}; the gallery shows it without its file")
        return nothing
    return {"name": path.name, "file": address, "audio": audio, "peaks": peaks}


def song_page(song: SongFolder, *, report: Report) -> Iterator[str]:
    """Yield the gallery of a song, for its folder.

    Parameters
    ----------
    song : SongFolder
    report : callable
        See `gallery_data`.

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
