"""Find the clips of a song with a model."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deep_plunder.audio.reading import Recording, reader
from deep_plunder.decoding.clip import Clip

if TYPE_CHECKING:
    from deep_plunder.models.model_file import LoadedModel
from deep_plunder.decoding.decode import Overrides, decode

__all__ = ["decode_song", "detect_song"]


def decode_song(
    model: LoadedModel,
    outputs: NDArray[np.float32],
    recording: Recording,
    *,
    settings: Overrides | None = None,
) -> list[Clip]:
    """Decode the outputs of a model for a song into clips.

    Parameters
    ----------
    model : LoadedModel
    outputs : ndarray, shape (n, 3) or (n, 4)
        See `models.inference.predict_song`.
    recording : path-like or Reader
        The song, on which edges are refined.
    settings : Overrides, optional
        Overrides of the model's decoding settings.

    Returns
    -------
    clips : list of Clip
        See `decode`.

    Raises
    ------
    AudioError
        If the recording cannot be read.
    """
    return decode(
        outputs,
        decoder=model.decoder,
        hop_s=model.spec.hop_s,
        settings=settings,
        recording=recording,
        heard_hz=(model.spec.fmin, model.spec.fmax),
    )


def detect_song(
    model: LoadedModel,
    path: str | os.PathLike[str],
    *,
    settings: Overrides | None = None,
) -> list[Clip]:
    """Find the regions of a song.

    Parameters
    ----------
    model : LoadedModel
        The model; its `decoder` holds the settings.
    path : path-like
        An audio file of any length, rate and number of channels.
    settings : Overrides, optional
        Overrides of the model's decoding settings; `EVERYTHING` keeps every region.

    Returns
    -------
    clips : list of Clip
        See `decode`.

    Raises
    ------
    AudioError
        If the song cannot be decoded.
    """
    from deep_plunder.models.inference import predict_song

    with reader(path, keep=True) as recording:
        outputs = predict_song(model, recording)
        return decode_song(model, outputs, recording, settings=settings)
