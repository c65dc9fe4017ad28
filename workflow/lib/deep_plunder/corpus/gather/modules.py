"""Write the tracker modules of free games, unchanged from their packages."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from deep_plunder.audio.openmpt import MODULE_SUFFIXES
from deep_plunder.corpus.gather.packages import Package
from deep_plunder.corpus.gather.parts import write_part
from deep_plunder.errors import InputError

__all__ = ["write_modules"]

_log = logging.getLogger(__name__)

_SMALLEST, _LARGEST = 3000, 8_000_000
"""Size in bytes below which a module holds no music."""


def _is_module(name: PurePosixPath) -> bool:
    return name.suffix.lower() in MODULE_SUFFIXES


def write_modules(
    folder: Path, licences: Path, *, packages: Sequence[Package], debs: Sequence[Path]
) -> int:
    """Copy the tracker modules of packages.

    Parameters
    ----------
    folder : Path
        The folder to write: ``PACKAGE__NAME.SUFFIX``.
    licences : Path
        The folder of their licences.
    packages : sequence of Package
    debs : sequence of Path
        The .deb file of each.

    Returns
    -------
    count : int
        Number of modules written.

    Raises
    ------
    InputError
        If a package cannot be unpacked or holds no module.
    """
    count = 0
    with write_part(folder, licences, packages=packages, debs=debs) as part:
        for package, root in part.unpacked(_is_module):
            paths = [
                path
                for path in sorted(root.rglob("*"), key=Path.as_posix)
                if _is_module(PurePosixPath(path)) and _SMALLEST < path.stat().st_size < _LARGEST
            ]
            if not paths:
                raise InputError(f"{package.package} {package.version}: holds no module")
            for path in paths:
                file = f"{package.package}__{path.name}"
                shutil.copyfile(path, part.folder / file)
                part.add(file, package)
            count += len(paths)
    _log.info("%d modules", count)
    return count
