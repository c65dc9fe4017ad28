"""Settings of a model's decoder: the block ``decoding`` of its card.

They stand apart from the code that uses them (`decoding.decode`, `decoding.regions`,
`decoding.calibration`), so that code that only reads or writes model files, such as a training,
does not depend on it.
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
    """Check that a threshold is a number in 0..1.

    Parameters
    ----------
    name : str
        The setting's name, for the message.
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
    """Thresholds and durations for finding regions in a network's outputs.

    Attributes
    ----------
    onset : float
        Least height of a peak of the onset output that begins a region, 0..1.
    split : float
        Least height of a peak inside a region that ends it and begins the next, 0..1.
    high : float
        The frame output must reach this value within `reach_s` of the onset, 0..1.
    low : float
        A region ends where its frame output is below this value, 0..1.
    share : float
        A region also ends where its frame output is below this share of its maximum so far, 0..1.
    reach_s : float
        Greatest delay of the frame output behind the onset, and least distance between two peaks
        of the onset output, in seconds.
    min_s, max_s : float
        Shorter regions are left out, and longer ones are cut off, in seconds.

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
        The knots: rising raw scores above 0, and rising probabilities above 0 and below 1.

    Raises
    ------
    InputError
        If the knots break these rules, or the two differ in length.
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
            raise InputError(f"scores, probabilities: must have one length, got {got}")
        if self.probabilities[-1] >= 1:
            raise InputError(f"probabilities: must be below 1, got {self.probabilities[-1]}")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Decoder:
    """A model's own way from outputs to regions.

    Attributes
    ----------
    spec : DetectionSpec
        Thresholds and durations for finding regions.
    calibration : Calibration
        Curve from raw scores to the probability that a clip is usable.
    min_score : float
        Regions with a lower probability are left out unless a user asks for them.
    fitted_on : str
        The bench on which these three were chosen.

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
        """Return the decoder as a block of a card.

        Returns
        -------
        card : dict
            Plain numbers and texts.
        """
        return dataclasses.asdict(self)

    @classmethod
    def from_card(cls, card: object) -> Decoder:
        """Read a decoder from the block that `to_card` returns.

        Parameters
        ----------
        card : object
            Parsed JSON of the block.

        Returns
        -------
        decoder : Decoder

        Raises
        ------
        InputError
            If a key is missing or unknown, or a number is out of bounds.
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
