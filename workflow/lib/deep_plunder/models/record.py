"""Write and read how a model was trained: a member of its file, in JSON.

The record allows anyone to train the model again. It holds the sections of the configuration that a
training depends on, the version of its code, a fingerprint of its settings and data, and the losses
of its epochs. It is not read to run a model.
"""

from __future__ import annotations

import json
import math
import os
import zipfile
from collections.abc import Mapping
from typing import Any

from deep_plunder.errors import ModelError
from deep_plunder.models.archive import read_members
from deep_plunder.util.names import first_line, shown

__all__ = ["RECORD", "RECORDED", "read_record", "record_text", "write_record"]

RECORD = "training.json"
"""Name of the member of a model file that says how the model was trained."""

RECORDED = (
    *("seed", "library", "songs", "modules", "split", "mixes", "scenes", "features"),
    *("models", "training"),
)
"""Sections of the configuration that a training depends on."""

_LIMIT = 1 << 22


def write_record(
    *,
    configuration: Mapping[str, Any],
    model: str,
    code: str,
    data: str,
    history: list[dict[str, Any]],
) -> str:
    """Return the text of a record.

    Parameters
    ----------
    configuration : mapping
        The whole configuration with its defaults. Only the sections `RECORDED` are kept.
    model : str
        Name of the model in it.
    code : str
        Version of the code of the training (`util.code_version`).
    data : str
        Fingerprint of the training's settings and data (`training.checkpoints.fingerprint`).
    history : list of dict
        The epochs, with the fields of `training.spec.HistoryRow`. The seconds are left out, as
        they differ from run to run.

    Returns
    -------
    text : str
        JSON that `read_record` reads.
    """
    content = {
        "configuration": {key: configuration[key] for key in RECORDED if key in configuration},
        "model": model,
        "code": code,
        "data": data,
        "history": [
            {key: _number(value) for key, value in row.items() if key != "seconds"}
            for row in history
        ],
    }
    return record_text(content)


def record_text(record: Mapping[str, Any]) -> str:
    """Return a record as the text that a model file holds.

    Parameters
    ----------
    record : mapping
        The keys of `write_record`, as `read_record` returns them.

    Returns
    -------
    text : str
        JSON.

    Examples
    --------
    >>> print(record_text({"model": "conv"}), end="")
    {
     "model": "conv"
    }
    """
    return json.dumps(record, indent=1, sort_keys=True) + "\n"


def _number(value: Any) -> Any:
    """Return a value as JSON can hold it."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def read_record(path: str | os.PathLike[str]) -> dict[str, Any] | None:
    """Read how a model was trained.

    Parameters
    ----------
    path : path-like
        A model file.

    Returns
    -------
    record : dict or None
        The keys of `write_record`; None if the file says nothing about it.

    Raises
    ------
    ModelError
        If the file cannot be read or its record is damaged.
    """
    where = shown(path)
    try:
        with zipfile.ZipFile(path) as archive:
            if RECORD not in archive.namelist():
                return None
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        raise ModelError(f"{where}: cannot be read: {first_line(error)}") from error
    [content] = read_members(path, {RECORD: _LIMIT})
    try:
        record: dict[str, Any] = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{where}: {RECORD}: {first_line(error)}") from error
    return record
