"""List the tracker modules below folders, with the author of each.

A module is named by its path below its folder. Where a second folder holds the same path, a number
is added. The author is the part of the file's name before ``__``, where the public corpus writes
the package. If the name has no ``__``, the folder of the file counts as its author. A file in no
folder is an author of its own. Modules of one author stay together when they are split.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from deep_plunder.audio.openmpt import MODULE_SUFFIXES
from deep_plunder.util.listing import files_below
from deep_plunder.util.tables import Bounds, Number, Seconds

__all__ = [
    "ModuleFile",
    "RejectedModule",
    "TrackerModule",
    "author_of",
    "list_modules",
    "version_suffix",
]


def version_suffix(version: int) -> str:
    """Return the end of the name of a module's version.

    Parameters
    ----------
    version : int
        1 is the module as it was written.

    Returns
    -------
    suffix : str

    Examples
    --------
    >>> version_suffix(1), version_suffix(2)
    ('', ' (version 2)')
    """
    return "" if version == 1 else f" (version {version})"


@dataclass(frozen=True, slots=True)
class TrackerModule:
    """A usable tracker module.

    Attributes
    ----------
    module : str
        Unique name: the path below its folder, and the number of the version from the second on.
    author : str
        Modules of one author stay in one split.
    path : str
        Path of the file.
    seconds : float
        Length of the part that is used.
    regions : int
        Number of isolated sounds.
    isolated_s, ignored_s : float
        Time in which one sound is alone, and time that is not judged.
    gain : float
        Factor on the module's samples.
    truth : str
        Path of its truth without a suffix (`deep_plunder.mixes.modules.scan`).
    digest : str
        First digits of the SHA-256 of the file.
    version : int
        1 is the module as it was written. The others are for training alone.
    speed : float
        Factor on its tempo and on all frequencies.
    silent : str
        Numbers of its silent channels, from 0, separated by commas.
    """

    module: str
    author: str
    path: str
    seconds: Seconds
    regions: Number
    isolated_s: Seconds
    ignored_s: Seconds
    gain: Annotated[float, Bounds(0, 1)]
    truth: str
    digest: str
    version: Annotated[int, Bounds(1, 99)]
    speed: Annotated[float, Bounds(0.5, 2)]
    silent: str

    @property
    def plain(self) -> str:
        """Name of the module as it was written."""
        return self.module.removesuffix(version_suffix(self.version))


@dataclass(frozen=True, slots=True)
class RejectedModule:
    """A rejected module.

    Attributes
    ----------
    module : str
        Its name, as in `TrackerModule`.
    reason : str
        Why it cannot be used, in one line.
    """

    module: str
    reason: str


@dataclass(frozen=True, slots=True)
class ModuleFile:
    """A file that may be a tracker module.

    Attributes
    ----------
    module, author : str
        See `TrackerModule`.
    path : Path
        The file.
    """

    module: str
    author: str
    path: Path


def author_of(name: str) -> str:
    """Return the author of a module.

    Parameters
    ----------
    name : str
        The path of the module below its folder.

    Returns
    -------
    author : str

    Examples
    --------
    >>> [author_of(name) for name in ("Ann__Tide.xm", "bob/tide.it", "tide.mod")]
    ['Ann', 'bob', 'tide.mod']
    """
    folder, _, file = name.rpartition("/")
    before, mark, _ = file.partition("__")
    return before if mark and before else folder or file


def list_modules(folders: Iterable[str | os.PathLike[str]]) -> list[ModuleFile]:
    """List the tracker modules below some folders.

    Parameters
    ----------
    folders : iterable of path-like
        Hidden files are left out (`util.listing.files_below`).

    Returns
    -------
    files : list of ModuleFile
        In the order of the folders, then of names.

    Examples
    --------
    >>> Path("Ann__Tide.xm").touch()
    >>> [(file.module, file.author) for file in list_modules(["."])]
    [('Ann__Tide.xm', 'Ann')]
    """
    files, taken = [], set()
    for folder in folders:
        for path in files_below(folder, suffixes=MODULE_SUFFIXES):
            plain = name = path.relative_to(folder).as_posix()
            number = 2
            while name in taken:
                name, number = f"{plain} ({number})", number + 1
            taken.add(name)
            files.append(ModuleFile(name, author_of(plain), path))
    return files
