"""Choose the songs that mixes are made from, and state the reason for each rejected entry.

`select_songs` reads all sources and rejects entries, the cheap checks first: entries without a file
(unreadable folder, stream, cloud), protected and other kinds of files, durations, bit rates, checks
on the disk (missing, listed twice), and last checks inside the file. `corpus.song_reasons` lists
the reasons.

Duration and bit rate come from the export if it has them, otherwise from the file: its length, and
its size divided by its length. In the end the values of the export are checked against the file,
with a second's grace, since exports round.

The paper (section 3.3): "Each song has a bit-rate above 200 kbps and a duration between one minute
and 6 minutes." So a bit rate equal to the threshold is rejected, and a duration equal to a bound is
accepted. The paper does not mention protection, missing files or duplicates.
"""

from __future__ import annotations

import hashlib
import logging
import math
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deep_plunder.audio.reading import AudioInfo, probe
from deep_plunder.corpus.encrypted_mp4 import is_encrypted
from deep_plunder.corpus.playlists.entries import PlaylistEntry
from deep_plunder.corpus.playlists.locations import parse_path_map
from deep_plunder.corpus.playlists.reading import read_playlist, resolve
from deep_plunder.corpus.song_reasons import RejectedSong, advice, summary
from deep_plunder.corpus.song_rules import Limits, Rejection, check_row, fold
from deep_plunder.corpus.spec import SongSpec
from deep_plunder.errors import AudioError, InputError
from deep_plunder.util.names import SafeNames, safe_name
from deep_plunder.util.settings import default
from deep_plunder.util.tables import Channels, FileName, Rate, Seconds

__all__ = ["Song", "judge_songs", "select_songs"]

_GRACE_S = 1.0
_ENDS_BYTES = 1 << 16

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Song:
    """A song to draw excerpts from.

    Attributes
    ----------
    song : str
        Unique name, safe as a file name and as a wildcard.
    path : str
        The file.
    title, artist : str
        Empty where no playlist states them.
    seconds : float
        Length of the file itself.
    rate : int
        Frames per second.
    channels : int
        Number of channels.
    bit_rate_kbps : float
        Stated by the playlist, otherwise size divided by length.
    source : str
        The playlist or folder that lists it.
    row : int
        Its place there; see `deep_plunder.corpus.playlists.entries.PlaylistEntry`.
    """

    song: FileName
    path: str
    title: str
    artist: str
    seconds: Seconds
    rate: Rate
    channels: Channels
    bit_rate_kbps: float
    source: str
    row: int


def _probe(path: Path) -> AudioInfo | Rejection:
    """Read a file's header, or return reason and detail if that fails."""
    try:
        if is_encrypted(path):
            return "protected", "its sound is encrypted"
        return probe(path)
    except AudioError as error:
        return error.reason, error.detail


class _Seen:
    """The contents of the songs so far."""

    def __init__(self) -> None:
        # By size and both ends; only files that agree in these are read whole.
        self._first: dict[tuple[int, bytes], Path] = {}
        self._whole: dict[tuple[int, bytes], dict[bytes, Path]] = {}

    def twin(self, path: Path) -> Path | None:
        """Return the earlier file with the same bytes, or remember this one.

        Raises
        ------
        OSError
            If a file has disappeared.
        """
        size = path.stat().st_size
        with path.open("rb") as file:
            ends = file.read(_ENDS_BYTES)
            file.seek(max(0, size - _ENDS_BYTES))
            ends += file.read(_ENDS_BYTES)
        key = size, hashlib.sha256(ends).digest()
        first = self._first.setdefault(key, path)
        if first is path:
            return None
        if size <= 2 * _ENDS_BYTES:
            return first
        if key not in self._whole:
            self._whole[key] = {_digest(first): first}
        other = self._whole[key].setdefault(_digest(path), path)
        return None if other is path else other


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _name(row: PlaylistEntry, path: Path, names: SafeNames) -> str:
    text = " - ".join(part for part in (row.artist, row.title or path.stem) if part)
    name = safe_name(text)
    plain = fold(text)
    if any(letter.isalnum() and not letter.isascii() for letter in plain):
        # Letters outside A-Z are lost; without the digest all Japanese songs would be "unnamed".
        name = f"{name}_{hashlib.sha256(plain.encode(errors='replace')).hexdigest()[:8]}"
    return names.new(name, length=100)


def _locate(
    rows: Sequence[PlaylistEntry], limits: Limits, path_map: Sequence[str]
) -> Iterator[tuple[PlaylistEntry, Path | Rejection]]:
    """Return each entry with its file or with the reason for its lack, opening no file."""
    places: dict[str, PlaylistEntry] = {}
    for row in rows:
        rejection = check_row(row, limits)
        if rejection is not None:
            yield row, rejection
            continue
        path = resolve(row.location, path_map=path_map)
        if path is None or not os.path.exists(path):  # noqa: PTH110 (takes any text)
            yield row, ("missing", f"no file {path or repr(row.location)}")
            continue
        first = places.setdefault(os.path.realpath(path), row)
        if first is row:
            yield row, path
        else:
            yield row, ("duplicate", f"also {first.source}, row {first.row}")


def select_songs(
    sources: Sequence[str | os.PathLike[str]],
    *,
    path_map: Sequence[str] = (),
    min_duration_s: float = default(SongSpec, "min_duration_s"),
    max_duration_s: float = default(SongSpec, "max_duration_s"),
    min_bit_rate_kbps: float = default(SongSpec, "min_bit_rate_kbps"),
    workers: int = 1,
) -> tuple[list[Song], list[RejectedSong]]:
    """Choose the usable songs from playlists and folders.

    Parameters
    ----------
    sources : sequence of path-like
        Playlists, folders and audio files; see
        `deep_plunder.corpus.playlists.reading.read_playlist`.
    path_map : sequence of str
        Entries ``OLD=NEW``, see `deep_plunder.corpus.playlists.locations`.
    min_duration_s, max_duration_s : float
        Bounds of the duration in seconds, both included. Defaults: paper, section 3.3.
    min_bit_rate_kbps : float
        Songs must exceed it; 0 accepts all. Default: paper, section 3.3.
    workers : int
        Threads that open files. The result does not depend on it.

    Returns
    -------
    songs : list of Song
        In the order of the sources and their rows.
    rejected : list of RejectedSong
        All other rows, in the same order.

    Raises
    ------
    InputError
        If a source cannot be read, a path map entry is malformed, or no song is usable.

    Examples
    --------
    >>> import numpy as np
    >>> from deep_plunder.audio import writing
    >>> Path("songs").mkdir()
    >>> writing.write("songs/tide.wav", np.zeros((61 * 8000, 1), np.float32), 8000)
    >>> songs, rejected = select_songs(["songs"], min_bit_rate_kbps=0)
    >>> [song.song for song in songs], rejected
    (['tide'], [])
    """
    parse_path_map(path_map)
    songs, rejected = judge_songs(
        [row for source in sources for row in read_playlist(source)],
        path_map=path_map,
        limits=Limits(min_duration_s, max_duration_s, min_bit_rate_kbps),
        workers=workers,
    )
    rows = len(songs) + len(rejected)
    _log.info("%d songs of %d rows are usable", len(songs), rows)
    if not songs:
        places = ", ".join(os.fspath(source) for source in sources)
        counts = ", ".join(f"{count.rows} {count.reason}" for count in summary([], rejected)[1:])
        hint = advice(summary(songs, rejected))
        raise InputError(
            f"{places}: no usable song of {rows} rows{counts and ': '}{counts}{hint and '; '}{hint}"
        )
    if hint := advice(summary(songs, rejected)):
        _log.warning("%s", hint)
    return songs, rejected


def judge_songs(
    rows: Sequence[PlaylistEntry],
    *,
    path_map: Sequence[str] = (),
    limits: Limits,
    workers: int = 1,
) -> tuple[list[Song], list[RejectedSong]]:
    """Divide the entries of playlists and folders into usable songs and others.

    Parameters
    ----------
    rows : sequence of PlaylistEntry
        The entries, as `deep_plunder.corpus.playlists.reading.read_playlist` returns them.
    path_map, workers
        See `select_songs`.
    limits : Limits
        Bounds of duration and bit rate.

    Returns
    -------
    songs, rejected
        See `select_songs`. There may be no songs.

    Raises
    ------
    InputError
        If a path map entry is malformed.

    Examples
    --------
    >>> row = PlaylistEntry("list.m3u", 1, location="./gone.wav")
    >>> songs, [entry] = judge_songs([row], limits=Limits(60, 360, 200))
    >>> entry.reason
    'missing'
    """
    parse_path_map(path_map)
    songs: list[Song] = []
    rejected: list[RejectedSong] = []
    seen, names = _Seen(), SafeNames()
    located = list(_locate(rows, limits, path_map))
    with ThreadPoolExecutor(max(1, workers)) as pool:
        headers = pool.map(_probe, (place for _, place in located if isinstance(place, Path)))
        for row, place in located:
            song: Song | Rejection = (
                place
                if isinstance(place, tuple)
                else _accept(row, place, next(headers), limits=limits, seen=seen, names=names)
            )
            if isinstance(song, Song):
                songs.append(song)
            else:
                rejected.append(RejectedSong(row.source, row.row, row.title, row.location, *song))
    return songs, rejected


def _accept(
    row: PlaylistEntry,
    path: Path,
    header: AudioInfo | Rejection,
    *,
    limits: Limits,
    seen: _Seen,
    names: SafeNames,
) -> Song | Rejection:
    """Return the song of an entry, or reason and detail if its file is not usable."""
    if isinstance(header, tuple):
        return header
    try:
        bit_rate = row.bit_rate_kbps
        if math.isnan(bit_rate):
            bit_rate = path.stat().st_size * 8 / header.seconds / 1000
        grace = 0.0 if math.isnan(row.seconds) else _GRACE_S
        rejection = limits.duration(header.seconds, grace=grace) or limits.bit_rate(bit_rate)
        if rejection is not None:
            return rejection
        twin = seen.twin(path)
    except OSError as error:
        return "missing", f"{path}: {error.strerror}"
    if twin is not None:
        return "duplicate", f"same content as {twin}"
    return Song(
        song=_name(row, path, names),
        path=str(path),
        title=row.title,
        artist=row.artist,
        seconds=header.seconds,
        rate=header.rate,
        channels=header.channels,
        bit_rate_kbps=bit_rate,
        source=row.source,
        row=row.row,
    )
