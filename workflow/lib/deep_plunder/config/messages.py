"""Check a configuration against the definitions of its keys, and write the messages."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin

from deep_plunder.config.definition import Configuration, adapter
from deep_plunder.errors import ConfigError
from deep_plunder.util.bounds import bare, broken, show
from deep_plunder.util.names import one_line
from deep_plunder.util.settings import Settings, kinds

__all__ = ["DEEPEST", "MOST_VALUES", "Fault", "Path_", "check_size", "definition_faults",
           "key_name", "plain_copy"]  # fmt: skip

DEEPEST = 32
"""The greatest depth of a configuration, in levels."""

MOST_VALUES = 100_000
"""The greatest number of values in a configuration."""

_LARGEST = 2**63 - 1

Path_ = tuple[str | int, ...]

Fault = tuple[Path_, str]


def key_name(path: Path_) -> str:
    """Return the name of a key in the form that begins a message.

    Parameters
    ----------
    path : tuple of str or int

    Returns
    -------
    name : str
        Such as ``"songs.sources[1]: "``; empty for the whole configuration.
    """
    name = ""
    for part in path:
        key = part if isinstance(part, int) else one_line(part, 80)
        name += f"[{part}]" if isinstance(part, int) else f".{key}" if name else str(key)
    return f"{name}: " if name else ""


def check_size(config: object, source: str) -> None:
    """Check that a configuration is not too large, since YAML's aliases multiply values.

    Parameters
    ----------
    config : object
    source : str
        Name of the configuration file, for the message.

    Raises
    ------
    ConfigError
        If it has too many values or is nested too deeply.
    """
    waiting, count = [(config, 1)], 0
    while waiting:
        value, depth = waiting.pop()
        count += 1
        if depth > DEEPEST:
            raise ConfigError([f"{source}: must not be nested deeper than {DEEPEST} levels"])
        if count > MOST_VALUES:
            raise ConfigError([f"{source}: must hold at most {MOST_VALUES} values"])
        if isinstance(value, Mapping):
            waiting += [(item, depth + 1) for item in value.values()]
        elif isinstance(value, list | tuple):
            waiting += [(item, depth + 1) for item in value]


def plain_copy(value: Any, path: Path_) -> tuple[Any, list[Fault]]:
    """Return a copy of nested mappings and lists without the keys that are not text.

    Parameters
    ----------
    value : object
    path : tuple of str or int
        Its place in the configuration.

    Returns
    -------
    copy : object
    faults : list of (path, text)
        One per key that is not text.
    """
    faults: list[Fault] = []
    if isinstance(value, Mapping):
        copied = {}
        for key, item in value.items():
            if isinstance(key, str) and _as_unicode(key) == key:
                copied[key], below = plain_copy(item, (*path, key))
                faults += below
            else:
                faults.append(((*path, show(key)), f"a key must be a text, got {show(key)}"))
        return copied, faults
    if isinstance(value, list | tuple):
        items = [plain_copy(item, (*path, index)) for index, item in enumerate(value)]
        return [item for item, _ in items], [fault for _, below in items for fault in below]
    if isinstance(value, int) and abs(value) > _LARGEST:
        rule = f"must be from -{_LARGEST} to {_LARGEST}, got {show(value)}"
        return math.inf, [(path, rule)]
    return value, faults


def definition_faults(config: dict[str, Any]) -> list[Fault]:
    """Check a configuration against the definitions of its keys.

    Parameters
    ----------
    config : dict

    Returns
    -------
    faults : list of (path, text)
        One per fault, sorted by place.
    """
    from pydantic import ValidationError

    try:
        adapter().validate_python(_with_tuples(config))
    except ValidationError as error:
        found: dict[Fault, None] = {}
        for details in error.errors(include_url=False):
            faults = list(_explain(details["type"], details["loc"], config))
            # Pydantic's own message is better than none.
            found |= dict.fromkeys(faults or [(details["loc"], details["msg"])])
        return sorted(found, key=lambda fault: [str(part) for part in fault[0]])
    return []


def _with_tuples(value: Any) -> Any:
    """Return a copy with each list as a tuple, the type in the settings."""
    if isinstance(value, dict):
        return {key: _with_tuples(item) for key, item in value.items()}
    if isinstance(value, list):
        return tuple(_with_tuples(item) for item in value)
    return _as_unicode(value) if isinstance(value, str) else value


def _as_unicode(text: str) -> str:
    """Replace the surrogates for bytes that are not Unicode, since pydantic rejects them."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _explain(code: str, place: tuple[int | str, ...], config: dict[str, Any]) -> Iterator[Fault]:
    """Write the message for a fault that pydantic found.

    The place may go on below the value: with the length of a list, the kind of a union, or
    ``[key]`` for the name of an entry.
    """
    if code == "missing" and isinstance(place[-1], str):
        yield place, "must be given"
        return
    if code == "unexpected_keyword_argument":
        known = list(kinds(_kind_at(place[:-1])))
        near = difflib.get_close_matches(str(place[-1]), known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
        yield place, f"unknown key; {hint}"
        return
    if place[-1] == "[key]":
        name = place[-2]
        for _, text in broken(name, get_args(_kind_at(place[:-2]))[0]):
            yield place[:-2], f"{text}, got {show(name)}{_device(name)}"
        return
    path: Path_ = ()
    value: Any = config
    kind: Any = Configuration
    for part in place:
        below = _kind_below(kind, part)
        if below is None or not _holds(value, part):
            break
        path, value, kind = (*path, part), value[part], below
    for at, text in broken(value, kind):
        got = value
        for index in at:
            got = got[index]
        yield (*path, *at), f"{text}, got {show(got)}{_yaml_hint(text, got)}"


def _holds(value: Any, part: int | str) -> bool:
    if isinstance(part, int):
        return isinstance(value, list) and part < len(value)
    return isinstance(value, dict) and part in value


def _kind_at(path: Path_) -> Any:
    """Return the type of the value at a path, without its bounds."""
    kind: Any = Configuration
    for part in path:
        kind = _kind_below(kind, part)
    return bare(kind)


def _kind_below(kind: Any, part: int | str) -> Any:
    """Return the type of a key or an item; None if the type has no such part, or several."""
    kind = bare(kind)
    if isinstance(part, int):
        options = get_args(kind) if get_origin(kind) is tuple else ()
        return options[0] if options[1:] == (...,) else options[part] if options else None
    if get_origin(kind) is dict:
        return get_args(kind)[1]
    is_section = isinstance(kind, type) and issubclass(kind, Settings)
    return kinds(kind).get(part) if is_section else None


def _yaml_hint(text: str, value: Any) -> str:
    """Return a hint on writing a number that YAML reads as text."""
    import yaml

    wanted = re.match("must be (a number|an integer)", text)
    if wanted is None or not isinstance(value, str) or not _is_number(value):
        return ""
    way = "with a point and a sign, as 1.0e-4" if "number" in wanted[0] else "in digits alone"
    if not isinstance(yaml.safe_load(value), str):
        way = "without quotes"
    return f" (YAML reads this as text: write it {way})"


def _device(name: object) -> str:
    own = isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name)
    return ", which Windows keeps for a device" if own else ""


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
