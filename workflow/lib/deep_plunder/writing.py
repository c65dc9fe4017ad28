"""Tell what a user can mend when a file cannot be written: which one, and why.

Errors of writing name no file by themselves, those of opening one that takes its name later name
a temporary one, and libsndfile keeps their cause to itself.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["cause", "naming"]

_PIECE, _PIECES = 1 << 16, 16


@contextmanager
def naming(path: str | os.PathLike[str]) -> Iterator[None]:
    """Let every `OSError` of a block name the file or folder that the block writes.

    Parameters
    ----------
    path : path-like
        Its final name.

    Raises
    ------
    OSError
        With the number and the text of the one that was raised.
    """
    try:
        yield
    except OSError as error:
        number, text = error.errno or errno.EIO, error.strerror or str(error)
        raise OSError(number, text, os.fspath(path)) from error


def cause(path: str | os.PathLike[str], told: str) -> OSError:
    """Find out why a library could not write a file, by writing on where it stopped.

    Parameters
    ----------
    path : path-like
        What it was writing; is of no use then.
    told : str
        What the library says.

    Returns
    -------
    error : OSError
        To be raised. Where the file can be written now, it says what the library did.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            for _ in range(_PIECES):
                os.write(descriptor, bytes(_PIECE))
        finally:
            os.close(descriptor)
    except OSError as error:
        return error
    return OSError(errno.EIO, f"cannot be written: {told}", os.fspath(path))
