"""Files that ship with the package, such as trained models.

They have their places in the repository; a wheel has copies inside the package (pyproject.toml).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from deep_plunder.errors import ModelError

__all__ = [
    "SHIPPED",
    "SHIPPED_MODELS",
    "SHIPPED_PAPER",
    "model_path",
    "option_model_path",
    "shipped_file",
    "shipped_model_path",
]

SHIPPED = "shipped"
"""Name of the model that extracts clips by default, in the configuration."""

SHIPPED_PAPER = "shipped-paper"
"""Name of the trained network of the paper, in the configuration."""

SHIPPED_MODELS: Mapping[str, str] = {
    SHIPPED: "resources/models/shipped.keras",
    SHIPPED_PAPER: "resources/models/paper.keras",
}
"""The models that ship: name in the configuration -> path in the repository."""

_PACKAGE = Path(__file__).resolve().parents[1]


def shipped_file(place: str) -> Path:
    """Return the path of a file that ships.

    Parameters
    ----------
    place : str
        Its path in the repository.

    Returns
    -------
    path : Path
        The copy inside the package if there is one, else the file in the repository around it,
        which may be missing.
    """
    inside = _PACKAGE / place
    return inside if inside.is_file() else _PACKAGE.parents[2] / place


def shipped_model_path(name: str = SHIPPED) -> Path:
    """Return the file of a model that ships.

    Parameters
    ----------
    name : str
        A key of `SHIPPED_MODELS`.

    Returns
    -------
    path : Path

    Raises
    ------
    ModelError
        If this copy of the package lacks the file.
    """
    path = shipped_file(SHIPPED_MODELS[name])
    if not path.is_file():
        rule = f"this copy ships without the model {name!r}, name a model file instead"
        raise ModelError(f"{path}: {rule}")
    return path


def model_path(name: str) -> Path:
    """Return the file of a model that a configuration names.

    Parameters
    ----------
    name : str
        A key of `SHIPPED_MODELS`, or a file.

    Returns
    -------
    path : Path

    Raises
    ------
    ModelError
        If this copy of the package lacks the model that ships.
    """
    return shipped_model_path(name) if name in SHIPPED_MODELS else Path(name)


def option_model_path(value: str) -> Path:
    """Return the file of a model that the option ``--model`` names.

    On the command line no other names exist, so ``paper`` stands for ``shipped-paper``.

    Parameters
    ----------
    value : str
        ``paper``, a key of `SHIPPED_MODELS`, or a file.

    Returns
    -------
    path : Path

    Raises
    ------
    ModelError
        If this copy of the package lacks the model that ships.
    """
    return model_path(SHIPPED_PAPER if value == "paper" else value)
