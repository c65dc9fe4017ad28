"""Train on the outputs of other models in place of labels (distillation).

A network that meets the same sounds often enough knows their labels by heart, which helps it with
no other sound. What another network gives is in doubt where it cannot hear the truth, and there is
less in it to know by heart; a small network comes near a large one, or the mean of several, at a
part of its cost. Teachers hear the same part as the student, varied as for it. What is to be given
may be a mean of what they give and of the labels.

References
----------
.. [1] G. Hinton, O. Vinyals and J. Dean, "Distilling the knowledge in a neural network", 2015.
.. [2] L. Beyer et al., "Knowledge distillation: a good teacher is patient and consistent", CVPR
   2022: the same view for both, and long.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deep_plunder.errors import InputError
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.model_file import LoadedModel, load_model
from deep_plunder.truth.labels import IGNORED, ISOLATION, ISOLATION_FULL_DB, ISOLATION_UNKNOWN

__all__ = ["Teacher", "blended", "load_teacher"]

Teacher = Callable[[NDArray[Any]], NDArray[np.float32]]
"""Gives features (b, frames, bands) targets (b, frames, 3 or 4), columns as of labels."""


def load_teacher(
    paths: Sequence[str | os.PathLike[str]],
    *,
    spec: FeatureSpec,
    outputs: Collection[str],
    bfloat16: bool = False,
) -> Teacher:
    """Read models that teach together.

    Parameters
    ----------
    paths : sequence of path-like
        Model files, at least one, of any architectures and sizes.
    spec : FeatureSpec
        What the student hears, and each of them.
    outputs : collection of str
        What the student gives, and each of them.
    bfloat16 : bool
        Whether their layers compute with 16 bits on a GPU (`models.architecture.Network.build`).
        On a CPU, those that can run as graphs do so on a core beside that of the student.

    Returns
    -------
    teacher : callable
        Gives the mean of their outputs; the isolation in dB.

    Raises
    ------
    InputError
        If one hears other features or does not give all that the student does.
    ModelError
        If one cannot be read.
    """
    models = [_load(path, spec, outputs, bfloat16) for path in paths]

    def teach(features: NDArray[Any]) -> NDArray[np.float32]:
        given = [model.predict(features)[:, :, : len(outputs)] for model in models]
        targets: NDArray[np.float32] = np.mean(given, axis=0, dtype=np.float32)
        targets[:, :, ISOLATION:] *= ISOLATION_FULL_DB
        return targets

    return teach


def blended(
    taught: NDArray[np.float32], labels: NDArray[Any], *, share: float
) -> NDArray[np.float32]:
    """Blend what teachers give with the labels, where these say something.

    Parameters
    ----------
    taught : ndarray of float32, shape (b, frames, 3 or 4)
        What a `Teacher` gives.
    labels : ndarray, shape (b, frames, at least as many)
        See `labels`, widened or not; what is ignored or unknown is left to the teachers.
    share : float
        Of the labels, 0..1.

    Returns
    -------
    targets : ndarray of float32, shape (b, frames, 3 or 4)
    """
    columns = taught.shape[2]
    wanted = labels[:, :, :columns].astype(np.float32)
    known = wanted < IGNORED
    known[:, :, ISOLATION:] = wanted[:, :, ISOLATION:] < ISOLATION_UNKNOWN
    wanted[:, :, ISOLATION:] = np.minimum(wanted[:, :, ISOLATION:], ISOLATION_FULL_DB)
    return np.where(known, share * wanted + (1 - share) * taught, taught).astype(np.float32)


def _load(
    path: str | os.PathLike[str], spec: FeatureSpec, outputs: Collection[str], bfloat16: bool
) -> LoadedModel:
    in_keras = _on_gpu()
    loaded = load_model(path, in_keras=in_keras, bfloat16=in_keras and bfloat16)
    if loaded.spec != spec:
        raise InputError(
            f"{os.fspath(path)}: features must be {spec} for what it teaches, got {loaded.spec}"
        )
    for name in outputs:
        if name not in loaded.outputs:
            listed = ", ".join(loaded.outputs)
            raise InputError(f"{os.fspath(path)}: must give {name} to teach it, gives {listed}")
    return loaded


def _on_gpu() -> bool:
    """Return whether Keras trains on a GPU, or on a backend that is meant for one."""
    import keras

    if keras.backend.backend() != "tensorflow":
        return True
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))
