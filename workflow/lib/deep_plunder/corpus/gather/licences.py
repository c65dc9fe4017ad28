"""Write the licences of the corpus: a table, and each package's own copyright file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from deep_plunder.corpus.gather.packages import Package
from deep_plunder.errors import InputError
from deep_plunder.util.tables import write_records

__all__ = ["Licence", "is_copyright", "keep_copyright", "write_licences"]


@dataclass(frozen=True, slots=True)
class Licence:
    """The licence of a file of the corpus.

    Attributes
    ----------
    file : str
        Path of the file below the folder of its part.
    package, version, licence : str
        The properties of its package; see `Package`.
    text : str
        Name of the package's copyright file beside the table: authors, licences and sources.
    """

    file: str
    package: str
    version: str
    licence: str
    text: str


def is_copyright(package: Package, name: PurePosixPath) -> bool:
    """Check whether a file of a package is its copyright file (Debian Policy, section 12.5).

    Parameters
    ----------
    package : Package
    name : PurePosixPath
        The path in the package.

    Returns
    -------
    is_copyright : bool

    Examples
    --------
    >>> package = Package("songs", "ballz-data", "1.0", "all", "0" * 64, "CC0")
    >>> is_copyright(package, PurePosixPath("usr/share/doc/ballz-data/copyright"))
    True
    """
    return name == PurePosixPath("usr/share/doc", package.package, "copyright")


def keep_copyright(package: Package, root: Path, folder: Path) -> None:
    """Copy the copyright file of an unpacked package.

    Parameters
    ----------
    package : Package
    root : Path
        The folder of the package's files.
    folder : Path
        The folder to write ``PACKAGE.txt`` into.

    Raises
    ------
    InputError
        If the package has no copyright file.

    Examples
    --------
    >>> package = Package("songs", "ballz-data", "1.0", "all", "0" * 64, "CC0")
    >>> source = Path("root/usr/share/doc/ballz-data/copyright")
    >>> source.parent.mkdir(parents=True)
    >>> size = source.write_text("CC0")
    >>> Path("licences").mkdir()
    >>> keep_copyright(package, Path("root"), Path("licences"))
    >>> [path.name for path in Path("licences").iterdir()]
    ['ballz-data.txt']
    """
    path = root / "usr/share/doc" / package.package / "copyright"
    if not path.is_file():
        raise InputError(f"{package.package} {package.version}: has no copyright file")
    (folder / f"{package.package}.txt").write_bytes(path.read_bytes())


def write_licences(folder: Path, files: Iterable[tuple[str, Package]]) -> None:
    """Write the table of licences.

    Parameters
    ----------
    folder : Path
        The folder to write ``licences.tsv`` into.
    files : iterable of (str, Package)
        The files of the corpus, each with its package.

    Examples
    --------
    >>> package = Package("songs", "ballz-data", "1.0", "all", "0" * 64, "CC0")
    >>> write_licences(Path(), [("a.ogg", package)])
    >>> Path("licences.tsv").read_text().split()[-2:]
    ['CC0', 'ballz-data.txt']
    """
    write_records(
        folder / "licences.tsv",
        Licence,
        (Licence(file, p.package, p.version, p.licence, f"{p.package}.txt") for file, p in files),
    )
