"""What one case may do: be accepted, or end in a `DeepPlunderError` of one line, soon.

It may write nowhere but in its folder, start no process and run nothing that it holds.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deep_plunder.errors import ConfigError, DeepPlunderError

__all__ = ["BrokenPropertyError", "check"]

SECONDS = 10
"""Time that one case may take, far more than any needs: see CONTRIBUTING.md."""
LONGEST_LINE = 2_000

_FORBIDDEN = frozenset(
    ["os.system", "subprocess.Popen", "os.exec", "os.posix_spawn", "os.fork", "pickle.find_class",
     "socket.connect"]
)  # fmt: skip
_CHANGES = frozenset(
    ["os.mkdir", "os.remove", "os.rmdir", "os.rename", "os.link", "os.symlink", "os.truncate",
     "os.chmod", "shutil.rmtree"]
)  # fmt: skip


class BrokenPropertyError(AssertionError):
    """A case did what none may do."""


class _Guard:
    """Watches what Python does while a case runs; an audit hook cannot be taken away."""

    def __init__(self) -> None:
        self.folder: str | None = None
        self.deed = ""
        sys.addaudithook(self._hear)

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if self.folder is None:
            return
        if event in _FORBIDDEN:
            self.deed = f"{event}{args[:1]}"
        elif event in _CHANGES or (event == "open" and _writes(args)):
            place = args[0]
            # `shutil.rmtree` goes by open folders below the one that it was heard of with.
            below = event != "open" and isinstance(args[-1], int) and args[-1] >= 0
            named = isinstance(place, str | bytes) and not below
            if named and not self._is_inside(os.fsdecode(place)):
                self.deed = f"{event} of {os.fsdecode(place)!r}"

    def _is_inside(self, path: str) -> bool:
        own = os.path.abspath(path)  # noqa: PTH100
        return own.startswith((f"{self.folder}{os.sep}", "/dev/null")) or own == self.folder


def _writes(args: tuple[Any, ...]) -> bool:
    flags = args[2] if len(args) > 2 and isinstance(args[2], int) else 0
    return bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC))


_guard = _Guard()


@contextmanager
def _in_time() -> Iterator[None]:
    def ring(*_: object) -> None:
        raise BrokenPropertyError(f"took more than {SECONDS} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def check(read: Callable[[Path], object], path: Path) -> bool:
    """Read a file, and see that nothing happens that may not.

    Parameters
    ----------
    read : callable
        What is tested.
    path : Path
        The file; nothing may be written outside its folder.

    Returns
    -------
    accepted : bool
        Whether it was read.

    Raises
    ------
    BrokenPropertyError
        If it wrote elsewhere, started a process, or its message is not one line for people.
    Exception
        Whatever else `read` raises: no traceback is for a user.
    """
    _guard.folder, _guard.deed = os.path.abspath(path.parent), ""  # noqa: PTH100
    faults: tuple[str, ...] = ()
    try:
        with _in_time():
            read(path)
    except ConfigError as error:
        faults = error.faults
    except DeepPlunderError as error:
        faults = (str(error),)
    finally:
        _guard.folder = None
    if _guard.deed:
        raise BrokenPropertyError(_guard.deed)
    for fault in faults:
        if not fault.isprintable() or not 0 < len(fault) <= LONGEST_LINE:
            raise BrokenPropertyError(f"is no line for people: {fault[:500]!r}")
    return not faults
