"""Read members of a model file, a zip archive, whoever made it, and replace one.

Keras stores members uncompressed, and only such members are read: a compressed one can claim to
be small and fill the memory, and decompressors fail in ways of their own.
"""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

from deep_plunder.errors import ModelError
from deep_plunder.util.names import shown

__all__ = ["read_members", "replace_member"]

# End of the central directory: PKWARE's APPNOTE.TXT, section 4.3.16.
_END = struct.Struct("<4s4H2LH")
_LONGEST_COMMENT = (1 << 16) - 1
_DIRECTORY_LIMIT = 1 << 16


def read_members(path: str | os.PathLike[str], limits: Mapping[str, int]) -> list[bytes]:
    """Read members of a model file.

    Parameters
    ----------
    path : path-like
    limits : mapping of str to int
        The members to read, each with its greatest size in bytes.

    Returns
    -------
    contents : list of bytes
        In the order of `limits`; each matches its checksum.

    Raises
    ------
    ModelError
        If the file cannot be read or is damaged, or a member is not there, too large or packed.
    """
    path, where = Path(path), shown(path)
    try:
        # A pipe that nobody writes to would keep it waiting.
        if not stat.S_ISREG(path.stat().st_mode):
            raise ModelError(f"{where}: cannot be read: is not a file")
        _check_directory(path, where)
        with zipfile.ZipFile(path) as archive:
            return [_member(where, archive, name, limit) for name, limit in limits.items()]
    except FileNotFoundError as error:
        raise ModelError(f"{where}: there is no such model file") from error
    except zipfile.BadZipFile as error:
        raise ModelError(f"{where}: is not a model file, or a damaged one: {error}") from error
    # Raised by `zipfile` for other damage: names in no encoding, places outside the file ...
    except (OSError, ValueError, RuntimeError, EOFError, struct.error, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise ModelError(f"{where}: cannot be read: {reason}") from error


def replace_member(
    path: str | os.PathLike[str], name: str, change: Callable[[bytes], bytes]
) -> None:
    """Replace the content of a member of a model file.

    Parameters
    ----------
    path : path-like
        The file, one that this process wrote. It is written again as a whole.
    name : str
        The member.
    change : callable
        Computes the new content from the old.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    with zipfile.ZipFile(path) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w") as archive:
        for info, content in members:
            archive.writestr(info, change(content) if info.filename == name else content)


def _check_directory(path: Path, where: str) -> None:
    """Check that the list of members takes little memory to read."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _END.size - _LONGEST_COMMENT))
        tail = file.read()
    start = tail.rfind(b"PK\5\6")
    if start >= 0 and len(tail) - start >= _END.size:
        length = _END.unpack_from(tail, start)[5]
        if length > _DIRECTORY_LIMIT:
            rule = f"its list of members must be at most {_DIRECTORY_LIMIT} bytes, is {length}"
            raise ModelError(f"{where}: {rule}")


def _member(where: str, archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise ModelError(f"{where}: is not a Deep Plunder model, it lacks {name}") from None
    if info.file_size > limit:
        raise ModelError(f"{where}: {name} must be at most {limit} bytes, is {info.file_size}")
    if info.compress_type != zipfile.ZIP_STORED:
        raise ModelError(f"{where}: {name} must be stored as it is, not packed")
    # Not `read`, which allocates as much as the compressed size claims.
    with archive.open(info) as member:
        return member.read(info.file_size)
