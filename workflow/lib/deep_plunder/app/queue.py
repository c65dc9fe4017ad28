"""Keep the songs of the app in order, each with its state.

Folder of the app:

- ``songs/``: the songs, as they were uploaded
- ``clips/``: a folder per song, as ``deep-plunder extract`` writes it
- ``queue.json``: the songs with their states
- ``choices.json``: the accepted and rejected clips

`queue.json` is replaced as a whole with each change of a state, so a song is never lost.
"""

from __future__ import annotations

import dataclasses
import os
import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deep_plunder.app.songs import QueuedSong, read_queue, write_queue
from deep_plunder.audio.identity import digest_of_song
from deep_plunder.audio.source import AUDIO_SUFFIXES
from deep_plunder.errors import InputError
from deep_plunder.util.names import SafeNames, shown
from deep_plunder.util.temporaries import remove_abandoned, temporary_sibling

__all__ = ["Queue"]

_RESTARTED = ("failed", "cancelled")
_MOST_SONGS = 10_000


class Queue:
    """The songs of the app; all methods may be called from any thread.

    Parameters
    ----------
    folder : path-like
        Folder of the app, which is created if missing.

    Raises
    ------
    InputError
        If ``queue.json`` cannot be read.
    OSError
        If the folder cannot be written to.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder).absolute()
        self.songs, self.clips = self.folder / "songs", self.folder / "clips"
        for place in (self.songs, self.clips):
            place.mkdir(parents=True, exist_ok=True)
            remove_abandoned(place)
        self._path = self.folder / "queue.json"
        self._lock = threading.Condition()
        self._songs = {song.id: song for song in read_queue(self._path)}
        self._version = 0
        self._names = SafeNames(
            {
                Path(entry.name).stem
                for place in (self.songs, self.clips)
                for entry in place.iterdir()
            }
        )
        for song in self._songs.values():
            # The process that ran it has ended.
            if song.state == "running":
                song.state = "waiting"
            if song.state == "done" and not (self.clips / song.folder).is_dir():
                song.state = "waiting"

    def changed_since(self, version: int) -> tuple[int, list[str], list[QueuedSong]]:
        """Return the songs that changed.

        Parameters
        ----------
        version : int
            A version that this method returned, or -1 for all songs.

        Returns
        -------
        version : int
            The present one.
        ids : list of str
            All songs, in order.
        songs : list of QueuedSong
            Copies of those that changed after `version`.
        """
        with self._lock:
            changed = [song for song in self._songs.values() if song.version > version]
            return self._version, list(self._songs), [*map(dataclasses.replace, changed)]

    def song(self, key: str) -> QueuedSong | None:
        """Return a copy of a song, or None if it is unknown.

        Parameters
        ----------
        key : str
            The `id` of a song.

        Returns
        -------
        song : QueuedSong or None
        """
        with self._lock:
            song = self._songs.get(key)
            return None if song is None else dataclasses.replace(song)

    @contextmanager
    def new_file(self, title: str) -> Iterator[Path]:
        """Yield a path for an uploaded file, and remove a file that is left there at the end.

        Parameters
        ----------
        title : str
            Name of the file, from which only the suffix is taken.

        Yields
        ------
        path : Path
            A hidden file in ``songs/``.

        Raises
        ------
        InputError
            If the suffix is not that of audio, or there are too many songs.
        """
        suffix = Path(title).suffix.lower()
        if suffix not in AUDIO_SUFFIXES:
            raise InputError(f"{shown(title)}: must be an audio file, such as .wav or .mp3")
        with self._lock:
            if len(self._songs) >= _MOST_SONGS:
                raise InputError(f"there may be at most {_MOST_SONGS:,} songs; remove some")
        path = temporary_sibling(self.songs / f"{secrets.token_hex(8)}{suffix}")
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def add(self, title: str, path: Path) -> QueuedSong:
        """Take an uploaded file into the queue.

        Parameters
        ----------
        title : str
            Name of the file, for people.
        path : Path
            A file that `new_file` placed. It is moved.

        Returns
        -------
        song : QueuedSong
            The new song, or the one with the same content that is in the queue already. That one
            waits again if it failed or was cancelled.

        Raises
        ------
        OSError
            If the file cannot be read or moved.
        """
        digest, suffix = digest_of_song(path), Path(title).suffix.lower()
        with self._lock:
            for known in self._songs.values():
                if known.digest == digest:
                    if known.state in _RESTARTED:
                        known.state, known.reason = "waiting", ""
                        self._changed(known)
                    return dataclasses.replace(known)
            stem = self._names.new(Path(title).stem)
            song = QueuedSong(secrets.token_hex(8), title, f"{stem}{suffix}", digest)
            path.rename(self.songs / song.file)
            self._songs[song.id] = song
            try:
                self._changed(song)
            except OSError:
                del self._songs[song.id]
                (self.songs / song.file).unlink(missing_ok=True)
                raise
            return dataclasses.replace(song)

    def take(self, *, timeout_s: float) -> QueuedSong | None:
        """Take the first waiting song, and set it to running.

        Parameters
        ----------
        timeout_s : float
            Longest time to wait for one, in seconds.

        Returns
        -------
        song : QueuedSong or None
        """
        with self._lock:
            for _ in range(2):
                for song in self._songs.values():
                    if song.state == "waiting":
                        song.state, song.share, song.reason = "running", 0.0, ""
                        self._changed(song)
                        return dataclasses.replace(song)
                self._lock.wait(timeout_s)
            return None

    def progress(self, key: str, share: float) -> None:
        """Note how much of a running song is done.

        Parameters
        ----------
        key : str
            The `id` of a song.
        share : float
            0..1.
        """
        with self._lock:
            song = self._songs.get(key)
            if song is not None and song.state == "running":
                song.share = share
                self._changed(song, store=False)

    def finish(self, key: str, state: str, reason: str = "") -> None:
        """Note how a running song ended.

        Parameters
        ----------
        key : str
            The `id` of a song.
        state : {"done", "failed", "cancelled", "waiting"}
        reason : str
            Why it failed.
        """
        self._move(key, ("running",), state, reason)

    def cancel(self, key: str) -> bool:
        """Cancel a waiting song.

        Parameters
        ----------
        key : str
            The `id` of a song.

        Returns
        -------
        cancelled : bool
            False if the song is not waiting.
        """
        return self._move(key, ("waiting",), "cancelled")

    def restart(self, key: str) -> bool:
        """Let a song that failed or was cancelled wait again.

        Parameters
        ----------
        key : str
            The `id` of a song.

        Returns
        -------
        restarted : bool
        """
        return self._move(key, _RESTARTED, "waiting")

    def remove(self, key: str) -> bool:
        """Remove a song that is not running, with its file and its clips.

        Parameters
        ----------
        key : str
            The `id` of a song.

        Returns
        -------
        removed : bool
        """
        with self._lock:
            song = self._songs.get(key)
            if song is None or song.state == "running":
                return False
            del self._songs[key]
            self._changed(song)
        (self.songs / song.file).unlink(missing_ok=True)
        shutil.rmtree(self.clips / song.folder, ignore_errors=True)
        return True

    def _move(self, key: str, states: tuple[str, ...], state: str, reason: str = "") -> bool:
        with self._lock:
            song = self._songs.get(key)
            if song is None or song.state not in states:
                return False
            song.state, song.reason, song.share = state, reason, 0.0
            self._changed(song)
            return True

    def _changed(self, song: QueuedSong, *, store: bool = True) -> None:
        self._version += 1
        song.version = self._version
        if store:
            write_queue(self._path, self._songs.values())
            self._lock.notify_all()
