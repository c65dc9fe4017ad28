"""Store decoded and re-pitched audio on disk for all jobs.

The mixes of an experiment use the same sounds and songs again and again, in jobs that share
nothing else. A stored array equals a computed one bit for bit, so the store never affects the
audio. The key of an entry names the file, its state on disk and the parameters of the computation.
The folder of an entry names the version of the code. An entry can therefore become unused, but
never out of date. Entries of other versions are removed. Entries of this version stay until the
folder is deleted: once the store is full, it neither evicts nor adds.

An entry is an ``.npy`` file followed by checksums of its header and of each piece of 64 KiB.
Reading a part checks only the pieces that it touches. A damaged entry is computed again.
"""

from __future__ import annotations

import hashlib
import io
import logging
import math
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import numpy as np

from deep_plunder.audio import reading
from deep_plunder.errors import AudioError
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.checksums import block_sums
from deep_plunder.util.files import atomic_path
from deep_plunder.util.npy import NPY_ERRORS
from deep_plunder.util.temporaries import remove_abandoned

__all__ = ["VERSION_DIGITS", "Store"]

_BLOCK_S = 10
# Length in bytes of NumPy's header for an array of few dimensions.
_HEAD = 128
_PIECE = 1 << 16
_AT_ONCE = 8
_ALL = slice(None)
VERSION_DIGITS = 16
"""Number of hexadecimal digits in a version."""

_log = logging.getLogger(__name__)


class Store:
    """Audio on disk, shared by any number of processes.

    Parameters
    ----------
    folder : path-like, optional
        Folder of the store, which may be deleted at any time. None stores nothing.
    version : str
        Version of the code that computes the entries, `VERSION_DIGITS` hexadecimal digits. Entries
        of other versions in the same folder are removed.
    limit_bytes : float
        Greatest size in bytes. Once the store is full, nothing is added. Processes that write at
        the same time may exceed the limit by the entries that they are writing.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str] | None = None,
        *,
        version: str = "0" * VERSION_DIGITS,
        limit_bytes: float = 0,
    ) -> None:
        self._folder = None if folder is None or limit_bytes <= 0 else Path(folder) / version
        self._limit = limit_bytes
        self._size: int | None = None

    def read(
        self, path: str | os.PathLike[str], *, start: int, stop: int, rate: int
    ) -> tuple[Float32Array, int]:
        """Read a part of a recording from the store, or decode it with `audio.reading.read`.

        Parameters
        ----------
        path : path-like
            The recording.
        start, stop : int
            First frame, and the frame after the last.
        rate : int
            Expected sample rate, in Hz. If the file has another, nothing is stored.

        Returns
        -------
        audio : ndarray of float32, shape (frames, channels)
            The decoded part.
        rate : int
            Sample rate of the file, in Hz.

        Raises
        ------
        AudioError
            See `audio.reading.read`.
        """
        key = self._key(path, "block", rate)
        if key is None:
            return reading.read(path, start=start, stop=stop)
        size = _BLOCK_S * rate
        parts = []
        for number in range(start // size, -(-stop // size)):
            first = number * size
            file = self._file(key, number)
            wanted = slice(max(0, start - first), min(size, stop - first))
            entry = _read_entry(file, wanted)
            if entry is None:
                try:
                    block, file_rate = reading.read(path, start=first, stop=first + size)
                except AudioError:
                    # The fault may lie outside the requested part.
                    return reading.read(path, start=start, stop=stop)
                if file_rate != rate:
                    return reading.read(path, start=start, stop=stop)
                self._write(file, block)
                entry = block[wanted], len(block)
            part, rows = entry
            parts.append(part)
            if rows < size:
                break
        if not parts:
            return reading.read(path, start=start, stop=stop)
        return (np.concatenate(parts) if len(parts) > 1 else parts[0]), rate

    def made(
        self,
        path: str | os.PathLike[str],
        parameters: tuple[object, ...],
        make: Callable[[], Float32Array],
    ) -> Float32Array:
        """Return an array computed from a recording, or read it from the store.

        Parameters
        ----------
        path : path-like
            The recording.
        parameters : tuple
            Everything besides the recording that the array depends on.
        make : callable
            The function that computes the array.

        Returns
        -------
        array : ndarray of float32
            The array, which the caller may change.

        Raises
        ------
        AudioError
            If `make` raises it.
        """
        key = self._key(path, "made", *parameters)
        if key is None:
            return make()
        file = self._file(key)
        found = _read_entry(file)
        if found is not None:
            return found[0]
        made = make()
        self._write(file, made)
        return made

    def _key(self, path: str | os.PathLike[str], *parameters: object) -> tuple[object, ...] | None:
        """Return the key of an entry, or None where nothing can be stored."""
        if self._folder is None:
            return None
        try:
            state = Path(path).stat()
        except OSError:
            return None
        # A user can set back the modification time, but not the change time.
        times = state.st_mtime_ns, state.st_ctime_ns
        return (str(Path(path).absolute()), state.st_size, *times, *parameters)

    def _file(self, key: tuple[object, ...], *rest: object) -> Path:
        assert self._folder is not None
        digest = hashlib.sha256(repr((*key, *rest)).encode()).hexdigest()[:32]
        return self._folder / digest[:2] / f"{digest[2:]}.npy"

    def _write(self, path: Path, array: Float32Array) -> None:
        assert self._folder is not None
        try:
            if self._size is None:
                _remove_others(self._folder)
                self._size = _bytes_in(self._folder)
            if self._size + array.nbytes > self._limit:
                return
            with atomic_path(path) as temporary, temporary.open("wb") as file:
                file.write(_entry(array))
        except OSError as error:
            _log.warning("%s: cannot be written, stores no more audio: %s", self._folder, error)
            self._limit = -1
            return
        self._size += array.nbytes


def _entry(array: Float32Array) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    content = memoryview(buffer.getvalue())
    head, numbers = content[:_HEAD], content[_HEAD:]
    sums = np.concatenate([block_sums(head, _HEAD), block_sums(numbers, _PIECE)])
    return bytes(content) + sums.tobytes()


@lru_cache(maxsize=1024)
def _read_head(head: bytes) -> tuple[tuple[int, ...], np.uint64]:
    """Return the shape and the checksum of a header, cached since NumPy reads headers slowly."""
    file = io.BytesIO(head)
    np.lib.format.read_magic(file)
    shape, turned, kind = np.lib.format.read_array_header_1_0(file)
    if turned or kind != np.float32 or not shape or file.tell() != _HEAD:
        raise ValueError("not an entry of the store")
    return tuple(shape), block_sums(head, _HEAD)[0]


def _read_entry(path: Path, rows: slice = _ALL) -> tuple[Float32Array, int] | None:
    """Return some rows of an entry and its number of rows, or None if missing or damaged."""
    try:
        with path.open("rb", buffering=0) as file:
            descriptor = file.fileno()
            shape, head = _read_head(os.pread(descriptor, _HEAD, 0))
            size = 4 * math.prod(shape)
            pieces = -(-size // _PIECE)
            sums = np.frombuffer(os.pread(descriptor, 8 * pieces + 9, _HEAD + size), np.uint64)
            if len(sums) != 1 + pieces or sums[0] != head:
                return None
            start, stop, _ = rows.indices(shape[0])
            width = size // shape[0] if shape[0] else 0
            first, last = start * width // _PIECE, -(-stop * width // _PIECE)
            content = np.empty(min(last * _PIECE, size) - first * _PIECE, np.uint8)
            # The sums of some pieces at a time, while they are in the processor's cache.
            for piece in range(first, last, _AT_ONCE):
                until = min(piece + _AT_ONCE, last)
                part = content[(piece - first) * _PIECE : (until - first) * _PIECE]
                if os.preadv(descriptor, [part.data], _HEAD + piece * _PIECE) != len(part):
                    return None
                if (block_sums(part, _PIECE) != sums[1 + piece : 1 + until]).any():
                    return None
        below = start * width - first * _PIECE
        wanted = content[below : below + (stop - start) * width].view(np.float32)
        return wanted.reshape(stop - start, *shape[1:]), shape[0]
    except NPY_ERRORS:
        return None


def _remove_others(folder: Path) -> None:
    """Remove the entries of other versions of the code, which nothing reads any more."""
    for other in folder.parent.glob("[0-9a-f]" * VERSION_DIGITS):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)


def _bytes_in(folder: Path) -> int:
    total = 0
    for part in folder.glob("*"):
        remove_abandoned(part)
    for path in folder.glob("*/*"):
        # Another process may have renamed its temporary file since the listing.
        with suppress(FileNotFoundError):
            total += path.stat().st_size
    return total
