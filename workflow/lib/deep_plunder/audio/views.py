"""Show decoders a part of a file as a file of its own, with a new beginning if needed."""

from __future__ import annotations

import bisect
import io
import itertools
import os
from collections.abc import Sequence
from typing import Any

__all__ = ["View"]


class View(io.RawIOBase):
    """Bytes that stand in for a file: a head, then ranges of an open file.

    With a view, decoders read a stream inside a file as if it were the whole file, or read a
    corrected header. The file itself stays unchanged. Views of one file share its descriptor, but
    each has its own place.

    Parameters
    ----------
    descriptor : int
        The open file. It must outlive the view.
    ranges : sequence of (int, int)
        First byte, and the byte after the last, of each range.
    head : bytes
        Bytes before the ranges.

    Attributes
    ----------
    size : int
        Length in bytes.
    """

    def __init__(
        self, descriptor: int, ranges: Sequence[tuple[int, int]], *, head: bytes = b""
    ) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._ranges = ranges
        self._head = head
        lengths = (stop - start for start, stop in ranges)
        self._ends = list(itertools.accumulate(lengths, initial=len(head)))
        self._place = 0
        self.size = self._ends[-1]

    def again(self) -> View:
        """Return another view of the same bytes.

        Returns
        -------
        view : View
            A view with its own place.
        """
        return View(self._descriptor, self._ranges, head=self._head)

    def readable(self) -> bool:
        """Return whether the view can be read.

        Returns
        -------
        readable : bool
            Always true.
        """
        return True

    def seekable(self) -> bool:
        """Return whether the view can be read from any place.

        Returns
        -------
        seekable : bool
            Always true.
        """
        return True

    def tell(self) -> int:
        """Return the place of the next byte.

        Returns
        -------
        place : int
        """
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a place.

        Parameters
        ----------
        offset, whence : int
            See `io.IOBase.seek`. A place outside, as damaged lengths give, reads nothing.

        Returns
        -------
        place : int
        """
        base = (0, self._place, self.size)[whence]
        self._place = max(0, base + offset)
        return self._place

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer, up to the end of one range.

        Parameters
        ----------
        buffer : writable bytes-like

        Returns
        -------
        count : int
            Number of bytes read, 0 at the end. An error of the disk counts as the end.
        """
        number = bisect.bisect_right(self._ends, self._place)
        if number == len(self._ends):
            return 0
        wanted = memoryview(buffer)[: self._ends[number] - self._place]
        if number:
            offset = self._ranges[number - 1][1] - (self._ends[number] - self._place)
            try:
                count = os.preadv(self._descriptor, [wanted], offset)
            except OSError:
                count = 0
        else:
            part = self._head[self._place : self._place + len(wanted)]
            wanted[: len(part)] = part
            count = len(part)
        self._place += count
        return count
