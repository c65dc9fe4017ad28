"""Store a loaded model again, with 32 or with 16 bits per weight."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from deep_plunder.models.model_file import LoadedModel, save_model
from deep_plunder.models.record import record_text

__all__ = ["store_model"]


def store_model(
    path: str | os.PathLike[str],
    model: LoadedModel,
    *,
    half: bool = False,
    record: Mapping[str, Any] | None = None,
) -> None:
    """Write a loaded model with its decoder.

    Parameters
    ----------
    path : path-like
        The file, with the suffix ``.keras``.
    model : LoadedModel
        The model, whose weights may have been changed since it was loaded.
    half : bool
        Whether weights have 16 bits, as in models that ship, so that the file has half the size.
    record : mapping, optional
        How the model was trained (`models.record.read_record`).

    Raises
    ------
    ModelError
        If weights are too large for 16 bits, or not finite.
    OSError
        If the file cannot be written: with its name.

    Examples
    --------
    >>> from deep_plunder.features.spec import FeatureSpec
    >>> from deep_plunder.models.model_file import load_model
    >>> from deep_plunder.models.registry import network
    >>> sizes, spec = {"channels": 2, "front": [2, 2], "dilations": [1]}, FeatureSpec(mel_bands=16)
    >>> network_ = network("conv", **sizes).build(spec)
    >>> save_model("whole.keras", network_, architecture="conv", sizes=sizes, spec=spec)
    >>> store_model("half.keras", load_model("whole.keras"), half=True)
    >>> load_model("half.keras").architecture
    'conv'
    """
    save_model(
        path,
        model.model,
        architecture=model.architecture,
        sizes=model.sizes,
        spec=model.spec,
        decoder=model.decoder,
        half=half,
        record=None if record is None else record_text(record),
    )
