"""Turn SIGTERM and SIGHUP into SystemExit, so that half-written files are removed.

A job that is cancelled, or out of time, gets SIGTERM first; one whose terminal is closed gets
SIGHUP. By default either ends a process at once, and its temporary files stay.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

__all__ = ["raise_on_termination"]


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
