"""Cut signals into windows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["window_blocks", "windows"]

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


def window_blocks(
    signals: Iterable[NDArray[Number]], size: int, step: int, *, count: int
) -> Iterator[NDArray[Number]]:
    """Yield the windows of many signals in blocks, which are quicker to transform than single ones.

    Parameters
    ----------
    signals : iterable of ndarray, shape (n,)
        Each has at least `size` numbers.
    size, step : int
        See `windows`.
    count : int
        Windows per block.

    Yields
    ------
    block : ndarray, shape (count, size)
        Windows of one or several signals, in their order. The last block may be shorter.

    Examples
    --------
    >>> signals = [np.arange(6), np.arange(10, 14)]
    >>> [block.tolist() for block in window_blocks(signals, 3, 2, count=2)]
    [[[0, 1, 2], [2, 3, 4]], [[10, 11, 12]]]
    """
    waiting: list[NDArray[Number]] = []
    room = count
    for signal in signals:
        rest = windows(signal, size, step)
        while len(rest):
            waiting.append(rest[:room])
            rest = rest[room:]
            room -= len(waiting[-1])
            if not room:
                yield np.concatenate(waiting)
                waiting, room = [], count
    if waiting:
        yield np.concatenate(waiting)
