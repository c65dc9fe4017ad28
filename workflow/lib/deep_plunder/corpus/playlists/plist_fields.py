"""The track that the readers of property lists return, in XML and in binary."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

__all__ = ["FIELDS", "PlistTrack", "Value", "quantity", "without_controls"]

Value = str | float | bool

FIELDS = frozenset(
    ["Name", "Artist", "Kind", "Location", "Total Time", "Bit Rate", "Size", "Protected"]
)
"""The fields of a track that are used; all others are skipped."""

_NUMBER = re.compile(r"\s*\+?(\d{1,20}(?:\.\d{0,40})?(?:[eE][+-]?\d{1,3})?)\s*", re.ASCII)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# Greater than any duration in milliseconds, size in bytes or bit rate.
_LARGEST = 1e15


@dataclass(slots=True)
class PlistTrack:
    """One entry of the dictionary ``Tracks``.

    Attributes
    ----------
    fields : dict of str to Value
        The fields of `FIELDS` that are there and intact.
    fault : str
        The reason why it is no track, otherwise empty.
    """

    fields: dict[str, Value] = field(default_factory=dict)
    fault: str = ""

    def text(self, name: str) -> str:
        """Return a field that must be text, or an empty text if it is not.

        Parameters
        ----------
        name : str

        Returns
        -------
        text : str
        """
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""

    def quantity(self, name: str) -> float:
        """Return a field that must be a number of at least 1.

        Parameters
        ----------
        name : str

        Returns
        -------
        quantity : float
            NaN if the field is missing or is no such number.
        """
        return quantity(self.fields.get(name))


def quantity(value: Value | int | None) -> float:
    """Return a value as a number from 1 to 1e15: a duration, a size or a rate.

    Parameters
    ----------
    value : Value, int or None

    Returns
    -------
    quantity : float
        NaN for anything else.

    Examples
    --------
    >>> quantity(90000.0), quantity("soon")
    (90000.0, nan)
    """
    if isinstance(value, str):
        found = _NUMBER.fullmatch(value[:80])
        value = float(found[1]) if found else None
    if value is None or isinstance(value, bool) or not 1 <= value <= _LARGEST:
        return math.nan
    return float(value)


def without_controls(text: str) -> str:
    r"""Return a text without the characters that no property list in XML may hold.

    Parameters
    ----------
    text : str

    Returns
    -------
    text : str
        The text; tabs and line ends stay.

    Examples
    --------
    >>> without_controls("Ti\x00de")
    'Tide'
    """
    return _CONTROL.sub("", text)
