"""Times in the future come back to now, and no file changes places with another."""

import os
import time
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from deep_plunder.util.clock import correct_future_times

HOUR_NS = 3600 * 10**9


@given(offsets=st.lists(st.integers(-10, 10), min_size=1, max_size=8))
def test_the_order_of_files_stays(tmp_path_factory, offsets: list[int]) -> None:
    folder = tmp_path_factory.mktemp("results")
    now = time.time_ns()
    paths = [folder / str(number) for number in range(len(offsets))]
    for path, offset in zip(paths, offsets, strict=True):
        path.touch()
        os.utime(path, ns=(now, now + offset * HOUR_NS))
    before = [path.stat().st_mtime_ns for path in paths]
    assert correct_future_times(folder, now_ns=now) == sum(offset > 0 for offset in offsets)
    after = [path.stat().st_mtime_ns for path in paths]
    assert max(after) <= now
    for i, old in enumerate(before):
        # Those of the past keep their times.
        assert after[i] == old or offsets[i] > 0
        for j, other in enumerate(before):
            if offsets[i] != 0 != offsets[j]:
                assert (after[i] < after[j]) == (old < other)


def test_what_is_not_there_has_no_times(tmp_path: Path) -> None:
    assert correct_future_times(tmp_path / "missing") == 0
