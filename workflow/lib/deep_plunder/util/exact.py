"""Read parts of files that another process may shorten meanwhile.

A memory map of such a file ends the process by SIGBUS, without a message. Here an error is raised.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

__all__ = ["read_array"]


def read_array(
    descriptor: int, place: int, shape: tuple[int, ...], dtype: DTypeLike = np.uint8
) -> NDArray[Any]:
    """Read an array from a place of a file.

    Parameters
    ----------
    descriptor : int
        The open file.
    place : int
        Its first byte.
    shape : tuple of int
    dtype : dtype-like

    Returns
    -------
    array : ndarray of `dtype`, shape `shape`

    Raises
    ------
    OSError
        If the file cannot be read.
    EOFError
        If it ends before the array does.

    Examples
    --------
    >>> with open("numbers", "w+b") as file:
    ...     _ = file.write(bytes([1, 2, 3, 4]))
    ...     file.flush()
    ...     read_array(file.fileno(), 2, (2,)).tolist()
    [3, 4]
    """
    array: NDArray[Any] = np.empty(shape, dtype)
    left = array.reshape(-1).view(np.uint8).data
    while len(left):
        count = os.preadv(descriptor, [left], place)
        if not count:
            raise EOFError(f"ends at byte {place}, {len(left)} bytes too early")
        left, place = left[count:], place + count
    return array
