"""Find the songs among the inputs of the command: files, folders, playlists, standard input."""

from __future__ import annotations

import functools
import math
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from deep_plunder.audio.source import AUDIO_SUFFIXES
from deep_plunder.corpus.playlists.entries import PlaylistEntry
from deep_plunder.corpus.playlists.locations import parse_path_map, resolve
from deep_plunder.corpus.playlists.reading import MOST_BYTES, read_listed, read_playlist
from deep_plunder.corpus.song_rules import Limits, check_row
from deep_plunder.errors import InputError
from deep_plunder.extraction.folder import read_record
from deep_plunder.extraction.naming import SongTags
from deep_plunder.util.listing import files_below
from deep_plunder.util.names import one_line, shown

__all__ = ["PLAYLIST_SUFFIXES", "STANDARD_INPUT", "Report", "find_songs"]

Report = Callable[[str], None]
"""Function that receives the text of a fault as soon as it is found."""

PLAYLIST_SUFFIXES = frozenset({".m3u", ".m3u8", ".txt", ".xml"})
"""Suffixes of the files that are read as playlists."""

STANDARD_INPUT = Path("-")
"""The input that stands for a playlist on standard input."""

# Which songs to extract is the user's choice: no bound of length or bit rate applies.
_NO_LIMITS = Limits(0.0, math.inf, 0.0)


def find_songs(
    inputs: Sequence[Path], output: Path, *, path_map: Sequence[str] = (), report: Report
) -> tuple[list[tuple[Path, SongTags]], list[str]]:
    """List the audio files among the inputs, each once.

    Clips of an earlier run do not count as songs, wherever they are.

    Parameters
    ----------
    inputs : sequence of Path
        Audio files, folders of them, and playlists. `STANDARD_INPUT` is a playlist that is read
        from there (`corpus.playlists.reading.read_listed`).
    output : Path
        Folder of the results, in which no songs are looked for.
    path_map : sequence of str
        Entries ``OLD=NEW`` for the locations in playlists (`corpus.playlists.locations`).
    report : callable
        Called with each fault.

    Returns
    -------
    songs : list of (Path, SongTags)
        The audio files, with artist and title where a playlist states them.
    faults : list of str
        Faults of the entries of playlists that cannot be used, and of the folders that cannot be
        read or hold no songs, one line each.

    Raises
    ------
    InputError
        If an entry of `path_map` is not ``OLD=NEW``.

    Examples
    --------
    >>> Path("songs").mkdir()
    >>> Path("songs/a.mp3").touch()
    >>> find_songs([Path("songs")], Path("plunder"), report=print)
    ([(PosixPath('songs/a.mp3'), SongTags(artist='', title=''))], [])
    """
    parse_path_map(path_map)

    @functools.cache
    def of_a_run(folder: Path) -> bool:
        return read_record(os.path.dirname(os.path.realpath(folder))) is not None  # noqa: PTH120

    songs: dict[str, tuple[Path, SongTags]] = {}
    faults: list[str] = []

    def add(place: str, fault: str) -> None:
        faults.append(f"{place}: {fault}")
        report(faults[-1])

    def closed(error: OSError) -> None:
        add(shown(error.filename), f"cannot be read: {error.strerror}")

    def listed(rows: Iterable[PlaylistEntry]) -> None:
        for row in rows:
            place = f"{shown(row.source)}, row {row.row}"
            if (rejection := check_row(row, _NO_LIMITS)) is not None:
                add(place, one_line(": ".join(rejection)))
                continue
            path = resolve(row.location, path_map=path_map)
            if path is None or not os.path.exists(path):  # noqa: PTH110 (takes any text)
                add(place, f"there is no file {shown(path or row.location)}")
                continue
            tags = SongTags(artist=row.artist, title=row.title)
            songs.setdefault(os.path.realpath(path), (path, tags))

    for given in inputs:
        if given == STANDARD_INPUT or given.suffix.lower() in PLAYLIST_SUFFIXES:
            try:
                if given == STANDARD_INPUT:
                    data = sys.stdin.buffer.read(MOST_BYTES + 1)
                    listed(read_listed(data, source="standard input"))
                else:
                    listed(read_playlist(given))
            except InputError as error:
                faults.append(str(error))
                report(faults[-1])
            continue
        found = [given]
        # Methods of Path raise if a parent folder is closed or links form a circle.
        if os.path.isdir(given):  # noqa: PTH112
            before = len(faults)
            files = files_below(given, suffixes=AUDIO_SUFFIXES, without=[output], onerror=closed)
            found = [f for f in files if f.parent == given or not of_a_run(f.parent)]
            if not found and len(faults) == before:
                held = "only clips of an earlier run" if files else "no audio files"
                add(shown(given), f"holds {held}")
        for path in found:
            songs.setdefault(os.path.realpath(path), (path, SongTags()))
    return list(songs.values()), faults
