"""Keep which clips were accepted and rejected."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Iterable
from pathlib import Path

from deep_plunder.corpus.choices import SongChoices, read_choices, write_choices
from deep_plunder.errors import InputError
from deep_plunder.extraction.results import SongFolder

__all__ = ["MARKS", "ClipKey", "Marks"]

MARKS = ("accepted", "rejected")
"""Marks that a clip may have."""

ClipKey = tuple[str, float, float]
"""What identifies a clip: the digest of its song, and its onset and offset in seconds."""

_MOST = 1_000_000


class Marks:
    """The marks of clips, stored in a file of choices after each change.

    Parameters
    ----------
    path : path-like
        The file (`corpus.choices`).

    Raises
    ------
    InputError
        If the file exists and is no file of choices.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._lock = threading.Lock()
        self._known: dict[str, SongChoices] = {}
        self._marks: dict[ClipKey, str] = {}
        for song in read_choices(self.path) if self.path.exists() else []:
            self._known[song.digest] = song
            for mark, spans in zip(MARKS, (song.accepted, song.rejected), strict=True):
                self._marks |= {(song.digest, *span): mark for span in spans}

    def all(self) -> list[dict[str, str | float]]:
        """List the marks, as the gallery's script sends them.

        Returns
        -------
        marks : list of dict
            ``digest``, ``onset_s``, ``offset_s`` and ``mark`` of each clip with a mark.
        """
        with self._lock:
            return [
                {"digest": digest, "onset_s": onset_s, "offset_s": offset_s, "mark": mark}
                for (digest, onset_s, offset_s), mark in self._marks.items()
            ]

    def set(self, clip: ClipKey, mark: str, *, songs: Iterable[SongFolder]) -> None:
        """Mark a clip, and write the file.

        Parameters
        ----------
        clip : ClipKey
        mark : {"accepted", "rejected", ""}
            An empty text removes the mark.
        songs : iterable of SongFolder
            The songs with clips, one of which the clip must belong to.

        Raises
        ------
        InputError
            If the mark, the seconds or the song is unknown.
        OSError
            If the file cannot be written. The mark is not set then.
        """
        digest, onset_s, offset_s = clip
        if mark not in (*MARKS, ""):
            raise InputError(f"mark: must be {', '.join(MARKS)} or empty, got {mark!r}")
        if not 0 <= onset_s <= offset_s < math.inf:
            raise InputError(f"must be seconds with 0 <= onset_s <= offset_s, got {clip[1:]}")
        with self._lock:
            if digest not in self._known:
                self._known |= {
                    song.record.source_digest: SongChoices(
                        song.name, song.record.source, song.record.source_digest
                    )
                    for song in songs
                }
            if digest not in self._known:
                raise InputError(f"digest: no song has the digest {digest!r}")
            marks = {other: known for other, known in self._marks.items() if other != clip}
            if mark:
                marks[clip] = mark
            if len(marks) > _MOST:
                raise InputError(f"at most {_MOST:,} clips may be marked")
            write_choices(self.path, self._choices(marks))
            self._marks = marks

    def write(self) -> None:
        """Write the file, also if there are no marks.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        with self._lock:
            write_choices(self.path, self._choices(self._marks))

    def choices(self) -> list[SongChoices]:
        """Return the marks as choices.

        Returns
        -------
        songs : list of SongChoices
            Songs without marks are left out.
        """
        with self._lock:
            return self._choices(self._marks)

    def _choices(self, marks: dict[ClipKey, str]) -> list[SongChoices]:
        spans: dict[str, dict[str, list[tuple[float, float]]]] = {}
        for (digest, onset_s, offset_s), mark in marks.items():
            of_song = spans.setdefault(digest, {name: [] for name in MARKS})
            of_song[mark].append((onset_s, offset_s))
        return [
            SongChoices(
                self._known[digest].name,
                self._known[digest].source,
                digest,
                *(tuple(sorted(of_song[name])) for name in MARKS),
            )
            for digest, of_song in spans.items()
        ]
