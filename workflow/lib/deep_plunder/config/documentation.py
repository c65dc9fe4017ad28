"""Write the table of keys and the JSON Schema from the definitions of the settings.

``python -m deep_plunder.config.documentation`` rewrites ``workflow/schemas/config.schema.json``
and the tables in ``config/README.md``. A test checks that both are up to date.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import MISSING, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args, get_origin

from deep_plunder.config.definition import Configuration, adapter
from deep_plunder.models.registry import ARCHITECTURES
from deep_plunder.util.bounds import bare
from deep_plunder.util.settings import Overlay, Settings, default, kinds

__all__ = ["SCHEMA_PLACE", "Key", "json_schema", "key_table", "keys_of", "main", "network_table",
           "size_table", "with_tables"]  # fmt: skip

SCHEMA_PLACE = "workflow/schemas/config.schema.json"
README_PLACE = "config/README.md"

_PARTS = re.compile(r"(?P<description>.*?)( Unit: (?P<unit>.*?)\.)?( Source: (?P<source>.*)\.)?")


@dataclass(frozen=True, slots=True)
class Key:
    """The documentation of one key of the configuration.

    Attributes
    ----------
    name : str
        The key with its sections, such as ``"mixes.count.train"``. ``NAME`` stands for any name.
    default : str
        The default in YAML; empty for a key that must be given.
    unit, description, source : str
        Its unit and description, and the source of the default.
    """

    name: str
    default: str
    unit: str
    description: str
    source: str


@lru_cache(maxsize=64)
def _docstrings(section: type) -> dict[str, dict[str, str]]:
    """Read the docstrings of a class (key ``""``) and below its fields (by name)."""
    source = textwrap.dedent(inspect.getsource(section))
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.ClassDef)
    found = {"": _parts(re.split(r"\n\n(?=Source: )", f"\n\n{ast.get_docstring(node)}")[-1])}
    for field, text in zip(node.body, node.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
        ):
            found[field.target.id] = _parts(str(text.value.value))
    return found


def _parts(text: str) -> dict[str, str]:
    match = _PARTS.fullmatch(f" {' '.join(text.split())}")
    assert match is not None
    parts = {name: (part or "").strip() for name, part in match.groupdict().items()}
    # The unit is left out if the description names the quantity already.
    if parts["description"].startswith("Probability"):
        parts["unit"] = parts["unit"] or "probability"
    return parts


def _documented(section: type[Settings], key: str) -> dict[str, str]:
    """Return the description, unit and source of a key, including inherited ones."""
    for base in section.__mro__:
        if key in vars(base).get("__annotations__", {}):
            parts = _docstrings(base)
            return {**parts[key], "source": parts[key]["source"] or parts[""]["source"]}
    raise KeyError(key)


def keys_of(section: type[Settings] = Configuration, prefix: str = "") -> Iterator[Key]:
    """Yield the keys of the configuration.

    Parameters
    ----------
    section : subclass of Settings
    prefix : str
        The text before each name.

    Yields
    ------
    key : Key
        A key, in the order of definition.
    """
    for name, kind in kinds(section).items():
        below = bare(kind)
        overlay = any(isinstance(mark, Overlay) for mark in get_args(kind)[1:])
        if get_origin(below) is dict and _is_section(get_args(below)[1]):
            yield from keys_of(get_args(below)[1], f"{prefix}{name}.NAME.")
        elif _is_section(below) and not overlay:
            yield from keys_of(below, f"{prefix}{name}.")
        else:
            value = {} if overlay else default(section, name)
            yield Key(f"{prefix}{name}", _as_yaml(value), **_documented(section, name))


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Settings)


def _as_yaml(value: Any) -> str:
    if value is MISSING:
        return ""
    if isinstance(value, tuple):
        return f"[{', '.join(map(_as_yaml, value))}]"
    return value if isinstance(value, str) else json.dumps(value)


def key_table() -> str:
    """Return the table of all keys in Markdown.

    Returns
    -------
    table : str
        One line per key, with a heading.
    """
    lines = [
        "| key | default | unit | description | source of the default |",
        "|---|---|---|---|---|",
    ]
    for key in keys_of():
        value = f"`{key.default}`" if key.default else "must be given"
        lines.append(f"| `{key.name}` | {value} | {key.unit} | {key.description} | {key.source} |")
    return "\n".join(lines) + "\n"


def network_table() -> str:
    """Return the table of the networks in Markdown.

    Returns
    -------
    table : str
        One line per network, with a heading.
    """
    lines = ["| network | description | features | runs in |", "|---|---|---|---|"]
    for name, record in ARCHITECTURES.items():
        text = " ".join(
            (sys.modules[record.sizes.__module__].__doc__ or "").split("\n\n")[0].split()
        )
        features = "with `features.short_bands`" if record.needs_short_bands else "any"
        if record.needs_short_steps:
            features = "with `features.short_steps`"
        runs = "ONNX Runtime" if record.runs_as_graph else "Keras"
        lines.append(f"| `{name}` | {text} | {features} | {runs} |")
    return "\n".join(lines) + "\n"


def size_table() -> str:
    """Return the table of the sizes of all networks in Markdown.

    Returns
    -------
    table : str
        One line per size, with a heading.
    """
    lines = ["| network | size | default | unit | description |", "|---|---|---|---|---|"]
    for name, record in ARCHITECTURES.items():
        for key in keys_of(record.sizes):
            cells = f"`{key.name}` | `{key.default}` | {key.unit} | {key.description}"
            lines.append(f"| `{name}` | {cells} |")
    return "\n".join(lines) + "\n"


_TABLES = {"keys": key_table, "networks": network_table, "sizes": size_table}


def with_tables(page: str) -> str:
    """Replace the tables in a page.

    Parameters
    ----------
    page : str
        Page in Markdown, with each table between two comments.

    Returns
    -------
    page : str
    """
    for name, table in _TABLES.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
        before, _, rest = page.partition(begin)
        page = f"{before}{begin}{table()}{end}{rest.partition(end)[2]}"
    return page


def json_schema() -> str:
    """Return the JSON Schema of the configuration, for editors.

    Returns
    -------
    text : str
        The schema in JSON: type, bounds, default and description of each key.
    """
    schema = adapter().json_schema()
    schema["title"] = "Deep Plunder configuration"
    sections: list[type[Settings]] = [Configuration, *_sections(Configuration)]
    for section in sections:
        node = schema if section is Configuration else schema["$defs"][section.__name__]
        node.pop("description", None)
        for name, rule in node["properties"].items():
            rule.pop("title", None)
            if not _is_section(bare(kinds(section)[name])):
                parts = _documented(section, name)
                unit = f" Unit: {parts['unit']}." if parts["unit"] else ""
                rule["description"] = parts["description"] + unit
    text = json.dumps(
        {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=1
    )
    return text + "\n"


def _sections(section: type[Settings]) -> Iterator[type[Settings]]:
    for kind in kinds(section).values():
        below = bare(kind)
        below = get_args(below)[1] if get_origin(below) is dict else below
        if _is_section(below):
            yield below
            yield from _sections(below)


def main(root: Path) -> None:
    """Rewrite the JSON Schema and the tables.

    Parameters
    ----------
    root : Path
        The folder of the repository.
    """
    (root / SCHEMA_PLACE).write_text(json_schema(), encoding="utf-8")
    readme = root / README_PLACE
    readme.write_text(with_tables(readme.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(Path(*sys.argv[1:]))
