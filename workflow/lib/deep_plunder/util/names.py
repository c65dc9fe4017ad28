"""Text for people: safe names of files, and any path or error as a piece of one line."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable

__all__ = ["SafeNames", "first_line", "is_safe_name", "one_line", "reason_of", "safe_name",
           "shown"]  # fmt: skip

_LONGEST_TEXT = 1_000

# Windows takes them for devices, whatever the case and whatever suffix follows.
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))]
)


def safe_name(text: str, *, length: int = 80) -> str:
    """Turn any text into a file name that every system and sampler takes.

    Parameters
    ----------
    text : str
        Any text. Accents are dropped, and all characters but A-Z a-z 0-9 ``_ - #`` become ``_``.
        Only the first 1,000 characters count.
    length : int
        Longest name, in characters.

    Returns
    -------
    name : str
        Never empty, and never the name of a device on Windows, such as ``con``.
    """
    plain = unicodedata.normalize("NFKD", text[:_LONGEST_TEXT]).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9_#-]+", "_", plain).strip("_-")[:length].strip("_-") or "unnamed"
    return f"{name}_" if name.lower() in _DEVICES else name


def is_safe_name(name: str) -> bool:
    """Return whether a name is one that `safe_name` or `SafeNames` could have made.

    Parameters
    ----------
    name : str
        As a table holds it.

    Returns
    -------
    safe : bool
    """
    safe = re.fullmatch(r"[A-Za-z0-9_#-]{1,200}", name) is not None
    return safe and name.lower() not in _DEVICES


class SafeNames:
    """Safe names, each given once, whatever the case: some file systems ignore it.

    Parameters
    ----------
    taken : iterable of str
        Names that are given already.

    Examples
    --------
    >>> names = SafeNames()
    >>> [names.new(text) for text in ("Café", "Cafe", "con")]
    ['Cafe', 'Cafe_2', 'con_']
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {name.lower() for name in taken}
        # Where to go on counting: a playlist may name 300,000 songs alike.
        self._next: dict[str, int] = {}

    def new(self, text: str, *, length: int = 80) -> str:
        """Return the safe name of a text, with a number where it is taken, and take it.

        Parameters
        ----------
        text : str
        length : int
            Longest name, in characters, before a number is added.

        Returns
        -------
        name : str
        """
        name = plain = safe_name(text, length=length)
        base = plain.lower()
        number = self._next.get(base, 2)
        while name.lower() in self._taken:
            name, number = f"{plain}_{number}", number + 1
        self._next[base] = number
        self._taken.add(name.lower())
        return name


def shown(path: str | os.PathLike[str]) -> str:
    """Write a path so that any name, one with line feeds too, is a piece of one line.

    Parameters
    ----------
    path : path-like
        Any path.

    Returns
    -------
    text : str
        The path, with unprintable characters escaped as in Python strings.
    """
    text = os.fspath(path)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def one_line(text: str, longest: int = 300) -> str:
    r"""Return any text as a short piece of one line.

    Parameters
    ----------
    text : str
    longest : int
        Characters.

    Returns
    -------
    line : str
        Unprintable characters are escaped as in Python strings; an excess is cut off.

    Examples
    --------
    >>> one_line("a\nb")
    'a\\nb'
    >>> one_line("x" * 400, 9)
    'xxxxxx...'
    """
    line = shown(text[: longest + 1])
    return line if len(line) <= longest else f"{line[: longest - 3]}..."


def first_line(error: BaseException) -> str:
    r"""Return the first line of an error's text, or its kind if it has none.

    Parameters
    ----------
    error : BaseException

    Returns
    -------
    line : str

    Examples
    --------
    >>> first_line(ValueError("no number\nat all"))
    'no number'
    """
    return one_line(next(iter(str(error).strip().splitlines()), type(error).__name__))


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
