"""The options that decide which clips of a song become files, in which format and under which name.

They change no region: ``regions.tsv`` holds every region that was found.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from deep_plunder.audio.writing import Container
from deep_plunder.errors import InputError, OptionError
from deep_plunder.extraction.naming import DEFAULT_NAME, check_template
from deep_plunder.extraction.spec import ExtractionSpec
from deep_plunder.util.names import first_line
from deep_plunder.util.settings import default

__all__ = ["BITS", "CONTAINERS", "ClipOptions", "recorded", "restored"]

CONTAINERS: tuple[Container, ...] = get_args(Container)
"""File formats of clips."""
BITS = (16, 24, 32)
"""Bit depths of clips; 32 bits are floats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipOptions:
    """A user's wishes for the clips of a song.

    Attributes
    ----------
    best : int or None
        Number of clips at most: those with the highest scores.
    min_length_s, max_length_s : float
        Bounds of the length of a clip in seconds, both included. `max_length_s` may be None: no
        bound.
    classes : tuple of str
        The classes of sounds that become files; empty for all.
    keep_duplicates : bool
        Whether to write all regions of a group that hold the same sound, instead of its best.
    container : {"wav", "flac", "aiff"}
        File format.
    bits : {16, 24, 32} or None
        Bit depth; 32 bits are floats. None keeps the depth of the song.
    normalize_dbfs : float or None
        Peak level of each clip in dB relative to full scale, at most 0. None keeps the level.
    fade_in_s, fade_out_s : float
        Lengths of the fades in seconds, inside the clip.
    name : str
        Template of the names of the files (`extraction.naming`).

    Raises
    ------
    OptionError
        If an option is out of bounds.

    Examples
    --------
    >>> ClipOptions(container="flac", bits=32)
    Traceback (most recent call last):
    deep_plunder.errors.OptionError: bits: FLAC has at most 24 bits, got 32
    """

    best: int | None = None
    min_length_s: float = 0.0
    max_length_s: float | None = None
    classes: tuple[str, ...] = ()
    keep_duplicates: bool = default(ExtractionSpec, "keep_duplicates")
    container: Container = "wav"
    bits: int | None = None
    normalize_dbfs: float | None = None
    fade_in_s: float = 0.0015
    fade_out_s: float = 0.008
    name: str = DEFAULT_NAME

    def __post_init__(self) -> None:
        if self.best is not None and self.best < 1:
            raise OptionError("best", f"must be at least 1, got {self.best}")
        for option in ("min_length_s", "fade_in_s", "fade_out_s"):
            if not 0 <= getattr(self, option) < math.inf:
                value = getattr(self, option)
                raise OptionError(option, f"must be a number of at least 0, got {value}")
        longest = math.inf if self.max_length_s is None else self.max_length_s
        if not self.min_length_s <= longest:
            rule = f"must be at least the least length, {self.min_length_s:g} s"
            raise OptionError("max_length_s", f"{rule}, got {longest:g}")
        if self.container not in CONTAINERS:
            rule = f"must be one of {', '.join(CONTAINERS)}"
            raise OptionError("container", f"{rule}, got {self.container!r}")
        if self.bits is not None and self.bits not in BITS:
            raise OptionError("bits", f"must be 16, 24 or 32, got {self.bits}")
        if self.container == "flac" and self.bits == 32:
            raise OptionError("bits", "FLAC has at most 24 bits, got 32")
        if self.normalize_dbfs is not None and not -math.inf < self.normalize_dbfs <= 0:
            raise OptionError("normalize_dbfs", f"must be at most 0, got {self.normalize_dbfs}")
        check_template(self.name)


def recorded(options: ClipOptions) -> dict[str, Any]:
    """Return the options that differ from the defaults, as a record holds them.

    Parameters
    ----------
    options : ClipOptions

    Returns
    -------
    changed : dict
        Values by name, as JSON has them.

    Examples
    --------
    >>> recorded(ClipOptions(best=3, classes=("kick",)))
    {'best': 3, 'classes': ['kick']}
    """
    usual = ClipOptions()
    changed = {
        field.name: getattr(options, field.name)
        for field in dataclasses.fields(ClipOptions)
        if getattr(options, field.name) != getattr(usual, field.name)
    }
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in changed.items()
    }


def restored(changed: Mapping[str, Any]) -> ClipOptions:
    """Return the options that a record holds.

    Parameters
    ----------
    changed : mapping
        See `recorded`.

    Returns
    -------
    options : ClipOptions

    Raises
    ------
    InputError
        If the record holds an unknown option or one that is out of bounds.

    Examples
    --------
    >>> restored({"best": 3, "classes": ["kick"]}).classes
    ('kick',)
    """
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in changed.items()
    }
    try:
        return ClipOptions(**values)
    except TypeError as error:
        raise InputError(f"options: {first_line(error)}") from error
