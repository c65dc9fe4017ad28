"""Keep the losses of an unfinished epoch, in a form that a checkpoint holds."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

__all__ = ["Epoch", "Losses", "Sums"]

Losses = dict[str, float]


@dataclasses.dataclass(slots=True)
class Sums:
    """Losses over the batches of an epoch so far.

    Attributes
    ----------
    batches, items : int
        Number of batches, and of the items in them.
    losses : dict of str to float
        Sums of the losses over items, by name.
    random : dict or None
        State of the random generator after the last batch.
    """

    batches: int = 0
    items: int = 0
    losses: Losses = dataclasses.field(default_factory=dict)
    random: dict[str, Any] | None = None

    def add(self, size: int, found: Mapping[str, float], random: dict[str, Any] | None) -> None:
        """Add a batch.

        Parameters
        ----------
        size : int
            Its number of items.
        found : mapping of str to float
            Its losses by name.
        random : dict or None
            State of the random generator after it.
        """
        for name, value in found.items():
            self.losses[name] = self.losses.get(name, 0.0) + value * size
        self.batches, self.items, self.random = self.batches + 1, self.items + size, random

    def means(self) -> Losses:
        """Compute the means of the losses over items.

        Returns
        -------
        means : dict of str to float
            ``l2_loss`` is the total without the losses of the outputs.
        """
        means = {name: value / self.items for name, value in self.losses.items()}
        terms = sum(value for name, value in means.items() if name != "loss")
        return means | {"l2_loss": max(0.0, means["loss"] - terms)}


@dataclasses.dataclass(slots=True)
class Epoch:
    """An unfinished epoch.

    Attributes
    ----------
    seconds : float
        Its duration so far.
    train, validation : Sums
        Its losses so far.
    """

    seconds: float = 0.0
    train: Sums = dataclasses.field(default_factory=Sums)
    validation: Sums = dataclasses.field(default_factory=Sums)

    @classmethod
    def restored(cls, values: Mapping[str, Any]) -> Epoch:
        """Return an epoch of which `dataclasses.asdict` returned the values.

        Parameters
        ----------
        values : mapping

        Returns
        -------
        epoch : Epoch
        """
        return cls(values["seconds"], Sums(**values["train"]), Sums(**values["validation"]))
