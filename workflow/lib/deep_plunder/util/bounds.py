"""Types with bounds, and the comparison of a value with them.

A type such as ``Annotated[int, Ge(1)]`` holds its bounds. pydantic reads the same types where a
whole configuration is checked (`deep_plunder.config`). This module does not import pydantic:
``deep-plunder extract`` builds settings, and would start later.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Len, Lt

__all__ = ["ASCENDING", "MAPPING", "Fraction", "Must", "NonNegative", "Positive", "Text", "bare",
           "broken", "is_version", "one_of", "show"]  # fmt: skip

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
    elif kind is not Any and not _is_section(value):
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


def _is_section(value: Any) -> bool:
    """Return whether a value can be a section of settings: a mapping, or built from one."""
    return isinstance(value, Mapping) or dataclasses.is_dataclass(value)


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


def is_version(value: object, version: int) -> bool:
    """Return whether a value that a file states is a version.

    Parameters
    ----------
    value : object
        As it was read; in Python, ``True`` and ``1.0`` equal 1 too.
    version : int

    Returns
    -------
    is_version : bool

    Examples
    --------
    >>> is_version(1, 1), is_version(True, 1), is_version(1.0, 1)
    (True, False, False)
    """
    return type(value) is int and value == version


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
