"""Choose the songs to extract and the folder of each, before a model is loaded."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from deep_plunder import __version__
from deep_plunder.audio import reading
from deep_plunder.audio.identity import digest_of_song
from deep_plunder.decoding.decode import Overrides
from deep_plunder.errors import DeepPlunderError, InputError
from deep_plunder.extraction.folder import (
    FolderRecord,
    digest_of_classifier,
    lost_files,
    read_record,
    untouched,
)
from deep_plunder.extraction.inputs import Report, find_songs
from deep_plunder.extraction.naming import SongTags
from deep_plunder.extraction.options import ClipOptions, recorded
from deep_plunder.models.card import digest_of_model
from deep_plunder.util.names import SafeNames, one_line, reason_of, shown

__all__ = ["SongJob", "fault_of", "plan_jobs", "source_of"]


@dataclasses.dataclass(frozen=True, slots=True)
class SongJob:
    """A song to extract.

    Attributes
    ----------
    path : Path
        The song's file.
    folder : Path
        Folder for its results.
    seconds : float
        Length of the song.
    tags : SongTags
        Its artist and title.
    skipped : str
        Reason to skip the song; empty if it is to be extracted.
    """

    path: Path
    folder: Path
    seconds: float
    tags: SongTags
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


def _settings(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that are not the default, by name."""
    settings = {**values, **values["options"], "options": None}
    return {name: value for name, value in settings.items() if value not in (None, "")}


def _changes(
    record: FolderRecord, made_with: Mapping[str, Any], name_of: Callable[[str], str]
) -> str:
    """Return the settings of a folder that have changed, with both values; empty if none has."""
    old = _settings({name: getattr(record, name) for name in made_with})
    new = _settings(made_with)
    return "; ".join(
        f"{name_of(name)} {_value(old.get(name))}, now {_value(new.get(name))}"
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
    )


def _value(value: Any) -> str:
    if value is None:
        return "default"
    if isinstance(value, bool):
        return "on" if value else "off"
    return one_line(",".join(map(str, value)) if isinstance(value, list) else str(value), 60)


def _state(
    folder: Path,
    record: FolderRecord,
    song: Path,
    *,
    digest: str,
    made_with: Mapping[str, Any],
    name_of: Callable[[str], str],
) -> str:
    """Return why a song with a folder is skipped; empty if lost files are to be written again."""
    others = []
    if record.source_digest != digest_of_song(song):
        others.append("of another version of the song")
    if record.digest != digest:
        others.append("with another model")
    if record.deep_plunder != __version__:
        others.append(f"by version {record.deep_plunder}")
    if changes := _changes(record, made_with, name_of):
        others.append(f"with other settings: {changes}")
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
    path_map: Sequence[str] = (),
    model: Path,
    settings: Overrides,
    options: ClipOptions,
    classifier: Path | None = None,
    overwrite: bool,
    report: Report,
    name_of: Callable[[str], str] = str,
) -> tuple[list[SongJob], list[str]]:
    """Choose each song's folder: its folder of an earlier run, or one with a new name.

    Folders of other songs, and folders that this package did not write, are never written to.

    Parameters
    ----------
    inputs, output, path_map, report
        See `extraction.inputs.find_songs`.
    model : Path
        The model file.
    settings : Overrides
        A user's settings of the decoder.
    options : ClipOptions
        A user's wishes for the clips.
    classifier : Path, optional
        The file of the forest of classes, by default the one that ships.
    overwrite : bool
        Whether a song whose folder exists is extracted again.
    name_of : callable
        Returns the name of a setting in messages, for its name in Python.

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
    ...     settings=Overrides(), options=ClipOptions(), overwrite=False, report=print,
    ... )
    missing.mp3: missing: cannot be opened (No such file or directory)
    ([], ['missing.mp3: missing: cannot be opened (No such file or directory)'])
    """
    digest = digest_of_model(model)
    made_with = {
        **dataclasses.asdict(settings),
        "options": recorded(options),
        "classifier": digest_of_classifier(classifier),
    }
    own: dict[str, tuple[Path, FolderRecord]] = {}
    standing = _standing(output)
    names = SafeNames(folder.name for folder in standing)
    for folder in standing:
        if (record := read_record(folder)) is not None:
            own[record.source] = folder, record
    songs, faults = find_songs(inputs, output, path_map=path_map, report=report)
    jobs = []
    for path, tags in songs:
        skipped = ""
        try:
            seconds = reading.probe(path).seconds
            if (source := source_of(path)) in own:
                folder, record = own[source]
                if not overwrite:
                    skipped = _state(
                        folder, record, path, digest=digest, made_with=made_with, name_of=name_of
                    )
            else:
                folder = output / names.new(path.stem)
        except (DeepPlunderError, OSError) as error:
            faults.append(fault_of(path, error))
            report(faults[-1])
            continue
        jobs.append(SongJob(path, folder, seconds, tags, skipped))
    return jobs, faults
