"""Plan mixes of tracker modules: draw the modules of a mix, and the part of each.

Half of the modules hold no isolated sound, and one per cent of all frames are positive. Modules
are therefore drawn by the square root of their number of regions (plus one, so that the others
are heard too). A part begins anywhere in a module that is longer than the rest of the mix. A
shorter module is taken as a whole, and another follows it, so that no mix ends in silence.

The random generator of a mix is named by the seed, the split and the number of the mix. A mix is
therefore the same whatever else is planned.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from deep_plunder.corpus.modules import TrackerModule
from deep_plunder.errors import InputError
from deep_plunder.truth.isolation import STEP_S
from deep_plunder.util.rng import generator, weighted
from deep_plunder.util.tables import Number, Seconds

__all__ = ["ModulePart", "ModulePlanner"]

_SHORTEST = round(1 / STEP_S)
"""Steps of the shortest module, and of the shortest part that ends a mix."""


@dataclass(frozen=True, slots=True)
class ModulePart:
    """A part of a tracker module in a mix: a row of a plan.

    Attributes
    ----------
    mix, row : int
        Number of the mix in its split, and of the part in its mix, from 0.
    module : str
        Name of the module.
    start_s, duration_s : float
        Position in the mix, and length. Whole steps of 4 ms.
    source_start_s : float
        Position in the module. Whole steps of 4 ms.
    """

    mix: Number
    row: Number
    module: str
    start_s: Seconds
    duration_s: Seconds
    source_start_s: Seconds


class ModulePlanner:
    """Planner of the mixes of tracker modules of one split.

    Parameters
    ----------
    split : str
        ``"train"``, ``"validation"`` or ``"test"``.
    seed : int
        The seed of the configuration.
    modules : sequence of TrackerModule
        The modules of the split, in any order. Those shorter than a second are not used.
    duration_s : float
        Length of a mix, in seconds.

    Raises
    ------
    InputError
        If the split has no module of a second or more.
    """

    def __init__(
        self, *, split: str, seed: int, modules: Sequence[TrackerModule], duration_s: float
    ) -> None:
        self._split, self._seed = split, seed
        self._steps = round(duration_s / STEP_S)
        usable = (row for row in modules if round(row.seconds / STEP_S) >= _SHORTEST)
        self._modules = sorted(usable, key=lambda row: row.module)
        if not self._modules:
            raise InputError(f"modules: {split} must have a module of a second or more, has none")
        self._weights = [math.sqrt(1 + row.regions) for row in self._modules]

    def plan(self, index: int) -> list[ModulePart]:
        """Draw the parts of one mix.

        Parameters
        ----------
        index : int
            Number of the mix in its split, from 0.

        Returns
        -------
        parts : list of ModulePart
            They follow each other without a gap, and fill the mix.
        """
        rng = generator(self._seed, "modules", self._split, index)
        parts: list[ModulePart] = []
        at = 0
        while self._steps - at >= (_SHORTEST if at else 1):
            module = weighted(rng, self._modules, self._weights)
            steps, left = round(module.seconds / STEP_S), self._steps - at
            first = int(rng.integers(steps - left + 1)) if steps > left else 0
            length = min(steps, left)
            parts.append(
                ModulePart(
                    mix=index,
                    row=len(parts),
                    module=module.module,
                    start_s=_seconds(at),
                    duration_s=_seconds(length),
                    source_start_s=_seconds(first),
                )
            )
            at += length
        return parts


def _seconds(steps: int) -> float:
    return round(steps * STEP_S, 3)
