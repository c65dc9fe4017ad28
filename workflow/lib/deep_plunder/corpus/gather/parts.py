"""Unpack the packages of one part of the corpus, one at a time, and keep their licences."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from deep_plunder.corpus.gather.archive import unpack
from deep_plunder.corpus.gather.licences import is_copyright, keep_copyright, write_licences
from deep_plunder.corpus.gather.packages import Package
from deep_plunder.util.files import atomic_directory

__all__ = ["Part", "write_part"]


class Part:
    """A part of the corpus while it is being written.

    Parameters
    ----------
    folder, licences : Path
        The folders for its files and for their licences.
    packages : sequence of Package
    debs : sequence of Path
        The .deb file of each.

    Attributes
    ----------
    folder : Path
    """

    def __init__(
        self, folder: Path, licences: Path, packages: Sequence[Package], debs: Sequence[Path]
    ) -> None:
        self.folder = folder
        self._licences, self._packages, self._debs = licences, packages, debs
        self._files: list[tuple[str, Package]] = []

    def unpacked(self, wanted: Callable[[PurePosixPath], bool]) -> Iterator[tuple[Package, Path]]:
        """Unpack one package after the other, removing each before the next.

        Parameters
        ----------
        wanted : callable
            See `archive.unpack`.

        Yields
        ------
        package : Package
        root : Path
            The folder of its files.
        """
        for package, deb in zip(self._packages, self._debs, strict=True):

            def taken(name: PurePosixPath, package: Package = package) -> bool:
                return is_copyright(package, name) or wanted(name)

            with tempfile.TemporaryDirectory(dir=self.folder.parent, prefix=".unpacked-") as name:
                unpack(deb, name, wanted=taken)
                keep_copyright(package, Path(name), self._licences)
                yield package, Path(name)

    def add(self, file: str, package: Package) -> None:
        """Add a written file to the table of licences.

        Parameters
        ----------
        file : str
            Its path below `folder`.
        package : Package
            The package that it comes from.
        """
        self._files.append((file, package))

    def write_licences(self) -> None:
        """Write the table of licences, sorted by file."""
        write_licences(self._licences, sorted(self._files, key=lambda entry: entry[0]))


@contextmanager
def write_part(
    folder: Path, licences: Path, *, packages: Sequence[Package], debs: Sequence[Path]
) -> Iterator[Part]:
    """Write a part of the corpus and its licences, each whole or not at all.

    Parameters
    ----------
    folder, licences : Path
        The folders to write; existing ones are replaced.
    packages : sequence of Package
    debs : sequence of Path
        The .deb file of each.

    Yields
    ------
    part : Part
        The part, for the caller to fill.
    """
    with atomic_directory(folder) as temporary, atomic_directory(licences) as texts:
        part = Part(temporary, texts, packages, debs)
        yield part
        part.write_licences()
