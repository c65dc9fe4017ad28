"""Compute digests of files, and read a file again only if it has changed."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import stat
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deep_plunder.util.files import write_text

__all__ = ["ContentDigests"]

_log = logging.getLogger(__name__)

_THREADS = 4
_NOTED_BYTES = 10**9
# Two changes within one tick of a file system's clock have the same time. FAT's tick is 2 s.
_SETTLED_NS = 2 * 10**9

_State = tuple[int, int, int, int]


class ContentDigests:
    """Digests of the content of files, stored across processes.

    A file is read again only if its size, times or inode differ from before. One of these times is
    that of the last change (``st_ctime``). Unlike the time of the last writing, no program can set
    it, so every edit is noticed.

    Parameters
    ----------
    memory : path-like, optional
        File in which digests are stored. You may remove it at any time; then all files are read
        again. If it cannot be read or written, no digests are stored.
    note : callable, optional
        Function that receives one line of text before more than a gigabyte is read.

    Examples
    --------
    >>> digests = ContentDigests()
    >>> digests.of([])
    {}
    """

    def __init__(
        self,
        memory: str | os.PathLike[str] | None = None,
        *,
        note: Callable[[str], object] | None = None,
    ) -> None:
        self._memory = None if memory is None else Path(memory)
        self._note = note
        self._known: dict[str, tuple[_State, str]] | None = None
        self._used: set[str] = set()

    def of(self, paths: Iterable[str | os.PathLike[str]]) -> dict[Path, str]:
        """Return the digests of files.

        Parameters
        ----------
        paths : iterable of path-like

        Returns
        -------
        digests : dict
            Path -> 16 hexadecimal digits. Paths that are no readable files are left out.
        """
        if self._known is None:
            self._known = _remembered(self._memory)
        found: dict[Path, str] = {}
        unread: dict[Path, _State] = {}
        for path in map(Path, paths):
            state = _state(path)
            if state is None:
                continue
            name = os.path.abspath(path)  # noqa: PTH100 (resolves no links)
            self._used.add(name)
            known = self._known.get(name)
            if known is not None and known[0] == state:
                found[path] = known[1]
            else:
                unread[path] = state
        if unread:
            found |= self._read(unread)
        return found

    def _read(self, unread: dict[Path, _State]) -> dict[Path, str]:
        assert self._known is not None
        total = sum(state[0] for state in unread.values())
        if self._note is not None and total > _NOTED_BYTES:
            self._note(
                f"Reading {len(unread):,} new or changed files ({total / 1e9:.1f} GB) once, to "
                "notice later whether their content changes"
            )
        with ThreadPoolExecutor(_THREADS) as pool:
            digests = dict(zip(unread, pool.map(_digest, unread), strict=True))
        now = time.time_ns()
        for path, state in unread.items():
            digest, settled = digests[path], now - max(state[1:3]) > _SETTLED_NS
            if digest is not None and settled and _state(path) == state:
                self._known[os.path.abspath(path)] = (state, digest)  # noqa: PTH100
        self._remember()
        return {path: digest for path, digest in digests.items() if digest is not None}

    def _remember(self) -> None:
        if self._memory is None or self._known is None:
            return
        entries = {
            name: [*state, digest]
            for name, (state, digest) in self._known.items()
            if name in self._used or os.path.exists(name)  # noqa: PTH110 (takes any text)
        }
        try:
            write_text(self._memory, json.dumps(entries))
        except OSError as error:
            _log.info("%s: digests are not remembered: %s", self._memory, error)


def _state(path: Path) -> _State | None:
    """Return the size, times and inode of a file; None if it is no file."""
    try:
        state = path.stat()
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(state.st_mode):
        return None
    return state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino


def _digest(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:16]
    except OSError:
        return None


def _remembered(memory: Path | None) -> dict[str, tuple[_State, str]]:
    if memory is None:
        return {}
    try:
        entries = json.loads(memory.read_text(encoding="utf-8"))
        return {
            str(name): ((int(size), int(mtime), int(ctime), int(inode)), str(digest))
            for name, (size, mtime, ctime, inode, digest) in entries.items()
        }
    except (OSError, ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return {}
