"""Check the whole configuration before anything runs, and fill in its defaults.

The rules are defined with the settings of each package; `deep_plunder.config.definition` assembles
them. Rules that compare sections or look for files are in `deep_plunder.config.checks`. All faults
are found at once and reported in one line each: file, key, rule, value and, for an unknown key, the
nearest known one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import MISSING
from pathlib import Path
from typing import Any, get_args, get_origin

from deep_plunder.config.checks import cross_faults, missing_files
from deep_plunder.config.definition import Configuration
from deep_plunder.config.messages import check_size, definition_faults, key_name, plain_copy
from deep_plunder.config.trained import read_networks
from deep_plunder.errors import ConfigError
from deep_plunder.util.bounds import MAPPING, bare, show
from deep_plunder.util.settings import Overlay, Settings, default, kinds

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
        The content of the configuration file.
    source : str
        Name of the configuration file; every message begins with it.
    root : path-like, optional
        The folder that relative paths begin at. If given, the files and folders in the
        configuration must exist, except those that the workflow makes.

    Returns
    -------
    config : dict
        A new dictionary in which every key has a value. The `training` of each model holds all
        training keys, with the values of the top level for those that the model does not set. If
        `root` is given, a model with a `file` has the architecture and the sizes of that file.

    Raises
    ------
    ConfigError
        If any rule is broken. The error lists all faults.
    """
    if not isinstance(config, Mapping):
        raise ConfigError([f"{source}: {MAPPING}, got {show(config)}"])
    check_size(config, source)
    plain, faults = plain_copy(config, ())
    reported = [path for path, _ in faults]
    faults += [fault for fault in definition_faults(plain) if fault[0] not in reported]
    filled: dict[str, Any] = _fill(plain, Configuration)
    broken = [path for path, _ in faults]
    faults += cross_faults(filled, broken)
    if root is not None:
        is_sound = not faults
        faults += missing_files(filled, broken, Path(root))
        if is_sound:
            faults += read_networks(filled, [path for path, _ in faults], Path(root))
    if faults:
        unique = list(dict.fromkeys(f"{source}: {key_name(path)}{text}" for path, text in faults))
        raise ConfigError(unique)
    for model in filled["models"].values():
        model["training"] = {**filled["training"], **model["training"]}
    return filled


def _fill(config: Any, section: type[Settings]) -> Any:
    """Return a configuration with defaults for missing keys; wrong values stay unchanged."""
    if not isinstance(config, dict):
        return config
    filled = dict(config)
    for key, kind in kinds(section).items():
        below, value = bare(kind), default(section, key)
        if isinstance(below, type) and issubclass(below, Settings):
            is_whole = not any(isinstance(mark, Overlay) for mark in get_args(kind)[1:])
            filled[key] = _fill(filled.get(key, {}), below) if is_whole else filled.get(key, {})
        elif value is not MISSING:
            filled.setdefault(key, list(value) if isinstance(value, tuple) else value)
        elif get_origin(below) is dict and isinstance(filled.get(key), dict):
            item = get_args(below)[1]
            filled[key] = {name: _fill(entry, item) for name, entry in filled[key].items()}
    return filled
