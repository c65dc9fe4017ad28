"""Collect the data of the gallery (`pages.gallery`).

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
- ``peaks``: its waveform (`extraction.previews.peaks`) in base64
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
from deep_plunder.extraction.folder import PAGE
from deep_plunder.extraction.inputs import Report
from deep_plunder.extraction.previews import mp3_address, peaks
from deep_plunder.extraction.region import ExtractedRegion
from deep_plunder.extraction.results import SongFolder

__all__ = ["SPECTROGRAM", "gallery_data", "gallery_songs"]

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
    found = gallery_songs(songs, base=Path(base), report=report, song_address=song_address)
    return {
        "title": title,
        "songs": [{**song, "regions": list(song["regions"])} for song in found],
    }


def gallery_songs(
    songs: Sequence[SongFolder],
    *,
    base: Path,
    report: Report,
    song_address: Address | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield the data of songs, region by region: a song of hours has many thousands.

    Parameters
    ----------
    songs, base, report, song_address
        See `gallery_data`.

    Yields
    ------
    song : dict
        The ``regions`` are an iterator.

    Examples
    --------
    >>> list(gallery_songs([], base=Path("."), report=print))
    []
    """
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
        drawn = base64.b64encode(peaks(path)).decode()
        address = below(region.clip)
        plays = path.suffix.lower() in _PLAYED
        audio = address if plays else mp3_address(path)
    except AudioError as error:
        report(f"{error}; the gallery shows it without its file")
        return nothing
    return {"name": path.name, "file": address, "audio": audio, "peaks": drawn}
