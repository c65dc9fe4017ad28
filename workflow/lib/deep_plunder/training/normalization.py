"""Compute the statistics of batch normalization anew, from training batches.

In training, batch normalization uses the mean and the variance of the batch. A trained network
uses moving averages of them instead, which follow the weights late: those of 100 steps ago still
count with a momentum of 0.99. Here the averages are replaced by the mean and the variance over
many training batches at the present weights, as Wu and Johnson (2021, section 3) advise ("precise
BatchNorm").

They take the variance within the batch as well for the layers before. Here the network runs as it
does once trained, without dropout, and one layer of batch normalization gets its statistics after
the other. So each layer's mean and variance are exactly those of its input in the trained network
over the batches, whatever their size.

References
----------
Wu and Johnson, "Rethinking 'Batch' in BatchNorm", arXiv:2105.07576, 2021.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import keras

__all__ = ["renew_statistics"]


class _Moments:
    """Sums over the inputs of a layer, from which its statistics follow."""

    def __init__(self, axis: int) -> None:
        self._axis = axis
        self._count = 0
        self._sum: Any = 0.0
        self._squares: Any = 0.0

    def add(self, values: NDArray[np.float32]) -> None:
        others = tuple(axis for axis in range(values.ndim) if axis != self._axis % values.ndim)
        self._count += values.size // values.shape[self._axis]
        # In double precision: the variance is a small difference where the mean is large.
        self._sum += values.sum(others, dtype=np.float64)
        self._squares += np.square(values, dtype=np.float64).sum(others)

    def statistics(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        mean = self._sum / self._count
        return mean, np.maximum(self._squares / self._count - mean**2, 0.0)


def renew_statistics(
    model: keras.Model, batches: Callable[[], Iterable[NDArray[np.float32]]]
) -> None:
    """Replace the moving averages of batch normalization by the statistics over batches.

    Parameters
    ----------
    model : keras.Model
        The network, whose moving averages change. A network without batch normalization stays as
        it is.
    batches : callable
        Returns the features of the batches, each of shape (b, frames, bands). It is called as
        often as layers of batch normalization follow each other, and must return the same batches
        each time.

    Examples
    --------
    >>> import keras
    >>> features, norm = keras.Input((None, 1)), keras.layers.BatchNormalization()
    >>> model = keras.Model(features, norm(features))
    >>> renew_statistics(model, lambda: [np.array([[[1.0], [3.0]]], np.float32)])
    >>> float(norm.moving_mean[0]), float(norm.moving_variance[0])
    (2.0, 1.0)
    """
    import keras
    from keras import ops

    for norms in _rounds(model):
        inner = keras.Model(model.input, {layer.name: layer.input for layer in norms})
        moments = {layer.name: _Moments(layer.axis) for layer in norms}
        for features in batches():
            for name, values in inner(features, training=False).items():
                moments[name].add(ops.convert_to_numpy(ops.cast(values, "float32")))
        for layer in norms:
            mean, variance = moments[layer.name].statistics()
            layer.moving_mean.assign(mean.astype(np.float32))
            layer.moving_variance.assign(variance.astype(np.float32))


def _rounds(model: keras.Model) -> list[list[Any]]:
    """Group layers of batch normalization by how many others lie before each."""
    from keras import layers, tree

    before: dict[int, int] = {}
    rounds: list[list[Any]] = []
    # Keras sorts operations so that none comes before its inputs.
    for operation in model.operations:
        depth = max(
            (before.get(id(tensor), 0) for tensor in tree.flatten(operation.input)), default=0
        )
        if isinstance(operation, layers.BatchNormalization):
            rounds += [[] for _ in range(depth + 1 - len(rounds))]
            rounds[depth].append(operation)
            depth += 1
        before |= {id(tensor): depth for tensor in tree.flatten(operation.output)}
    return rounds
