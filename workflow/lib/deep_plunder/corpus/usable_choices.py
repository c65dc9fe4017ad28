"""Find the choices that training and calibration can use.

A choice is usable if its song has not changed since the clips were cut, and may be trained on. The
other choices are listed with their reasons, and stop nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from deep_plunder.audio.identity import digest_of_song
from deep_plunder.audio.reading import reader
from deep_plunder.corpus.choices import SongChoices, read_choices
from deep_plunder.corpus.chosen import Choice, SetAsideChoice
from deep_plunder.corpus.songs import Song
from deep_plunder.corpus.split import Assignment, members
from deep_plunder.errors import AudioError, InputError
from deep_plunder.util.names import shown

__all__ = [
    "find_choices",
    "songs_held_out",
    "sources_of",
]


def sources_of(files: Iterable[str | os.PathLike[str]]) -> list[str]:
    """List the songs that files of choices name.

    Parameters
    ----------
    files : iterable of path-like
        Files that cannot be read count as empty.

    Returns
    -------
    paths : list of str
        Each once, in order.

    Examples
    --------
    >>> sources_of(["missing.json"])
    []
    """
    paths: set[str] = set()
    for file in files:
        try:
            paths.update(song.source for song in read_choices(file))
        except InputError:
            # The stage that needs the file will report the fault.
            continue
    return sorted(paths)


def songs_held_out(
    songs: Iterable[Song], assignments: Sequence[Assignment]
) -> list[tuple[str, str]]:
    """List the songs that must not train.

    Parameters
    ----------
    songs : iterable of Song
    assignments : sequence of Assignment
        The split of sounds and songs. Songs of the training split may be in others too, as in the
        paper's protocol.

    Returns
    -------
    held_out : list of (path, place)
        Songs that must not train, each with the split that holds it.

    Examples
    --------
    >>> song = Song("Tide", "tide.wav", "Tide", "", 90.0, 44100, 2, 1411.2, "list.txt", 2)
    >>> songs_held_out([song], [Assignment("song", "Tide", "test")])
    [('tide.wav', 'the split test')]
    """
    training = set(members(assignments, kind="song", split="train"))
    split_of = {row.id: row.split for row in assignments if row.kind == "song"}
    return [
        (song.path, f"the split {split_of[song.song]}")
        for song in songs
        if song.song in split_of and song.song not in training
    ]


class _HeldOut:
    """The songs that must not train."""

    def __init__(self, songs: Iterable[tuple[str, str]]) -> None:
        self._by_size: dict[int, list[tuple[str, str]]] = {}
        for path, place in songs:
            if Path(path).is_file():
                self._by_size.setdefault(Path(path).stat().st_size, []).append((path, place))

    def place_of(self, path: str, digest: str) -> str | None:
        """Return the place that holds a song with a digest."""
        for other, place in self._by_size.get(Path(path).stat().st_size, []):
            if digest_of_song(other) == digest:
                return place
        return None


def _fault_of(song: SongChoices, held_out: _HeldOut) -> tuple[str, str] | None:
    """Return reason and detail if the choices of a song cannot be used."""
    path = song.source
    try:
        digest = digest_of_song(path)
        if digest != song.digest:
            return "changed", f"{shown(path)}: is not the file that the clips were cut from"
        if place := held_out.place_of(path, digest):
            return "held out", f"the song is in {place}"
    except OSError as error:
        return "missing", f"{shown(path)}: {error.strerror}"
    return None


def _end_s(path: str, until_s: float) -> float:
    """Decode a song, and return the end of its last sample or of the block with a time.

    Raises
    ------
    AudioError
        If the song cannot be decoded.
    """
    with reader(path) as recording:
        rate, done = recording.info.rate, 0
        for block in recording.blocks():
            done += len(block)
            if done >= until_s * rate:
                break
        return done / rate


def find_choices(
    files: Sequence[str | os.PathLike[str]], *, held_out: Iterable[tuple[str, str]] = ()
) -> tuple[list[Choice], list[SetAsideChoice]]:
    """Find the choices that can be used.

    Parameters
    ----------
    files : sequence of path-like
        Files of choices.
    held_out : iterable of (path, place)
        Songs that must not train, and neither must copies of them. The place says in words what
        holds the song, such as ``the split test``.

    Returns
    -------
    choices : list of Choice
        Ordered by song, then by time.
    set_aside : list of SetAsideChoice
        The others, in the order of the files.

    Raises
    ------
    InputError
        If a file cannot be read, or no choice can be used.

    Examples
    --------
    >>> import numpy as np
    >>> from deep_plunder.audio import writing
    >>> from deep_plunder.corpus.choices import write_choices
    >>> writing.write("tide.wav", np.zeros((8000, 1), np.float32), 8000)
    >>> digest = digest_of_song("tide.wav")
    >>> tide = SongChoices("Tide", "tide.wav", digest, ((0.1, 0.4),), ((3.0, 4.0),))
    >>> write_choices("choices.json", [tide])
    >>> [choice], [late] = find_choices(["choices.json"])
    >>> choice.accepted, late.reason
    (1, 'unreadable')
    """
    kept_out = _HeldOut(held_out)
    set_aside: list[SetAsideChoice] = []
    by_region: dict[tuple[str, float, float], list[Choice]] = {}
    for file in files:
        for song in read_choices(file):
            rows = [
                Choice(song.source, *span, accepted, os.fspath(file))
                for accepted, spans in ((1, song.accepted), (0, song.rejected))
                for span in spans
            ]
            fault = _fault_of(song, kept_out)
            if fault is None:
                rows, faults = _readable(rows)
                set_aside += faults
                for row in rows:
                    place = (song.digest, round(row.onset_s, 3), round(row.offset_s, 3))
                    by_region.setdefault(place, []).append(row)
            else:
                set_aside += [_set_aside(row, *fault) for row in rows]
    choices = []
    for same in by_region.values():
        if len({row.accepted for row in same}) > 1:
            where = ", ".join(dict.fromkeys(row.file for row in same))
            set_aside += [_set_aside(row, "contradicted", where) for row in same]
            continue
        choices.append(same[0])
        set_aside += [_set_aside(row, "duplicate", same[0].file) for row in same[1:]]
    if not choices:
        names = ", ".join(map(shown, files))
        first = f"; the first: {set_aside[0].reason}: {set_aside[0].detail}" if set_aside else ""
        raise InputError(f"{names}: none of {len(set_aside)} choices can be used{first}")
    return sorted(choices, key=lambda row: (row.path, row.onset_s, row.offset_s)), set_aside


def _readable(rows: Sequence[Choice]) -> tuple[list[Choice], list[SetAsideChoice]]:
    """Divide the choices of a song by whether their regions can be decoded."""
    if not rows:
        return [], []
    last_s = max(row.offset_s for row in rows)
    try:
        # A region may end with the song, whose last sample lies a little before.
        end_s = _end_s(rows[0].path, last_s) + 0.01
    except AudioError as error:
        return [], [_set_aside(row, "unreadable", str(error)) for row in rows]
    detail = f"{shown(rows[0].path)}: ends after {end_s:.2f} s"
    return (
        [row for row in rows if row.offset_s <= end_s],
        [_set_aside(row, "unreadable", detail) for row in rows if row.offset_s > end_s],
    )


def _set_aside(row: Choice, reason: str, detail: str) -> SetAsideChoice:
    return SetAsideChoice(
        row.path, row.onset_s, row.offset_s, row.accepted, row.file, reason, detail
    )
