"""Check what a folder is for a bench: one already, tracker modules, songs, or songs and phrases."""

from __future__ import annotations

import os
from pathlib import Path

from deep_plunder.audio.openmpt import MODULE_SUFFIXES
from deep_plunder.audio.source import AUDIO_SUFFIXES
from deep_plunder.util.listing import files_below

__all__ = ["PHRASES", "STEMS", "bench_kind", "phrase_files", "stem_folders"]

STEMS = ("guitar.ogg", "song.ogg")
"""The two files of a song."""

PHRASES = "phrases"
"""The folder of solo phrases beside songs of two recordings."""

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


def phrase_files(folder: str | os.PathLike[str]) -> list[Path]:
    """List the solo phrases that lie beside songs of two recordings.

    Parameters
    ----------
    folder : path-like

    Returns
    -------
    phrases : list of Path
        Audio files below its subfolder `PHRASES`.
    """
    phrases = Path(folder, PHRASES)
    return sorted(files_below(phrases, suffixes=AUDIO_SUFFIXES)) if phrases.is_dir() else []


def bench_kind(folder: str | os.PathLike[str]) -> str | None:
    """Return the kind of bench that a folder holds.

    Parameters
    ----------
    folder : path-like

    Returns
    -------
    kind : {"bench", "modules", "stems", "solos"} or None
        None if the folder is no bench (`evaluation.bench.layout`) and holds neither tracker
        modules nor songs of two recordings (`evaluation.bench.stems`), with solo phrases or
        without (`evaluation.bench.solos`).
    """
    root = Path(folder)
    if all((root / name).is_dir() for name in _NEEDED):
        return "bench"
    if files_below(root, suffixes=MODULE_SUFFIXES):
        return "modules"
    if not stem_folders(root):
        return None
    return "solos" if phrase_files(root) else "stems"
