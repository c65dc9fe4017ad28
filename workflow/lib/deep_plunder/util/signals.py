"""Turn SIGTERM and SIGHUP into SystemExit, or hold them back until work is saved.

A job that is cancelled, preempted or out of time gets SIGTERM first; one whose terminal is closed
gets SIGHUP. By default either ends a process at once, and its temporary files stay.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

__all__ = ["hold_back", "raise_on_termination"]


_SIGNALS = tuple(
    signal.Signals[name] for name in ("SIGTERM", "SIGHUP") if name in signal.Signals.__members__
)


def _end(number: int, frame: Any) -> NoReturn:
    # A second signal must not interrupt the clean-up.
    for other in _SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    raise SystemExit(128 + number)


@contextmanager
def raise_on_termination() -> Iterator[None]:
    """Raise SystemExit in the block where SIGTERM or SIGHUP arrives; in the main thread only.

    The exit code is that of a process that the signal ended: 143 or 129. Ignored signals, such as
    SIGHUP below ``nohup``, stay ignored.
    """
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    for number, handler in before.items():
        if handler != signal.SIG_IGN:
            signal.signal(number, _end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def hold_back() -> Iterator[Callable[[], bool]]:
    """Hold SIGINT, SIGTERM and SIGHUP back in the block, and pass them on at its end.

    Only the main thread of a process receives signals; in any other the block does nothing.

    Yields
    ------
    asked : callable
        Function that returns whether a signal has arrived, so that the block can save its work
        and end. A second signal does not hurry it.
    """
    arrived: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, *_SIGNALS)}
    held = {
        number: handler
        for number, handler in before.items()
        # None: a handler that Python did not install and cannot install again.
        if handler not in (signal.SIG_IGN, None)
    }
    for number in held:
        signal.signal(number, lambda number, frame: arrived.append(number))
    try:
        yield lambda: bool(arrived)
    finally:
        for number, handler in held.items():
            signal.signal(number, handler)
        if arrived:
            signal.raise_signal(arrived[0])
