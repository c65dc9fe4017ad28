"""Show the progress of a run as a bar with the time left."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["progress_bar"]

Advance = Callable[[float, str], None]
"""Function of the amount of work that was done and the name of the next piece of work."""


@contextmanager
def progress_bar(total: float, *, is_shown: bool) -> Iterator[Advance]:
    """Show a bar on standard error while the block runs, if that is a terminal.

    Parameters
    ----------
    total : float
        Amount of work, in any unit.
    is_shown : bool
        Whether to show it at all.

    Yields
    ------
    advance : callable
        Moves the bar on. Lines that are written meanwhile appear above the bar.
    """
    if not (is_shown and sys.stderr.isatty()):
        yield lambda amount, text: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        BarColumn(), TaskProgressColumn(), TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
    )  # fmt: skip
    progress = Progress(
        *columns,
        console=Console(stderr=True),
        transient=True,
        # Output that another program reads must not pass through the bar.
        redirect_stdout=sys.stdout.isatty(),
    )
    with progress:
        task = progress.add_task("", total=total)
        yield lambda amount, text: progress.update(task, advance=amount, description=text)
