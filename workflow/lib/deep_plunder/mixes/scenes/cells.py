"""Write and read the settings of a row as one cell: ``name=value`` pairs between blanks.

A plan is a table that a user may edit by hand. Reading therefore rejects unknown names, which would
silently have no effect, and values out of bounds, which could fill the memory or yield meaningless
sound.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from deep_plunder.errors import InputError
from deep_plunder.util.tables import Bounds

__all__ = ["read_cell", "write_cell"]

Record = TypeVar("Record")

_NUMBERED = re.compile(r"(peak)_[1-9]_(.+)")
_NUMBERS = range(1, 10)


@dataclasses.dataclass(frozen=True, slots=True)
class _Field:
    """A field of a record of settings.

    Attributes
    ----------
    name : str
        Name of the field.
    kind : type
        bool, int or float for a number; the record for a group; the record of an item for a tuple.
    bounds : Bounds or None
        Bounds of a number; None for a group or a tuple.
    is_needed, is_list : bool
        Whether the field has no default, and whether it is a tuple.
    """

    name: str
    kind: Any
    bounds: Bounds | None
    is_needed: bool
    is_list: bool


@lru_cache(maxsize=64)
def _fields(record: Any) -> tuple[_Field, ...]:
    hints = get_type_hints(record, include_extras=True)
    found = []
    for field in dataclasses.fields(record):
        kind = hints[field.name]
        if get_origin(kind) in (Union, UnionType):
            (kind,) = (option for option in get_args(kind) if option is not NoneType)
        is_list, bounds = get_origin(kind) is tuple, None
        if is_list:
            kind = get_args(kind)[0]
        if get_origin(kind) is Annotated:
            kind, bounds = get_args(kind)
        is_needed = field.default is dataclasses.MISSING
        found.append(_Field(field.name, kind, bounds, is_needed, is_list))
    return tuple(found)


@lru_cache(maxsize=64)
def _bounds(record: Any) -> dict[str, Bounds]:
    """Return the bounds of all names of a record; list names such as ``peak_hz`` have no number."""
    found: dict[str, Bounds] = {}
    for field in _fields(record):
        if field.bounds is not None:
            found[field.name] = field.bounds
        else:
            prefix = "peak_" if field.is_list else ""
            found |= {f"{prefix}{name}": limit for name, limit in _bounds(field.kind).items()}
    return found


def write_cell(record: object) -> str:
    """Write settings as one cell.

    Parameters
    ----------
    record : dataclass
        One of the records of `deep_plunder.mixes.scenes.settings`.

    Returns
    -------
    text : str
        The cell, with numbers rounded to five significant digits. Rendering uses these rounded
        numbers.

    Examples
    --------
    >>> from deep_plunder.mixes.scenes.settings import SectionSettings
    >>> write_cell(SectionSettings(tracks=2, level=0.5))
    'tracks=2 level=0.5'
    """
    return " ".join(f"{name}={value:.5g}" for name, value in _entries(record))


def _entries(record: Any) -> Iterator[tuple[str, float]]:
    shape: Any = type(record)
    for field in _fields(shape):
        value = getattr(record, field.name)
        if field.is_list:
            for number, item in enumerate(value, start=1):
                for name, part in _entries(item):
                    yield f"peak_{number}_{name}", part
        elif value is not None:
            yield from [(field.name, value)] if field.bounds is not None else _entries(value)


def read_cell(text: str, record: type[Record], *, where: str, kind: str) -> Record:
    """Read settings from a cell.

    Parameters
    ----------
    text : str
        The cell.
    record : type
        The expected dataclass of settings.
    where : str
        The place of the cell, which opens every error message.
    kind : str
        The kind of the row.

    Returns
    -------
    record : dataclass
        The settings.

    Raises
    ------
    InputError
        If a setting is not ``name=value``, unknown, out of bounds, or missing.

    Examples
    --------
    >>> from deep_plunder.mixes.scenes.settings import SectionSettings
    >>> read_cell("tracks=2", SectionSettings, where="plan", kind="section")
    SectionSettings(tracks=2, level=None)
    """
    values: dict[str, float] = {}
    shape: Any = record
    bounds = _bounds(shape)
    for part in text.split():
        name, sign, word = part.partition("=")
        if not sign or not name or not word:
            raise InputError(f"{where}: settings must be name=value, got {part[:80]!r}")
        plain = _NUMBERED.sub(r"\1_\2", name)
        if plain not in bounds or (plain != name) != plain.startswith("peak_"):
            raise InputError(f"{where}: {kind} has no setting {name[:80]!r}")
        limit = bounds[plain]
        try:
            values[name] = float(word)
        except ValueError:
            values[name] = float("nan")
        if not limit.low <= values[name] <= limit.high:
            got = word if values[name] != values[name] else str(values[name])
            raise InputError(f"{where}: {name} {limit.fault(values[name])}, got {got[:80]!r}")
    built = _build(record, values, where, owner=kind)
    assert built is not None
    return built


def _build(
    record: type[Record], values: dict[str, float], where: str, prefix: str = "", owner: str = ""
) -> Record | None:
    """Build a record from the values whose names begin with the prefix.

    A group without any of its fields is None. A group with only some of them is an error, and so
    is a row without a field that it needs.
    """
    given: dict[str, Any] = {}
    missing, found = [], owner
    shape: Any = record
    for field in _fields(shape):
        name = f"{prefix}{field.name}"
        if field.is_list:
            items = [_build(field.kind, values, where, f"peak_{number}_") for number in _NUMBERS]
            given[field.name] = tuple(item for item in items if item is not None)
        elif field.bounds is None:
            given[field.name] = _build(field.kind, values, where, prefix)
        elif name in values:
            given[field.name] = field.kind(values[name])
            found = found or name
        elif field.is_needed:
            missing.append(name)
    if missing and found:
        raise InputError(f"{where}: {found} needs {missing[0]}")
    return None if missing else record(**given)
