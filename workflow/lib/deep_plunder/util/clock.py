"""Times of files that lie in the future, as after a clock was set back."""

from __future__ import annotations

import os
import time
from pathlib import Path

__all__ = ["bring_back"]

# Clocks of a file server may be ahead by so much.
_TOLERANCE_NS = 5 * 10**9
_STEP_NS = 1000


def bring_back(folder: str | os.PathLike[str], *, now_ns: int | None = None) -> int:
    """Set the times of files in the future to now, in the order that they have.

    Snakemake refuses an output that is older than an input. What is written after a clock was set
    back is older than all that was written before.

    Parameters
    ----------
    folder : path-like
        Of results; it may be missing.
    now_ns : int, optional
        The time now, in nanoseconds since 1970.

    Returns
    -------
    count : int
        Files and folders whose times were changed.

    Raises
    ------
    OSError
        If a time cannot be set.

    Examples
    --------
    >>> Path("results").mkdir()
    >>> bring_back("results")
    0
    """
    now_ns = time.time_ns() if now_ns is None else now_ns
    late: dict[Path, int] = {}
    for base, folders, names in os.walk(folder):
        for path in (Path(base, name) for name in (*folders, *names)):
            if (stamp := path.lstat().st_mtime_ns) > now_ns + _TOLERANCE_NS:
                late[path] = stamp
    # Steps so small that what is older stays older.
    ranks = {stamp: rank for rank, stamp in enumerate(sorted(set(late.values()), reverse=True))}
    for path, stamp in late.items():
        new = now_ns - ranks[stamp] * _STEP_NS
        os.utime(path, ns=(new, new), follow_symlinks=False)
    return len(late)
