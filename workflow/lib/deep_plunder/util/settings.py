"""Settings as frozen dataclasses whose types hold their bounds.

A setting is defined once, as a field of a subclass of `Settings`: its type, its bounds, its
default and, in the docstring below it, its description, unit and source. pydantic reads the same
definitions where a whole configuration is checked (`deep_plunder.config`). This module does not
import it, because ``deep-plunder extract`` builds settings and would start later.

The docstring below a field reads ``Description. Unit: s. Source: the paper, section 3.1.``;
docstrings are no part of a code version, so that editing them reruns nothing.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Len, Lt

from deep_plunder.errors import ConfigError

__all__ = ["ASCENDING", "MAPPING", "Fraction", "Must", "NonNegative", "Overlay", "Positive",
           "Rule", "Settings", "Text", "bare", "broken", "default", "kinds", "one_of",
           "show"]  # fmt: skip

MAPPING = "must be a mapping of keys to values"

_KINDS = {int: "an integer", float: "a number", bool: "true or false", str: "a text"}
_BOUNDS: tuple[tuple[Any, str, Callable[[Any, Any], bool], str], ...] = (
    (Ge, "ge", lambda value, bound: value >= bound, "must be at least"),
    (Gt, "gt", lambda value, bound: value > bound, "must be above"),
    (Le, "le", lambda value, bound: value <= bound, "must be at most"),
    (Lt, "lt", lambda value, bound: value < bound, "must be below"),
)


@dataclass(frozen=True, eq=False, slots=True)
class Must:
    """A rule for one value that no bound expresses; it stands in the type of a field.

    Attributes
    ----------
    holds : callable
        Whether a value of the right type keeps the rule.
    text : str
        The rule, such as ``"must not hold anything twice"``.
    schema : mapping
        The rule in JSON Schema, as far as that can express it.
    whole : bool
        Whether `text` also replaces each fault that the type itself finds.
    """

    holds: Callable[[Any], bool]
    text: str
    schema: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    whole: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> Any:
        from pydantic_core import PydanticCustomError, ValidationError, core_schema

        fault = PydanticCustomError("rule", "{text}", {"text": self.text})

        def check(value: Any, inner: Callable[[Any], Any]) -> Any:
            try:
                value = inner(value)
            except ValidationError as error:
                if self.whole:
                    raise fault from error
                raise
            if not self.holds(value):
                raise fault
            return value

        return core_schema.no_info_wrap_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(self, core: Any, handler: Callable[[Any], Any]) -> Any:
        return {**handler(core), **self.schema}


def one_of(names: Sequence[str]) -> Must:
    """Return the rule that a text is one of some names.

    Parameters
    ----------
    names : sequence of str

    Returns
    -------
    rule : Must
    """
    text = f"must be {' or '.join(map(repr, names))}"
    return Must(lambda value: value in names, text, {"enum": list(names)})


ASCENDING = Must(lambda pair: pair[0] <= pair[1], "the first must not exceed the second")
"""The rule of a range: a list of its lowest and highest value."""

Text = Annotated[str, Len(1)]
Fraction = Annotated[float, Ge(0), Le(1)]
NonNegative = Annotated[float, Ge(0)]
Positive = Annotated[float, Gt(0)]


class Overlay:
    """Marks a section in a type: what it leaves out is found in the section of the same name."""


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


def bare(kind: Any) -> Any:
    """Return a type without its bounds, and without the alternative ``None``.

    Parameters
    ----------
    kind : type

    Returns
    -------
    kind : type
    """
    if get_origin(kind) is Annotated:
        return bare(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        options = [option for option in get_args(kind) if option is not NoneType]
        return bare(options[0]) if len(options) == 1 else kind
    return kind


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


def broken(value: Any, kind: Any, *, others: str = "") -> Iterator[tuple[tuple[int, ...], str]]:
    """Compare a value with a type and its bounds.

    Parameters
    ----------
    value : object
    kind : type
        A scalar, a tuple, a union or a literal, with or without bounds; a subclass of `Settings`
        or a dictionary stands for any mapping.
    others : str
        Added to the name of the type that is wanted.

    Yields
    ------
    place : tuple of int
        Index of the item of a tuple; empty for the value itself.
    text : str
        The rule that is broken.

    Examples
    --------
    >>> list(broken(-1, Annotated[int, Ge(0)]))
    [((), 'must be at least 0')]
    """
    origin, options = get_origin(kind), get_args(kind)
    if origin is Annotated:
        base, *rules = options
        below = list(broken(value, base, others=others))
        whole = [rule.text for rule in rules if isinstance(rule, Must) and rule.whole]
        if below and whole:
            yield (), whole[0]
        elif below:
            yield from below
        else:
            yield from (((), text) for rule in rules if (text := _rule_fault(value, rule)))
    elif origin in (Union, UnionType):
        wanted = [option for option in options if option is not NoneType]
        if value is None and len(wanted) < len(options):
            return
        if all(any(broken(value, option)) for option in wanted):
            yield from broken(value, wanted[0], others=" or null")
    elif origin is Literal:
        if value not in options:
            yield (), f"must be {' or '.join(map(repr, options))}"
    elif origin is tuple:
        yield from _tuple_faults(value, options)
    elif kind in _KINDS:
        if not _has_type(value, kind):
            yield (), f"must be {_KINDS[kind]}{others}"
    elif kind is not Any and not isinstance(value, Mapping | Settings):
        yield (), MAPPING


def _tuple_faults(value: Any, options: tuple[Any, ...]) -> Iterator[tuple[tuple[int, ...], str]]:
    if not isinstance(value, list | tuple):
        yield (), "must be a list"
        return
    items = options[:1] * len(value) if options[-1] is Ellipsis else options
    if len(value) != len(items):
        size = "more" if len(value) < len(items) else "fewer"
        yield (), f"must have {len(items)} or {size} items"
        if size == "fewer":
            return
    for index, (item, option) in enumerate(zip(value, items, strict=False)):
        for place, text in broken(item, option):
            yield (index, *place), text


def _has_type(value: Any, kind: type) -> bool:
    if kind is float:
        return type(value) is not bool and isinstance(value, int | float) and math.isfinite(value)
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _rule_fault(value: Any, rule: Any) -> str | None:
    """Return the text of a rule or bound that a value of the right type breaks."""
    if value is None:
        return None
    if isinstance(rule, Must):
        return None if rule.holds(value) else rule.text
    for bound, name, holds, text in _BOUNDS:
        if isinstance(rule, bound):
            limit = getattr(rule, name)
            return None if holds(value, limit) else f"{text} {limit}"
    if isinstance(rule, Len):
        unit = "keys" if isinstance(value, Mapping) else "items"
        if len(value) < rule.min_length:
            few = f"must have {rule.min_length} or more {unit}"
            return "must not be empty" if isinstance(value, str) else few
        if rule.max_length is not None and len(value) > rule.max_length:
            return f"must have {rule.max_length} or fewer {unit}"
    return None


def show(value: object) -> str:
    """Return a value as it stands in a message.

    Parameters
    ----------
    value : object

    Returns
    -------
    text : str
        At most 80 characters.
    """
    if value is None:
        return "nothing"
    try:
        text = repr(list(value) if isinstance(value, tuple) else value)
    except ValueError:
        # Python writes no number of more than 4,300 digits.
        return "a number of too many digits"
    return text if len(text) <= 80 else text[:77] + "..."
