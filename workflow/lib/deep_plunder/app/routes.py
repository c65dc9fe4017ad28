"""Answer the requests of the app's page.

Paths are below the token (`app.guard`), which is removed before they come here:

- ``GET /``, ``GET /static/NAME``: the page
- ``GET /api/state?since=N``: the songs that changed
- ``POST /api/songs?name=NAME``: upload a song, the body
- ``POST /api/songs/ID/cancel``, ``restart``, ``remove``
- ``GET /api/songs/ID``: the data of the gallery of a song
- ``GET /api/marks``, ``POST /api/marks``: the accepted and rejected clips
- ``GET /kit.zip?clips=accepted`` or ``all``, ``GET /choices.json``: downloads
- ``GET /clips/...``, ``GET /songs/...``: sounds and pictures
"""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import json
import os
import tempfile
import threading
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from deep_plunder.app.marks import ClipKey, Marks
from deep_plunder.app.page import STATIC, page, static_file
from deep_plunder.app.queue import Queue
from deep_plunder.app.runner import Runner
from deep_plunder.audio.source import AUDIO_SUFFIXES
from deep_plunder.errors import DeepPlunderError, InputError
from deep_plunder.extraction.choosing import accepted_songs
from deep_plunder.extraction.gallery_data import gallery_data
from deep_plunder.extraction.results import SongFolder, read_songs
from deep_plunder.kits.kit import write_kit
from deep_plunder.util.names import reason_of
from deep_plunder.util.temporaries import remove_path, temporary_sibling

__all__ = ["application"]

_SERVED = AUDIO_SUFFIXES | {".jpg", ".png"}
_MOST_JSON_BYTES = 1 << 12
_MOST_UPLOADS = 4


def application(queue: Queue, marks: Marks, runner: Runner, *, most_bytes: int) -> Starlette:
    """Return the application that answers the requests.

    Parameters
    ----------
    queue : Queue
    marks : Marks
    runner : Runner
        It must be started and stopped apart.
    most_bytes : int
        Greatest size of a song that is uploaded.

    Returns
    -------
    application : Starlette
    """
    handlers = _Handlers(queue, marks, runner, most_bytes)
    routes = [
        Route("/", handlers.page),
        Route("/static/{name}", handlers.static),
        Route("/api/state", handlers.state),
        Route("/api/songs", handlers.upload, methods=["POST"]),
        Route("/api/songs/{id}", handlers.song),
        Route("/api/songs/{id}/{change}", handlers.change, methods=["POST"]),
        Route("/api/marks", handlers.marks),
        Route("/api/marks", handlers.mark, methods=["POST"]),
        Route("/kit.zip", handlers.kit),
        Route("/choices.json", handlers.choices),
        Route("/{place:path}", handlers.file),
    ]
    faults: dict[Any, Any] = {
        HTTPException: _refused,
        DeepPlunderError: functools.partial(_failed, 400),
        OSError: functools.partial(_failed, 507),
    }
    return Starlette(routes=routes, exception_handlers=faults)


async def _refused(request: Request, error: HTTPException) -> Response:
    return JSONResponse({"error": error.detail}, status_code=error.status_code)


async def _failed(status: int, request: Request, error: Exception) -> Response:
    return JSONResponse({"error": reason_of(error)}, status_code=status)


class _Handlers:
    def __init__(self, queue: Queue, marks: Marks, runner: Runner, most_bytes: int) -> None:
        self._queue, self._marks, self._runner = queue, marks, runner
        self._most_bytes = most_bytes
        self._uploads = asyncio.Semaphore(_MOST_UPLOADS)
        self._one_kit = threading.Lock()
        self._galleries: dict[str, dict[str, Any]] = {}

    async def page(self, request: Request) -> Response:
        return Response(page(), media_type="text/html")

    async def static(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in STATIC:
            raise HTTPException(404, "no such file")
        return Response(static_file(name), media_type=STATIC[name])

    async def state(self, request: Request) -> Response:
        try:
            since = int(request.query_params.get("since", "-1"))
        except ValueError:
            raise HTTPException(400, "since: must be a whole number") from None
        version, ids, songs = self._queue.changed_since(since)
        rows = [
            {key: value for key, value in dataclasses.asdict(song).items() if key != "version"}
            for song in songs
        ]
        return JSONResponse(
            {"version": version, "ids": ids, "songs": rows, "most_bytes": self._most_bytes}
        )

    async def upload(self, request: Request) -> Response:
        title = Path(request.query_params.get("name", "")).name[:200]
        rule = f"a song may have at most {self._most_bytes / 1e6:,.0f} MB"
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self._most_bytes:
            raise HTTPException(413, rule)
        # Each upload that waits keeps its bytes in the browser.
        async with self._uploads:
            with self._queue.new_file(title) as path:
                count = 0
                with path.open("wb") as file:
                    try:
                        async for block in request.stream():
                            count += len(block)
                            if count > self._most_bytes:
                                raise HTTPException(413, rule)
                            await run_in_threadpool(file.write, block)
                    except ClientDisconnect:
                        return Response(status_code=400)
                if not count:
                    raise InputError(f"{title}: is empty")
                song = await run_in_threadpool(self._queue.add, title, path)
        return JSONResponse({"id": song.id}, status_code=201)

    async def change(self, request: Request) -> Response:
        changes: dict[str, Callable[[str], bool]] = {
            "cancel": self._runner.cancel,
            "restart": self._queue.restart,
            "remove": self._queue.remove,
        }
        change = changes.get(request.path_params["change"])
        if change is None:
            raise HTTPException(404, f"must be one of {', '.join(changes)}")
        if not await run_in_threadpool(change, request.path_params["id"]):
            raise HTTPException(409, "the song is not in a state for that")
        self._galleries.pop(request.path_params["id"], None)
        return JSONResponse({})

    async def song(self, request: Request) -> Response:
        key = request.path_params["id"]
        if key not in self._galleries:
            self._galleries[key] = await run_in_threadpool(self._gallery, key)
        return JSONResponse(self._galleries[key])

    def _gallery(self, key: str) -> dict[str, Any]:
        song = self._queue.song(key)
        if song is None or song.state != "done":
            raise HTTPException(404, "no such song is done")
        folders = read_songs(self._queue.clips / song.folder, report=_ignore)
        data = gallery_data(
            folders,
            title="",
            base=self._queue.folder,
            report=_ignore,
            song_address=lambda folder: f"songs/{song.file.replace('#', '%23')}",
        )
        # The page of a song is for its folder; here it would be a second app.
        return {**data["songs"][0], "page": ""}

    async def marks(self, request: Request) -> Response:
        return JSONResponse({"marks": self._marks.all()})

    async def mark(self, request: Request) -> Response:
        found = await _json(request)
        try:
            clip = str(found["digest"]), float(found["onset_s"]), float(found["offset_s"])
            mark = str(found["mark"])
        except (KeyError, TypeError, ValueError) as error:
            rule = "must have digest, onset_s, offset_s and mark"
            raise HTTPException(400, rule) from error
        await run_in_threadpool(self._set_mark, clip, mark)
        return JSONResponse({})

    def _set_mark(self, clip: ClipKey, mark: str) -> None:
        self._marks.set(clip, mark, songs=self._songs())

    def _songs(self) -> list[SongFolder]:
        """Return the songs that are done, without those whose folders were edited and damaged."""
        _, _, songs = self._queue.changed_since(-1)
        done = [self._queue.clips / song.folder for song in songs if song.state == "done"]
        found: list[SongFolder] = []
        for folder in done:
            with suppress(InputError):
                found += read_songs(folder, report=_ignore)
        return found

    async def choices(self, request: Request) -> Response:
        await run_in_threadpool(self._marks.write)
        return FileResponse(self._marks.path, filename="choices.json")

    async def kit(self, request: Request) -> Response:
        clips = request.query_params.get("clips", "accepted")
        if clips not in ("accepted", "all"):
            raise HTTPException(400, "clips: must be accepted or all")
        path = await run_in_threadpool(self._write_kit, clips == "accepted")
        return FileResponse(path, filename="kit.zip", background=BackgroundTask(remove_path, path))

    def _write_kit(self, is_chosen: bool) -> Path:
        path = temporary_sibling(self._queue.folder / "kit.zip")
        with self._one_kit, tempfile.TemporaryDirectory(dir=self._queue.folder) as folder:
            songs = self._songs()
            if is_chosen:
                songs = accepted_songs(songs, self._marks.choices(), fail=_ignore)
            kit = Path(folder) / "kit"
            write_kit(songs, kit, fail=_ignore)
            try:
                # The sounds are no smaller when compressed.
                with zipfile.ZipFile(path, "w") as archive:
                    for file in sorted(kit.rglob("*")):
                        archive.write(file, Path("kit") / file.relative_to(kit))
            except BaseException:
                remove_path(path)
                raise
        return path

    async def file(self, request: Request) -> Response:
        path = await run_in_threadpool(self._place, request.path_params["place"])
        if path is None:
            raise HTTPException(404, "no such file")
        return FileResponse(path)

    def _place(self, place: str) -> Path | None:
        """Return a sound or a picture below the songs or the clips; None for all other paths."""
        top, _, below = place.partition("/")
        folder = {"songs": self._queue.songs, "clips": self._queue.clips}.get(top)
        parts = below.split("/")
        odd = any(part.startswith(".") or not part.isprintable() for part in parts)
        if folder is None or odd or "\\" in below or "" in parts:
            return None
        path = folder.joinpath(*parts)
        # A link must lead nowhere else either.
        real = os.path.realpath(path)
        inside = Path(real).is_relative_to(os.path.realpath(folder))
        served = path.suffix.lower() in _SERVED and Path(real).is_file()
        return path if inside and served else None


async def _json(request: Request) -> dict[str, Any]:
    body = b""
    async for block in request.stream():
        body += block
        if len(body) > _MOST_JSON_BYTES:
            raise HTTPException(413, f"must have at most {_MOST_JSON_BYTES} bytes")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "must be JSON") from error
    if not isinstance(found, dict):
        raise HTTPException(400, "must be a JSON object")
    return found


def _ignore(line: str) -> None:
    """Ignore a line about a missing clip: the page shows the others."""
