"""Write files and folders whole or not at all.

A reader never sees half a file: a writer fills a temporary sibling, which gets the final name only
when it is complete. The next process that writes to the same folder removes the temporary files of
killed processes (`util.temporaries`). Errors name the file that could not be written and the
reason. The system's own errors name no file, and libsndfile hides the reason.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deep_plunder.util.temporaries import remove_abandoned, remove_path, temporary_sibling

__all__ = [
    "atomic_directory",
    "atomic_path",
    "cause",
    "is_full",
    "naming",
    "without_empty",
    "write_text",
]

# Renames of a folder, in case other processes put theirs in its place meanwhile.
_TRIES = 10


def is_full(error: OSError) -> bool:
    """Return whether an error says that the disk, or a user's share of it, is full.

    Parameters
    ----------
    error : OSError

    Returns
    -------
    is_full : bool

    Examples
    --------
    >>> is_full(OSError(errno.ENOSPC, "No space left on device"))
    True
    """
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def _named(error: OSError, path: Path) -> OSError:
    return OSError(error.errno or errno.EIO, error.strerror or str(error), os.fspath(path))


@contextmanager
def naming(path: str | os.PathLike[str], *, written: Path | None = None) -> Iterator[Path]:
    """Make errors of writing in a block name the file or folder that the block writes.

    Parameters
    ----------
    path : path-like
        Its final name.
    written : Path, optional
        The name under which the block writes, if it is another.

    Yields
    ------
    written : Path

    Raises
    ------
    OSError
        With the number and the text of the one that was raised. One that names a file elsewhere,
        as that of a file that the block reads, stays as it is.
    """
    written = Path(path) if written is None else written
    try:
        yield written
    except OSError as error:
        # Of a copy that fails for want of room, the first name is that of the file that is read.
        no_room = is_full(error) or error.errno == errno.EFBIG
        other = error.filename2 if no_room else None
        place = other or error.filename
        named = None if place is None else Path(os.fsdecode(place))
        if named is None or named == Path(path) or named.is_relative_to(written):
            raise _named(error, Path(path)) from error
        raise


@contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Write a file under a temporary name beside it, and rename it when the block succeeds.

    Parameters
    ----------
    path : path-like
        The file to write. Missing parent folders are made. What killed processes left beside it
        is removed.

    Yields
    ------
    temporary : Path
        Where to write. It has the suffix of `path`. It is removed when the block raises.

    Raises
    ------
    OSError
        If the file cannot be written: with its name.
    """
    path = Path(path)
    _make_parent(path)
    temporary = temporary_sibling(path)
    try:
        with naming(path, written=temporary):
            yield temporary
            os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _make_parent(path: Path) -> None:
    if not path.parent.is_dir():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _named(error, path) from error
    remove_abandoned(path.parent)


def write_text(path: str | os.PathLike[str], text: str | Iterable[str]) -> None:
    r"""Write a text file as UTF-8 with ``\n`` line ends, whole or not at all.

    Parameters
    ----------
    path : path-like
        The file to write. Missing parent folders are made.
    text : str or iterable of str
        The text, or its consecutive parts.
    """
    parts = [text] if isinstance(text, str) else text
    with (
        atomic_path(path) as temporary,
        temporary.open("w", encoding="utf-8", newline="\n") as file,
    ):
        file.writelines(parts)


def _take_place(temporary: Path, path: Path, old: Path) -> None:
    """Rename a folder, after an existing file or folder of that name was moved to `old`."""
    for tries_left in reversed(range(_TRIES)):
        with suppress(FileNotFoundError):
            os.replace(path, old)
        try:
            os.replace(temporary, path)
            return
        except OSError as error:
            # Another process has put its own folder there meanwhile.
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR) or not tries_left:
                raise
            remove_path(old)


@contextmanager
def atomic_directory(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Fill an empty folder beside `path`, and rename it when the block succeeds.

    Parameters
    ----------
    path : path-like
        The folder to write. One that is there is replaced as a whole, a link or a file too.

    Yields
    ------
    temporary : Path
        An empty folder. It is removed when the block raises, and where it cannot take its name;
        then the folder that was there stays. Failures to remove are logged.

    Raises
    ------
    OSError
        If the folder or a file in it cannot be written: with the name of the folder.
    """
    path = Path(path)
    _make_parent(path)
    temporary, old = temporary_sibling(path), temporary_sibling(path)
    try:
        with naming(path, written=temporary):
            temporary.mkdir()
            yield temporary
            _take_place(temporary, path, old)
    finally:
        # The old folder comes back if the new one did not take its place.
        if os.path.lexists(old) and not os.path.lexists(path):
            os.replace(old, path)
        for left in (temporary, old):
            remove_path(left)


@contextmanager
def without_empty(folder: str | os.PathLike[str]) -> Iterator[None]:
    """Remove a folder at the end of a block that made it, and its new parents, if left empty.

    Parameters
    ----------
    folder : path-like
        May be missing. A folder that stood before the block stays.

    Examples
    --------
    >>> with without_empty("plunder/new"):
    ...     Path("plunder/new").mkdir(parents=True)
    >>> Path("plunder").exists()
    False
    """
    folder = Path(folder)
    new = [path for path in (folder, *folder.parents) if not os.path.lexists(path)]
    try:
        yield
    finally:
        for path in new:
            with suppress(OSError):
                path.rmdir()


# What `cause` writes to meet the error again: a megabyte.
_PIECE, _PIECES = 1 << 16, 16


def cause(path: str | os.PathLike[str], message: str) -> OSError:
    """Find out why a library could not write a file, by writing on where it stopped.

    Parameters
    ----------
    path : path-like
        The file that it was writing; useless afterwards.
    message : str
        The library's message.

    Returns
    -------
    error : OSError
        The error to raise. If the file can be written now, it quotes the library.
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
    return OSError(errno.EIO, f"cannot be written: {message}", os.fspath(path))
