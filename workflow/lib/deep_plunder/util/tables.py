r"""Tables as tab-separated text, one dataclass per kind of row.

Cells hold any text: backslash, tab, line feed, carriage return and bytes that are not valid Unicode
(file names on Linux may be any bytes) are written as ``\\``, ``\t``, ``\n``, ``\r`` and ``\xNN``,
so that a row is always one line. Floats are written in the shortest form that reads back as the
same number; a missing float is an empty cell and reads as NaN.

Tables can be edited by hand, or damaged. A field whose type is annotated with `Bounds`, `Words` or
`PlainName` has a rule, which is checked in every cell.
"""

from __future__ import annotations

import dataclasses
import math
import os
import re
import typing
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, TypeVar

from deep_plunder.errors import InputError
from deep_plunder.util.checksums import read_checked, sums_path, write_sums
from deep_plunder.util.files import atomic_path
from deep_plunder.util.names import one_line

__all__ = [
    "Bounds",
    "Channels",
    "FileName",
    "Form",
    "Number",
    "PlainName",
    "Rate",
    "Seconds",
    "Words",
    "broken_rule",
    "read_records",
    "write_records",
]

Record = TypeVar("Record")

_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_LIMIT = 1 << 63
_UNESCAPES = {"\\": "\\", "t": "\t", "n": "\n", "r": "\r"}


@dataclasses.dataclass(frozen=True)
class Bounds:
    """The rule of a number.

    Attributes
    ----------
    low, high : float
        The bounds, both included.
    missing : bool
        Whether NaN is valid too.
    """

    low: float
    high: float
    missing: bool = False

    def fault(self, value: float) -> str:
        """Return the rule if a value breaks it, else nothing.

        Parameters
        ----------
        value : float

        Returns
        -------
        fault : str
        """
        kept = self.low <= value <= self.high or (self.missing and math.isnan(value))
        return "" if kept else f"must be in {self.low:g} .. {self.high:g}"


@dataclasses.dataclass(frozen=True)
class Words:
    """The rule of a text that is one of a few.

    Attributes
    ----------
    words : tuple of str
    """

    words: tuple[str, ...]

    def fault(self, value: str) -> str:
        """Return the rule if a value breaks it, else nothing.

        Parameters
        ----------
        value : str

        Returns
        -------
        fault : str
        """
        words = ", ".join(map(repr, self.words))
        return "" if value in self.words else f"must be one of {words}"


@dataclasses.dataclass(frozen=True)
class Form:
    """The rule of a text that has a form.

    Attributes
    ----------
    pattern : str
        Regular expression of the whole text.
    meaning : str
        The form in words.
    """

    pattern: str
    meaning: str

    def fault(self, value: str) -> str:
        """Return the rule if a value breaks it, else nothing.

        Parameters
        ----------
        value : str

        Returns
        -------
        fault : str
        """
        return "" if re.fullmatch(self.pattern, value) else f"must be {self.meaning}"


@dataclasses.dataclass(frozen=True)
class PlainName:
    """The rule of a text that names a file or folder, and leads nowhere else.

    Attributes
    ----------
    below : bool
        Whether it may lie in folders, given with ``/``.
    missing : bool
        Whether an empty text is valid too.
    """

    below: bool = False
    missing: bool = False

    def fault(self, value: str) -> str:
        """Return the rule if a value breaks it, else nothing.

        Parameters
        ----------
        value : str

        Returns
        -------
        fault : str
        """
        parts = value.split("/") if self.below else [value]
        odd = any(part in ("", ".", "..") or {*part} & {*"/\\\0"} for part in parts)
        odd &= bool(value) or not self.missing
        return "must be a plain name of a file" if odd else ""


Rule = Bounds | Form | PlainName | Words

# No recording and no mix is longer than 115 days, or has a higher rate or more channels; no split
# has more mixes.
Seconds = Annotated[float, Bounds(0, 1e7)]
Rate = Annotated[int, Bounds(1, 10_000_000)]
Channels = Annotated[int, Bounds(1, 65_535)]
Number = Annotated[int, Bounds(0, 10**9)]
FileName = Annotated[str, PlainName()]


def _escape(text: str) -> str:
    if text.isprintable() and "\\" not in text:
        return text
    text = re.sub(r"[\\\t\n\r]", lambda match: _ESCAPES[match.group()], text)
    text = re.sub(r"[\udc80-\udcff]", lambda match: f"\\x{ord(match.group()) - 0xDC00:02x}", text)
    # Other surrogates stand for no byte of a file name.
    return re.sub(r"[\ud800-\udfff]", "\ufffd", text)


def _unescape(text: str) -> str:
    def plain(match: re.Match[str]) -> str:
        code = match.group(1)
        return chr(0xDC00 + int(code[1:], 16)) if code[0] == "x" else _UNESCAPES[code]

    return re.sub(r"\\(x[89a-f][0-9a-f]|[\\tnr])", plain, text)


def _format(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(float(value))
    return _escape(str(value))


def _parse(cell: str, kind: type) -> Any:
    if kind is bool:
        if cell not in ("true", "false"):
            raise ValueError(cell)
        return cell == "true"
    if kind is float:
        return float(cell) if cell else math.nan
    if kind is int:
        number = int(cell) if len(cell) <= 20 else _LIMIT
        # Arrays hold no more than 64 bits.
        if not -_LIMIT <= number < _LIMIT:
            raise ValueError(cell)
        return number
    return _unescape(cell)


_known_rules: dict[type, dict[str, Rule]] = {}


def _rules(kind: type) -> dict[str, Rule]:
    if kind not in _known_rules:
        hints = typing.get_type_hints(kind, include_extras=True)
        _known_rules[kind] = {
            name: hint.__metadata__[0]
            for name, hint in hints.items()
            if typing.get_origin(hint) is Annotated
        }
    return _known_rules[kind]


def broken_rule(record: object) -> str:
    """Return the rule that a row breaks, if any.

    Parameters
    ----------
    record : dataclass
        A row, wherever it comes from.

    Returns
    -------
    fault : str
        Field, rule and value; empty if all is well.
    """
    for name, rule in _rules(type(record)).items():
        value = getattr(record, name)
        if fault := rule.fault(value):
            return one_line(f"{name} {fault}, got {value!r}")
    return ""


def write_records(
    path: str | os.PathLike[str],
    kind: type[Record],
    records: Iterable[Record],
    *,
    checksum: bool = True,
) -> None:
    """Write a table with a header line of the field names of `kind`, whole or not at all.

    Parameters
    ----------
    path : path-like
        The file to write.
    kind : type
        A dataclass whose fields are ``str``, ``int``, ``float`` or ``bool``.
    records : iterable of `kind`
        The rows, in order.
    checksum : bool
        Whether to write ``NAME.sums`` beside it (`util.checksums`), which `read_records` checks.
        False where the checksums of a folder stand in one file.

    Raises
    ------
    OSError
        If the file cannot be written; the error names it.
    """
    names = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
    kept = sums_path(path)
    with (
        atomic_path(path) as temporary,
        temporary.open("w", encoding="utf-8", newline="\n") as out,
    ):
        out.write("\t".join(names) + "\n")
        for record in records:
            out.write("\t".join(_format(getattr(record, name)) for name in names) + "\n")
        # The checksum of an older table must never stand beside this one.
        kept.unlink(missing_ok=True)
    if checksum:
        write_sums(kept, [Path(path)])


def read_records(path: str | os.PathLike[str], kind: type[Record]) -> list[Record]:
    """Read a table that `write_records` wrote, or that a user wrote in its form.

    Parameters
    ----------
    path : path-like
        The file to read.
    kind : type
        The dataclass of a row. Columns may stand in any order; unknown ones are ignored.

    Returns
    -------
    records : list of `kind`

    Raises
    ------
    InputError
        If the file cannot be read, has another checksum than is written beside it, lacks a column,
        or holds a cell of the wrong type or one that breaks the rule of its field.
    """
    return list(_rows(Path(path), kind))


def _rows(path: Path, kind: type[Record]) -> Iterator[Record]:
    try:
        # Some editors write other line ends; a cell holds none.
        lines = re.split("\r\n|\r|\n", read_checked(path).decode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path}: cannot be read as a UTF-8 table: {reason}") from error
    types = typing.get_type_hints(kind)
    rules = _rules(kind)
    names = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
    header = lines[0].lstrip("\ufeff").split("\t")
    missing = [name for name in names if name not in header]
    if missing:
        rule = one_line(f"lacks the column {missing[0]!r}, has {header}")
        raise InputError(f"{path}: line 1: {rule}")
    columns = [header.index(name) for name in names]
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if cells == [""]:
            continue
        if len(cells) != len(header):
            raise InputError(
                f"{path}: line {number}: {len(cells)} cells, the header has {len(header)}"
            )
        values = {}
        for name, column in zip(names, columns, strict=True):
            try:
                values[name] = _parse(cells[column], types[name])
                rule = rules[name].fault(values[name]) if name in rules else ""
            except ValueError:
                rule = f"must be {types[name].__name__}"
            if rule:
                rule = one_line(f"{name} {rule}, got {cells[column]!r}")
                raise InputError(f"{path}: line {number}: {rule}")
        yield kind(**values)
