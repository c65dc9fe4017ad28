"""List the files below a user's folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterable
from pathlib import Path

from deep_plunder.errors import InputError
from deep_plunder.util.names import shown

__all__ = ["entries_below", "files_below"]


def files_below(
    folder: str | os.PathLike[str],
    *,
    suffixes: Container[str] | None = None,
    shadows: Container[str] = (),
    without: Iterable[str | os.PathLike[str]] = (),
    onerror: Callable[[OSError], None] | None = None,
) -> list[Path]:
    """List the files below a user's folder. Every stage lists folders with this function.

    Hidden files and the contents of hidden folders are left out. Links to folders are followed.
    Each folder is visited once: under its own name if it lies below `folder`, else under the name
    of the first link to it.

    Parameters
    ----------
    folder : path-like
        The folder. It may be hidden or a link.
    suffixes : container of str, optional
        Suffixes of the files to list, in lower case. By default all files are listed.
    shadows : container of str
        Suffixes, in lower case, of hidden files ``._NAME`` to list too. macOS keeps the attributes
        of ``NAME`` in them, and callers report them to the user.
    without : iterable of path-like
        Folders to leave out, whatever name leads to them. `folder` itself is always visited.
    onerror : callable, optional
        Function that receives the error of each unreadable folder. By default such a folder counts
        as empty.

    Returns
    -------
    files : list of Path
        Paths that begin with `folder`, in the order of their names as text on every system. Broken
        links are included.
    """

    def meant(name: str) -> bool:
        suffix = Path(name).suffix.lower()
        if name.startswith("."):
            return name.startswith("._") and suffix in shadows
        return suffixes is None or suffix in suffixes

    seen = {os.path.realpath(other) for other in without} - {os.path.realpath(folder)}
    found: list[Path] = []
    roots = [Path(folder)]
    while roots:
        links: list[Path] = []
        for root in roots:
            for base, folders, names in os.walk(root, onerror=onerror):
                real = os.path.realpath(base)
                if real in seen:
                    folders.clear()
                    continue
                seen.add(real)
                folders[:] = sorted(name for name in folders if not name.startswith("."))
                # Later, so that a folder that is reached twice has its own name.
                # Path.is_symlink raises in a folder that can be listed but not entered.
                paths = [Path(base, name) for name in folders]
                links += [path for path in paths if os.path.islink(path)]  # noqa: PTH114
                found += [Path(base, name) for name in names if meant(name)]
        roots = links
    return sorted(found, key=Path.as_posix)


def entries_below(
    folder: str | os.PathLike[str], *, shadows: Container[str] = ()
) -> list[tuple[Path, str]]:
    """List the files below a folder, and the folders there that cannot be read.

    Parameters
    ----------
    folder, shadows
        See `files_below`.

    Returns
    -------
    entries : list of (Path, str)
        In the order of their names as text; beside a folder why it cannot be read, beside a file
        nothing.

    Raises
    ------
    InputError
        If `folder` itself cannot be read.
    """
    errors: list[OSError] = []
    files = files_below(folder, shadows=shadows, onerror=errors.append)
    faults = {Path(error.filename): error.strerror or str(error) for error in errors}
    if (fault := faults.get(Path(folder))) is not None:
        raise InputError(f"{shown(folder)}: cannot be read: {fault}")
    entries = [*((path, "") for path in files), *faults.items()]
    return sorted(entries, key=lambda entry: entry[0].as_posix())
