"""Obtain the pinned packages for a part of the corpus, without installing them."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deep_plunder.errors import InputError
from deep_plunder.util.names import shown
from deep_plunder.util.tables import read_records

__all__ = ["PARTS", "Package", "obtain_packages", "read_packages"]

PARTS = ("library", "songs", "modules", "games", "solos")
"""Parts of the corpus."""


@dataclass(frozen=True, slots=True)
class Package:
    """A row of the table of packages.

    Attributes
    ----------
    part : str
        The part of the corpus that is made from it, one of `PARTS`.
    package, version, architecture : str
        Debian's names for them.
    sha256 : str
        Checksum of the .deb file, 64 hexadecimal digits.
    licence : str
        A summary of the licences of the files used. The full text is in the package's own
        copyright file, which is kept beside the corpus.
    """

    part: str
    package: str
    version: str
    architecture: str
    sha256: str
    licence: str

    @property
    def file_names(self) -> tuple[str, str]:
        """Names of the .deb file: the one that apt-get writes, and the one on Debian's mirrors."""
        epoch, colon, upstream = self.version.rpartition(":")
        ends = f"{epoch}%3a{upstream}" if colon else upstream, upstream
        first, second = (f"{self.package}_{end}_{self.architecture}.deb" for end in ends)
        return first, second


def read_packages(table: str | os.PathLike[str], part: str) -> list[Package]:
    """Read the packages of one part of the corpus.

    Parameters
    ----------
    table : path-like
        A table with the columns of `Package`.
    part : str
        One of `PARTS`.

    Returns
    -------
    packages : list of Package
        In the order of the table.

    Raises
    ------
    InputError
        If the table cannot be read, lacks packages for the part, or has an unknown part, an
        invalid checksum or a duplicate package.

    Examples
    --------
    >>> from deep_plunder.util.tables import write_records
    >>> package = Package("songs", "ballz-data", "1.0", "all", "0" * 64, "CC0")
    >>> write_records("packages.tsv", Package, [package])
    >>> [read.package for read in read_packages("packages.tsv", "songs")]
    ['ballz-data']
    """
    packages = read_records(table, Package)
    place = shown(table)
    for package in packages:
        if package.part not in PARTS:
            known = ", ".join(PARTS)
            raise InputError(f"{place}: part must be one of {known}, got {package.part!r}")
        if len(package.sha256) != 64 or set(package.sha256) - set("0123456789abcdef"):
            rule = "sha256 must be 64 hexadecimal digits"
            raise InputError(f"{place}: {package.package}: {rule}, got {package.sha256!r}")
    chosen = [package for package in packages if package.part == part]
    if not chosen:
        raise InputError(f"{place}: lists no package for the {part}")
    names = [package.package for package in chosen]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{place}: lists {name} for the {part} more than once")
    return chosen


def obtain_packages(
    packages: Sequence[Package],
    *,
    debs: str | os.PathLike[str] | None,
    cache: str | os.PathLike[str],
) -> list[Path]:
    """Return the checked .deb file of each package, after downloading the missing ones.

    Parameters
    ----------
    packages : sequence of Package
    debs : path-like or None
        A folder with the .deb files, which are used in place. If None, they are downloaded with
        ``apt-get download``.
    cache : path-like
        The folder for downloads. Files that are there already and unaltered are not downloaded
        again.

    Returns
    -------
    files : list of Path
        One per package, in the same order.

    Raises
    ------
    InputError
        If a package cannot be obtained or differs from the table: one line with every name.
    """
    folder = Path(cache if debs is None else debs)
    files: list[Path] = []
    faults: list[str] = []
    if debs is None:
        folder.mkdir(parents=True, exist_ok=True)
        faults = _download([p for p in packages if _fault(p, folder)], folder)
    elif not folder.is_dir():
        raise InputError(f"gather.debs: {shown(folder)}: there is no such folder")
    else:
        faults = [fault for fault in (_fault(p, folder) for p in packages) if fault]
    if faults:
        more = f"; {len(faults) - 5} more" if len(faults) > 5 else ""
        advice = "" if debs else " (gather.debs may name a folder with the .deb files instead)"
        raise InputError(f"{'; '.join(faults[:5])}{more}{advice}")
    for package in packages:
        found = _find(package, folder)
        assert found is not None
        files.append(found)
    return files


def _find(package: Package, folder: Path) -> Path | None:
    paths = (folder / name for name in package.file_names)
    return next((path for path in paths if path.is_file()), None)


def _fault(package: Package, folder: Path) -> str | None:
    """Return the difference between the package's file in a folder and the table, or None."""
    path = _find(package, folder)
    if path is None:
        return f"{shown(folder)}: {package.file_names[0]} is not there"
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return f"{shown(path)}: cannot be read: {error.strerror or error}"
    if found != package.sha256:
        return f"{shown(path)}: altered: sha256 must be {package.sha256}, is {found}"
    return None


def _download(packages: Sequence[Package], cache: Path) -> list[str]:
    """Download packages into the cache, and return a message for each failure."""
    if not packages:
        return []
    names = ", ".join(f"{package.package} {package.version}" for package in packages)
    if shutil.which("apt-get") is None:
        return [f"apt-get is not there to download {names}"]
    with tempfile.TemporaryDirectory(dir=cache, prefix=".download-") as temporary:
        folder = Path(temporary)
        if _apt_get(packages, folder):
            # One package that is gone fails the whole call, so each is then called for by itself.
            errors = [_apt_get([p], folder) if _find(p, folder) is None else "" for p in packages]
        else:
            errors = [""] * len(packages)
        faults = []
        for package, text in zip(packages, errors, strict=True):
            path = _find(package, folder)
            if path is None:
                name = f"{package.package} {package.version}"
                faults.append(f"{name} cannot be downloaded: {text or 'apt-get gave no file'}")
            elif fault := _fault(package, folder):
                faults.append(fault.replace(shown(folder) + os.sep, ""))
            else:
                os.replace(path, cache / package.file_names[0])
    return faults


def _apt_get(packages: Sequence[Package], folder: Path) -> str:
    """Call ``apt-get download``; return the first error that it prints, or an empty text."""
    wanted = [
        f"{p.package}{'' if p.architecture == 'all' else f':{p.architecture}'}={p.version}"
        for p in packages
    ]
    done = subprocess.run(
        ["apt-get", "download", "-qq", *wanted],
        cwd=folder,
        env={**os.environ, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode == 0:
        return ""
    lines = [line.strip() for line in done.stderr.splitlines()]
    errors = [line.removeprefix("E: ") for line in lines if line.startswith("E: ")]
    return (errors or lines or [f"apt-get ended with {done.returncode}"])[0]
