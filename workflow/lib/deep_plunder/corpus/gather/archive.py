"""Read the files inside a Debian package, without dpkg.

A .deb file is an ``ar`` archive of three members; ``data.tar`` in one of several compressions
holds the files (deb(5)).
"""

from __future__ import annotations

import io
import lzma
import os
import shutil
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from deep_plunder.errors import InputError
from deep_plunder.util.names import shown

__all__ = ["unpack"]

_MAGIC = b"!<arch>\n"
_HEADER = 60


class _Part(io.RawIOBase):
    """A byte range of an open file, read from beginning to end."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._left = file, size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._file.read(min(len(buffer), self._left))
        self._left -= len(data)
        buffer[: len(data)] = data
        return len(data)


def _files(file: BinaryIO) -> _Part:
    """Find the member of a package that holds its files."""
    if file.read(len(_MAGIC)) != _MAGIC:
        raise ValueError("it is not an ar archive")
    while len(header := file.read(_HEADER)) == _HEADER:
        name, size = header[:16].decode("ascii").strip().rstrip("/"), int(header[48:58])
        if name.startswith("data.tar"):
            return _Part(file, size)
        file.seek(size + size % 2, os.SEEK_CUR)
    raise ValueError("it has no member data.tar")


def unpack(
    deb: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    *,
    wanted: Callable[[PurePosixPath], bool],
) -> list[Path]:
    """Write some of a package's files below a folder.

    Parameters
    ----------
    deb : path-like
        The package. It is read once, in blocks.
    folder : path-like
        The folder for the files, under their paths in the package. Links are left out.
    wanted : callable
        Returns whether to write a file, by its path in the package without a ``/`` in front.

    Returns
    -------
    files : list of Path
        The files written, sorted by name.

    Raises
    ------
    InputError
        If the file is no package or is damaged.
    """
    written: list[Path] = []
    try:
        with (
            Path(deb).open("rb") as file,
            tarfile.open(fileobj=io.BufferedReader(_files(file)), mode="r|*") as archive,
        ):
            for member in archive:
                name = PurePosixPath(member.name.lstrip("/"))
                if not member.isfile() or ".." in name.parts or not wanted(name):
                    continue
                content = archive.extractfile(member)
                assert content is not None
                target = Path(folder, name)
                target.parent.mkdir(parents=True, exist_ok=True)
                with content, target.open("wb") as out:
                    shutil.copyfileobj(content, out)
                written.append(target)
    except (ValueError, EOFError, tarfile.TarError, lzma.LZMAError, zlib.error) as error:
        raise InputError(f"{shown(deb)}: is not a readable Debian package: {error}") from error
    return sorted(written, key=Path.as_posix)
