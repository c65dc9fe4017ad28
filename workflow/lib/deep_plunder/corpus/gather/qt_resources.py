"""Read the files inside a binary resource of Qt (``.rcc``).

Qt's tool ``rcc`` writes such files. A header gives the places of three tables: a tree of folders
and files, their data, and their names. All numbers are big-endian. The root is the first node of
the tree, and the children of a folder are a row of nodes.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from deep_plunder.errors import InputError
from deep_plunder.util.names import shown

__all__ = ["read_resources"]

_HEADER = struct.Struct(">4s4I")
_NODE_BYTES = {1: 14, 2: 22, 3: 22}
_FOLDER, _COMPRESSED = 2, 1 | 4


def _node(content: bytes, start: int) -> tuple[int, int, int, int]:
    """Return the place of a node's name, its flags, and for a folder its children's span."""
    name, flags, count, first = struct.unpack_from(">IHII", content, start)
    return name, flags, count, first


def _files(content: bytes) -> Iterator[tuple[PurePosixPath, bytes]]:
    magic, version, tree, data, names = _HEADER.unpack_from(content)
    if magic != b"qres" or version not in _NODE_BYTES:
        raise ValueError("it has no header of versions 1 to 3")
    size = _NODE_BYTES[version]
    left, seen = [(0, PurePosixPath())], {0}
    while left:
        index, path = left.pop()
        place, flags, count, first = _node(content, tree + index * size)
        if index:
            (length,) = struct.unpack_from(">H", content, names + place)
            start = names + place + 6
            path /= content[start : start + 2 * length].decode("utf-16-be").replace("/", "_")
        if flags & _FOLDER:
            children = range(first, first + count)
            if not seen.isdisjoint(children) or children.stop > len(content):
                raise ValueError("a folder lies in itself")
            seen.update(children)
            left += [(child, path) for child in children]
        elif not flags & _COMPRESSED:
            (start,) = struct.unpack_from(">I", content, tree + index * size + 10)
            (length,) = struct.unpack_from(">I", content, data + start)
            found = content[data + start + 4 : data + start + 4 + length]
            if len(found) < length:
                raise ValueError("it ends too soon")
            yield path, found


def read_resources(
    path: str | os.PathLike[str], *, suffix: str
) -> list[tuple[PurePosixPath, bytes]]:
    """Read the files with a suffix in a binary resource that are not compressed.

    Parameters
    ----------
    path : path-like
        The resource.
    suffix : str
        The suffix of the files, such as ``.ogg``.

    Returns
    -------
    files : list of (PurePosixPath, bytes)
        Path in the resource and content of each file, sorted by path. Media files, which hardly
        shrink, are stored without compression.

    Raises
    ------
    InputError
        If the file is no resource or is damaged.

    References
    ----------
    The Qt Company, "The Qt Resource System" (doc.qt.io): the tool ``rcc`` and its binary files.
    """
    try:
        found = list(_files(Path(path).read_bytes()))
    except (ValueError, struct.error) as error:
        raise InputError(f"{shown(path)}: is not a readable resource of Qt: {error}") from error
    return sorted(entry for entry in found if entry[0].suffix == suffix)
