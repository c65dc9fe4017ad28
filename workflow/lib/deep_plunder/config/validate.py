"""Check the configuration whole, before anything runs, and fill in its defaults.

The rules are in ``workflow/schemas/config.schema.yaml`` (types, bounds, defaults) and, for what
a schema cannot say (one value against another, files that must be there), in this module. All
faults are found in one go and told in one line each: file, key, rule, value got, and for an
unknown key the nearest known one.

The defaults are the paper's values where the paper states them; `source` in the schema says so
key by key.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from deep_plunder.config.checks import cross_faults, missing_files
from deep_plunder.config.messages import (
    KINDS,
    check_size,
    key_name,
    load_schema,
    plain_copy,
    schema_faults,
    show,
)
from deep_plunder.errors import ConfigError

__all__ = ["validate"]


def validate(
    config: object,
    *,
    source: str,
    root: str | os.PathLike[str] | None = None,
) -> dict[str, Any]:
    """Check a configuration and fill in its defaults.

    Parameters
    ----------
    config : object
        What the configuration file holds.
    source : str
        Where it comes from; every message begins with it.
    root : path-like, optional
        Where relative paths begin. If given, the files and folders that the configuration
        names must be there, except those that the demo makes.

    Returns
    -------
    config : dict
        A new dictionary in which every key has a value. Each model's `training` holds all
        training keys: its own where it gives them, those of the top level elsewhere.

    Raises
    ------
    ConfigError
        If any rule is broken; it lists all faults.
    """
    if not isinstance(config, Mapping):
        raise ConfigError([f"{source}: must be {KINDS['object']}, got {show(config)}"])
    check_size(config, source)
    plain, faults = plain_copy(config, ())
    told = [path for path, _ in faults]
    faults += [fault for fault in schema_faults(plain) if fault[0] not in told]
    filled: dict[str, Any] = _fill(plain, load_schema())
    broken = [path for path, _ in faults]
    faults += cross_faults(filled, broken)
    if root is not None:
        faults += missing_files(filled, broken, Path(root))
    if faults:
        unique = list(dict.fromkeys(f"{source}: {key_name(path)}{text}" for path, text in faults))
        raise ConfigError(unique)
    for model in filled["models"].values():
        model["training"] = {**filled["training"], **model["training"]}
    return filled


def _fill(config: Any, schema: Mapping[str, Any]) -> Any:
    """Put the schema's defaults where `config` says nothing; wrong values stay as they are."""
    if not isinstance(config, dict):
        return config
    filled = dict(config)
    rules: Mapping[str, Any] = schema.get("properties", {})
    for key, rule in rules.items():
        if "default" in rule:
            filled.setdefault(key, deepcopy(rule["default"]))
        elif key in filled or "properties" in rule:
            filled[key] = _fill(filled.get(key, {}), rule)
    others = schema.get("additionalProperties")
    if isinstance(others, Mapping):
        for key in filled.keys() - rules.keys():
            filled[key] = _fill(filled[key], others)
    return filled
