import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from deep_plunder.decoding.clip import Clip
from deep_plunder.decoding.paper import decode_intervals, walk_clips
from deep_plunder.errors import InputError
from deep_plunder.truth.labels import FRAME, ONSET, encode

HOP = 0.032
# Few values, the thresholds among them, so that every comparison meets its edge.
VECTORS = st.integers(0, 40).flatmap(
    lambda n: arrays(np.float32, (n, 3), elements=st.sampled_from([0.0, 0.125, 0.25, 0.5, 0.75]))
)


def port(onset, frame, onset_threshold, frame_threshold):
    """The port's loop, frame by frame."""
    onset, frame = onset > onset_threshold, frame > frame_threshold
    found = []
    for start in range(len(onset)):
        if onset[start] and not (start and onset[start - 1]):
            end = start
            while end < len(onset) and (onset[end] or frame[end]):
                end += 1
            found.append((start * HOP, end * HOP))
    return np.array(found, float).reshape(-1, 2)


def paper(onset, frame, onset_threshold, frame_threshold):
    """Section 5.2 word by word."""
    found, i = [], 0
    while i < len(onset):
        if onset[i] > onset_threshold:
            end = i
            while end < len(onset) and not frame[end] < frame_threshold:
                end += 1
            if end > i:
                found.append((i, end))
            i = max(end, i + 1)
        else:
            i += 1
    return found


@given(VECTORS, st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.sampled_from([0.0, 0.25, 0.5, 1.0]))
def test_intervals_are_those_of_the_ports_loop(vectors, onset_threshold, frame_threshold):
    onset, frame = vectors[:, ONSET], vectors[:, FRAME]
    intervals = decode_intervals(
        onset, frame, onset_threshold=onset_threshold, frame_threshold=frame_threshold, hop_s=HOP
    )
    np.testing.assert_array_equal(intervals, port(onset, frame, onset_threshold, frame_threshold))
    assert (intervals[:, 1] > intervals[:, 0]).all()


@given(VECTORS, st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.sampled_from([0.0, 0.25, 0.5, 1.0]))
def test_clips_are_those_of_the_papers_walk(vectors, onset_threshold, frame_threshold):
    clips = walk_clips(
        vectors, onset_threshold=onset_threshold, frame_threshold=frame_threshold, hop_s=HOP
    )
    onset, frame = vectors[:, ONSET], vectors[:, FRAME]
    expected = [
        Clip(a * HOP, b * HOP, float(frame[a:b].astype(float).mean()))
        for a, b in paper(onset, frame, onset_threshold, frame_threshold)
    ]
    assert clips == expected
    for before, after in itertools.pairwise(clips):
        assert before.offset_s <= after.onset_s


def test_labels_of_separate_regions_decode_to_the_regions():
    regions = np.array([[0.0, 0.32], [0.64, 0.672], [0.96, 1.6]])
    labels = encode(regions, frames=50, frame_rate=1 / HOP)
    intervals = decode_intervals(labels[:, ONSET], labels[:, FRAME], hop_s=HOP)
    np.testing.assert_allclose(intervals, regions, atol=1e-12)


def test_sounds_without_a_gap_end_together():
    labels = encode([[0.32, 0.64], [0.64, 0.96]], frames=50, frame_rate=1 / HOP)
    intervals = decode_intervals(labels[:, ONSET], labels[:, FRAME], hop_s=HOP)
    np.testing.assert_allclose(intervals, [[0.32, 0.96], [0.64, 0.96]])


def test_an_onset_carries_an_interval_through_low_frames():
    onset, frame = np.array([0, 0.9, 0.9, 0, 0, 0]), np.array([0, 0, 0, 0.9, 0, 0.9])
    np.testing.assert_allclose(decode_intervals(onset, frame, hop_s=1.0), [[1, 4]])


def test_the_walk_resumes_at_the_clips_end():
    onset = np.array([0.3, 0.9, 0.0, 0.9, 0.9, 0.0, 0.9])
    frame = np.array([0.2, 0.3, 0.1, 0.1, 0.6, 0.2, 0.8])
    clips = walk_clips(np.stack([onset, 0 * onset, frame], 1), hop_s=1.0)
    assert [(c.onset_s, c.offset_s) for c in clips] == [(0, 2), (4, 7)]
    assert [c.score for c in clips] == pytest.approx([0.25, 1.6 / 3])


def test_short_clips_are_dropped_and_the_limit_is_kept():
    ones = np.zeros((20, 3))
    ones[2:5] = ones[10:16] = 1
    for limit, count in [(0, 2), (3 * HOP, 2), (3 * HOP + 1e-3, 1), (1, 0)]:
        assert len(walk_clips(ones, hop_s=HOP, min_duration_s=limit)) == count


def test_nothing_in_nothing_out():
    assert decode_intervals([], [], hop_s=HOP).shape == (0, 2)
    assert decode_intervals(np.zeros(9), np.ones(9), hop_s=HOP).shape == (0, 2)
    assert walk_clips(np.zeros((0, 3)), hop_s=HOP) == []
    assert walk_clips(np.full((9, 3), np.nan), hop_s=HOP) == []


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan, math.inf])
@pytest.mark.parametrize("name", ["onset_threshold", "frame_threshold"])
def test_thresholds_outside_0_to_1_are_refused(name, value):
    with pytest.raises(InputError, match=rf"{name}: must be a number in 0\.\.1, got"):
        walk_clips(np.zeros((3, 3)), hop_s=HOP, **{name: value})
    with pytest.raises(InputError, match=name):
        decode_intervals(np.zeros(3), np.zeros(3), hop_s=HOP, **{name: value})


def test_wrong_shapes_are_refused():
    with pytest.raises(InputError, match=r"got \(3,\) and \(4,\)"):
        decode_intervals(np.zeros(3), np.zeros(4), hop_s=HOP)
    with pytest.raises(InputError, match=r"\(frames, 3\), got \(4, 2\)"):
        walk_clips(np.zeros((4, 2)), hop_s=HOP)
