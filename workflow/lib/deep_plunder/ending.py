"""End as by an exception where a process is asked to end, so that what is half written goes.

A job that is cancelled, or has used up its time, gets SIGTERM first. By itself that ends a process
on the spot, and temporary files and folders (`files`) stay.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

__all__ = ["ended_as_by_exception"]


def _end(number: int, frame: Any) -> NoReturn:
    # Asked once more, it is at that already: what goes then must not stop half way.
    signal.signal(number, signal.SIG_IGN)
    raise SystemExit(128 + number)


@contextmanager
def ended_as_by_exception() -> Iterator[None]:
    """Raise SystemExit in the block where SIGTERM arrives; in the main thread only.

    The exit code is that of a process which the signal ended: 143.
    """
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
