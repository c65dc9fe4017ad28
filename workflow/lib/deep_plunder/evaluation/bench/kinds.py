"""Check whether a folder is a bench or holds tracker modules."""

from __future__ import annotations

import os
from pathlib import Path

from deep_plunder.audio.openmpt import MODULE_SUFFIXES
from deep_plunder.util.files import files_below

__all__ = ["bench_kind"]

_NEEDED = ("audio", "regions", "labels32ms")


def bench_kind(folder: str | os.PathLike[str]) -> str | None:
    """Return the kind of bench that a folder holds.

    Parameters
    ----------
    folder : path-like

    Returns
    -------
    kind : {"bench", "modules"} or None
        None if the folder is no bench (`evaluation.bench.layout`) and holds no tracker modules.
    """
    root = Path(folder)
    if all((root / name).is_dir() for name in _NEEDED):
        return "bench"
    return "modules" if files_below(root, suffixes=MODULE_SUFFIXES) else None
