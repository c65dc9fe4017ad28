"""The model that ships with the repository, for those who trained none."""

from __future__ import annotations

from pathlib import Path

from .errors import ModelError

__all__ = ["SHIPPED", "default_model_path"]

SHIPPED = "shipped"
"""What the configuration calls it."""


def default_model_path() -> Path:
    """Give the file of the model.

    Returns
    -------
    path : Path

    Raises
    ------
    ModelError
        If it is not there: the package was installed without the repository around it, or the
        repository ships none.
    """
    path = Path(__file__).resolve().parents[3] / "resources" / "models" / "default.keras"
    if not path.is_file():
        raise ModelError(f"{path}: no model ships with this copy, name one (--model FILE)")
    return path
