"""Check a configuration against its schema, and word the faults."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from deep_plunder.errors import ConfigError
from deep_plunder.util.files import shown
from deep_plunder.util.resources import shipped_file

__all__ = ["Fault", "Path_", "load_schema"]

_SCHEMA = shipped_file("workflow/schemas/config.schema.yaml")

KINDS = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "an integer",
    "null": "null",
    "number": "a number",
    "object": "a mapping of keys to values",
    "string": "a text",
}

_DEEPEST = 32
_MOST_VALUES = 100_000

_LARGEST = 2**63 - 1

Path_ = tuple[str | int, ...]

Fault = tuple[Path_, str]


@lru_cache(maxsize=1)
def load_schema() -> dict[str, Any]:
    """Read the schema of the configuration, with every ``$ref`` replaced by what it names.

    Returns
    -------
    schema : dict
        A JSON Schema. Do not change it: it is read once.
    """
    import yaml

    schema = yaml.safe_load(_SCHEMA.read_text(encoding="utf-8"))

    def resolve(node: Any) -> Any:
        if isinstance(node, list):
            return [resolve(item) for item in node]
        if not isinstance(node, dict):
            return node
        node = dict(node)
        reference = node.pop("$ref", None)
        if reference is not None:
            node = {**schema["$defs"][reference.removeprefix("#/$defs/")], **node}
        return {key: resolve(value) for key, value in node.items()}

    resolved: dict[str, Any] = resolve(schema)
    del resolved["$defs"]
    return resolved


def show(value: object) -> str:
    """Return a value as it stands in a message.

    Parameters
    ----------
    value : object

    Returns
    -------
    text : str
        At most 80 characters.
    """
    if value is None:
        return "nothing"
    try:
        text = repr(value)
    except ValueError:
        # Python writes no number of more than 4,300 digits.
        return "a number of too many digits"
    return text if len(text) <= 80 else text[:77] + "..."


def key_name(path: Path_) -> str:
    """Return the name of a key, as a message begins with it.

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
        key = part if isinstance(part, int) else shown(part)
        name += f"[{part}]" if isinstance(part, int) else f".{key}" if name else str(key)
    return f"{name}: " if name else ""


def check_size(config: object, source: str) -> None:
    """Check that a configuration is not too large: aliases of YAML make much of little.

    Parameters
    ----------
    config : object
    source : str
        Where it comes from.

    Raises
    ------
    ConfigError
        If it has too many values or is nested too deeply.
    """
    waiting, count = [(config, 1)], 0
    while waiting:
        value, depth = waiting.pop()
        count += 1
        if depth > _DEEPEST:
            raise ConfigError([f"{source}: must not be nested deeper than {_DEEPEST} levels"])
        if count > _MOST_VALUES:
            raise ConfigError([f"{source}: must hold at most {_MOST_VALUES} values"])
        if isinstance(value, Mapping):
            waiting += [(item, depth + 1) for item in value.values()]
        elif isinstance(value, list | tuple):
            waiting += [(item, depth + 1) for item in value]


def plain_copy(value: Any, path: Path_) -> tuple[Any, list[Fault]]:
    """Copy nested mappings and lists without the keys that are not text.

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
            if isinstance(key, str):
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


def schema_faults(config: dict[str, Any]) -> list[Fault]:
    """Check a configuration against its schema.

    Parameters
    ----------
    config : dict

    Returns
    -------
    faults : list of (path, text)
    """
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    def number(_checker: object, value: object) -> bool:
        return (
            isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        )

    def integer(_checker: object, value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool)

    checker = Draft202012Validator.TYPE_CHECKER.redefine_many(
        {"number": number, "integer": integer}
    )
    validator = extend(Draft202012Validator, type_checker=checker)(load_schema())  # type: ignore[no-untyped-call]
    errors = sorted(
        validator.iter_errors(config), key=lambda error: [str(part) for part in error.absolute_path]
    )
    return [fault for error in errors for fault in _explain(error)]


def _explain(error: Any) -> Iterator[Fault]:
    """Say in one line what jsonschema found."""
    path, value, limit = tuple(error.absolute_path), error.instance, error.validator_value
    rule = error.validator
    if rule == "additionalProperties":
        known = list(error.schema["properties"])
        for key in value:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
                hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
                yield (*path, key), f"unknown key; {hint}"
    elif rule == "required":
        for key in limit:
            if key not in value:
                yield (*path, key), "must be given"
    elif rule == "type":
        import yaml

        kinds = [limit] if isinstance(limit, str) else limit
        text = f"must be {' or '.join(KINDS[kind] for kind in kinds)}, got {show(value)}"
        if isinstance(value, str) and {"number", "integer"} & set(kinds) and _is_number(value):
            way = "with a point and a sign, as 1.0e-4" if "number" in kinds else "in digits alone"
            if not isinstance(yaml.safe_load(value), str):
                way = "without quotes"
            text += f" (YAML reads this as text: write it {way})"
        yield path, text
    elif rule == "anyOf":
        yield path, f"must be 'test', 'all' or a list of files, got {show(value)}"
    elif rule == "propertyNames":
        name = error.instance
        yield path, f"a name is made of letters, digits, _ and -, got {show(name)}{_device(name)}"
    elif rule == "pattern" and path and path[0] not in ("models", "realbench"):
        yield path, f"must have the form OLD=NEW, got {show(value)}"
    elif rule == "pattern":
        yield (
            path,
            f"a name is made of letters, digits, _ and -, got {show(value)}{_device(value)}",
        )
    else:
        rules = {
            "enum": f"must be {' or '.join(map(repr, limit)) if rule == 'enum' else ''}",
            "minimum": f"must be at least {limit}",
            "maximum": f"must be at most {limit}",
            "exclusiveMinimum": f"must be above {limit}",
            "exclusiveMaximum": f"must be below {limit}",
            "minItems": f"must have {limit} or more items",
            "maxItems": f"must have {limit} or fewer items",
            "minLength": "must not be empty",
            "uniqueItems": "must not hold anything twice",
            "minProperties": f"must have {limit} or more keys",
        }
        yield path, f"{rules[rule]}, got {show(value)}"


def _device(name: object) -> str:
    own = isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name)
    return ", which Windows keeps for a device" if own else ""


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
