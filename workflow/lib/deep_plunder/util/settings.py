"""Settings as frozen dataclasses that check themselves.

A setting is defined once, as a field of a subclass of `Settings`: its type with its bounds
(`util.bounds`), its default and, in the docstring below it, its description, unit and source. A
whole configuration is checked against the same definitions (`deep_plunder.config`).

The docstring below a field reads ``Description. Unit: s. Source: the paper, section 3.1.``;
docstrings are no part of a code version, so that editing them reruns nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, get_type_hints

from deep_plunder.errors import ConfigError
from deep_plunder.util.bounds import broken, show

__all__ = ["Overlay", "Rule", "Settings", "default", "kinds"]


class Overlay:
    """Marks a section whose missing keys have the values of the top-level section of its name."""


@dataclass(frozen=True, eq=False, slots=True)
class Rule:
    """A rule that compares the values of several keys.

    Attributes
    ----------
    keys : tuple of str
        The keys that `holds` takes the values of. A fault is placed at the first.
    holds : callable
        Whether the values keep the rule.
    text : str
        The rule, such as ``"must be below features.fmax"``.
    """

    keys: tuple[str, ...]
    holds: Callable[..., bool]
    text: str

    def fault(self, values: Sequence[Any]) -> str | None:
        """Compare values.

        Parameters
        ----------
        values : sequence
            One per key, each sound by itself.

        Returns
        -------
        fault : str or None
            The rule and the values, if they break it.
        """
        if self.holds(*values):
            return None
        return f"{self.text}, got {', '.join(map(show, values))}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Base of a section of settings: each object checks itself against its types and rules.

    Attributes
    ----------
    section : str
        The section of the configuration.
    rules : tuple of Rule
        Rules between the keys of the section.

    Raises
    ------
    ConfigError
        With one line per fault: key, rule and value.
    """

    section: ClassVar[str] = ""
    rules: ClassVar[tuple[Rule, ...]] = ()
    __pydantic_config__: ClassVar[Any] = {
        "strict": True, "extra": "forbid", "allow_inf_nan": False
    }  # fmt: skip

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Callable[[Any], Any]) -> Any:
        # A section is written as a mapping, and its rules are checked however many keys are sound.
        return {**handler(source), "strict": False, "post_init": False}

    def __post_init__(self) -> None:
        faults: list[tuple[str, str]] = []
        for name, kind in kinds(type(self)).items():
            value = getattr(self, name)
            if isinstance(value, list):
                value = tuple(value)
                object.__setattr__(self, name, value)
            for place, text in broken(value, kind):
                at, got = "", value
                for index in place:
                    at, got = f"{at}[{index}]", got[index]
                faults.append((name, f"{name}{at}: {text}, got {show(got)}"))
        wrong = {name for name, _ in faults}
        for rule in self.rules:
            if wrong.isdisjoint(rule.keys):
                fault = rule.fault([getattr(self, key) for key in rule.keys])
                faults += [(rule.keys[0], f"{rule.keys[0]}: {fault}")] if fault else []
        if faults:
            raise ConfigError([f"{self.section}.{text}" for _, text in faults])

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of the keys, in order.

        Returns
        -------
        names : tuple of str
        """
        return tuple(field.name for field in dataclasses.fields(cls))


_kinds: dict[Any, dict[str, Any]] = {}


def kinds(section: type[Settings]) -> dict[str, Any]:
    """Return the types of a section's keys, with their bounds.

    Parameters
    ----------
    section : subclass of Settings

    Returns
    -------
    kinds : dict
        By key, in order. Do not change it: it is made once.
    """
    if section not in _kinds:
        hints = get_type_hints(section, include_extras=True)
        _kinds[section] = {name: hints[name] for name in section.names()}
    return _kinds[section]


def default(section: type[Settings], key: str) -> Any:
    """Return the default of a key.

    Parameters
    ----------
    section : subclass of Settings
    key : str

    Returns
    -------
    value : object
        `dataclasses.MISSING` for a key that must be given.
    """
    field = section.__dataclass_fields__[key]
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default
