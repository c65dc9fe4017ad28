"""Scan a library of one-shots: find the usable sounds, their classes, onsets and offsets.

A sound is named by its path below the library's folder, with ``/`` between the parts. Its class is
the name of its topmost folder, or comes from a table. Each file is decoded once, as a whole. A file
that cannot be used is rejected with a reason and never stops the scan.

Deviation from the paper (section 3.2), which does not state the sounds that it left out: silent
sounds, recordings too long to be one sound, loops (`deep_plunder.corpus.loops`) and copies are
rejected. A copy could otherwise put one sound into both the training set and the test set.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deep_plunder.audio import reading, source
from deep_plunder.corpus.loops import find_attacks
from deep_plunder.corpus.onsets import find_region, level
from deep_plunder.corpus.spec import LibrarySpec, OffsetMethod
from deep_plunder.errors import AudioError, InputError
from deep_plunder.util.listing import entries_below
from deep_plunder.util.names import shown
from deep_plunder.util.settings import default
from deep_plunder.util.tables import Channels, Rate, Seconds

__all__ = ["Rejected", "Sound", "read_classes", "scan_library"]

_log = logging.getLogger(__name__)

UNSORTED = "unsorted"
"""Class of files directly in the library's folder."""

_SILENT_DB = -60.0


@dataclass(frozen=True, slots=True)
class Sound:
    """A usable sound of the library.

    Attributes
    ----------
    sound : str
        Unique name: the path below the library's folder.
    sound_class : str
        Class, such as ``"kick"``.
    path : str
        Path of the file.
    seconds : float
        Length of the recording.
    rate : int
        Frames per second.
    channels : int
        Number of channels.
    onset_s, offset_s : float
        Beginning and end of the sound within the recording, in seconds.
    """

    sound: str
    sound_class: str
    path: str
    seconds: Seconds
    rate: Rate
    channels: Channels
    onset_s: Seconds
    offset_s: Seconds


@dataclass(frozen=True, slots=True)
class Rejected:
    """A rejected file.

    Attributes
    ----------
    file : str
        The path below the library's folder.
    reason : str
        One of the reasons of `deep_plunder.errors.AudioError`, or ``"duplicate"``,
        ``"hidden"``, ``"loop"``, ``"no class"``, ``"silent"``, ``"too long"`` or
        ``"unreadable"``.
    detail : str
        Explanation in one line.
    """

    file: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class _Measured:
    sound: Sound
    digest: bytes


def _is_audio(name: str) -> bool:
    return Path(name).suffix.lower() in source.AUDIO_SUFFIXES


def _by_name(name: str) -> Rejected | None:
    """Reject files by their names alone."""
    last = name.rpartition("/")[2]
    if last.startswith("._"):
        return Rejected(name, "hidden", "macOS keeps a file's attributes in it, not sound")
    if not _is_audio(last):
        return Rejected(name, "not audio", f"the suffix {Path(last).suffix!r} is not one of audio")
    return None


def _measure(
    folder: Path,
    name: str,
    sound_class: str,
    *,
    method: OffsetMethod,
    max_duration_s: float,
    keep_loops: bool,
) -> _Measured | Rejected:
    path = os.fspath(folder / name)
    try:
        with reading.reader(path) as recording:
            info, rate = recording.info, recording.info.rate
            if info.seconds > max_duration_s:
                detail = f"lasts {info.seconds:.1f} s, one sound lasts at most {max_duration_s:g} s"
                return Rejected(name, "too long", detail)
            samples = recording.read()
    except AudioError as error:
        return Rejected(name, error.reason, error.detail)
    loudest = level(samples, rate)
    if loudest < _SILENT_DB:
        detail = f"its loudest 10 ms have {loudest:.0f} dB, less than {_SILENT_DB:.0f} dB"
        return Rejected(name, "silent", detail)
    if not keep_loops and len(attacks := find_attacks(samples, rate)) > 1:
        detail = f"{len(attacks)} strong attacks, the second at {attacks[1]:.2f} s"
        return Rejected(name, "loop", detail)
    onset, offset = find_region(samples, rate, method=method)
    sound = Sound(
        sound=name,
        sound_class=sound_class,
        path=path,
        seconds=len(samples) / rate,
        rate=rate,
        channels=samples.shape[1],
        onset_s=onset,
        offset_s=offset,
    )
    # A digest of the samples and not of the file, since copies may differ in their tags.
    digest = hashlib.blake2b(f"{rate} {samples.shape[1]}".encode())
    digest.update(samples.data)
    return _Measured(sound, digest.digest())


def read_classes(path: str | os.PathLike[str]) -> dict[str, str]:
    r"""Read the table of the classes of sounds.

    Parameters
    ----------
    path : path-like
        A table, tab-separated, in UTF-8, with the columns ``file`` (path below the library's
        folder, with ``/``) and ``class``. Other columns are ignored.

    Returns
    -------
    classes : dict of str to str
        File to class.

    Raises
    ------
    InputError
        If the table cannot be read or lacks a column, or if a file has no class or two classes.

    Examples
    --------
    >>> table = "file\tclass\nbd01.wav\tkick\n"
    >>> size = Path("classes.tsv").write_text(table, encoding="utf-8")
    >>> read_classes("classes.tsv")
    {'bd01.wav': 'kick'}
    """
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{shown(path)}: cannot be read as a UTF-8 table: {reason}") from error
    header = lines[0].rstrip("\r").split("\t")
    for column in ("file", "class"):
        if column not in header:
            raise InputError(f"{shown(path)}: line 1: lacks the column {column!r}")
    classes: dict[str, str] = {}
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        cells = dict(zip(header, line.split("\t"), strict=False))
        file, sound_class = cells.get("file", "").strip(), cells.get("class", "").strip()
        place = f"{shown(path)}: line {number}"
        if not sound_class:
            raise InputError(f"{place}: gives {file!r} no class")
        if classes.setdefault(file, sound_class) != sound_class:
            raise InputError(f"{place}: {file!r} is {sound_class!r}, was {classes[file]!r}")
    return classes


def _class(name: str, classes: Mapping[str, str] | None) -> str | None:
    if classes is not None:
        return classes.get(name)
    return name.split("/", 1)[0] if "/" in name else UNSORTED


def scan_library(
    folder: str | os.PathLike[str],
    *,
    classes: str | os.PathLike[str] | None = None,
    offset_method: OffsetMethod = default(LibrarySpec, "offset_method"),
    max_duration_s: float = default(LibrarySpec, "max_duration_s"),
    keep_loops: bool = default(LibrarySpec, "keep_loops"),
    may_be_empty: bool = False,
    workers: int = 1,
) -> tuple[list[Sound], list[Rejected]]:
    """Find the usable sounds of a library.

    Parameters
    ----------
    folder : path-like
        The library. Links are followed, and each folder is visited once.
    classes : path-like, optional
        A table for `read_classes`; files that are not in it are rejected. By default the topmost
        folders are the classes.
    offset_method : {"decay", "flip"}
        Method that finds onset and offset; see `deep_plunder.corpus.onsets`.
    max_duration_s : float
        Greatest length of a recording; longer ones are rejected unread.
    keep_loops : bool
        Whether to keep loops; see `deep_plunder.corpus.loops`.
    may_be_empty : bool
        Whether a folder without a usable sound is no error.
    workers : int
        Threads that decode and measure (both release the interpreter's lock). The result does
        not depend on it.

    Returns
    -------
    sounds : list of Sound
        Sorted by name.
    rejected : list of Rejected
        Sorted by name. It includes all but the first of several copies.

    Raises
    ------
    InputError
        If the folder or the table of classes cannot be read, or there is no usable sound.

    Examples
    --------
    >>> import numpy as np
    >>> from deep_plunder.audio import writing
    >>> Path("library/kick").mkdir(parents=True)
    >>> decay = np.exp(-np.arange(22050) / 2000) * np.sin(np.arange(22050) * 0.02)
    >>> writing.write("library/kick/a.wav", decay[:, np.newaxis].astype(np.float32), 44100)
    >>> sounds, rejected = scan_library("library")
    >>> [(sound.sound, sound.sound_class) for sound in sounds], rejected
    ([('kick/a.wav', 'kick')], [])
    """
    folder = Path(folder)
    if not folder.is_dir():
        rule = "is not a folder" if folder.exists() else "there is no such folder"
        raise InputError(f"{shown(folder)}: {rule}")
    table = None if classes is None else read_classes(classes)
    rejected: list[Rejected] = []
    jobs: list[tuple[str, str]] = []
    missing = dict.fromkeys(table or ())
    for path, detail in entries_below(folder, shadows=source.AUDIO_SUFFIXES):
        name = path.relative_to(folder).as_posix()
        missing.pop(name, None)
        fault = Rejected(name, "unreadable", detail) if detail else _by_name(name)
        sound_class = _class(name, table)
        if fault is None and sound_class is None:
            fault = Rejected(name, "no class", f"not in {shown(os.fspath(classes or ''))}")
        if fault is not None:
            rejected.append(fault)
        elif sound_class is not None:
            jobs.append((name, sound_class))
    for name in missing:
        rejected.append(Rejected(name, "missing", f"listed in {shown(os.fspath(classes or ''))}"))

    def measure(job: tuple[str, str]) -> _Measured | Rejected:
        return _measure(
            folder,
            *job,
            method=offset_method,
            max_duration_s=max_duration_s,
            keep_loops=keep_loops,
        )

    with ThreadPoolExecutor(max(1, workers)) as pool:
        measured = list(pool.map(measure, jobs))
    first: dict[bytes, str] = {}
    sounds: list[Sound] = []
    for result in measured:
        if isinstance(result, Rejected):
            rejected.append(result)
        elif (name := first.setdefault(result.digest, result.sound.sound)) != result.sound.sound:
            detail = f"the same samples as {shown(name)}"
            rejected.append(Rejected(result.sound.sound, "duplicate", detail))
        else:
            sounds.append(result.sound)
    rejected.sort(key=lambda item: item.file)
    counts = ", ".join(f"{n} {reason}" for reason, n in Counter(r.reason for r in rejected).items())
    if not (sounds or may_be_empty):
        raise InputError(f"{shown(folder)}: no usable sound in it ({counts or 'no file'})")
    _log.info("%s: %d sounds; rejected: %s", shown(folder), len(sounds), counts or "none")
    return sounds, rejected
