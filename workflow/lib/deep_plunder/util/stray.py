"""Catch the lines that a library in C writes to standard error, past Python."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

__all__ = ["stray_lines"]

_STANDARD_ERROR = 2
# The descriptor belongs to the whole process. One thread at a time leads it elsewhere, so that a
# line belongs to the file that this thread reads.
_lock = threading.Lock()


@cache
def _file() -> int | None:
    """Return the descriptor of a temporary file; None if there is no room for one."""
    try:
        with tempfile.TemporaryFile() as file:
            return os.dup(file.fileno())
    except OSError:
        return None


@contextmanager
def stray_lines(pattern: re.Pattern[bytes]) -> Iterator[list[str]]:
    r"""Catch lines from the descriptor of standard error while the block runs.

    Only one thread is within such a block at a time; the others wait.

    Parameters
    ----------
    pattern : re.Pattern
        Matches the lines to catch, with their ends. What other threads write meanwhile is passed
        on after the block.

    Yields
    ------
    lines : list of str
        Filled when the block ends. Stays empty if the process has no standard error, or no place
        for a temporary file.

    Examples
    --------
    >>> with stray_lines(re.compile(rb"Note: .*\n")) as lines:
    ...     size = os.write(2, b"Note: the input ends\n")
    >>> lines
    ['Note: the input ends']
    """
    lines: list[str] = []
    with _lock:
        file = None if sys.__stderr__ is None else _file()
        if file is None:
            yield lines
            return
        kept = os.dup(_STANDARD_ERROR)
        os.dup2(file, _STANDARD_ERROR)
        try:
            yield lines
        finally:
            os.dup2(kept, _STANDARD_ERROR)
            os.close(kept)
            if size := os.lseek(file, 0, os.SEEK_CUR):
                written = os.pread(file, size, 0)
                os.ftruncate(file, 0)
                os.lseek(file, 0, os.SEEK_SET)
                for line in pattern.findall(written):
                    lines.append(line.decode(errors="replace").strip())
                _pass_on(pattern.sub(b"", written))


def _pass_on(written: bytes) -> None:
    while written:
        try:
            written = written[os.write(_STANDARD_ERROR, written) :]
        except OSError:
            # Nobody reads it, or the disk is full.
            return
