"""Correct file times that lie in the future, for example after a clock was set back."""

from __future__ import annotations

import os
import time
from pathlib import Path

__all__ = ["correct_future_times"]

# The clock of a file server may be this far ahead.
_TOLERANCE_NS = 5 * 10**9
_STEP_NS = 1000


def correct_future_times(folder: str | os.PathLike[str], *, now_ns: int | None = None) -> int:
    """Set file times that lie in the future to the present, and keep their order.

    Snakemake refuses an output that is older than an input. After a clock was set back, every new
    output would be older than its inputs.

    Parameters
    ----------
    folder : path-like
        The folder of results. It may be missing.
    now_ns : int, optional
        The present time in nanoseconds since 1970. By default, the system's clock.

    Returns
    -------
    count : int
        Number of files and folders whose times were changed.

    Raises
    ------
    OSError
        If a time cannot be set.

    Examples
    --------
    >>> Path("results").mkdir()
    >>> correct_future_times("results")
    0
    """
    now_ns = time.time_ns() if now_ns is None else now_ns
    late: dict[Path, int] = {}
    for base, folders, names in os.walk(folder):
        for path in (Path(base, name) for name in (*folders, *names)):
            if (stamp := path.lstat().st_mtime_ns) > now_ns + _TOLERANCE_NS:
                late[path] = stamp
    # In small steps, so that older files stay older.
    ranks = {stamp: rank for rank, stamp in enumerate(sorted(set(late.values()), reverse=True))}
    for path, stamp in late.items():
        new = now_ns - ranks[stamp] * _STEP_NS
        os.utime(path, ns=(new, new), follow_symlinks=False)
    return len(late)
