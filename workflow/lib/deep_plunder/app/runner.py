"""Extract the songs of the queue, one after the other, in a process of its own.

The process keeps the model in memory. To cancel a song, the process is ended, and the extraction
removes its unfinished files. A song that ends the process, for want of memory for example, does not
stop the others.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deep_plunder.app.queue import Queue
from deep_plunder.app.songs import QueuedSong
from deep_plunder.errors import DeepPlunderError
from deep_plunder.extraction.jobs import fault_of
from deep_plunder.util.optional import optional_parts
from deep_plunder.util.signals import raise_on_termination

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

__all__ = ["Runner"]

_log = logging.getLogger(__name__)

_WAIT_S = 0.5
_END_S = 10.0
_LOST = "the process ended unexpectedly, perhaps for want of memory"


class Runner:
    """A thread that runs the songs of a queue.

    Parameters
    ----------
    queue : Queue
    model : Path
        The model file.
    """

    def __init__(self, queue: Queue, model: Path) -> None:
        self._queue, self._model = queue, model
        self._lock = threading.Lock()
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._current = ""
        self._cancelled = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="runner", daemon=True)

    def start(self) -> None:
        """Begin with the first waiting song."""
        self._thread.start()

    def stop(self) -> None:
        """End the process. A song that runs waits again when the app is started again."""
        self._stopping.set()
        with self._lock:
            self._end()
        self._thread.join(_END_S)

    def cancel(self, key: str) -> bool:
        """Cancel a song that waits or runs.

        Parameters
        ----------
        key : str
            The `id` of a song.

        Returns
        -------
        cancelled : bool
        """
        if self._queue.cancel(key):
            return True
        with self._lock:
            if self._current != key:
                return False
            self._cancelled = True
            self._end()
            return True

    def _run(self) -> None:
        while not self._stopping.is_set():
            song = self._queue.take(timeout_s=_WAIT_S)
            if song is not None:
                self._extract(song)

    def _extract(self, song: QueuedSong) -> None:
        with self._lock:
            if self._stopping.is_set():
                return
            self._current, self._cancelled = song.id, False
            pipe = self._begin()
        state, reason = "failed", _LOST
        try:
            pipe.send((self._queue.songs / song.file, self._queue.clips / song.folder))
            while True:
                kind, value = pipe.recv()
                if kind != "share":
                    state, reason = kind, value
                    break
                self._queue.progress(song.id, value)
        except (EOFError, OSError):
            # The process has ended, perhaps on request.
            with self._lock:
                self._end()
        with self._lock:
            self._current = ""
            if self._cancelled and state != "done":
                state, reason = "cancelled", ""
            elif self._stopping.is_set() and state != "done":
                state, reason = "waiting", ""
        try:
            self._queue.finish(song.id, state, reason)
        except OSError as error:
            # On a full disk the state is known until the app ends; then the song waits again.
            _log.warning("%s: %s", song.title, error)

    def _begin(self) -> Connection:
        """Return the pipe to the process, which is started if there is none."""
        if self._pipe is None or self._process is None or not self._process.is_alive():
            self._end()
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(
                target=_extract_songs, args=(theirs, self._model), daemon=True
            )
            self._process.start()
            # Only the process holds its end, so that reading ends with the process.
            theirs.close()
        return self._pipe

    def _end(self) -> None:
        process, self._process = self._process, None
        self._pipe = None
        if process is not None:
            process.terminate()
            process.join(_END_S)
            if process.is_alive():
                process.kill()
                process.join()


def _extract_songs(pipe: Connection, path: Path) -> None:
    """Extract each song whose file and folder come through the pipe, until it is closed."""
    # The terminal sends Ctrl-C to all processes; the first one ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with raise_on_termination(), optional_parts():
        model: Any = None
        while True:
            try:
                song, folder = pipe.recv()
            except (EOFError, OSError):
                return
            try:
                try:
                    model = model or _load(path)
                    _extract(model, song, folder, pipe)
                except BrokenPipeError:
                    raise
                except (DeepPlunderError, OSError) as error:
                    # People know the song by its name, not by the place of its copy.
                    fault = fault_of(song, error).replace(f"{song.parent}{os.sep}", "")
                    pipe.send(("failed", fault))
                else:
                    pipe.send(("done", ""))
            except BrokenPipeError:
                return


def _load(path: Path) -> Any:
    from deep_plunder.models.model_file import load_model
    from deep_plunder.util.console import without_chatter

    with without_chatter():
        return load_model(path)


def _extract(model: Any, song: Path, folder: Path, pipe: Connection) -> None:
    from deep_plunder.extraction.song import extract_song

    extract_song(model, song, folder, progress=lambda share: pipe.send(("share", share)))
