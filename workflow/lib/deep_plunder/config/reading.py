"""Read configuration files, with bounds on their values and depth.

Ten lines of YAML can hold more values than memory: an alias repeats what its anchor holds, and an
anchor may hold aliases. Such a file is refused before any value is made from it.

Snakemake reads the files after ``--configfile`` by itself, before any code of this package runs.
``python -m deep_plunder.config FILE...`` checks them without it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deep_plunder.config.messages import DEEPEST, MOST_VALUES
from deep_plunder.errors import ConfigError
from deep_plunder.util.bounds import MAPPING, show

__all__ = ["read_configuration", "read_configurations"]

_MOST_BYTES = 1 << 20
# YAML takes 1:1:1 for a number to the base of 60; a million such digits take minutes.
_LONGEST_VALUE = 1 << 16


@dataclass
class _Node:
    """A mapping or a list whose end has not been read, or the value of an anchor."""

    anchor: str | None
    values: int = 1
    depth: int = 1


def _loader() -> Any:
    """Return the safe loader that is fastest here."""
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _demands(text: str) -> Iterator[str]:
    """Yield a broken rule for each part of a YAML text that asks for too much."""
    import yaml

    open_nodes: list[_Node] = []
    anchors: dict[str, _Node | None] = {}
    for event in yaml.parse(text, Loader=_loader()):
        if isinstance(event, yaml.CollectionStartEvent):
            if event.anchor is not None:
                anchors[event.anchor] = None
            open_nodes.append(_Node(event.anchor))
            if len(open_nodes) > DEEPEST:
                yield f"must not be nested deeper than {DEEPEST} levels"
            continue
        if isinstance(event, yaml.CollectionEndEvent):
            node = open_nodes.pop()
        elif isinstance(event, yaml.ScalarEvent):
            node = _Node(event.anchor)
            if len(event.value) > _LONGEST_VALUE:
                yield f"a value may have up to {_LONGEST_VALUE} characters"
        elif isinstance(event, yaml.AliasEvent):
            known = anchors.get(str(event.anchor), _Node(None))
            if known is None:
                yield f"must not hold itself, as *{event.anchor} does"
                continue
            node = _Node(None, known.values, known.depth)
        else:
            continue
        if node.anchor is not None:
            anchors[node.anchor] = node
        if open_nodes:
            outer = open_nodes[-1]
            outer.values += node.values
            outer.depth = max(outer.depth, node.depth + 1)
            if outer.values > MOST_VALUES:
                yield f"must hold at most {MOST_VALUES} values"
            if len(open_nodes) + node.depth > DEEPEST:
                yield f"must not be nested deeper than {DEEPEST} levels"


def _values(text: str) -> Any:
    """Parse a text as JSON, or else as YAML; raise ValueError with the reason if it is neither."""
    import yaml

    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        for rule in _demands(text):
            raise ValueError(rule)
        return yaml.load(text, Loader=_loader())
    except yaml.MarkedYAMLError as error:
        place = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise ValueError(f"{place}is not YAML: {error.problem}") from error
    except (yaml.YAMLError, RecursionError, AttributeError, TypeError, LookupError) as error:
        # The parser's own faults: tags that contradict their values.
        raise ValueError(f"is not YAML: {error}") from error


def read_configuration(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a configuration file as Snakemake does: as JSON, or else as YAML.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    config : dict
        Its content, not yet validated.

    Raises
    ------
    ConfigError
        If the file cannot be read, is no mapping, or asks for too much.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise ValueError(f"may have up to {_MOST_BYTES} bytes")
        config = _values(content.decode("utf-8"))
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror or error}"]) from error
    except ValueError as error:
        raise ConfigError([f"{path}: {error}"]) from error
    if not isinstance(config, dict):
        raise ConfigError([f"{path}: {MAPPING}, got {show(config)}"])
    return config


def _overlaid(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            value = _overlaid(old, value)
        merged[key] = value
    return merged


def read_configurations(paths: Sequence[str | os.PathLike[str]]) -> dict[str, Any]:
    """Read configuration files and lay each over those before it, as Snakemake does.

    Parameters
    ----------
    paths : sequence of path-like

    Returns
    -------
    config : dict
        Not yet validated.

    Raises
    ------
    ConfigError
        See `read_configuration`.
    """
    config: dict[str, Any] = {}
    for path in paths:
        config = _overlaid(config, read_configuration(path))
    return config
