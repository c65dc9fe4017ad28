from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deep_plunder.errors import InputError
from deep_plunder.truth.labels import (
    FRAME,
    IGNORED,
    OFFSET,
    ONSET,
    OUTPUTS,
    encode,
    frame_bounds,
    widened,
)
from deep_plunder.truth.regions import Region

RATE = 31.25


def columns(regions: object, frames: int) -> list[list[int]]:
    """Positions of the ones in the onset, offset and frame column."""
    labels = encode(regions, frames=frames, frame_rate=RATE)
    assert labels.shape == (frames, 3)
    assert labels.dtype == np.uint8
    return [np.flatnonzero(column).tolist() for column in labels.T]


def decode(labels: np.ndarray) -> list[tuple[int, int]]:
    """Read regions back: an onset, then its frames up to the next onset or the first gap."""
    bounds = []
    for left in np.flatnonzero(labels[:, ONSET]):
        right = left + 1
        while right < len(labels) and labels[right, FRAME] and not labels[right, ONSET]:
            right += 1
        bounds.append((int(left), int(right)))
    return bounds


def test_the_order_of_outputs() -> None:
    assert (ONSET, OFFSET, FRAME) == (0, 1, 2)
    assert OUTPUTS == ("onset", "offset", "frame")
    assert Region(3, 0.5, 1.0, "kick/a.wav", "kick").sound_class == "kick"


def test_one_region() -> None:
    # 1.0 s is frame 31.25, 2.0 s frame 62.5: half goes to the even 62.
    assert columns([[1.0, 2.0]], 100) == [[31], [62], list(range(31, 62))]


@pytest.mark.parametrize("frame", range(8))
def test_halves_go_to_the_even_frame_as_pythons_round(frame: int) -> None:
    onset = (frame + 0.5) / RATE
    assert onset * RATE == frame + 0.5
    bounds = frame_bounds([[onset, 1.0]], frames=100, frame_rate=RATE)
    assert bounds[0, 0] == round(onset * RATE) == frame + frame % 2


def test_a_region_shorter_than_a_frame_gets_one() -> None:
    assert columns([[0.32, 0.321]], 20) == [[10], [11], [10]]
    assert columns([[0.32, 0.32]], 20) == [[10], [11], [10]]


def test_a_region_to_the_very_end_has_no_offset() -> None:
    assert columns([[0.32, 0.64]], 20) == [[10], [], list(range(10, 20))]
    assert columns([[0.32, 99.0]], 20) == [[10], [], list(range(10, 20))]
    # One frame short of the end: the offset is the last frame.
    assert columns([[0.32, 0.608]], 20) == [[10], [19], list(range(10, 19))]


def test_a_region_on_the_last_frame() -> None:
    assert columns([[0.608, 0.61]], 20) == [[19], [], [19]]


def test_a_region_past_the_last_frame_leaves_no_label() -> None:
    # 59.99 s of a minute rounds to frame 1875, the first past the end.
    assert columns([[59.99, 60.0]], 1875) == [[], [], []]
    assert columns([[1e300, 1e308]], 1875) == [[], [], []]


def test_abutting_regions_keep_both_the_offset_and_the_onset() -> None:
    for regions in ([[0.32, 0.64], [0.64, 0.96]], [[0.64, 0.96], [0.32, 0.64]]):
        assert columns(regions, 40) == [[10, 20], [20, 30], list(range(10, 30))]


def test_overlapping_regions_leave_no_hole() -> None:
    assert columns([[0.32, 0.64], [0.48, 0.96]], 40) == [[10, 15], [20, 30], list(range(10, 30))]


def test_no_region_and_no_frame() -> None:
    assert columns([], 5) == [[], [], []]
    assert columns(np.empty((0, 2)), 5) == [[], [], []]
    assert columns([[0.0, 1.0]], 0) == [[], [], []]


@pytest.mark.parametrize(
    "region", [[2.0, 1.0], [-0.1, 1.0], [math.nan, 1.0], [0.0, math.nan], [0.0, math.inf]]
)
def test_bad_regions_are_named(region: list[float]) -> None:
    with pytest.raises(InputError, match=r"region 1: must be finite seconds with 0 <= onset"):
        encode([[0.0, 1.0], region], frames=100, frame_rate=RATE)


def test_a_table_of_another_shape_is_refused() -> None:
    with pytest.raises(InputError, match=r"got shape \(1, 3\)"):
        encode([[0.0, 1.0, 2.0]], frames=100, frame_rate=RATE)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 59, allow_subnormal=False), st.floats(0, 10)), min_size=1, max_size=8
    ),
    st.integers(0, 1875),
)
def test_labels_follow_the_rules_of_the_specification(
    spans: list[tuple[float, float]], frames: int
) -> None:
    regions = [(onset, onset + length) for onset, length in spans]
    expected = np.zeros((frames + 1, 3), np.uint8)
    for onset, offset in regions:
        left = round(onset * 31.25)
        right = min(frames, max(left + 1, round(offset * 31.25)))
        if left < frames:
            expected[left:right, FRAME] = 1
            expected[right, OFFSET] = 1
            expected[left, ONSET] = 1
    labels = encode(regions, frames=frames, frame_rate=RATE)
    np.testing.assert_array_equal(labels, expected[:frames])


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0.0, 2.0), st.floats(0.05, 4.0)),
        min_size=0,
        max_size=12,
    )
)
def test_separated_regions_are_read_back(steps: list[tuple[float, float]]) -> None:
    regions, now = [], 0.0
    for gap, length in steps:
        onset = now + gap
        now = onset + length
        regions.append((onset, now))
    frames = math.ceil(now * RATE) + 2
    labels = encode(regions, frames=frames, frame_rate=RATE)
    bounds = frame_bounds(regions, frames=frames, frame_rate=RATE)
    assert decode(labels) == [tuple(row) for row in bounds.tolist()]
    for (onset, offset), (left, right) in zip(regions, decode(labels), strict=True):
        assert abs(left / RATE - onset) <= 0.5 / RATE + 1e-9
        assert abs(right / RATE - offset) <= 0.5 / RATE + 1e-9


def test_neighbours_of_onsets_and_offsets_are_told_of_them() -> None:
    labels = np.zeros((2, 6, 4), np.uint8)
    labels[0, [0, 1, 4], ONSET] = 1
    labels[0, 2, ONSET] = labels[0, 0, FRAME] = IGNORED
    labels[0, 1, FRAME] = 1
    labels[1, 5, OFFSET] = 1
    wide = widened(labels, spread=0.25)
    assert wide.dtype == np.float32
    assert wide[0, :, ONSET].tolist() == [1, 1, 0.25, 0.25, 1, 0.25]
    assert wide[1, :, OFFSET].tolist() == [0, 0, 0, 0, 0.25, 1]
    np.testing.assert_array_equal(wide[:, :, FRAME:], labels[:, :, FRAME:])
    np.testing.assert_array_equal(widened(labels, spread=0), labels)
