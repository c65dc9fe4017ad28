"""Processor time of the parts of a computation, of which each is one or several functions."""

from __future__ import annotations

import contextlib
import functools
import importlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from unittest import mock

__all__ = ["REST", "PartClock"]

REST = "rest"
"""The part to which all time belongs that no other part takes."""


def _place(path: str) -> tuple[Any, str]:
    """Return the module or class that has a function, and the function's name."""
    *parts, name = path.split(".")
    if parts[-1][0].isupper():
        return getattr(importlib.import_module(".".join(parts[:-1])), parts[-1]), name
    return importlib.import_module(".".join(parts)), name


class PartClock:
    """Processor time by part; only the innermost part that runs is timed.

    Attributes
    ----------
    spent : dict of str to float
        Seconds by part. They add up to the processor time from the creation of the clock to the
        end of the last part.
    """

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._running = [REST]
        self._last = time.process_time()

    def _turn(self) -> None:
        now = time.process_time()
        self.spent[self._running[-1]] += now - self._last
        self._last = now

    @contextlib.contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Count the block for a part."""
        self._turn()
        self._running.append(name)
        try:
            yield
        finally:
            self._turn()
            self._running.pop()

    def _timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function whose calls count for a part."""

        @functools.wraps(function)
        def run(*arguments: Any, **options: Any) -> Any:
            with self.part(name):
                return function(*arguments, **options)

        return run

    @contextlib.contextmanager
    def timing(self, parts: Mapping[str, Sequence[str]]) -> Iterator[None]:
        """Time all calls of functions within the block.

        Parameters
        ----------
        parts : mapping of str to sequence of str
            The functions of each part, such as ``"scipy.fft.rfft"``.
        """
        with contextlib.ExitStack() as stack:
            for part, paths in parts.items():
                for path in paths:
                    holder, name = _place(path)
                    timed = self._timed(part, getattr(holder, name))
                    stack.enter_context(mock.patch.object(holder, name, timed))
            yield
        with self.part(REST):
            pass
