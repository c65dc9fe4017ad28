"""Model files as cases: the archive itself, its card, and its weights."""

from __future__ import annotations

import functools
import tempfile
import zipfile
from io import BytesIO
from pathlib import Path

from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.card import CARD, digest_of_model
from deep_plunder.models.model_file import load_model, save_model

__all__ = ["archives", "cards", "read", "weights", "with_card", "with_weights"]

_SIZES = {"channels": 4, "front": [2, 2], "dilations": [1]}
_WEIGHTS = "model.weights.h5"


@functools.cache
def _sound() -> bytes:
    from deep_plunder.models.registry import network

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.keras"
        spec = FeatureSpec(mel_bands=8)
        model = network("conv", **_SIZES).build(spec)
        save_model(path, model, architecture="conv", sizes=_SIZES, spec=spec)
        return path.read_bytes()


def _member(name: str) -> bytes:
    with zipfile.ZipFile(BytesIO(_sound())) as archive:
        return archive.read(name)


def _with(name: str, content: bytes) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for own in (CARD, _WEIGHTS):
            archive.writestr(own, content if own == name else _member(own))
    return file.getvalue()


def archives(_folder: Path) -> list[bytes]:
    """Return whole model files.

    Parameters
    ----------
    _folder : Path

    Returns
    -------
    contents : list of bytes
    """
    return [_sound()]


def cards(_folder: Path) -> list[bytes]:
    """Return cards of model files.

    Parameters
    ----------
    _folder : Path

    Returns
    -------
    contents : list of bytes
    """
    return [_member(CARD)]


def weights(_folder: Path) -> list[bytes]:
    """Return HDF5 files of weights.

    Parameters
    ----------
    _folder : Path

    Returns
    -------
    contents : list of bytes
    """
    return [_member(_WEIGHTS)]


def with_card(content: bytes) -> bytes:
    """Return a model file with a card.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    file : bytes
    """
    return _with(CARD, content)


def with_weights(content: bytes) -> bytes:
    """Return a model file with weights.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    file : bytes
    """
    return _with(_WEIGHTS, content)


def read(path: Path) -> None:
    """Load a model.

    Parameters
    ----------
    path : Path
    """
    digest_of_model(path)
    load_model(path)
