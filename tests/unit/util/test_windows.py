"""Blocks hold the windows of all signals, in their order."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from deep_plunder.util.windows import window_blocks, windows


@given(
    lengths=st.lists(st.integers(5, 60), max_size=6),
    step=st.integers(1, 7),
    count=st.integers(1, 9),
)
def test_blocks_hold_the_windows_of_each_signal(lengths: list[int], step: int, count: int) -> None:
    signals = [1000 * place + np.arange(length) for place, length in enumerate(lengths)]
    blocks = list(window_blocks(signals, 5, step, count=count))
    assert all(len(block) == count for block in blocks[:-1])
    expected = [windows(signal, 5, step) for signal in signals]
    found = np.concatenate([np.empty((0, 5), int), *blocks])
    assert np.array_equal(found, np.concatenate([np.empty((0, 5), int), *expected]))
