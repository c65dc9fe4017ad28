"""Fit a network epoch by epoch: its loss, its batches, its best weights.

Defaults follow the paper, sections 4.2 to 4.4. The loss is the sum of the mean binary
cross-entropies of onset, offset and frame, each with weight 1, and of the l2 terms of the kernels.
The optimizer is Adam, and the gradient of each variable is clipped to a norm. The learning rate
falls smoothly by the factor `decay_rate` every `decay_steps`. (The paper does not say whether it
falls in steps; over its 4,000 steps the difference is below 1 %.) An epoch is a number of steps,
not a pass: items form an endless sequence of shuffled passes, which each epoch continues. The last
epoch is always validated, so that there is a best model. With `norm_batches`, the statistics of
batch normalization are computed anew from training batches before each validation
(`training.normalization`), and the best model keeps them.

All random values depend on the seed and the epoch alone. A `Checkpoint` holds everything that
changes during fitting, so that a training that resumes after any batch gives the same bytes as an
undisturbed one. The next batch is prepared while the network computes, so the state of the random
generator goes with each batch.

Losses in the history are means over the items of an epoch. Training losses are measured while the
weights change, with dropout, as in the paper's Figure 4; validation losses after the epoch,
without dropout.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import math
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from deep_plunder.errors import ModelError
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.training.batches import Items, epoch_batches, sampled_batches
from deep_plunder.training.checkpoints import Checkpoint
from deep_plunder.training.compiling import compile_model, schedule
from deep_plunder.training.inputs import Inputs, ahead
from deep_plunder.training.normalization import renew_statistics
from deep_plunder.training.progress import Epoch, Sums
from deep_plunder.training.spec import SELECTIONS, HistoryRow, TrainingSpec
from deep_plunder.util.rng import generator

if TYPE_CHECKING:
    import keras

    from deep_plunder.training.devices import Devices
    from deep_plunder.training.distillation import Teacher

__all__ = ["Fitting"]


class Fitting:
    """A training between two batches: the network and everything that changes with it.

    Parameters
    ----------
    model : keras.Model
        Network that `models.architecture.Network.build` returned for `seed`.
    training : TrainingSpec
        Settings of the training.
    seed : int
        The seed of the configuration.
    train_set, validation_set : Items
        Items to fit to, and items to choose the best weights by.
    spec : FeatureSpec, optional
        The features, which augmentation needs to know.
    teacher : callable, optional
        Source of the targets in place of the labels (`training.distillation.load_teacher`), or
        beside them if `label_share` is above 0.
    devices : Devices, optional
        Devices that share each batch. `model` and this object must then be made in their scope.

    Attributes
    ----------
    history : list of HistoryRow
        The completed epochs.
    best : list of ndarray
        The best weights so far. Empty before the first validation.

    Raises
    ------
    ConfigError
        If augmentation is asked for without parts of mixes or without detailed features.
    """

    def __init__(
        self,
        model: keras.Model,
        training: TrainingSpec,
        seed: int,
        train_set: Items,
        validation_set: Items,
        *,
        spec: FeatureSpec | None = None,
        teacher: Teacher | None = None,
        devices: Devices | None = None,
    ) -> None:
        self.model, self.training, self.seed = model, training, seed
        self._outputs = list(model.output)
        self._inputs = Inputs(training, outputs=self._outputs, spec=spec, teacher=teacher)
        self.train_set, self.validation_set = train_set, validation_set
        self.history: list[HistoryRow] = []
        self.best: list[NDArray[np.float32]] = []
        self.best_loss = math.inf
        self.worse = 0
        self._epoch = Epoch()
        # The latest weights, while the model holds their running mean.
        self._latest: list[NDArray[np.float32]] = []
        losses = compile_model(model, training)
        self._train, self._test = model.train_on_batch, model.test_on_batch
        if devices is not None:
            self._train, self._test = devices.steps(model, losses)

    @property
    def finished(self) -> bool:
        """Whether all epochs are complete or the patience is exhausted."""
        patience = self.training.patience
        return len(self.history) >= self.training.epochs or (
            patience is not None and self.worse >= patience
        )

    @property
    def batches(self) -> int:
        """Number of batches of the unfinished epoch so far, those of the validation included."""
        return self._epoch.train.batches + self._epoch.validation.batches

    def step(self) -> HistoryRow:
        """Run the next epoch, or the rest of one, to its end.

        Returns
        -------
        row : HistoryRow
            The new last row of `history`.

        Raises
        ------
        InputError
            If features are not finite.
        ModelError
            If the loss is not finite.
        """
        for _ in self.epoch():
            pass
        return self.history[-1]

    def epoch(self) -> Iterator[None]:
        """Run the next epoch, or the rest of one, and add its row to `history`.

        Yields
        ------
        None
            After each batch, where `state` may be taken.

        Raises
        ------
        InputError
            If features are not finite.
        ModelError
            If the loss is not finite.
        """
        begin = time.perf_counter() - self._epoch.seconds
        number = len(self.history) + 1
        batches = epoch_batches(
            number, items=len(self.train_set), training=self.training, seed=self.seed
        )
        for _ in self._run(self._epoch.train, self.train_set, batches, train=True):
            self._epoch.seconds = time.perf_counter() - begin
            yield
        losses = self._epoch.train.means()
        if number % self.training.validate_every == 0 or number == self.training.epochs:
            size, items = self.training.batch_size, len(self.validation_set)
            batches = (np.arange(k, min(k + size, items)) for k in range(0, items, size))
            with self._averaged():
                if self.training.norm_batches:
                    renew_statistics(self.model, self._sampled)
                sums = self._epoch.validation
                for _ in self._run(sums, self.validation_set, batches, train=False):
                    self._epoch.seconds = time.perf_counter() - begin
                    yield
                found = sums.means()
                self._compare(found[SELECTIONS[self.training.select_by]])
            losses |= {f"val_{name}": value for name, value in found.items()}
        row = HistoryRow(
            epoch=number,
            seconds=round(time.perf_counter() - begin, 3),
            # The optimizer already holds the learning rate of the next step.
            learning_rate=float(
                schedule(self.training)(number * self.training.steps_per_epoch - 1)
            ),
            **losses,
        )
        self.history.append(row)
        self._epoch = Epoch()

    def _sampled(self) -> Iterator[NDArray[np.float32]]:
        """Yield the features that statistics are computed from: the same at each call."""
        rng = generator(self.seed, "training", "statistics", "parts")
        for indices in sampled_batches(
            items=len(self.train_set), training=self.training, seed=self.seed
        ):
            epoch = len(self.history) + 1
            yield self._inputs.read(self.train_set, indices, rng, epoch=epoch, train=True)[0]

    def _run(
        self, sums: Sums, items: Items, batches: Iterable[NDArray[np.int64]], *, train: bool
    ) -> Iterator[None]:
        """Train or test on the batches that are not yet in the sums, and yield after each batch."""
        epoch = len(self.history) + 1
        function = self._train if train else self._test
        rng = generator(self.seed, "training", "parts", epoch)
        if sums.random is not None:
            rng.bit_generator.state = sums.random

        def prepared() -> Iterator[tuple[int, NDArray[np.float32], dict[str, Any], Any]]:
            for indices in itertools.islice(batches, sums.batches, None):
                features, labels = self._inputs.read(items, indices, rng, epoch=epoch, train=train)
                targets = self._inputs.targets(features, labels, train=train)
                yield len(indices), features, targets, rng.bit_generator.state

        for size, features, targets, random in ahead(prepared()):
            self.model.reset_metrics()
            found = function(features, targets, return_dict=True)
            if not math.isfinite(float(found["loss"])):
                rule = "the loss is not finite, try a lower training.learning_rate"
                raise ModelError(f"training, epoch {epoch}: {rule}, got {found['loss']}")
            kept = ("loss", *(f"{name}_loss" for name in self._outputs))
            sums.add(size, {name: float(found[name]) for name in kept}, random)
            yield

    @contextlib.contextmanager
    def _averaged(self) -> Iterator[None]:
        """Load the running mean of the weights into the model, if there is one."""
        if not self.training.average:
            yield
            return
        variables = self.model.trainable_variables
        self._latest = [np.array(variable) for variable in variables]
        self.model.optimizer.finalize_variable_values(variables)
        try:
            yield
        finally:
            for variable, value in zip(variables, self._latest, strict=True):
                variable.assign(value)
            self._latest = []

    def _compare(self, loss: float) -> None:
        if loss < self.best_loss:
            self.best_loss, self.worse, self.best = loss, 0, self.model.get_weights()
        else:
            self.worse += 1

    def _variables(self) -> tuple[list[Any], list[Any]]:
        # `model.weights` would leave out the states of dropout.
        weights = [*self.model.trainable_variables, *self.model.non_trainable_variables]
        return weights, list(self.model.optimizer.variables)

    def state(self) -> Checkpoint:
        """Return the state as plain arrays.

        Returns
        -------
        state : Checkpoint
        """
        weights, optimizer = self._variables()
        progress = {
            "history": [dataclasses.astuple(row) for row in self.history],
            "best_loss": self.best_loss,
            "worse": self.worse,
            "epoch": dataclasses.asdict(self._epoch),
        }
        return Checkpoint(
            progress,
            [*self._latest, *(np.asarray(v) for v in weights[len(self._latest) :])],
            [np.asarray(variable) for variable in optimizer],
            self.best,
        )

    def restore(self, state: Checkpoint) -> bool:
        """Restore a state.

        Parameters
        ----------
        state : Checkpoint
            A state that `state` returned.

        Returns
        -------
        restored : bool
            False if the state does not fit the model, which is then unchanged.
        """
        variables = self._variables()
        for group, values in zip(variables, (state.model, state.optimizer), strict=True):
            if [tuple(v.shape) for v in group] != [value.shape for value in values]:
                return False
        for group, values in zip(variables, (state.model, state.optimizer), strict=True):
            for variable, value in zip(group, values, strict=True):
                variable.assign(value)
        self.history = [HistoryRow(*row) for row in state.progress["history"]]
        self.best_loss, self.worse = state.progress["best_loss"], state.progress["worse"]
        self.best = state.best
        self._epoch = Epoch.restored(state.progress["epoch"])
        return True
