"""Check the values of options."""

from __future__ import annotations

import argparse
import math
import re

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
    "option_name",
    "port",
    "seconds",
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


def _number(text: str) -> float:
    """Return a number, or NaN, which is within no bounds, for any other text."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def level(text: str) -> float:
    """Return the level in dB relative to full scale that an option states.

    Parameters
    ----------
    text : str

    Returns
    -------
    value : float

    Raises
    ------
    argparse.ArgumentTypeError
        If the text is not a finite number of at most 0.

    Examples
    --------
    >>> level("-1.5")
    -1.5
    """
    value = _number(text)
    if not -math.inf < value <= 0:
        raise argparse.ArgumentTypeError(f"must be a number of at most 0, got {text!r}")
    return value


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


def fraction(text: str) -> float:
    """Return the number in 0..1 that an option states.

    Parameters
    ----------
    text : str

    Returns
    -------
    value : float

    Raises
    ------
    argparse.ArgumentTypeError
        If the text is not a number in 0..1.

    Examples
    --------
    >>> fraction("0.5")
    0.5
    """
    value = _number(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"must be a number in 0..1, got {text!r}")
    return value


def seconds(text: str) -> float:
    """Return the length in seconds that an option states.

    Parameters
    ----------
    text : str

    Returns
    -------
    value : float

    Raises
    ------
    argparse.ArgumentTypeError
        If the text is not a finite number of at least 0.

    Examples
    --------
    >>> seconds("1.5")
    1.5
    """
    value = _number(text)
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"must be a number of at least 0, got {text!r}")
    return value


def count(text: str) -> int:
    """Return the number of things that an option states.

    Parameters
    ----------
    text : str

    Returns
    -------
    value : int

    Raises
    ------
    argparse.ArgumentTypeError
        If the text is not a whole number in 1..999999999.

    Examples
    --------
    >>> count("12")
    12
    """
    return _whole(text, 999_999_999)


def port(text: str) -> int:
    """Return the port that an option states.

    Parameters
    ----------
    text : str

    Returns
    -------
    value : int

    Raises
    ------
    argparse.ArgumentTypeError
        If the text is not a whole number in 1..65535.

    Examples
    --------
    >>> port("8017")
    8017
    """
    return _whole(text, 65_535)


def _whole(text: str, most: int) -> int:
    digits = text.lstrip("0") if text.isdecimal() and text.isascii() else ""
    if not digits:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, got {text!r}")
    # Python reads no number of more than 4,300 digits.
    if len(digits) > len(str(most)) or int(digits) > most:
        raise argparse.ArgumentTypeError(f"must be at most {most}, got {text!r}")
    return int(digits)
