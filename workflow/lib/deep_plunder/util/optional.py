"""Name the command that installs a part of Deep Plunder that is missing.

The light installation holds what the command ``deep-plunder`` needs. ``deep-plunder app`` needs the
optional dependencies ``app``; training, evaluation and Snakemake need ``workflow``
(pyproject.toml).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from deep_plunder.errors import MissingPartError

__all__ = ["EXTRAS", "optional_parts"]

EXTRAS = {
    "keras": "workflow",
    "librosa": "workflow",
    "llvmlite": "workflow",
    "mir_eval": "workflow",
    "numba": "workflow",
    "pandas": "workflow",
    "sklearn": "workflow",
    "snakemake": "workflow",
    "starlette": "app",
    "tensorflow": "workflow",
    "uvicorn": "app",
    "yaml": "workflow",
}
"""The optional libraries, each with the extra of the package that installs it."""


@contextmanager
def optional_parts() -> Iterator[None]:
    """Replace the error of a missing optional library by one line with the remedy.

    Raises
    ------
    MissingPartError
        If the block imports an optional library that is not installed.

    Examples
    --------
    >>> with optional_parts():
    ...     raise ModuleNotFoundError("No module named 'keras'", name="keras")
    Traceback (most recent call last):
    deep_plunder.errors.MissingPartError: keras is not installed: in the folder of Deep Plunder's \
source, run: pip install -c requirements.lock '.[workflow]'
    """
    try:
        yield
    except ModuleNotFoundError as error:
        library = (error.name or "").split(".")[0]
        if library not in EXTRAS:
            raise
        command = f"pip install -c requirements.lock '.[{EXTRAS[library]}]'"
        remedy = f"in the folder of Deep Plunder's source, run: {command}"
        raise MissingPartError(f"{library} is not installed: {remedy}") from error
