"""Write files whole or not at all, and name them safely.

A reader never sees half a file: what is written goes to a temporary sibling that takes the
final name only once it is complete.
"""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

__all__ = ["atomic_directory", "atomic_path", "safe_name"]


def _sibling(path: Path) -> Path:
    # The suffix stays last: audio and model writers choose their format by it.
    return path.with_name(f".{path.stem[:80]}.{uuid4().hex[:12]}{path.suffix}")


@contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path beside `path` that replaces it when the block succeeds.

    Parameters
    ----------
    path : path-like
        The file to write. Missing parent folders are made.

    Yields
    ------
    temporary : Path
        Where to write. It has the suffix of `path`. It is removed when the block raises.
    """
    path = Path(path)
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _sibling(path)
    try:
        yield temporary
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def atomic_directory(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give an empty temporary folder beside `path` that replaces it when the block succeeds.

    Parameters
    ----------
    path : path-like
        The folder to write. One that is there is replaced as a whole.

    Yields
    ------
    temporary : Path
        An empty folder. It is removed when the block raises.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _sibling(path)
    temporary.mkdir()
    try:
        yield temporary
        if path.exists():
            old = _sibling(path)
            os.replace(path, old)
            os.replace(temporary, path)
            shutil.rmtree(old)
        else:
            os.replace(temporary, path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def safe_name(text: str, *, taken: Container[str] = (), length: int = 80) -> str:
    """Turn any text into a file name that every system and sampler takes.

    Parameters
    ----------
    text : str
        Any text: accents are dropped, what is not A-Z a-z 0-9 ``_ - #`` becomes ``_``.
    taken : container of str
        Names already given, in lower case, since some file systems ignore case. A number
        is added until the name is new.
    length : int
        Longest name, in characters, before a number is added.

    Returns
    -------
    name : str
        Never empty.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9_#-]+", "_", plain).strip("_-")[:length].strip("_-") or "unnamed"
    name, number = plain, 2
    while name.lower() in taken:
        name, number = f"{plain}_{number}", number + 1
    return name
