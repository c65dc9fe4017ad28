"""Prepare the batches of a training: read parts of items, augment them, and form their targets."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from deep_plunder.errors import ConfigError, InputError
from deep_plunder.features.layout import band_places, place_of
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.training.augmentation import BAND_LIMITS_HZ, augmented, crop_starts
from deep_plunder.training.batches import Items
from deep_plunder.training.distillation import blended
from deep_plunder.training.spec import TrainingSpec, variation_faults
from deep_plunder.truth.labels import HEADS, ISOLATION, LABELS, SEVERAL, widened

if TYPE_CHECKING:
    from deep_plunder.training.distillation import Teacher

__all__ = ["Inputs", "ahead"]

_Item = TypeVar("_Item")


def ahead(items: Iterator[_Item]) -> Iterator[_Item]:
    """Yield items, and prepare each in a thread while the one before it is used.

    Parameters
    ----------
    items : iterator
        The items. None ends them.

    Yields
    ------
    item : object

    Examples
    --------
    >>> list(ahead(iter("abc")))
    ['a', 'b', 'c']
    """
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(next, items, None)
        while (item := waiting.result()) is not None:
            waiting = pool.submit(next, items, None)
            yield item


class Inputs:
    """Reader of the features and targets of batches.

    Parameters
    ----------
    training : TrainingSpec
        Settings of the training.
    outputs : sequence of str
        Names of the network's outputs.
    spec : FeatureSpec, optional
        The features, which augmentation needs to know.
    teacher : callable, optional
        Source of the targets of the training items in place of the labels
        (`training.distillation.load_teacher`), or beside them if `label_share` is above 0.

    Raises
    ------
    ConfigError
        If augmentation is asked for without parts of mixes or without detailed features.
    """

    def __init__(
        self,
        training: TrainingSpec,
        *,
        outputs: Sequence[str],
        spec: FeatureSpec | None = None,
        teacher: Teacher | None = None,
    ) -> None:
        bands = spec.short_bands if spec else 0
        faults = variation_faults(dataclasses.asdict(training), short_bands=bands)
        if faults:
            raise ConfigError(faults)
        self._training, self._outputs, self._teacher = training, outputs, teacher
        self._places = band_places(spec) if spec else np.empty(0)
        self._limits = (0.0, 1.0)
        if spec:
            low, high = (place_of(hertz, spec) for hertz in BAND_LIMITS_HZ)
            self._limits = (min(low, 1.0), min(high, 1.0))

    def read(
        self,
        items: Items,
        indices: NDArray[np.int64],
        rng: np.random.Generator,
        *,
        epoch: int,
        train: bool,
    ) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """Read a batch, and check that its features are finite.

        Parameters
        ----------
        items : Items
        indices : ndarray of int64, shape (b,)
            The items of the batch.
        rng : numpy.random.Generator
            Source of randomness for the parts of items and their augmentation.
        epoch : int
            Number of the epoch, for messages.
        train : bool
            Whether to read a random part of each item and to augment it, where the training does
            so. Otherwise items are read whole.

        Returns
        -------
        features : ndarray of float32, shape (b, frames, bands)
        labels : ndarray of uint8, shape (b, frames, 3 or 4)

        Raises
        ------
        InputError
            If features are not finite.
        """
        features, labels = self._parts(items, indices, rng, train=train)
        # A NaN may reach the weights without showing in the loss.
        bad = ~np.isfinite(features).all(axis=(1, 2))
        if bad.any():
            item = f"item {indices[np.argmax(bad)]} of {len(items)}"
            raise InputError(f"training, epoch {epoch}: features of {item} are not finite")
        return features.astype(np.float32, copy=False), labels

    def _parts(
        self, items: Items, indices: NDArray[np.int64], rng: np.random.Generator, *, train: bool
    ) -> tuple[NDArray[Any], NDArray[np.uint8]]:
        """Read items; in training, a part of each, augmented."""
        training = self._training
        crop = training.crop_frames
        if not crop:
            return items.batch(indices)
        crop = min(crop, items.frames)
        if not train:
            # As many frames as whole parts fill: some networks take whole groups of frames only.
            return items.batch(indices, frames=items.frames // crop * crop)
        starts = crop_starts(
            rng,
            items=len(indices),
            frames=items.frames,
            crop=crop,
            positive_share=training.positive_share,
            onsets=lambda item: items.onsets(int(indices[item])),
        )
        features, labels = items.batch(indices, starts=starts, frames=crop)
        if training.varies:
            features = augmented(
                features,
                rng,
                gain_db=training.gain_db,
                curve_db=training.curve_db,
                places=self._places,
                band_limit=training.band_limit,
                limits=self._limits,
                floor=training.floor,
                masks=training.masks,
                mirror=training.mirror,
            )
        return features, labels

    def targets(
        self, features: NDArray[np.float32], labels: NDArray[np.uint8], *, train: bool
    ) -> dict[str, Any]:
        """Form the target of each output of the network.

        Parameters
        ----------
        features : ndarray of float32, shape (b, frames, bands)
        labels : ndarray of uint8, shape (b, frames, 3 or 4)
        train : bool
            Whether the teacher, if there is one, has a share in the targets.

        Returns
        -------
        targets : dict of str to ndarray, shape (b, frames, 1)
            By the name of the output.
        """
        wanted = widened(labels, spread=self._training.spread)
        # Teachers may not tell one sound from several.
        several = wanted[:, :, ISOLATION:]
        if train and self._teacher:
            share = self._training.label_share
            wanted = blended(self._teacher(features), wanted, share=share)
        targets = {
            name: wanted[:, :, column, None]
            for column, name in enumerate(LABELS)
            if name in self._outputs
        }
        if HEADS[SEVERAL] in self._outputs:
            targets[HEADS[SEVERAL]] = several
        return targets
