"""Name the files of clips by a template.

A template is text with fields in braces, such as ``{class}/{song}_{index}``. A ``/`` begins a
folder. `FIELDS` lists the fields. Characters other than A-Z a-z 0-9 ``_ - #`` are replaced, so a
score is a percentage and a time has no point.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from deep_plunder.errors import InputError, OptionError
from deep_plunder.util.names import one_line, safe_name

__all__ = [
    "DEFAULT_NAME",
    "FIELDS",
    "SongTags",
    "check_template",
    "clip_names",
    "index_texts",
    "start_text",
]

FIELDS = {
    "song": "name of the song's file",
    "artist": "artist, as the playlist states it",
    "title": "title, as the playlist states it; otherwise the name of the song's file",
    "class": "class of the sound, such as kick",
    "note": "root note, such as A#4; none without a clear pitch",
    "sound": "class and root note, such as keys_A#4; the class alone without a clear pitch",
    "score": "score in percent, 00 to 100",
    "index": "number of the region in the song, from 001 on",
    "start": "beginning in the song, such as 01m02s345",
}
"""The fields of a template, with their meanings."""

DEFAULT_NAME = "{song}_{index}_{sound}"
"""Template of the names of clips."""

_LONGEST = 100


@dataclass(frozen=True, slots=True)
class SongTags:
    """The artist and title of a song, as a playlist states them.

    Attributes
    ----------
    artist, title : str
        Empty where unknown.
    """

    artist: str = ""
    title: str = ""


def check_template(template: str) -> None:
    """Check a template of names.

    Parameters
    ----------
    template : str

    Raises
    ------
    OptionError
        If it has an unknown field, a brace without its other half, or a part of a
        path that is empty, ``.`` or ``..``.

    Examples
    --------
    >>> check_template("{bpm}_{index}")
    Traceback (most recent call last):
    deep_plunder.errors.OptionError: name: fields must be among song, artist, title, class, note, \
sound, score, index, start, got {bpm}
    """
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as error:
        raise OptionError("name", f"{one_line(template)}: {error}") from error
    for _, field, form, conversion in parts:
        if field is not None and (field not in FIELDS or form or conversion):
            known = ", ".join(FIELDS)
            rule = f"fields must be among {known}, got {{{one_line(field)}}}"
            raise OptionError("name", rule)
    if any(part.strip() in ("", ".", "..") for part in template.split("/")):
        raise OptionError(
            "name", f"no part between / may be empty, . or .., got {one_line(template)!r}"
        )


def index_texts(numbers: Iterable[int]) -> list[str]:
    """Write numbers with equally many digits, at least three.

    Parameters
    ----------
    numbers : iterable of int

    Returns
    -------
    texts : list of str

    Examples
    --------
    >>> index_texts([7, 12])
    ['007', '012']
    """
    listed = list(numbers)
    digits = max(3, len(str(max(listed, default=0))))
    return [f"{number:0{digits}}" for number in listed]


def start_text(seconds: float) -> str:
    """Write a time so that names sort by it.

    Parameters
    ----------
    seconds : float
        Time in the song, in seconds.

    Returns
    -------
    text : str

    Examples
    --------
    >>> start_text(62.3454)
    '01m02s345'
    """
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes:02}m{rest // 1000:02}s{rest % 1000:03}"


def clip_names(template: str, clips: Iterable[Mapping[str, str]]) -> list[str]:
    """Name the clips of a song.

    Parameters
    ----------
    template : str
        See `check_template`.
    clips : iterable of mapping
        The fields of each clip.

    Returns
    -------
    names : list of str
        Paths without suffix, with ``/``, each once on any file system.

    Raises
    ------
    InputError
        If two clips have one name.

    Examples
    --------
    >>> clips = [{"class": "kick", "start": "00m01s500"}, {"class": "kick", "start": "00m02s000"}]
    >>> clip_names("{class}/{start}", clips)
    ['kick/00m01s500', 'kick/00m02s000']
    >>> clip_names("{class}", clips)
    Traceback (most recent call last):
    deep_plunder.errors.InputError: two clips are named 'kick' by '{class}'; {index} tells them \
apart
    """
    names: list[str] = []
    seen: set[str] = set()
    for fields in clips:
        parts = [part.format_map(fields) for part in template.split("/")]
        name = "/".join(safe_name(part, length=_LONGEST) for part in parts)
        if name.lower() in seen:
            cut = f"of each part the first {_LONGEST} characters count"
            has_index = any(field == "index" for _, field, *_ in string.Formatter().parse(template))
            told = cut if has_index else "{index} tells them apart"
            rule = f"two clips are named {name!r} by {one_line(template)!r}"
            raise InputError(f"{rule}; {told}")
        seen.add(name.lower())
        names.append(name)
    return names
