"""Find the usable tracker modules, and write the truth of each.

A module must be rendered as a whole before it is known whether it can be used. So this stage
renders each of them channel by channel, in jobs that take every n-th module, and keeps the truth.
Mixes render the parts that they take once more, all channels at once, at a fraction of the cost.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from deep_plunder.audio.openmpt import MISSING, count_channels, is_there
from deep_plunder.corpus.modules import (
    ModuleFile,
    RejectedModule,
    TrackerModule,
    list_modules,
    version_suffix,
)
from deep_plunder.corpus.spec import ModuleSpec
from deep_plunder.errors import InputError
from deep_plunder.mixes.modules.render import render_module
from deep_plunder.mixes.modules.versions import PLAIN, Version, draw_version
from deep_plunder.truth.isolation import (
    STEP_S,
    UNKNOWN,
    IsolationTruth,
    read_isolation,
    write_isolation,
)
from deep_plunder.truth.regions import Region
from deep_plunder.util.files import atomic_directory
from deep_plunder.util.names import one_line
from deep_plunder.util.rng import generator
from deep_plunder.util.settings import default
from deep_plunder.util.tables import read_records, write_records

__all__ = [
    "MODULES_TABLE",
    "REJECTED_TABLE",
    "join_scans",
    "read_truth",
    "scan_modules",
    "version_of",
]

_log = logging.getLogger(__name__)

MODULES_TABLE, REJECTED_TABLE = "modules.tsv", "rejected.tsv"
"""Names of the tables of a part."""

_DIGITS = 16


def scan_modules(
    folders: Sequence[str | os.PathLike[str]],
    folder: str | os.PathLike[str],
    *,
    part: int = 0,
    parts: int = 1,
    versions: int = default(ModuleSpec, "versions"),
    seed: int = 0,
) -> None:
    """Render tracker modules, and write those that can be used with their truth.

    Parameters
    ----------
    folders : sequence of path-like
        Folders of tracker modules (`corpus.modules.list_modules`).
    folder : path-like
        The folder to write, which is replaced as a whole or not at all: `MODULES_TABLE` (rows of
        `TrackerModule`), `REJECTED_TABLE` (rows of `RejectedModule`), and two files per module,
        named by its digest: ``.npz`` (`truth.isolation.write_isolation`) and ``.tsv`` (rows of
        `Region`).
    part, parts : int
        Which modules to render: those numbered `part`, `part` + `parts`, and so on.
    versions : int
        Number of versions of each module, the module itself included. Versions that cannot be used
        are left out.
    seed : int
        The seed of the configuration, which decides the versions.

    Raises
    ------
    InputError
        If libopenmpt is missing.
    OSError
        If a file cannot be written. The message names the folder.
    """
    if not is_there():
        raise InputError(f"modules.folders: {MISSING}")
    modules: list[TrackerModule] = []
    rejected: list[RejectedModule] = []
    with atomic_directory(folder) as temporary:
        for file in list_modules(folders)[part::parts]:
            try:
                modules.append(_scan(file, temporary, Path(folder)))
                _log.info("%s: %d regions", file.module, modules[-1].regions)
            except InputError as error:
                _log.warning("rejected: %s", error)
                rejected.append(RejectedModule(file.module, one_line(_reason(error, file))))
                continue
            for number in range(2, versions + 1):
                try:
                    row = _scan(file, temporary, Path(folder), number=number, seed=seed)
                except InputError as error:
                    _log.info("version %d left out: %s", number, error)
                else:
                    modules.append(row)
        write_records(temporary / MODULES_TABLE, TrackerModule, modules)
        write_records(temporary / REJECTED_TABLE, RejectedModule, rejected)


def _reason(error: InputError, file: ModuleFile) -> str:
    return str(error).removeprefix(f"{file.path}: ")


def _scan(
    file: ModuleFile, folder: Path, final: Path, *, number: int = 1, seed: int = 0
) -> TrackerModule:
    try:
        data = file.path.read_bytes()
    except OSError as error:
        raise InputError(f"{file.path}: cannot be read: {error.strerror}") from error
    digest = hashlib.sha256(data).hexdigest()[:_DIGITS]
    stem, version = digest, PLAIN
    if number > 1:
        stem = f"{digest}-{number}"
        rng = generator(seed, "versions", digest, number)
        version = draw_version(rng, channels=count_channels(data))
    song = render_module(file.path, version=version)
    truth = song.truth
    write_isolation(folder / f"{stem}.npz", truth)
    rows = [Region(0, on, off, sound, "", db) for on, off, db, sound in truth.regions]
    write_records(folder / f"{stem}.tsv", Region, rows)
    return TrackerModule(
        module=file.module + version_suffix(number),
        author=file.author,
        path=os.fspath(file.path),
        seconds=round(len(truth.state) * STEP_S, 3),
        regions=len(rows),
        isolated_s=round(sum(row.offset_s - row.onset_s for row in rows), 3),
        ignored_s=round(float(np.count_nonzero(truth.state == UNKNOWN)) * STEP_S, 3),
        gain=song.gain,
        truth=os.fspath(final / stem),
        digest=digest,
        version=number,
        speed=version.speed,
        silent=",".join(map(str, sorted(version.silent))),
    )


def version_of(module: TrackerModule) -> Version:
    """Return how a module of the table is played.

    Parameters
    ----------
    module : TrackerModule

    Returns
    -------
    version : Version

    Raises
    ------
    InputError
        If the table does not list channels.

    Examples
    --------
    >>> module = TrackerModule(
    ...     "song.it, version 2", "author", "song.it", 60.0, 4, 2.0, 0.5, 1.0, "truth/song-2",
    ...     "0a1b", version=2, speed=1.05, silent="0,3",
    ... )
    >>> version = version_of(module)
    >>> version.speed, sorted(version.silent)
    (1.05, [0, 3])
    """
    try:
        silent = frozenset(int(channel) for channel in module.silent.split(",") if channel)
    except ValueError:
        rule = f"silent must be numbers of channels, got {module.silent!r}"
        raise InputError(f"{module.module}: {rule}") from None
    return Version(module.speed, silent)


def join_scans(
    folders: Iterable[str | os.PathLike[str]],
) -> tuple[list[TrackerModule], list[RejectedModule]]:
    """Join the tables of all parts, and reject copies.

    Parameters
    ----------
    folders : iterable of path-like
        The folders that `scan_modules` wrote.

    Returns
    -------
    modules : list of TrackerModule
    rejected : list of RejectedModule
        Both in the order of names. Of files of the same content, the first is kept, since a copy
        could put a module into both the training set and the test set.

    Raises
    ------
    InputError
        If a table cannot be read, or no module can be used.
    """
    modules: list[TrackerModule] = []
    rejected: list[RejectedModule] = []
    for folder in folders:
        modules += read_records(Path(folder) / MODULES_TABLE, TrackerModule)
        rejected += read_records(Path(folder) / REJECTED_TABLE, RejectedModule)
    first: dict[str, str] = {}
    kept = []
    for module in sorted(modules, key=lambda row: (row.plain, row.version)):
        original = first.setdefault(module.digest, module.plain)
        if original == module.plain:
            kept.append(module)
        elif module.version == 1:
            rejected.append(RejectedModule(module.module, one_line(f"a copy of {original}")))
    kept.sort(key=lambda row: row.module)
    rejected.sort(key=lambda row: row.module)
    if not kept:
        reason = rejected[0].reason if rejected else "there is none"
        raise InputError(f"modules.folders: must hold a module that can be used: {reason}")
    return kept, rejected


def read_truth(module: TrackerModule) -> IsolationTruth:
    """Read the truth of a module.

    Parameters
    ----------
    module : TrackerModule

    Returns
    -------
    truth : IsolationTruth

    Raises
    ------
    InputError
        If a file cannot be read.
    """
    regions = read_records(f"{module.truth}.tsv", Region)
    return read_isolation(f"{module.truth}.npz", regions)
