"""Check whether a folder is a bench, or holds tracker modules or songs of two recordings."""

from __future__ import annotations

import os
from pathlib import Path

from deep_plunder.audio.openmpt import MODULE_SUFFIXES
from deep_plunder.util.listing import files_below

__all__ = ["STEMS", "bench_kind", "stem_folders"]

STEMS = ("guitar.ogg", "song.ogg")
"""The two files of a song."""

_NEEDED = ("audio", "regions", "labels32ms")


def stem_folders(folder: str | os.PathLike[str]) -> list[Path]:
    """List the songs below a folder.

    Parameters
    ----------
    folder : path-like

    Returns
    -------
    songs : list of Path
        Folders that hold both files of `STEMS`.
    """
    found = {path for path in files_below(folder, suffixes={".ogg"}) if path.name in STEMS}
    return sorted({path.parent for path in found if all(path.parent / n in found for n in STEMS)})


def bench_kind(folder: str | os.PathLike[str]) -> str | None:
    """Return the kind of bench that a folder holds.

    Parameters
    ----------
    folder : path-like

    Returns
    -------
    kind : {"bench", "modules", "stems"} or None
        None if the folder is no bench (`evaluation.bench.layout`) and holds neither tracker
        modules nor songs of two recordings (`evaluation.bench.stems`).
    """
    root = Path(folder)
    if all((root / name).is_dir() for name in _NEEDED):
        return "bench"
    if files_below(root, suffixes=MODULE_SUFFIXES):
        return "modules"
    return "stems" if stem_folders(root) else None
