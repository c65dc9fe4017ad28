"""Choose the songs to extract and the folder of each, before a model is loaded."""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from deep_plunder import __version__
from deep_plunder.audio import reading
from deep_plunder.audio.source import AUDIO_SUFFIXES
from deep_plunder.decoding.decode import Overrides
from deep_plunder.errors import DeepPlunderError, InputError
from deep_plunder.extraction.folder import (
    FolderRecord,
    digest_of_song,
    lost_files,
    read_record,
    untouched,
)
from deep_plunder.models.card import digest_of_model
from deep_plunder.util.files import files_below
from deep_plunder.util.names import SafeNames, shown

__all__ = ["SongJob", "fault_of", "find_songs", "plan_jobs", "reason_of", "source_of"]

Report = Callable[[str], None]
"""Function that receives the text of a fault as soon as it is found."""


@dataclasses.dataclass(frozen=True, slots=True)
class SongJob:
    """A song to extract.

    Attributes
    ----------
    path : Path
        The song's file.
    folder : Path
        Folder for its results.
    skipped : str
        Reason to skip the song; empty if it is to be extracted.
    """

    path: Path
    folder: Path
    skipped: str = ""


def source_of(path: Path) -> str:
    """Return the path by which the record of a song's folder names the song.

    Parameters
    ----------
    path : Path

    Returns
    -------
    source : str
        An absolute path. Links are not resolved, so a link counts as a song with its own name.

    Examples
    --------
    >>> source_of(Path("/music/a.mp3"))
    '/music/a.mp3'
    """
    return os.path.abspath(path)  # noqa: PTH100


def reason_of(error: Exception) -> str:
    """Return the text of an error as one line.

    Parameters
    ----------
    error : Exception

    Returns
    -------
    reason : str

    Examples
    --------
    >>> reason_of(FileNotFoundError(2, "No such file or directory", "a.mp3"))
    'No such file or directory: a.mp3'
    """
    if isinstance(error, OSError):
        where = f": {shown(os.fspath(error.filename))}" if error.filename else ""
        return f"{error.strerror or error}{where}"
    return str(error)


def fault_of(path: Path, error: Exception) -> str:
    """Return the fault of a song as one line that names the song.

    Parameters
    ----------
    path : Path
        The song.
    error : Exception

    Returns
    -------
    fault : str

    Examples
    --------
    >>> fault_of(Path("a.mp3"), InputError("a.mp3: is no audio"))
    'a.mp3: is no audio'
    """
    reason, place = reason_of(error), shown(path)
    return reason if place in reason else f"{place}: {reason}"


def find_songs(
    inputs: Sequence[Path], output: Path, *, report: Report
) -> tuple[list[Path], list[str]]:
    """List the audio files among the inputs, each once.

    Clips of an earlier run do not count as songs, wherever they are.

    Parameters
    ----------
    inputs : sequence of Path
        Files, and folders of files.
    output : Path
        Folder of the results, in which no songs are looked for.
    report : callable
        Called with each fault.

    Returns
    -------
    songs : list of Path
        The audio files.
    faults : list of str
        Faults of the folders that cannot be read or hold no songs, one line each.

    Examples
    --------
    >>> Path("songs").mkdir()
    >>> Path("songs/a.mp3").touch()
    >>> find_songs([Path("songs")], Path("plunder"), report=print)
    ([PosixPath('songs/a.mp3')], [])
    """

    @functools.cache
    def of_a_run(folder: Path) -> bool:
        return read_record(os.path.dirname(os.path.realpath(folder))) is not None  # noqa: PTH120

    songs: dict[str, Path] = {}
    faults: list[str] = []

    def add(folder: Path, fault: str) -> None:
        faults.append(f"{shown(folder)}: {fault}")
        report(faults[-1])

    def closed(error: OSError) -> None:
        add(Path(error.filename), f"cannot be read: {error.strerror}")

    for given in inputs:
        found = [given]
        # Methods of Path raise if a parent folder is closed or links form a circle.
        if os.path.isdir(given):  # noqa: PTH112
            before = len(faults)
            files = files_below(given, suffixes=AUDIO_SUFFIXES, without=[output], onerror=closed)
            found = [f for f in files if f.parent == given or not of_a_run(f.parent)]
            if not found and len(faults) == before:
                held = "only clips of an earlier run" if files else "no audio files"
                add(given, f"holds {held}")
        for path in found:
            songs.setdefault(os.path.realpath(path), path)
    return list(songs.values()), faults


def _state(folder: Path, record: FolderRecord, song: Path, digest: str, settings: Overrides) -> str:
    """Return why a song with a folder is skipped; empty if lost files are to be written again."""
    others = []
    if record.source_digest != digest_of_song(song):
        others.append("of another version of the song")
    if record.digest != digest:
        others.append("with another model")
    if record != dataclasses.replace(record, **dataclasses.asdict(settings)):
        others.append("with other settings")
    if record.deep_plunder != __version__:
        others.append(f"by version {record.deep_plunder}")
    if others:
        return f"exists, made {' and '.join(others)} (see --overwrite)"
    lost = lost_files(folder, record)
    if not lost:
        return "exists"
    # Files that a user has changed or added are not replaced unasked.
    if untouched(folder, record):
        return ""
    return f"exists, but {shown(lost[0])} is missing or changed (see --overwrite)"


def _standing(output: Path) -> list[Path]:
    """List the entries of the output folder, if it exists."""
    try:
        return sorted(output.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise InputError(f"{shown(output)}: cannot be read: {error.strerror}") from error


def plan_jobs(
    inputs: Sequence[Path],
    output: Path,
    *,
    model: Path,
    settings: Overrides,
    overwrite: bool,
    report: Report,
) -> tuple[list[SongJob], list[str]]:
    """Choose each song's folder: its folder of an earlier run, or one with a new name.

    Folders of other songs, and folders that this package did not write, are never written to.

    Parameters
    ----------
    inputs, output, report
        See `find_songs`.
    model : Path
        The model file.
    settings : Overrides
        A user's settings of the decoder.
    overwrite : bool
        Whether a song whose folder exists is extracted again.

    Returns
    -------
    jobs : list of SongJob
        One job per song that can be opened.
    faults : list of str
        Faults of the other inputs, one line each.

    Raises
    ------
    ModelError
        If the model cannot be read.
    InputError
        If the output folder cannot be read.

    Examples
    --------
    >>> from deep_plunder.util.resources import shipped_model_path
    >>> plan_jobs(
    ...     [Path("missing.mp3")], Path("plunder"), model=shipped_model_path(),
    ...     settings=Overrides(), overwrite=False, report=print,
    ... )
    missing.mp3: missing: cannot be opened (No such file or directory)
    ([], ['missing.mp3: missing: cannot be opened (No such file or directory)'])
    """
    digest = digest_of_model(model)
    own: dict[str, tuple[Path, FolderRecord]] = {}
    standing = _standing(output)
    names = SafeNames(folder.name for folder in standing)
    for folder in standing:
        if (record := read_record(folder)) is not None:
            own[record.source] = folder, record
    songs, faults = find_songs(inputs, output, report=report)
    jobs = []
    for path in songs:
        skipped = ""
        try:
            reading.probe(path)
            if (source := source_of(path)) in own:
                folder, record = own[source]
                skipped = "" if overwrite else _state(folder, record, path, digest, settings)
            else:
                folder = output / names.new(path.stem)
        except (DeepPlunderError, OSError) as error:
            faults.append(fault_of(path, error))
            report(faults[-1])
            continue
        jobs.append(SongJob(path, folder, skipped))
    return jobs, faults
