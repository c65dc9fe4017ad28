"""Read and write checkpoints, from which an unfinished training resumes.

A checkpoint is one file, replaced as a whole, so it always holds the state after a complete batch.
It is an ``.npz`` archive without pickles. It holds the weights, the state of the optimizer, the
best weights, and JSON for the rest. A checkpoint belongs to one run, which it names by a
fingerprint: a digest of everything that the result of the run depends on.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deep_plunder.errors import InputError
from deep_plunder.util.files import atomic_path
from deep_plunder.util.npy import read_npz

__all__ = ["Checkpoint", "fingerprint", "read_checkpoint", "write_checkpoint"]

_log = logging.getLogger(__name__)

Arrays = list[NDArray[Any]]

_FILE = "state.npz"
_GROUPS = ("model", "optimizer", "best")


@dataclasses.dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a training after a batch.

    Attributes
    ----------
    progress : dict
        Values that JSON can hold: the history, the best loss, the number of validations since
        then, and the losses of the unfinished epoch with the state of its random generator.
    model, optimizer : list of ndarray
        Values of all variables, in Keras's order.
    best : list of ndarray
        Weights of the best model so far. Empty before the first validation.
    """

    progress: dict[str, Any]
    model: Arrays
    optimizer: Arrays
    best: Arrays


def fingerprint(settings: Any, files: Sequence[str | os.PathLike[str]]) -> str:
    """Compute the fingerprint of a run from everything that its result depends on.

    Parameters
    ----------
    settings : Any
        Values that JSON can hold.
    files : sequence of path-like
        Labels, checksums of features, and model files. The digest covers each file's name and all
        of its bytes, read in blocks.

    Returns
    -------
    digest : str
        SHA-256, 64 hexadecimal digits.
    """
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for file in map(Path, files):
        digest.update(f"\0{file.name}\0".encode())
        with file.open("rb") as opened:
            digest.update(hashlib.file_digest(opened, "sha256").digest())
    return digest.hexdigest()


def write_checkpoint(folder: str | os.PathLike[str], mark: str, state: Checkpoint) -> None:
    """Write the checkpoint of a run in place of the one before.

    Parameters
    ----------
    folder : path-like
        Folder of the checkpoint, created if missing.
    mark : str
        The run's `fingerprint`.
    state : Checkpoint

    Raises
    ------
    OSError
        If it cannot be written. The checkpoint before stays.
    """
    # The list of members of a damaged archive may be too short: `counts` shows that.
    counts = {group: len(getattr(state, group)) for group in _GROUPS}
    text = json.dumps({"fingerprint": mark, "progress": state.progress, "counts": counts})
    arrays = {"json": np.frombuffer(text.encode(), np.uint8)}
    for group in _GROUPS:
        arrays |= {f"{group}_{i:05}": value for i, value in enumerate(getattr(state, group))}
    path = Path(folder) / _FILE
    with atomic_path(path) as temporary:
        np.savez(temporary, **arrays)  # type: ignore[arg-type]


def read_checkpoint(folder: str | os.PathLike[str], mark: str) -> Checkpoint | None:
    """Read the checkpoint of a run.

    Parameters
    ----------
    folder : path-like
        Folder of the checkpoint.
    mark : str
        The run's `fingerprint`.

    Returns
    -------
    state : Checkpoint or None
        None if there is no checkpoint, or it belongs to another run or is damaged. The log names
        the reason.
    """
    path = Path(folder) / _FILE
    if not path.exists():
        return None
    try:
        arrays = read_npz(path)
        stored = json.loads(arrays["json"].tobytes())
        if stored["fingerprint"] != mark:
            _log.info("%s: belongs to another run, training starts anew", path)
            return None
        groups = {
            group: [arrays[f"{group}_{i:05}"] for i in range(stored["counts"][group])]
            for group in _GROUPS
        }
    except (InputError, KeyError, ValueError, TypeError) as error:
        _log.warning("%s: cannot be read, training starts anew: %s", path, error)
        return None
    return Checkpoint(stored["progress"], **groups)
