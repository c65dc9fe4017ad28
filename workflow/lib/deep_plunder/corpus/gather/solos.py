"""Write recorded bands in two recordings each, and solo phrases of instruments to lay into them."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from deep_plunder.corpus.gather.packages import Package
from deep_plunder.corpus.gather.parts import Part, write_part
from deep_plunder.corpus.gather.qt_resources import read_resources
from deep_plunder.errors import InputError
from deep_plunder.util.names import SafeNames

__all__ = ["write_solos"]

_log = logging.getLogger(__name__)

_STEMS = ("guitar.ogg", "song.ogg")
_PHRASES = PurePosixPath("usr/share/gcompris-qt/rcc/instruments.rcc")

_SEVERAL = frozenset(
    ("accordion", "banjo", "drum_kit", "guitar", "harmonica", "harp", "organ", "piano")
)
"""Phrases that are left out: several notes or drums sound at once in them, which is not one sound
(docs/explanation/labels.md). Nothing says where one of their notes is alone."""


def _wanted(name: PurePosixPath) -> bool:
    return name.name in _STEMS or name == _PHRASES


def _write_phrases(path: Path, part: Part, package: Package) -> int:
    folder = part.folder / "phrases"
    folder.mkdir(exist_ok=True)
    count = 0
    for name, content in read_resources(path, suffix=".ogg"):
        if name.stem not in _SEVERAL:
            (folder / name.name).write_bytes(content)
            part.add(f"phrases/{name.name}", package)
            count += 1
    return count


def _write_bands(root: Path, names: SafeNames, part: Part, package: Package) -> int:
    count = 0
    for guitar in sorted(root.rglob(_STEMS[0]), key=Path.as_posix):
        if not all((guitar.parent / name).is_file() for name in _STEMS):
            continue
        song = names.new(guitar.parent.name)
        (part.folder / song).mkdir()
        for name in _STEMS:
            shutil.copyfile(guitar.parent / name, part.folder / song / name)
            part.add(f"{song}/{name}", package)
        count += 1
    return count


def write_solos(
    folder: Path, licences: Path, *, packages: Sequence[Package], debs: Sequence[Path]
) -> int:
    """Copy songs of two recordings and solo phrases from packages.

    Parameters
    ----------
    folder : Path
        The folder to write: ``SONG/guitar.ogg`` and ``SONG/song.ogg`` for each song, and
        ``phrases/INSTRUMENT.ogg``, all byte for byte. Phrases in which several notes sound at once
        are left out.
    licences : Path
        The folder of their licences.
    packages : sequence of Package
    debs : sequence of Path
        The .deb file of each.

    Returns
    -------
    count : int
        Number of songs and phrases written.

    Raises
    ------
    InputError
        If a package cannot be unpacked or holds neither songs nor phrases.
    """
    total = 0
    names = SafeNames(["phrases"])
    with write_part(folder, licences, packages=packages, debs=debs) as part:
        for package, root in part.unpacked(_wanted):
            count = _write_bands(root, names, part, package)
            if (root / _PHRASES).is_file():
                count += _write_phrases(root / _PHRASES, part, package)
            if not count:
                text = "holds neither songs of two recordings nor solo phrases"
                raise InputError(f"{package.package} {package.version}: {text}")
            total += count
    _log.info("%d songs and solo phrases", total)
    return total
