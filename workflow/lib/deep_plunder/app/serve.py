"""Serve the app on the local address."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from deep_plunder.app.guard import Guard
from deep_plunder.app.marks import Marks
from deep_plunder.app.queue import Queue
from deep_plunder.app.routes import application
from deep_plunder.app.runner import Runner
from deep_plunder.errors import InputError
from deep_plunder.models.card import read_card
from deep_plunder.util.names import shown
from deep_plunder.util.temporaries import remove_abandoned

__all__ = ["Server", "serve"]

_ADDRESS = "127.0.0.1"
_MOST_CONNECTIONS = 500


class Server(uvicorn.Server):
    """A server that calls a function once it answers requests.

    Parameters
    ----------
    config : uvicorn.Config
    ready : callable
    """

    def __init__(self, config: uvicorn.Config, ready: Callable[[], object]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to answer requests."""
        await super().startup(sockets)
        self._ready()


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold a folder, so that no second app changes it meanwhile.

    Raises
    ------
    InputError
        If it is no folder, or another app holds it.
    """
    import fcntl

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise InputError(f"{shown(folder)}: is not a folder") from error
    with (folder / ".app.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(f"{shown(folder)}: another deep-plunder app uses it") from error
        yield


def _bound(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((_ADDRESS, port))
    except OSError as error:
        bound.close()
        raise InputError(f"port {port}: cannot be used: {error.strerror}") from error
    return bound


def serve(
    folder: str | os.PathLike[str],
    *,
    model: Path,
    port: int = 0,
    most_bytes: int = 2 * 10**9,
    ready: Callable[[str, Server], object],
) -> None:
    """Serve the app until the process is asked to end.

    Parameters
    ----------
    folder : path-like
        Folder of the app (`app.queue`), which is created if missing.
    model : Path
        The model file that finds clips.
    port : int
        The port, or 0 for any that is free.
    most_bytes : int
        Greatest size of a song that is uploaded.
    ready : callable
        Is called with the address of the page and the server, once it answers.

    Raises
    ------
    InputError
        If the folder is no folder, in use or damaged, or the port is taken.
    ModelError
        If the file is not a model file.
    OSError
        If the folder cannot be written to.
    """
    read_card(model)
    place = Path(folder)
    with _held(place), _bound(port) as bound:
        remove_abandoned(place)
        queue, marks = Queue(place), Marks(place / "choices.json")
        runner = Runner(queue, model)
        token, port = secrets.token_urlsafe(24), bound.getsockname()[1]
        guarded = Guard(
            application(queue, marks, runner, most_bytes=most_bytes), port=port, token=token
        )
        config = uvicorn.Config(
            guarded,
            log_level="error",
            access_log=False,
            server_header=False,
            limit_concurrency=_MOST_CONNECTIONS,
            timeout_graceful_shutdown=2,
            ws="none",
        )
        server = Server(config, lambda: ready(f"http://{_ADDRESS}:{port}/{token}/", server))
        runner.start()
        try:
            server.run(sockets=[bound])
        finally:
            runner.stop()
