"""Train on the outputs of other models in place of labels (distillation).

A network that hears the same sounds often memorizes their labels, which does not help it with
other sounds. The outputs of another network, its teacher, are uncertain where the truth cannot be
heard, so there is less to memorize. A small student comes near a large teacher, or the mean of
several, at a fraction of the cost. Teachers and student hear the same augmented part of a mix. The
targets may be a weighted mean of the teachers' outputs and the labels.

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
"""Function from features (b, frames, bands) to targets (b, frames, 3 or 4), columns as labels."""


def load_teacher(
    paths: Sequence[str | os.PathLike[str]],
    *,
    spec: FeatureSpec,
    outputs: Collection[str],
    bfloat16: bool = False,
) -> Teacher:
    """Read the models that teach a student together.

    Parameters
    ----------
    paths : sequence of path-like
        Model files, at least one, of any architectures and sizes.
    spec : FeatureSpec
        Features of the student, which all teachers must share.
    outputs : collection of str
        Names of the student's outputs, which all teachers must have.
    bfloat16 : bool
        Whether layers of the teachers compute in 16 bits on a GPU
        (`models.architecture.Network.build`). On a CPU, teachers that can run as graphs use a
        core of their own beside the student's.

    Returns
    -------
    teacher : callable
        Function that returns the mean of the teachers' outputs, with the isolation in dB.

    Raises
    ------
    InputError
        If a teacher has other features or lacks an output of the student.
    ModelError
        If a model file cannot be read.
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
    """Compute targets as a weighted mean of the teachers' outputs and the known labels.

    Parameters
    ----------
    taught : ndarray of float32, shape (b, frames, 3 or 4)
        Targets that a `Teacher` returned.
    labels : ndarray, shape (b, frames, at least as many)
        Labels (`truth.labels`), widened or not.
    share : float
        Weight of the labels, 0..1.

    Returns
    -------
    targets : ndarray of float32, shape (b, frames, 3 or 4)
        The teachers' targets alone where the label is ignored or unknown.
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
            f"{os.fspath(path)}: a teacher's features must be {spec}, got {loaded.spec}"
        )
    for name in outputs:
        if name not in loaded.outputs:
            listed = ", ".join(loaded.outputs)
            raise InputError(f"{os.fspath(path)}: a teacher must give {name}, gives {listed}")
    return loaded


def _on_gpu() -> bool:
    """Return whether Keras trains on a GPU or uses another backend than TensorFlow."""
    import keras

    if keras.backend.backend() != "tensorflow":
        return True
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))
