"""Compute losses over known labels only, in Keras operations, for any backend.

Where several devices share a batch, the sum of their losses is that of the whole batch. If every
label counts and all weights are 1, `cross_entropy` is the mean binary cross-entropy of the paper
(section 4.2).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from deep_plunder.training.devices import over_devices
from deep_plunder.truth.labels import (
    ISOLATION_FULL_DB,
    ISOLATION_UNKNOWN,
    ONE_FROM_DB,
    SEVERAL_BELOW_DB,
)

__all__ = ["cross_entropy", "isolation_cross_entropy", "several_cross_entropy"]

_SMALLEST = 1e-7  # Keras's bound on probabilities inside a logarithm

Loss = Callable[[Any, Any], Any]


def _entropy(target: Any, output: Any) -> Any:
    from keras import ops

    output = ops.clip(output, _SMALLEST, 1 - _SMALLEST)
    return -(target * ops.log(output) + (1 - target) * ops.log(1 - output))


def _mean(values: Any, weights: Any, counted: Any) -> Any:
    from keras import ops

    return ops.sum(values * weights) / ops.maximum(over_devices(ops.sum(counted)), 1.0)


def cross_entropy(*, weight: float = 1.0, positive: float = 1.0) -> Loss:
    """Return the loss function of the onset, the offset or the frame output.

    Parameters
    ----------
    weight : float
        Factor on the loss.
    positive : float
        Weight of positive frames relative to negative ones, since onsets are rare.

    Returns
    -------
    loss : callable
        Function of labels, 0..1 or `truth.labels.IGNORED`, and outputs, both of shape
        (batch, frames, 1). It returns the mean over the frames that are not ignored.
    """

    def loss(labels: Any, outputs: Any) -> Any:
        from keras import ops

        labels = ops.cast(labels, outputs.dtype)
        counted = ops.cast(labels < 1.5, outputs.dtype)
        target = labels * counted
        weights = counted * (1 + (positive - 1) * target)
        return weight * _mean(_entropy(target, outputs), weights, counted)

    return loss


def isolation_cross_entropy(*, weight: float = 1.0) -> Loss:
    """Return the loss function of the isolation output.

    Parameters
    ----------
    weight : float
        Factor on the loss.

    Returns
    -------
    loss : callable
        Function of labels in dB, or `truth.labels.ISOLATION_UNKNOWN`, and outputs in units of
        `truth.labels.ISOLATION_FULL_DB`. It returns the mean over the frames with a known label.
    """

    def loss(labels: Any, outputs: Any) -> Any:
        from keras import ops

        labels = ops.cast(labels, outputs.dtype)
        counted = ops.cast(labels < ISOLATION_UNKNOWN, outputs.dtype)
        target = ops.clip(labels / ISOLATION_FULL_DB, 0.0, 1.0)
        return weight * _mean(_entropy(target, outputs), counted, counted)

    return loss


def several_cross_entropy(*, weight: float = 1.0) -> Loss:
    """Return the loss function of the output that distinguishes one sound from several.

    Parameters
    ----------
    weight : float
        Factor on the loss.

    Returns
    -------
    loss : callable
        Function of labels of the isolation, in dB or `truth.labels.ISOLATION_UNKNOWN`, and
        outputs, both of shape (batch, frames, 1). Several sounds are heard below
        `truth.labels.SEVERAL_BELOW_DB`, one from `truth.labels.ONE_FROM_DB` on. It returns the
        mean over these frames, half of it over each kind.
    """

    def loss(labels: Any, outputs: Any) -> Any:
        from keras import ops

        labels = ops.cast(labels, outputs.dtype)
        several = ops.cast(labels < SEVERAL_BELOW_DB, outputs.dtype)
        one = ops.cast(
            ops.logical_and(labels >= ONE_FROM_DB, labels < ISOLATION_UNKNOWN), outputs.dtype
        )
        entropy = _entropy(several, outputs)
        halves = (_mean(entropy, kind, kind) for kind in (several, one))
        return weight * sum(halves) / 2

    return loss
