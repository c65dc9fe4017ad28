"""Files that ship with the package, such as the trained model.

They have their places in the repository; a wheel has copies inside the package (pyproject.toml).
"""

from __future__ import annotations

from pathlib import Path

from deep_plunder.errors import ModelError

__all__ = ["SHIPPED", "model_path", "shipped_file", "shipped_model_path"]

SHIPPED = "shipped"
"""The name of the shipped model in the configuration."""


_PACKAGE = Path(__file__).resolve().parents[1]


def shipped_file(place: str) -> Path:
    """Give a file that ships.

    Parameters
    ----------
    place : str
        Its path in the repository.

    Returns
    -------
    path : Path
        Inside the package if it is there, else in the repository around it, there or not.
    """
    inside = _PACKAGE / Path(place).name
    return inside if inside.is_file() else _PACKAGE.parents[2] / place


def shipped_model_path() -> Path:
    """Give the file of the model.

    Returns
    -------
    path : Path

    Raises
    ------
    ModelError
        If it is not there: this copy ships none.
    """
    path = shipped_file("resources/models/shipped.keras")
    if not path.is_file():
        raise ModelError(f"{path}: no model ships with this copy, name one (--model FILE)")
    return path


def model_path(name: str) -> Path:
    """Return the file of a model.

    Parameters
    ----------
    name : str
        `SHIPPED`, or a file.

    Returns
    -------
    path : Path

    Raises
    ------
    ModelError
        If this copy ships no model.
    """
    return shipped_model_path() if name == SHIPPED else Path(name)
