"""Keep the memory that a process frees, for what it takes next."""

from __future__ import annotations

import ctypes

__all__ = ["keep_freed_memory"]

# glibc's names of what `mallopt` sets.
_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8


def keep_freed_memory() -> None:
    """Let this process keep the memory that it frees, where its C library is glibc.

    By default large arrays come from the system one by one, and go back to it. A step of training
    then spends a fourth of its time on pages that the system fills with zeros, each time anew.
    The most that is in use at a time is also the most that is kept.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    for what, value in ((_TRIM_THRESHOLD, -1), (_MMAP_MAX, 0), (_ARENA_MAX, 1)):
        mallopt(what, value)
