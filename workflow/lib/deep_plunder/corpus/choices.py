"""Read and write a user's choices: the clips of songs that were accepted or rejected.

A clip is named by its song and its span, not by its file: so choices hold for clips that are cut
again, in another format or under other names. The song is identified by its digest, wherever its
file lies.

The file is JSON, with the members ``format``, ``version`` and ``songs``, a list of `SongChoices`.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from deep_plunder.errors import InputError
from deep_plunder.util.bounds import is_version
from deep_plunder.util.files import write_text
from deep_plunder.util.names import one_line, shown

__all__ = ["SAME_S", "SongChoices", "find_span", "read_choices", "write_choices"]

SAME_S = 1e-3
"""Spans whose ends differ by no more than this are the same, in seconds."""

_FORMAT, _VERSION = "deep-plunder choices", 1
_MOST_BYTES = 1 << 26

Span = tuple[float, float]


@dataclasses.dataclass(frozen=True, slots=True)
class SongChoices:
    """The choices among the clips of a song.

    Attributes
    ----------
    name : str
        Name of the song, for people.
    source : str
        The song's file when the clips were cut.
    digest : str
        Digest of the song (`audio.identity.digest_of_song`), which identifies it.
    accepted, rejected : tuple of (onset_s, offset_s)
        Spans of the clips, in seconds of the song.
    """

    name: str
    source: str
    digest: str
    accepted: tuple[Span, ...] = ()
    rejected: tuple[Span, ...] = ()


def find_span(span: Span, spans: Sequence[Span]) -> int | None:
    """Return the place of the same span in a list.

    Parameters
    ----------
    span : (onset_s, offset_s)
    spans : sequence of (onset_s, offset_s)

    Returns
    -------
    place : int or None
        The nearest span whose onset and offset differ by at most `SAME_S`; None if there is none.

    Examples
    --------
    >>> find_span((1.5, 2.0), [(0.5, 1.0), (1.5004, 2.0)])
    1
    >>> find_span((1.5, 2.0), [(1.5, 2.1)]) is None
    True
    """
    apart = [
        (max(abs(span[0] - onset_s), abs(span[1] - offset_s)), place)
        for place, (onset_s, offset_s) in enumerate(spans)
    ]
    nearest, place = min(apart, default=(math.inf, 0))
    return place if nearest <= SAME_S else None


def _in_both(accepted: Sequence[Span], rejected: Sequence[Span]) -> Span | None:
    """Return the first accepted span that is rejected too."""
    # In cells of a grid, since a file may hold hundreds of thousands of spans.
    cells: dict[tuple[int, int], list[Span]] = {}
    for span in set(rejected):
        cells.setdefault(_cell(span), []).append(span)
    for span in accepted:
        column, row = _cell(span)
        around = itertools.product(range(column - 1, column + 2), range(row - 1, row + 2))
        if find_span(span, [each for cell in around for each in cells.get(cell, ())]) is not None:
            return span
    return None


def _cell(span: Span) -> tuple[int, int]:
    # Wider than SAME_S, so that rounding takes no span beyond the cells around.
    return int(span[0] / (2 * SAME_S)), int(span[1] / (2 * SAME_S))


def read_choices(path: str | os.PathLike[str]) -> list[SongChoices]:
    """Read choices that the gallery wrote.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    songs : list of SongChoices
        In the order of the file.

    Raises
    ------
    InputError
        If the file cannot be read, is no file of choices, a member breaks its rule, or a clip is
        both accepted and rejected.

    Examples
    --------
    >>> write_choices("choices.json", [SongChoices("Tide", "tide.wav", 64 * "0", ((1.5, 2.0),))])
    >>> read_choices("choices.json")[0].accepted
    ((1.5, 2.0),)
    """
    place = shown(path)
    try:
        if Path(path).stat().st_size > _MOST_BYTES:
            raise InputError(f"{place}: must be a file of choices of at most {_MOST_BYTES:,} bytes")
        found = json.loads(Path(path).read_bytes())
    except OSError as error:
        raise InputError(f"{place}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place}: must be JSON: {one_line(str(error))}") from error
    if not isinstance(found, dict) or found.get("format") != _FORMAT:
        raise InputError(f"{place}: must be choices that a gallery wrote (format: {_FORMAT!r})")
    version = found.get("version")
    if not is_version(version, _VERSION):
        got = one_line(repr(version))
        raise InputError(f"{place}: version: must be {_VERSION}, got {got}")
    songs = found.get("songs")
    if not isinstance(songs, list):
        raise InputError(f"{place}: songs: must be a list, got {one_line(repr(songs))}")
    read = [_song(song, f"{place}: songs[{number}]") for number, song in enumerate(songs)]
    first: dict[str, int] = {}
    for number, song in enumerate(read):
        if (earlier := first.setdefault(song.digest, number)) != number:
            rule = f"is that of songs[{earlier}] too"
            raise InputError(f"{place}: songs[{number}]: digest: {rule}")
    return read


def _song(found: Any, place: str) -> SongChoices:
    if not isinstance(found, dict):
        raise InputError(f"{place}: must be an object, got {one_line(repr(found))}")
    texts: dict[str, Any] = {}
    for name in ("name", "source", "digest"):
        texts[name] = found.get(name)
        if not isinstance(texts[name], str):
            raise InputError(f"{place}: {name}: must be text, got {one_line(repr(texts[name]))}")
    if not re.fullmatch("[0-9a-f]{64}", texts["digest"]):
        got = one_line(repr(texts["digest"]))
        raise InputError(f"{place}: digest: must be 64 hexadecimal digits, got {got}")
    accepted, rejected = (_spans(found, name, place) for name in ("accepted", "rejected"))
    if (span := _in_both(accepted, rejected)) is not None:
        raise InputError(f"{place}: the clip at {span[0]:g} s is both accepted and rejected")
    return SongChoices(**texts, accepted=accepted, rejected=rejected)


def _spans(song: dict[str, Any], name: str, place: str) -> tuple[Span, ...]:
    found = song.get(name, [])
    if not isinstance(found, list):
        raise InputError(f"{place}: {name}: must be a list, got {one_line(repr(found))}")
    spans = []
    for number, each in enumerate(found):
        values: list[Any] = (
            [each.get(key) for key in ("onset_s", "offset_s")] if isinstance(each, dict) else []
        )
        # A boolean is a number in Python, and JSON's integers have no bounds.
        numbers = [float(v) for v in values if type(v) in (int, float) and abs(v) < 1e9]
        if len(numbers) != 2 or not 0 <= numbers[0] <= numbers[1]:
            rule = "must have onset_s and offset_s in seconds, with 0 <= onset_s <= offset_s"
            got = one_line(repr(each))
            raise InputError(f"{place}: {name}[{number}]: {rule}, got {got}")
        spans.append((numbers[0], numbers[1]))
    return tuple(spans)


def write_choices(path: str | os.PathLike[str], songs: Iterable[SongChoices]) -> None:
    """Write choices as the gallery does.

    Parameters
    ----------
    path : path-like
        The file, which is replaced as a whole.
    songs : iterable of SongChoices

    Raises
    ------
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> write_choices("none.json", [])
    >>> read_choices("none.json")
    []
    """
    rows = []
    for song in songs:
        row: dict[str, Any] = {"name": song.name, "source": song.source, "digest": song.digest}
        for name, spans in (("accepted", song.accepted), ("rejected", song.rejected)):
            row[name] = [{"onset_s": onset_s, "offset_s": offset_s} for onset_s, offset_s in spans]
        rows.append(row)
    content = {"format": _FORMAT, "version": _VERSION, "songs": rows}
    write_text(path, json.dumps(content, indent=1) + "\n")
