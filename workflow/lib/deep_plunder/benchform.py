"""Tell a bench of real music from a folder of tracker modules, by names alone.

Apart from `benches`, so that a configuration is checked without anything that computes.
"""

from __future__ import annotations

import os
from pathlib import Path

from .files import files_below

__all__ = ["MODULE_SUFFIXES", "bench_kind"]

MODULE_SUFFIXES = frozenset((".mod", ".xm", ".it", ".s3m"))
"""Suffixes, in lower case, of the tracker modules that a bench is made of."""

_NEEDED = ("audio", "regions", "labels32ms")


def bench_kind(folder: str | os.PathLike[str]) -> str | None:
    """Tell what a folder holds.

    Parameters
    ----------
    folder : path-like

    Returns
    -------
    kind : {"bench", "modules"} or None
        None where it is neither a bench (`benches`) nor holds tracker modules.
    """
    root = Path(folder)
    if all((root / name).is_dir() for name in _NEEDED):
        return "bench"
    return "modules" if files_below(root, suffixes=MODULE_SUFFIXES) else None
