"""Read and write the record of how a song's folder was made.

The module stands apart from `extraction.song`, so that listing clips does not import the code that
finds them.
"""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

from deep_plunder.errors import InputError
from deep_plunder.util.checksums import file_checksum
from deep_plunder.util.tables import PlainName

__all__ = [
    "PAGE",
    "RECORD",
    "FolderRecord",
    "check_folder",
    "digest_of_classifier",
    "lost_files",
    "read_record",
    "untouched",
    "write_record",
]

RECORD = "extraction.json"
"""Name of the record in a song's folder."""
PAGE = "index.html"
"""Name of the gallery's page, in a song's folder and in a run's.

The record leaves it out: its links and its script may change while the clips stay, and it is made
from the other files.
"""
# A quarter of a million clips.
_MOST_BYTES = 1 << 25
_PLAIN = PlainName(below=True)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FolderRecord:
    """How a song's folder was made.

    Attributes
    ----------
    source : str
        The song's file.
    source_digest : str
        Digest of the song (`audio.identity.digest_of_song`).
    deep_plunder : str
        Version of this package.
    model : str
        Name of the model, for people. Two models may share a name.
    digest : str
        Digest of the model (`models.card.digest_of_model`), which identifies it.
    onset_threshold, frame_threshold, min_duration_s, min_score : float or None
        The arguments of `extraction.song.extract_song`.
    classifier : str
        Checksum of the file of the forest of classes; empty for the one that ships.
    options : dict
        The options of the clips that differ from the defaults (`extraction.options.recorded`).
    files : dict
        Size in bytes and checksum (`util.checksums.file_checksum`) of each file of the folder but
        the gallery, by its path below the folder, with ``/``.
    """

    source: str
    deep_plunder: str
    model: str = ""
    digest: str = ""
    source_digest: str = ""
    onset_threshold: float | None = None
    frame_threshold: float | None = None
    min_duration_s: float | None = None
    min_score: float | None = None
    classifier: str = ""
    options: dict[str, Any] = dataclasses.field(default_factory=dict)
    files: dict[str, tuple[int, str]] = dataclasses.field(default_factory=dict, compare=False)


def read_record(folder: str | os.PathLike[str]) -> FolderRecord | None:
    """Read the record of how a folder was made.

    Parameters
    ----------
    folder : path-like
        Any folder.

    Returns
    -------
    record : FolderRecord or None
        None if `extraction.song.extract_song` did not write the folder. Fields that an older
        version did not write have their defaults.

    Examples
    --------
    >>> read_record("nothing") is None
    True
    """
    names = [field.name for field in dataclasses.fields(FolderRecord)]
    path = Path(folder) / RECORD
    try:
        # The file may come from anybody: reading a pipe would block, and deep nesting would
        # exceed the parser's recursion.
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return None
        found = json.loads(path.read_text(encoding="utf-8"))
        record = FolderRecord(**{name: found[name] for name in names if name in found})
        # Raises an error if no file can have this name.
        os.fsencode(record.source)
        files = {
            name: (int(size), str(checksum)) for name, (size, checksum) in record.files.items()
        }
    except (OSError, ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    if any(_PLAIN.fault(name) for name in files):
        return None
    record = dataclasses.replace(record, files=files)
    texts = (record.source, record.source_digest, record.deep_plunder, record.model, record.digest)
    whole = all(isinstance(text, str) for text in texts) and isinstance(record.options, dict)
    whole = whole and record.source != ""
    return record if whole else None


def write_record(folder: str | os.PathLike[str], record: FolderRecord) -> None:
    """Write the record of how a folder was made.

    Parameters
    ----------
    folder : path-like
        The song's folder, with all of its other files.
    record : FolderRecord
        The record. Its `files` are replaced by those of the folder.

    Examples
    --------
    >>> Path("Tide").mkdir()
    >>> write_record("Tide", FolderRecord(source="tide.wav", deep_plunder="0.1.0"))
    >>> read_record("Tide").source
    'tide.wav'
    """
    files = {
        name: (path.stat().st_size, file_checksum(path)) for name, path in _files_in(folder).items()
    }
    record = dataclasses.replace(record, files=files)
    text = json.dumps(dataclasses.asdict(record), indent=2) + "\n"
    (Path(folder) / RECORD).write_text(text, encoding="utf-8", newline="\n")


def _files_in(folder: str | os.PathLike[str]) -> dict[str, Path]:
    """Return the files of a song's folder by their paths below it, without record and gallery."""
    paths = (path for path in sorted(Path(folder).rglob("*")) if not path.is_dir())
    named = {path.relative_to(folder).as_posix(): path for path in paths}
    return {name: path for name, path in named.items() if name not in (RECORD, PAGE)}


def digest_of_classifier(path: str | os.PathLike[str] | None) -> str:
    """Return the digest of a forest of classes, as the record of a folder holds it.

    Parameters
    ----------
    path : path-like or None
        File of the forest; None for the one that ships.

    Returns
    -------
    digest : str
        The checksum of the file, or nothing for the one that ships.

    Raises
    ------
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> digest_of_classifier(None)
    ''
    """
    return "" if path is None else file_checksum(path)


def lost_files(folder: str | os.PathLike[str], record: FolderRecord) -> list[str]:
    """List the files that are missing from a song's folder or have another size.

    Parameters
    ----------
    folder : path-like
        The song's folder.
    record : FolderRecord
        Record of the folder. Records of earlier versions list no files.

    Returns
    -------
    lost : list of str
        Paths below the folder.

    Examples
    --------
    >>> record = FolderRecord(source="tide.wav", deep_plunder="1", files={"a.wav": (4, "")})
    >>> lost_files("Tide", record)
    ['a.wav']
    """

    def size(path: Path) -> int:
        try:
            return path.stat().st_size
        except OSError:
            return -1

    return [name for name, (was, _) in record.files.items() if size(Path(folder) / name) != was]


def untouched(folder: str | os.PathLike[str], record: FolderRecord) -> bool:
    """Return whether a user has neither changed nor added files in a song's folder.

    Parameters
    ----------
    folder : path-like
        The song's folder.
    record : FolderRecord
        Record of the folder.

    Returns
    -------
    untouched : bool
        Whether all files of the folder are in the record, with equal checksums. Files may be
        missing.

    Examples
    --------
    >>> Path("Dune").mkdir()
    >>> mine = Path("Dune/mine.wav").write_bytes(b"")
    >>> untouched("Dune", FolderRecord(source="dune.wav", deep_plunder="1"))
    False
    """
    try:
        return all(
            name in record.files and record.files[name][1] == file_checksum(path)
            for name, path in _files_in(folder).items()
        )
    except OSError:
        return False


def check_folder(folder: str | os.PathLike[str], name: str, *, part: str) -> None:
    """Check that the files of a song's folder are those in its record.

    Parameters
    ----------
    folder : path-like
        The song's folder.
    name : str
        File of the folder whose checksum is compared. Of all others only the sizes are compared.
    part : str
        Table that lists the song. The message asks the user to remove it.

    Raises
    ------
    InputError
        If a file is missing or differs from its record.

    Examples
    --------
    >>> check_folder("nothing", "regions.tsv", part="clips/0000.tsv")
    Traceback (most recent call last):
    deep_plunder.errors.InputError: nothing: must hold extraction.json; remove clips/0000.tsv to \
make it again
    """
    again = f"remove {part} to make it again"
    record = read_record(folder)
    if record is None:
        raise InputError(f"{folder}: must hold {RECORD}; {again}")
    if lost := lost_files(folder, record):
        raise InputError(f"{folder}: {lost[0]} is missing or of another size; {again}")
    if name in record.files and record.files[name][1] != file_checksum(Path(folder) / name):
        raise InputError(f"{folder}: {name} must have the checksum in {RECORD}; {again}")
