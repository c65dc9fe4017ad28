"""The numbers that say how a model's outputs become regions: the block ``decoding`` of its card.

They stand apart from what is done with them (`detection`, `regionfinder`, `calibration`), so that
whoever reads or writes a model file, as a training does, depends on none of that.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Mapping
from typing import Any

from deep_plunder.errors import InputError

__all__ = ["Calibration", "Decoder", "DetectionSpec", "check_threshold"]


def check_threshold(name: str, value: float) -> float:
    """Refuse a threshold that no probability can be compared with.

    Parameters
    ----------
    name : str
        What the user calls it.
    value : float
        The threshold.

    Returns
    -------
    value : float

    Raises
    ------
    InputError
        If `value` is not a number in 0..1.

    Examples
    --------
    >>> check_threshold("min_score", 0.5)
    0.5
    >>> check_threshold("min_score", 1.5)
    Traceback (most recent call last):
        ...
    deep_plunder.errors.InputError: min_score: must be a number in 0..1, got 1.5
    """
    if not 0 <= value <= 1:
        raise InputError(f"{name}: must be a number in 0..1, got {value!r}")
    return float(value)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DetectionSpec:
    """How regions are found in a network's outputs.

    Attributes
    ----------
    onset : float
        A peak of the onset output begins a region from this probability on.
    split : float
        Such a peak inside a region ends it, and begins the next, from this probability on.
    high : float
        The frame output of a region reaches this within `reach_s` of its beginning.
    low : float
        A region ends where its frame output is less than this,
    share : float
        or less than this share of the highest that it has reached.
    reach_s : float
        How far apart, in seconds, the onset and the frame output may be about one beginning,
        and the least distance of two peaks of the onset output.
    min_s, max_s : float
        Shorter regions are dropped, longer ones are cut off, in seconds.

    Raises
    ------
    InputError
        If a value is out of bounds.
    """

    onset: float = 0.05
    split: float = 0.2
    high: float = 0.05
    low: float = 0.05
    share: float = 0.4
    reach_s: float = 0.06
    min_s: float = 0.05
    max_s: float = 30.0

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            top = math.inf if field.name.endswith("_s") else 1.0
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise InputError(f"{field.name}: must be a number, got {value!r}")
            if not 0 <= value <= top or not math.isfinite(value):
                bounds = "of at least 0" if top == math.inf else "in 0..1"
                raise InputError(f"{field.name}: must be a number {bounds}, got {value!r}")
        for small, large in (("low", "high"), ("onset", "split"), ("min_s", "max_s")):
            if getattr(self, small) > getattr(self, large):
                got = f"{getattr(self, small)!r} and {getattr(self, large)!r}"
                raise InputError(f"{small}: must not exceed {large}, got {got}")


@dataclasses.dataclass(frozen=True, slots=True)
class Calibration:
    """A rising curve from raw scores to probabilities.

    Attributes
    ----------
    scores, probabilities : tuple of float
        Its knots: raw scores above 0, rising, and the probabilities there, rising, inside 0..1.

    Raises
    ------
    InputError
        If they are not.
    """

    scores: tuple[float, ...]
    probabilities: tuple[float, ...]

    def __post_init__(self) -> None:
        for name in ("scores", "probabilities"):
            values = (0.0, *getattr(self, name))
            known = all(isinstance(v, int | float) and math.isfinite(v) for v in values)
            rising = known and all(a < b for a, b in itertools.pairwise(values))
            if len(values) < 2 or not rising:
                raise InputError(f"{name}: must be numbers above 0 that rise, got {values[1:]}")
        if len(self.scores) != len(self.probabilities):
            got = f"{len(self.scores)} and {len(self.probabilities)}"
            raise InputError(f"scores, probabilities: must be as many, got {got}")
        if self.probabilities[-1] >= 1:
            raise InputError(f"probabilities: must be below 1, got {self.probabilities[-1]}")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Decoder:
    """How a model's outputs are turned into regions.

    Attributes
    ----------
    spec : DetectionSpec
    calibration : Calibration
        From raw scores to the probability that a clip is usable.
    min_score : float
        Regions of a lower probability are left out unless a user asks for them.
    fitted_on : str
        What the three were chosen on.

    Raises
    ------
    InputError
        If `min_score` is outside 0..1.
    """

    spec: DetectionSpec
    calibration: Calibration
    min_score: float = 0.5
    fitted_on: str = ""

    def __post_init__(self) -> None:
        check_threshold("min_score", self.min_score)

    def to_card(self) -> dict[str, Any]:
        """Return the decoder as plain numbers and texts for a card.

        Returns
        -------
        card : dict
            Plain numbers and texts.
        """
        return dataclasses.asdict(self)

    @classmethod
    def from_card(cls, card: object) -> Decoder:
        """Read what `to_card` gave.

        Parameters
        ----------
        card : object
            Parsed JSON.

        Returns
        -------
        decoder : Decoder

        Raises
        ------
        InputError
            If it is something else, or a number is out of bounds.
        """
        if not isinstance(card, Mapping):
            raise InputError(f"must be an object, got {card!r}")
        try:
            curve = card["calibration"]
            return cls(
                spec=DetectionSpec(**card["spec"]),
                calibration=Calibration(tuple(curve["scores"]), tuple(curve["probabilities"])),
                min_score=card["min_score"],
                fitted_on=str(card["fitted_on"]),
            )
        except KeyError as error:
            raise InputError(f"lacks {error}") from error
        except TypeError as error:
            raise InputError(str(error).replace("DetectionSpec.__init__() ", "spec ")) from error
