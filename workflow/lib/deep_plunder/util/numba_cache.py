"""Share the code that numba compiles between jobs.

Jobs that write to one cache of numba at once can corrupt it, and then the next job that reads it
crashes. Each job therefore has a cache of its own, which begins as a copy of the code that earlier
jobs compiled. Without the copy, a job that uses librosa would first compile for 15 seconds.
"""

from __future__ import annotations

import logging
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deep_plunder.util.files import atomic_path
from deep_plunder.util.temporaries import remove_abandoned, remove_path, temporary_sibling

__all__ = ["numba_cache"]

_KEY = "NUMBA_CACHE_DIR"
_FAULTS = (OSError, zipfile.BadZipFile, NotImplementedError, EOFError, ValueError)

_log = logging.getLogger(__name__)


@contextmanager
def numba_cache(archive: str | os.PathLike[str]) -> Iterator[None]:
    """Let numba keep compiled code in a folder of this process while the block runs.

    Parameters
    ----------
    archive : path-like
        The code that earlier blocks compiled: a ZIP file with the checksum of each member. When the
        block succeeds and has compiled something new, the archive is replaced as a whole. A damaged
        archive is not used. The folder lies beside it and is removed at the end.

    Notes
    -----
    Enter the block before numba is imported. The user's own ``NUMBA_CACHE_DIR``, which all jobs
    would share, holds again after it.
    """
    users = os.environ.get(_KEY)
    archive = Path(archive)
    folder = temporary_sibling(archive.with_suffix(""))
    kept = _taken(archive, folder)
    os.environ[_KEY] = str(folder.absolute())
    try:
        yield
        _keep(archive, folder, kept)
    finally:
        if users is None:
            del os.environ[_KEY]
        else:
            os.environ[_KEY] = users
        remove_path(folder)


def _taken(archive: Path, folder: Path) -> int:
    """Copy an archive to a folder, and return its number of files."""
    try:
        archive.parent.mkdir(parents=True, exist_ok=True)
        remove_abandoned(archive.parent)
        folder.mkdir()
        with zipfile.ZipFile(archive) as old:
            # Extracting checks the sums, and writes nothing outside the folder.
            old.extractall(folder)
            return len(old.namelist())
    except FileNotFoundError:
        return 0
    except _FAULTS as error:
        _log.warning("%s: compiles anew: %s", archive, error)
        remove_path(folder)
        return 0


def _keep(archive: Path, folder: Path, kept: int) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if len(files) <= kept:
        return
    try:
        with atomic_path(archive) as temporary, zipfile.ZipFile(temporary, "w") as new:
            for path in files:
                new.write(path, path.relative_to(folder).as_posix())
    except _FAULTS as error:
        _log.warning("%s: cannot be written: %s", archive, error)
