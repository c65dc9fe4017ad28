"""Reuse the memory that a process frees, in place of returning it to the system."""

from __future__ import annotations

import ctypes

__all__ = ["keep_freed_memory"]

# Parameters of glibc's `mallopt`.
_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8


def keep_freed_memory() -> None:
    """Reuse the memory that this process frees, if its C library is glibc.

    By default large arrays come from the system one by one and go back to it. A training step then
    spends a quarter of its time on pages that the system fills with zeros again and again. The
    process holds at most the memory of its peak.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    for parameter, value in ((_TRIM_THRESHOLD, -1), (_MMAP_MAX, 0), (_ARENA_MAX, 1)):
        mallopt(parameter, value)
