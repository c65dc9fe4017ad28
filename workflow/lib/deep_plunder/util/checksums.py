r"""Checksums of the files that pass from stage to stage.

The checksum of a block is the sum of its 64-bit words (little endian, padded with zeros), modulo
2\ :sup:`64`. It changes with every flipped bit and costs a fraction of a CRC-32. The checksum of
a file is the BLAKE2b digest of the sums of its 64 KiB blocks and of its size, so it also changes
with the order of blocks and with the length. Neither protects against deliberate forgery.

Beside a file, or a few files that belong together, lies ``NAME.sums``: one line per file with its
name and its checksum.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from io import RawIOBase
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deep_plunder.errors import InputError
from deep_plunder.util.files import write_text

__all__ = [
    "block_sums",
    "check_files",
    "file_checksum",
    "read_checked",
    "sums_path",
    "write_sums",
]

_BLOCK = 1 << 16
# Blocks read at a time: they stay in the processor's cache, and calls cost little beside them.
_AT_ONCE = 16
_WORD = 8


def block_sums(data: bytes | memoryview | NDArray[np.uint8], size: int) -> NDArray[np.uint64]:
    """Compute the checksums of the blocks of some bytes.

    Parameters
    ----------
    data : bytes-like
    size : int
        Bytes per block, a multiple of 8; the last block may have fewer.

    Returns
    -------
    sums : ndarray of uint64, shape (blocks,)

    Examples
    --------
    >>> block_sums(bytes([1, 0, 0, 0, 0, 0, 0, 1, 2]), 8).tolist()
    [72057594037927937, 2]
    """
    array = np.frombuffer(data, np.uint8)
    count = len(array) // size
    sums = np.empty(-(-len(array) // size), np.uint64)
    words = array[: count * size].view("<u8").reshape(count, size // _WORD)
    np.add.reduce(words, axis=1, dtype=np.uint64, out=sums[:count])
    if count < len(sums):
        end = len(array) - len(array) % _WORD
        last = np.add.reduce(array[count * size : end].view("<u8"), dtype=np.uint64)
        rest = int.from_bytes(array[end:].tobytes(), "little")
        sums[count] = (int(last) + rest) % 2**64
    return sums


def _digest(sums: Iterable[NDArray[np.uint64]], size: int) -> str:
    digest = hashlib.blake2b(digest_size=_WORD)
    for some in sums:
        digest.update(some.astype("<u8").tobytes())
    digest.update(size.to_bytes(_WORD, "little"))
    return digest.hexdigest()


def file_checksum(path: str | os.PathLike[str], *, end: NDArray[np.generic] | None = None) -> str:
    """Compute the checksum of a file.

    Parameters
    ----------
    path : path-like
    end : ndarray, optional
        The last bytes of the file. They are not read from it.

    Returns
    -------
    checksum : str
        16 hexadecimal digits.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    with Path(path).open("rb", buffering=0) as file:
        if end is None:
            return _digest(*_sums_of(file))
        held = np.ascontiguousarray(end).reshape(-1).view(np.uint8)
        size = os.fstat(file.fileno()).st_size
        # Blocks are counted from the beginning of the file, so one may hold both.
        start = file.read(max(0, size - len(held)))
        first = -len(start) % _BLOCK
        head = start + held[:first].tobytes()
        return _digest([block_sums(head, _BLOCK), block_sums(held[first:], _BLOCK)], size)


def _sums_of(file: RawIOBase) -> tuple[list[NDArray[np.uint64]], int]:
    """Return the sums of the blocks of a file, and its size."""
    sums, size = [], 0
    piece = np.empty(_AT_ONCE * _BLOCK, np.uint8)
    while count := _filled(file, piece):
        sums.append(block_sums(piece[:count], _BLOCK))
        size += count
    return sums, size


def _filled(file: RawIOBase, piece: NDArray[np.uint8]) -> int:
    """Fill an array from a file, as far as the file goes."""
    filled = 0
    while filled < len(piece) and (count := file.readinto(piece[filled:].data)):
        filled += count
    return filled


def sums_path(path: str | os.PathLike[str]) -> Path:
    """Return the path of the checksum of a file.

    Parameters
    ----------
    path : path-like
        ``NAME``, with its suffix.

    Returns
    -------
    path : Path
        ``NAME.sums`` in the same folder.
    """
    path = Path(path)
    return path.with_name(f"{path.name}.sums")


def write_sums(
    path: str | os.PathLike[str],
    files: Iterable[Path],
    *,
    whole: bool = True,
    ends: Mapping[Path, NDArray[np.generic]] | None = None,
) -> None:
    """Write the checksums of files.

    Parameters
    ----------
    path : path-like
        ``NAME.sums``.
    files : iterable of Path
        In the same folder.
    whole : bool
        Whether to write to a temporary file first. False suffices in a folder that itself appears
        as a whole.
    ends : mapping of Path to ndarray, optional
        The end of some of the files, as in `file_checksum`.

    Raises
    ------
    OSError
        If a file cannot be read or written.
    """
    known = ends or {}
    text = "".join(f"{file.name} {file_checksum(file, end=known.get(file))}\n" for file in files)
    if whole:
        write_text(path, text)
    else:
        Path(path).write_text(text, encoding="utf-8", newline="\n")


def _read_sums(path: Path) -> Mapping[str, str] | None:
    """Read the checksums that `write_sums` wrote; None if there is no such file."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as a list of checksums: {error}") from error
    if not re.fullmatch(r"([^\n]+ [0-9a-f]{16}\n)+", text):
        raise InputError(
            f"{path}: must hold a name and a checksum per line: is damaged; "
            "remove it and what it belongs to, to make both again"
        )
    return dict(line.rsplit(" ", 1) for line in text.split("\n")[:-1])


def read_checked(path: str | os.PathLike[str]) -> bytes:
    """Read a file, and compare it with its checksum if that is there.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    content : bytes

    Raises
    ------
    OSError
        If the file cannot be read.
    InputError
        If its checksum differs.
    """
    path = Path(path)
    # Reading a pipe would block.
    if path.is_fifo():
        raise OSError(errno.EINVAL, "is a pipe", os.fspath(path))
    content = path.read_bytes()
    expected = _read_sums(sums_path(path))
    if expected is None:
        return content
    if expected.get(path.name) != _digest([block_sums(content, _BLOCK)], len(content)):
        kept = sums_path(path).name
        raise InputError(
            f"{path}: must have the checksum in {kept}: is damaged or was edited; "
            f"remove it to make it again, or {kept} to keep an edit"
        )
    return content


def check_files(path: str | os.PathLike[str], names: Iterable[str], *, remove: Path) -> None:
    """Check files against their checksums, if those are there.

    Parameters
    ----------
    path : path-like
        ``NAME.sums``.
    names : iterable of str
        The files that must be in it. All files in it are checked.
    remove : Path
        The path that the message says to remove.

    Raises
    ------
    InputError
        If a file is missing, or its checksum differs.
    """
    path = Path(path)
    expected = _read_sums(path)
    if expected is None:
        return
    for name in {**dict.fromkeys(names), **expected}:
        try:
            found = file_checksum(path.with_name(name))
        except (OSError, ValueError) as error:
            rule = f"{name!r} cannot be read ({error})"
            raise InputError(f"{path}: {rule}; remove {remove} to make it again") from error
        if expected.get(name) != found:
            raise InputError(
                f"{path.with_name(name)}: must have the checksum in {path.name}: is damaged; "
                f"remove {remove} to make it again"
            )
