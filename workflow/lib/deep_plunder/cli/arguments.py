"""Add options that several subcommands have, and check the values of options."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable
from contextlib import suppress

from deep_plunder.errors import OptionError
from deep_plunder.util.resources import SHIPPED

__all__ = [
    "add_jobs",
    "add_model",
    "add_path_map",
    "count",
    "fraction",
    "level",
    "names",
    "non_negative",
    "option_name",
    "port",
]

_OTHER_NAMES = {"container": "format"}


def add_model(group: argparse._ActionsContainer) -> None:
    """Add the option ``--model``, which `util.resources.option_model_path` reads.

    Parameters
    ----------
    group : argparse.ArgumentParser or argparse._ArgumentGroup
    """
    group.add_argument("--model", metavar="MODEL", default=SHIPPED,
        help="a model file, or paper for the paper's network (default: the model made for "
             "songs)")  # fmt: skip


def add_jobs(group: argparse._ActionsContainer) -> None:
    """Add the option ``--jobs``.

    Parameters
    ----------
    group : argparse.ArgumentParser or argparse._ArgumentGroup
    """
    group.add_argument("-j", "--jobs", metavar="N", type=count, default=1,
        help="work on N files at once; the results are the same for any N "
             "(default: 1)")  # fmt: skip


def add_path_map(group: argparse._ActionsContainer) -> None:
    """Add the option ``--path-map``.

    Parameters
    ----------
    group : argparse.ArgumentParser or argparse._ArgumentGroup
    """
    group.add_argument("--path-map", metavar="OLD=NEW", action="append", default=[],
        type=_path_map,
        help="replace the beginning of each location in a playlist; may be repeated")  # fmt: skip


def _path_map(text: str) -> str:
    from deep_plunder.corpus.playlists.locations import parse_path_map

    try:
        parse_path_map([text])
    except OptionError as error:
        raise argparse.ArgumentTypeError(error.rule) from error
    return text


def option_name(key: str) -> str:
    """Return the name of an option on the command line, which has no unit.

    Parameters
    ----------
    key : str
        Name in Python, or in a section of the configuration.

    Returns
    -------
    name : str

    Examples
    --------
    >>> option_name("max_length_s"), option_name("container")
    ('--max-length', '--format')
    """
    return "--" + re.sub("_(s|dbfs|kbps)$", "", _OTHER_NAMES.get(key, key)).replace("_", "-")


def names(text: str) -> tuple[str, ...]:
    """Return the names that an option lists, divided by commas.

    Parameters
    ----------
    text : str

    Returns
    -------
    values : tuple of str

    Raises
    ------
    argparse.ArgumentTypeError
        If a name is empty.

    Examples
    --------
    >>> names("kick, snare")
    ('kick', 'snare')
    """
    values = tuple(part.strip() for part in text.split(","))
    if not all(values):
        raise argparse.ArgumentTypeError(f"must be names divided by commas, got {text!r}")
    return values


def _number(least: float, most: float, bounds: str) -> Callable[[str], float]:
    """Return the parser of a finite number within bounds, which are also given in words."""

    def parse(text: str) -> float:
        with suppress(ValueError):
            value = float(text)
            if math.isfinite(value) and least <= value <= most:
                return value
        raise argparse.ArgumentTypeError(f"must be a number {bounds}, got {text!r}")

    return parse


def _whole_number(*, most: int) -> Callable[[str], int]:
    """Return the parser of a whole number from 1 to `most`."""

    def parse(text: str) -> int:
        digits = text.lstrip("0") if text.isdecimal() and text.isascii() else ""
        if not digits:
            raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, got {text!r}")
        # Python reads no number of more than 4,300 digits.
        if len(digits) > len(str(most)) or int(digits) > most:
            raise argparse.ArgumentTypeError(f"must be at most {most}, got {text!r}")
        return int(digits)

    return parse


fraction = _number(0, 1, "in 0..1")
"""Parser of a number in 0..1."""

non_negative = _number(0, math.inf, "of at least 0")
"""Parser of a number of at least 0, such as a length in seconds."""

level = _number(-math.inf, 0, "of at most 0")
"""Parser of a level in dB relative to full scale, at most 0."""

count = _whole_number(most=999_999_999)
"""Parser of a number of things, at least 1."""

port = _whole_number(most=65_535)
"""Parser of a network port, at least 1."""
