"""View the windows of a signal."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["windows"]

Number = TypeVar("Number", bound=np.generic)


def windows(signal: NDArray[Number], size: int, step: int) -> NDArray[Number]:
    """Return views of all whole windows of a signal.

    Parameters
    ----------
    signal : ndarray, shape (n,)
        At least `size` numbers.
    size : int
        Numbers per window.
    step : int
        Numbers from the beginning of a window to that of the next.

    Returns
    -------
    windows : ndarray, shape (1 + (n - size) // step, size)
        Shares the memory of `signal`, and must not be written to.

    Examples
    --------
    >>> windows(np.arange(6), 3, 2).tolist()
    [[0, 1, 2], [2, 3, 4]]
    """
    # `sliding_window_view` returns the same in ten times as long, which short signals feel.
    (along,) = signal.strides
    return np.lib.stride_tricks.as_strided(
        signal, (1 + (len(signal) - size) // step, size), (step * along, along), writeable=False
    )
