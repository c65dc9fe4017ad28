"""The errors that a user can mend.

A message is one line that names the file, the place in it, the rule and the value found.
Programming errors are never wrapped in these classes.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "AudioError",
    "ConfigError",
    "DeepPlunderError",
    "InputError",
    "MissingPartError",
    "ModelError",
    "OptionError",
]


_LONGEST = 2_000


def _line(text: str) -> str:
    # Values and names of files may be as long as those who made them like.
    cut = text[:_LONGEST]
    if not cut.isprintable():
        cut = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)
    return cut if len(text) <= _LONGEST >= len(cut) else f"{cut[: _LONGEST - 3]}..."


class DeepPlunderError(Exception):
    """Base of all errors that Deep Plunder raises on purpose.

    Parameters
    ----------
    message : str
        One line. Characters that cannot be printed, such as a line feed in a file name, are
        escaped as in Python strings; of a message beyond 2,000 characters the rest is left out.
    """

    def __init__(self, message: str) -> None:
        super().__init__(_line(message))


class ConfigError(DeepPlunderError):
    """The configuration, or a table that it names, breaks one or more rules.

    Parameters
    ----------
    faults : sequence of str
        One line per fault: place, rule and value.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(map(_line, faults))
        Exception.__init__(self, "\n".join(self.faults))

    def __reduce__(self) -> tuple[type[ConfigError], tuple[tuple[str, ...]]]:
        return type(self), (self.faults,)


class InputError(DeepPlunderError):
    """A file or table that the user brought cannot be used."""


class OptionError(InputError):
    """An option breaks its rule.

    Parameters
    ----------
    option : str
        Name of the option in Python. The command line has another (`cli.arguments.option_name`).
    rule : str
        The rule, and the value found.

    Attributes
    ----------
    option, rule : str
        See the parameters.
    """

    def __init__(self, option: str, rule: str) -> None:
        self.option, self.rule = option, _line(rule)
        super().__init__(f"{option}: {rule}")

    def __reduce__(self) -> tuple[type[OptionError], tuple[str, str]]:
        return type(self), (self.option, self.rule)


class AudioError(InputError):
    """An audio file cannot be decoded, or its content contradicts its header.

    Parameters
    ----------
    message : str
        One line that begins with the path of the file.
    reason : str
        Kind of fault: ``"missing"``, ``"empty"``, ``"truncated"``, ``"changed"``,
        ``"not audio"``, ``"undecodable"``, ``"not finite"``, ``"too loud"`` or ``"too large"``.
    """

    def __init__(self, message: str, *, reason: str = "undecodable") -> None:
        self.reason = reason
        super().__init__(message)

    @property
    def detail(self) -> str:
        """The finding, without the file and the reason."""
        return str(self).rpartition(f": {self.reason}: ")[2]


class ModelError(DeepPlunderError):
    """A model file is not one of Deep Plunder, or does not fit its use."""


class MissingPartError(DeepPlunderError):
    """An optional library is not installed. The message has the command that installs it."""
