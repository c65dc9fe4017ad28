"""Lines on standard output and standard error, and libraries that are kept from adding theirs."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from deep_plunder.errors import DeepPlunderError

__all__ = ["FOR_CONSOLE", "Faults", "complain", "say", "without_chatter"]

FOR_CONSOLE = {"for_console": True}
"""The `extra` of log records that a job of the workflow also shows on the console."""

_CHATTER = re.compile(
    r"WARNING: All log messages before absl|[IW]\d{4} \d\d:\d\d:\d\d|[IW]0000 "
    # ONNX Runtime complains, in colour, of graphics processors that it does not find.
    r"|(\x1b\[[\d;]*m)?\d{4}-\d\d-\d\d \S+ \[W:onnxruntime"
)


def _write(stream: TextIO, text: str) -> None:
    """Write a line, or raise DeepPlunderError."""
    try:
        stream.write(text + "\n")
        stream.flush()
    except OSError as error:
        # The rest of the buffer would fail again at the next line and at exit.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        # `| head -1` ends a tool whose output is its lines. Here it is clips: as with `tee`,
        # who stops reading about them does not stop them.
        if not isinstance(error, BrokenPipeError):
            raise DeepPlunderError(f"{stream.name}: {error.strerror}") from error


def say(text: str) -> None:
    """Write a line to standard output.

    Parameters
    ----------
    text : str

    Raises
    ------
    DeepPlunderError
        If the line cannot be written. A pipe that nobody reads is no error.
    """
    _write(sys.stdout, text)


def complain(text: str) -> None:
    """Write a line to standard error.

    Parameters
    ----------
    text : str

    Raises
    ------
    DeepPlunderError
        See `say`.
    """
    _write(sys.stderr, text)


class Faults:
    """Report the faults of inputs on standard error, and count them.

    Attributes
    ----------
    count : int
        Number of faults so far.

    Examples
    --------
    >>> Faults().code
    0
    """

    def __init__(self) -> None:
        self.count = 0

    @property
    def code(self) -> int:
        """Exit code of a command that had these faults and did all else."""
        return 1 if self.count else 0

    def __call__(self, text: str) -> None:
        """Write a fault to standard error.

        Parameters
        ----------
        text : str
            One line.

        Raises
        ------
        DeepPlunderError
            See `say`.
        """
        complain(text)
        self.count += 1


@contextmanager
def without_chatter() -> Iterator[None]:
    """Keep the messages of libraries about themselves off standard error, while a model loads.

    They write to the file descriptor, whatever their settings. Other lines are passed on after it.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as caught:
        os.dup2(caught.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            caught.seek(0)
            for line in caught.read().decode(errors="replace").splitlines():
                if not _CHATTER.match(line):
                    complain(line)
