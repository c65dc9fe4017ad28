"""Read and write the record of how a song's folder was made.

The module stands apart from `extraction.song`, so that listing clips does not import the code that
finds them.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from pathlib import Path

__all__ = ["Record", "digest_of_song", "read_record", "write_record"]

_NAME = "extraction.json"
_MOST_BYTES = 1 << 20
_PARTS, _PART_BYTES = 16, 1 << 14


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """How a song's folder was made.

    Attributes
    ----------
    source : str
        The song's file.
    source_digest : str
        Digest of the song (`digest_of_song`).
    deep_plunder : str
        Version of this package.
    model : str
        Name of the model, for people. Two models may share a name.
    digest : str
        Digest of the model (`models.model_file.digest_of_model`), which identifies it.
    onset_threshold, frame_threshold, min_duration_s, min_score : float or None
        The arguments of `extraction.song.extract_song`.
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


def digest_of_song(path: str | os.PathLike[str]) -> str:
    """Compute a digest of a song from its size and from parts of its content.

    The time of the file would differ between copies. The size alone would miss a new version of
    equal length. Reading the whole file would cost too much.

    Parameters
    ----------
    path : path-like
        The song's file.

    Returns
    -------
    digest : str
        SHA-256, hexadecimal.

    Raises
    ------
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> size = Path("song.mp3").write_bytes(bytes(1000))
    >>> len(digest_of_song("song.mp3"))
    64
    """
    size = Path(path).stat().st_size
    digest = hashlib.sha256(b"%d" % size)
    with Path(path).open("rb") as file:
        for part in range(_PARTS):
            file.seek(max(0, size - _PART_BYTES) * part // (_PARTS - 1))
            digest.update(file.read(_PART_BYTES))
    return digest.hexdigest()


def read_record(folder: str | os.PathLike[str]) -> Record | None:
    """Read the record of how a folder was made.

    Parameters
    ----------
    folder : path-like
        Any folder.

    Returns
    -------
    record : Record or None
        None if `extraction.song.extract_song` did not write the folder. Fields that an older
        version did not write have their defaults.

    Examples
    --------
    >>> read_record("nothing") is None
    True
    """
    names = [field.name for field in dataclasses.fields(Record)]
    path = Path(folder) / _NAME
    try:
        # The file may come from anybody: reading a pipe would block, and deep nesting would
        # exceed the parser's recursion.
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return None
        found = json.loads(path.read_text(encoding="utf-8"))
        record = Record(**{name: found[name] for name in names if name in found})
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    texts = (record.source, record.source_digest, record.deep_plunder, record.model, record.digest)
    return record if all(isinstance(text, str) for text in texts) else None


def write_record(folder: str | os.PathLike[str], record: Record) -> None:
    """Write the record of how a folder was made.

    Parameters
    ----------
    folder : path-like
        The song's folder.
    record : Record

    Examples
    --------
    >>> Path("Tide").mkdir()
    >>> write_record("Tide", Record(source="tide.wav", deep_plunder="0.1.0"))
    >>> read_record("Tide").source
    'tide.wav'
    """
    text = json.dumps(dataclasses.asdict(record), indent=2) + "\n"
    (Path(folder) / _NAME).write_text(text, encoding="utf-8", newline="\n")
