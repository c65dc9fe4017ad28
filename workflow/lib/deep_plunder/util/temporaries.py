"""Names of temporary files that identify their writer, so that a later run can remove them.

A killed process leaves its unfinished files behind. The name of a temporary file holds the machine,
the process, and the time when the process began. The next process that writes to the same folder
removes the files of processes that have ended. Files from other machines, such as nodes of a
cluster, stay: this machine cannot see whether their processes are alive.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import os
import re
import shutil
import socket
from pathlib import Path
from uuid import uuid4

__all__ = ["remove_abandoned", "remove_path", "temporary_sibling"]

_log = logging.getLogger(__name__)

_NAME = re.compile(
    r"\..{0,80}\.(?P<machine>[0-9a-f]{8})-(?P<process>[0-9]+)-(?P<start>[0-9]*)-[0-9a-f]{8}"
    r"(\.[^.]*)?",
    re.DOTALL,
)
# Field of /proc/PID/stat after the name of the program: the time when the process began.
_START = 19


@functools.cache
def _machine() -> str:
    """Return a name for the machine or container within which process numbers are unique."""
    try:
        space = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        space = ""
    return hashlib.sha256(f"{socket.gethostname()}\0{space}".encode()).hexdigest()[:8]


def _start_of(process: int) -> str:
    """Return when a process began, in ticks since the machine's start; empty if unknown."""
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
        return text.rpartition(")")[2].split()[_START]
    except (OSError, IndexError):
        return ""


@functools.cache
def _writer(process: int) -> str:
    return f"{_machine()}-{process}-{_start_of(process)}"


def _lives(process: int, start: str) -> bool:
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    found = _start_of(process)
    # The system reuses process numbers.
    return not start or not found or found == start


def temporary_sibling(path: Path) -> Path:
    """Return a temporary name beside a file or folder.

    Parameters
    ----------
    path : Path

    Returns
    -------
    temporary : Path
        A hidden, unused name with this process in it. The suffix is that of `path`, since writers
        of audio and models choose their format by it.
    """
    owner = f"{_writer(os.getpid())}-{uuid4().hex[:8]}"
    return path.with_name(f".{path.stem[:80]}.{owner}{path.suffix}")


def remove_path(path: Path) -> None:
    """Remove a file, a link or a folder, and log a warning if that fails.

    Read-only folders are removed too.

    Parameters
    ----------
    path : Path
        May be missing.
    """
    try:
        if path.is_symlink() or path.is_file():
            path.unlink(missing_ok=True)
        elif path.exists():
            try:
                shutil.rmtree(path)
            except PermissionError:
                _open_up(path)
                shutil.rmtree(path)
    except OSError as error:
        _log.warning("%s: cannot be removed: %s", path, error.strerror or error)


def _open_up(folder: Path) -> None:
    """Make a folder and the folders below it writable, so that they can be removed."""
    folder.chmod(0o700)
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            _open_up(path)


def remove_abandoned(folder: Path) -> None:
    """Remove the temporary files in a folder whose processes on this machine have ended.

    Parameters
    ----------
    folder : Path
        The folder to search, once per process. A missing or unreadable folder is ignored.
    """
    _remove_abandoned(os.getpid(), folder.absolute())


@functools.lru_cache(maxsize=4096)
def _remove_abandoned(process: int, folder: Path) -> None:
    try:
        names = os.listdir(folder)  # noqa: PTH208
    except OSError:
        return
    for name in names:
        found = _NAME.fullmatch(name) if name.startswith(".") else None
        if found is None or found["machine"] != _machine():
            continue
        if not _lives(int(found["process"]), found["start"]):
            remove_path(folder / name)
