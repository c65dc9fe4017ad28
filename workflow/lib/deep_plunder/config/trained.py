"""Check the trained models that a configuration names, and read their networks."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from deep_plunder.config.messages import Fault, Path_
from deep_plunder.errors import ModelError
from deep_plunder.models.card import read_card
from deep_plunder.util.resources import SHIPPED_MODELS, model_path

__all__ = ["read_networks"]


def _shipped(config: Mapping[str, Any]) -> Iterator[tuple[Path_, str]]:
    """Yield the models that ship and are used, with the places where they are named."""
    named: list[tuple[Path_, Any]] = [(("extraction", "model"), config["extraction"]["model"])]
    named += [(("baselines", k), name) for k, name in enumerate(config["baselines"])]
    for name, model in config["models"].items():
        named += [(("models", name, key), model[key]) for key in ("file", "start")]
        named += [(("models", name, "teachers", k), v) for k, v in enumerate(model["teachers"])]
    for path, value in named:
        if value in SHIPPED_MODELS and value not in config["models"]:
            yield path, value


def _file_fault(config: Mapping[str, Any], model: dict[str, Any], root: Path) -> str | None:
    """Read the network of a trained model into its entry; return a fault of the file."""
    card = read_card(root / model_path(model["file"]))
    for key, trained_on in dataclasses.asdict(card.spec).items():
        if trained_on != config["features"][key]:
            ours = config["features"][key]
            return f"was trained with features.{key} {trained_on}, but features.{key} is {ours}"
    model |= {"architecture": card.network.name, "sizes": card.network.size_values()}
    return None


def read_networks(config: Mapping[str, Any], broken: Collection[Path_], root: Path) -> list[Fault]:
    """Check the trained models, and fill in the networks of those that `file` names.

    Parameters
    ----------
    config : mapping
        The configuration with all defaults, free of other faults but those in `broken`. The
        architecture and the sizes of each model with a `file` are set.
    broken : collection of path
        Places of the keys that are wrong by themselves.
    root : Path
        The folder that relative paths begin at.

    Returns
    -------
    faults : list of (path, text)
        One per model that does not ship with this copy, is no model file, or was trained on
        other features.
    """
    faults: list[Fault] = []
    for path, name in _shipped(config):
        try:
            model_path(name)
        except ModelError as error:
            faults.append((path, str(error)))
    reported = {*broken, *(path for path, _ in faults)}
    for name, model in config["models"].items():
        path = ("models", name, "file")
        if model["file"] is not None and path not in reported:
            try:
                text = _file_fault(config, model, root)
            except ModelError as error:
                text = str(error)
            faults += [(path, text)] if text else []
    return faults
