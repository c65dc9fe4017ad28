"""Copy folders as a whole, by links where the disk allows."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from deep_plunder.errors import InputError
from deep_plunder.util.files import atomic_directory
from deep_plunder.util.listing import files_below
from deep_plunder.util.names import shown

__all__ = ["copy_files"]


def copy_files(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    beside: Iterable[str | os.PathLike[str]] = (),
    without: Iterable[str | os.PathLike[str]] = (),
) -> int:
    """Copy the files below a folder to a new folder, hidden files left out.

    Parameters
    ----------
    source : path-like
        The folder. A file is shared with the copy (a hard link) where both lie on one disk.
    target : path-like
        The copy, which replaces what is there as a whole.
    beside : iterable of path-like
        Further files, for the top of the copy.
    without : iterable of path-like
        Folders to leave out.

    Returns
    -------
    count : int
        Number of files.

    Raises
    ------
    InputError
        If there is no file to copy.
    OSError
        If a file cannot be read or written.

    Examples
    --------
    >>> Path("sounds/kick").mkdir(parents=True)
    >>> Path("sounds/kick/a.wav").touch()
    >>> copy_files("sounds", "copy")
    1
    >>> Path("copy/kick/a.wav").is_file()
    True
    """
    source = Path(source)
    files = [(path, path.relative_to(source)) for path in files_below(source, without=without)]
    files += [(Path(path), Path(Path(path).name)) for path in beside]
    if not files:
        raise InputError(f"{shown(source)}: must hold files to copy, holds none")
    with atomic_directory(target) as folder:
        for path, name in files:
            copy = folder / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            _copy(path, copy)
    return len(files)


def _copy(path: Path, copy: Path) -> None:
    # The target of a link may be the user's own file.
    if Path(os.path.realpath(path)) == path.absolute():
        try:
            os.link(path, copy)
            return
        except OSError:
            # Another disk, or one without links.
            pass
    shutil.copy2(path, copy)
