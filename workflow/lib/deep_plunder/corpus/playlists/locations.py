r"""Find the file on this machine for the location in a playlist.

A location is a text in one of these forms:

========================================  ====================================================
``Macintosh HD:Users:me:Music:song.mp3``  HFS: the boot volume is ``/``, another one
                                          ``/Volumes/NAME``; ``/`` in a name stands for ``:``
``C:\Users\me\song.mp3``, ``\\host\x``    Windows; becomes ``C:/Users/me/song.mp3``
``file://localhost/Users/me/a%20b.mp3``   a file as a URL, percent-encoded
``/music/song.mp3``, ``./song.mp3``       POSIX; relative ones begin with ``./`` or ``../``
``http://host/radio``                     any other URL: a stream, not a file
========================================  ====================================================

A library has usually moved since its playlist was written, hence the path map: entries
``OLD=NEW`` that replace a prefix of the location as it stands, or of the POSIX path that it
means. OLD matches whole path components only, the longest OLD wins, and the first ``=`` ends OLD.

macOS writes accents decomposed (NFD), and most other systems write them composed (NFC). Copies keep
or change the form. So a file is looked for under every normal form of its name.

The paper does not cover locations. The sources are Apple's technical note QA1173 (Unicode forms in
HFS) and the forms found in real exports.
"""

from __future__ import annotations

import contextlib
import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

from deep_plunder.errors import OptionError

__all__ = ["is_stream", "parse_path_map", "relative", "resolve"]

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_POSIX = ("/", "./", "../", "~/")
# No system accepts a longer path.
_LONGEST_PATH = 4096
# A volume with one of these at its top is the boot volume of a Mac.
_SYSTEM_FOLDERS = frozenset({"Users", "Applications", "Library", "System"})


def is_stream(location: str) -> bool:
    """Return whether a location is a URL of anything but a file.

    Parameters
    ----------
    location : str

    Returns
    -------
    stream : bool

    Examples
    --------
    >>> is_stream("http://radio.example/live"), is_stream("file:///music/a.mp3")
    (True, False)
    """
    scheme = _URL.match(location)
    return scheme is not None and scheme.group(1).lower() != "file"


def parse_path_map(entries: Sequence[str]) -> list[tuple[str, str]]:
    """Split path map entries into their two sides.

    Parameters
    ----------
    entries : sequence of str
        Entries ``OLD=NEW``. The first ``=`` ends OLD. NEW may be relative to the working
        directory and may begin with ``~``.

    Returns
    -------
    pairs : list of (str, str)
        Longest OLD first.

    Raises
    ------
    OptionError
        If an entry has no ``=`` or nothing before it.

    Examples
    --------
    >>> parse_path_map(["Macintosh HD:Music:=/music/"])
    [('Macintosh HD:Music:', '/music/')]
    """
    return list(_parse_path_map(tuple(entries)))


@lru_cache(maxsize=8)
def _parse_path_map(entries: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    pairs = []
    for entry in entries:
        old, equals, new = entry.partition("=")
        if not (old and equals):
            raise OptionError("path_map", f"must be OLD=NEW, got {entry!r}")
        pairs.append((old, os.path.expanduser(new)))  # noqa: PTH111 (keeps NEW as it is written)
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


def _posix_forms(location: str) -> list[str]:
    """Return the POSIX paths that a location may mean on its own machine, likeliest first."""
    if _URL.match(location):
        # Not urlsplit, since a stray '#' or '?' in a playlist belongs to the name.
        host, slash, rest = location[len("file://") :].partition("/")
        path = unquote(slash + rest, errors="surrogateescape")
        if _DRIVE.match(path[1:]):
            return [path[1:]]
        return [path] if host.lower() in ("", "localhost") else [f"//{host}{path}"]
    if _DRIVE.match(location) or location.startswith("\\\\"):
        return [location.replace("\\", "/")]
    if location.startswith(_POSIX):
        paths = [location]
        if "%" in location:
            paths.append(unquote(location, errors="surrogateescape"))
        return paths + [path.replace("\\", "/") for path in paths if "\\" in path]
    if ":" not in location:
        return [location] if "\\" not in location else [location, location.replace("\\", "/")]
    volume, *names = (part.translate(_SWAP) for part in location.split(":"))
    inside, outside = "/" + "/".join(names), "/".join(["/Volumes", volume, *names])
    if volume == "Macintosh HD" or names[0] in _SYSTEM_FOLDERS:
        return [inside, outside]
    return [outside]


_SWAP = str.maketrans("/:", ":/")


def _rest(text: str, old: str, separators: str) -> str | None:
    """Return the rest of `text` after the prefix `old`, or None if it is not a prefix."""
    for prefix in (old, unicodedata.normalize("NFC", old), unicodedata.normalize("NFD", old)):
        if text.startswith(prefix):
            rest = text[len(prefix) :]
            if not rest or prefix[-1] in separators or rest[0] in separators:
                return rest
    return None


def _same_case(location: str, old: str) -> str:
    # Windows paths ignore case, so OLD is returned in the spelling of the location.
    start = location[: len(old)]
    return start if _DRIVE.match(location) and start.casefold() == old.casefold() else old


def _join(new: str, rest: str) -> str:
    rest = rest.lstrip("/")
    return f"{new.rstrip('/')}/{rest}" if new and rest else new or rest


def _mapped(location: str, pairs: Sequence[tuple[str, str]], forms: Sequence[str]) -> Iterator[str]:
    """Return the paths to which the path map leads from a location, likeliest first."""
    posix = location.startswith(_POSIX)
    url = _URL.match(location) is not None
    hfs = ":" in location and not (posix or url or _DRIVE.match(location))
    text = unquote(location, errors="surrogateescape") if url else location
    for old, new in pairs:
        prefix = unquote(old, errors="surrogateescape") if url else _same_case(text, old)
        rest = _rest(text, prefix, ":" if hfs else "/\\")
        if rest is not None:
            if hfs:
                rest = rest.translate(_SWAP)
            elif not (posix or url):
                rest = rest.replace("\\", "/")
            yield _join(new, rest)
        for form in forms:
            rest = _rest(form, _same_case(form, old), "/")
            if rest is not None:
                yield _join(new, rest)


def relative(path: str) -> str:
    """Return a path that cannot be taken for an HFS location.

    Parameters
    ----------
    path : str

    Returns
    -------
    path : str
        The path, which begins with ``/``, ``./`` or ``../``.

    Examples
    --------
    >>> relative("a.mp3"), relative("/music/a.mp3")
    ('./a.mp3', '/music/a.mp3')
    """
    return path if path.startswith(("/", "./", "../")) else f"./{path}"


def _on_disk(path: str) -> str | None:
    """Find a path with its names in any normal form or encoding, or return None."""
    if len(path) > _LONGEST_PATH:
        return None
    if os.path.exists(path):  # noqa: PTH110 (takes any text)
        return path
    if path.isascii():
        return None
    # Most entries of a list that lack their file lie in folders that are there.
    parent, _, last = path.rpartition("/")
    is_there = os.path.exists(parent)  # noqa: PTH110
    found = parent if is_there else "/" if path.startswith("/") else ""
    for name in [last] if is_there else path.split("/"):
        if not name:
            continue
        for form in _forms(name):
            place = os.path.join(found, form)  # noqa: PTH118
            if place != path and os.path.exists(place):  # noqa: PTH110
                break
        else:
            entry = _entry(found or ".", name)
            if entry is None:
                return None
            place = os.path.join(found, entry)  # noqa: PTH118
        found = place
    return found


def _forms(name: str) -> Iterator[str]:
    """Return the possible spellings of a name on disk, likeliest first."""
    yield name
    if name.isascii():
        return
    for form in ("NFC", "NFD"):
        if (normal := unicodedata.normalize(form, name)) != name:
            yield normal
    # To the system a name is bytes, and old names are in other encodings.
    for encoding in ("cp1252", "mac_roman"):
        with contextlib.suppress(UnicodeEncodeError):
            yield os.fsdecode(name.encode(encoding))


def _entry(folder: str, name: str) -> str | None:
    # In neither form, since HFS+ leaves some letters composed, and copies mix the forms.
    if name.isascii():
        return None
    try:
        changed_ns = os.stat(folder).st_mtime_ns  # noqa: PTH116
        return _entries(folder, changed_ns).get(unicodedata.normalize("NFC", name))
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=4096)
def _entries(folder: str, changed_ns: int) -> dict[str, str]:
    """Return the names in a folder by their composed form; `changed_ns` renews the answer."""
    names = sorted(os.listdir(folder), reverse=True)  # noqa: PTH208 (plain names are needed)
    return {unicodedata.normalize("NFC", name): name for name in names if not name.isascii()}


def resolve(location: str, *, path_map: Sequence[str] = ()) -> Path | None:
    """Return the path on this machine for the location in a playlist.

    Parameters
    ----------
    location : str
        The location as in the playlist, in any form that the module lists.
    path_map : sequence of str
        Entries ``OLD=NEW``; see `parse_path_map`.

    Returns
    -------
    path : Path or None
        The file if it exists, otherwise its expected path. None for a stream, for an empty
        location, and for one that cannot be a path (it holds a NUL).

    Raises
    ------
    InputError
        If a path map entry is not ``OLD=NEW``.

    Examples
    --------
    >>> path = resolve("Macintosh HD:Music:a.mp3", path_map=["Macintosh HD:Music:=/music/"])
    >>> path.as_posix()
    '/music/a.mp3'
    """
    pairs = parse_path_map(path_map)
    if not location or is_stream(location):
        return None
    if location[:6].lower() == "file:/":
        location = "file://" + location[5:].removeprefix("//")
    forms = _posix_forms(location)
    candidates = [*_mapped(location, pairs, forms), *forms]
    # No system accepts a NUL in a name, and most calls raise for one.
    candidates = [candidate for candidate in candidates if "\0" not in candidate]
    for candidate in candidates:
        found = _on_disk(candidate)
        if found is not None:
            return Path(found)
    return Path(candidates[0]) if candidates else None
