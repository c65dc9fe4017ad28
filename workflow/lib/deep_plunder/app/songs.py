"""Read and write the list of the app's songs, each with its state."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from deep_plunder.errors import InputError
from deep_plunder.util.files import write_text
from deep_plunder.util.names import is_safe_name, shown

__all__ = ["STATES", "QueuedSong", "read_queue", "write_queue"]

STATES = ("waiting", "running", "done", "failed", "cancelled")
"""States of a song."""


@dataclasses.dataclass(slots=True)
class QueuedSong:
    """A song of the app.

    Attributes
    ----------
    id : str
        Identifies the song in requests.
    title : str
        Name of the file that was uploaded, for people.
    file : str
        Name of the file in ``songs/``.
    digest : str
        Digest of the song (`audio.identity.digest_of_song`).
    state : str
        One of `STATES`.
    reason : str
        Why the song failed.
    share : float
        Share of the song that is done, 0..1, while it runs.
    version : int
        Number of the last change to any song when this one changed.
    """

    id: str
    title: str
    file: str
    digest: str
    state: str = "waiting"
    reason: str = ""
    share: float = 0.0
    version: int = 0

    @property
    def folder(self) -> str:
        """Name of the song's folder in ``clips/``."""
        return Path(self.file).stem


_STORED = ("id", "title", "file", "digest", "state", "reason")


def write_queue(path: Path, songs: Iterable[QueuedSong]) -> None:
    """Write songs, whole or not at all.

    Parameters
    ----------
    path : Path
        The file, which is replaced.
    songs : iterable of QueuedSong

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    rows = [{name: getattr(song, name) for name in _STORED} for song in songs]
    write_text(path, json.dumps({"songs": rows}, indent=1) + "\n")


def read_queue(path: Path) -> Iterator[QueuedSong]:
    """Read the songs that `write_queue` wrote.

    Parameters
    ----------
    path : Path
        The file; if it is missing, there are no songs.

    Yields
    ------
    song : QueuedSong

    Raises
    ------
    InputError
        If the file cannot be read, or was changed so that it leads elsewhere.
    """
    if not path.exists():
        return
    try:
        rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["songs"]
        for row in rows:
            song = QueuedSong(**{name: row[name] for name in _STORED})
            texts = all(isinstance(row[name], str) for name in _STORED)
            is_name = texts and Path(song.file).name == song.file and is_safe_name(song.folder)
            if not is_name or song.state not in STATES:
                raise ValueError(f"must hold songs of the app, got {row}")
            yield song
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        rule = "cannot be read; remove it to begin with an empty queue"
        raise InputError(f"{shown(path)}: {rule}: {error}") from error
