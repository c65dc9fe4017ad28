"""State the default and the bounds of a size of a network, and check values against them.

A size is a field of a dataclass; `size` states its default, its bounds and its unit. Its
description is in the docstring of the class. Nothing here computes, so that a configuration is
checked without a network.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Protocol

__all__ = ["Bounds", "Integer", "Integers", "Number", "in_training_only", "size", "size_fault"]

_LARGEST = 4096


class Bounds(Protocol):
    """The values that a size may have."""

    def fault(self, value: Any) -> str | None:
        """Return the rule that a value breaks, or None."""


@dataclasses.dataclass(frozen=True, slots=True)
class Integer:
    """An integer.

    Attributes
    ----------
    least, most : int
    """

    least: int = 1
    most: int = _LARGEST

    def fault(self, value: Any) -> str | None:
        """Return the rule that a value breaks.

        Parameters
        ----------
        value : object
            What a configuration or a model file holds.

        Returns
        -------
        rule : str or None
            None if the value keeps the rules.
        """
        good = _is_integer(value) and self.least <= value <= self.most
        return None if good else f"must be an integer from {self.least} to {self.most}"


@dataclasses.dataclass(frozen=True, slots=True)
class Integers:
    """A list of integers.

    Attributes
    ----------
    shortest, longest : int
        Bounds of its length.
    least, most : int
        Bounds of each integer.
    """

    shortest: int
    longest: int
    least: int = 1
    most: int = _LARGEST

    def fault(self, value: Any) -> str | None:
        """Return the rule that a value breaks.

        Parameters
        ----------
        value : object
            What a configuration or a model file holds.

        Returns
        -------
        rule : str or None
            None if the value keeps the rules.
        """
        shortest, longest = self.shortest, self.longest
        if not isinstance(value, list | tuple) or not shortest <= len(value) <= longest:
            length = f"{shortest}" if shortest == longest else f"{shortest} to {longest}"
            return f"must be a list of {length} integers"
        good = all(_is_integer(item) and self.least <= item <= self.most for item in value)
        return None if good else f"must be integers from {self.least} to {self.most}"


@dataclasses.dataclass(frozen=True, slots=True)
class Number:
    """A number.

    Attributes
    ----------
    least, below : float
    """

    least: float = 0
    below: float = 1

    def fault(self, value: Any) -> str | None:
        """Return the rule that a value breaks.

        Parameters
        ----------
        value : object
            What a configuration or a model file holds.

        Returns
        -------
        rule : str or None
            None if the value keeps the rules.
        """
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        good = is_number and self.least <= value < self.below
        return None if good else f"must be a number, at least {self.least} and below {self.below}"


def size(default: Any, bounds: Bounds, *, unit: str = "", in_training_only: bool = False) -> Any:
    """Define a size of a network.

    Parameters
    ----------
    default : Any
    bounds : Bounds
        The values that it may have.
    unit : str, optional
        What it counts or measures, for the documentation.
    in_training_only : bool, optional
        Whether it matters in training alone, and not to the weights or the outputs of the trained
        network.

    Returns
    -------
    field : dataclasses.Field

    Examples
    --------
    >>> @dataclasses.dataclass(frozen=True)
    ... class ToySizes:
    ...     units: int = size(8, Integer(), unit="units")
    >>> ToySizes().units
    8
    """
    metadata = {"bounds": bounds, "unit": unit, "in_training_only": in_training_only}
    return dataclasses.field(default=default, metadata=metadata)


def size_fault(field: dataclasses.Field[Any], value: Any) -> str | None:
    """Return the rule that the value of a size breaks, or None.

    Parameters
    ----------
    field : dataclasses.Field
        What `size` defined.
    value : Any
        Lists stand for tuples, as from YAML or JSON.

    Returns
    -------
    rule : str or None
    """
    bounds: Bounds = field.metadata["bounds"]
    return bounds.fault(value)


def in_training_only(field: dataclasses.Field[Any]) -> bool:
    """Return whether a size matters in training alone.

    Parameters
    ----------
    field : dataclasses.Field
        What `size` defined.

    Returns
    -------
    in_training_only : bool
    """
    return bool(field.metadata["in_training_only"])


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
