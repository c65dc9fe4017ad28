"""Regions in probabilities: begin at onsets, end at the next or where the frame output falls."""

import itertools
import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from deep_plunder.decoding.regions import find_regions
from deep_plunder.decoding.settings import DetectionSpec
from deep_plunder.errors import InputError
from deep_plunder.truth.labels import FRAME, ONSET, encode

HOP = 0.016
SPEC = DetectionSpec()
OUTPUTS = st.tuples(st.integers(0, 60), st.sampled_from([3, 4])).flatmap(
    lambda shape: arrays(
        np.float32, shape, elements=st.sampled_from([0.0, 0.04, 0.125, 0.25, 0.5, 0.9, 1.0])
    )
)
SPECS = st.builds(
    lambda onset, split, low, high, share, shortest, longest: DetectionSpec(
        onset=min(onset, split), split=max(onset, split), low=min(low, high), high=max(low, high),
        share=share, min_s=shortest, max_s=longest,
    ),
    *[st.sampled_from([0.0, 0.05, 0.25, 0.5, 1.0])] * 5,
    st.sampled_from([0.0, 0.05, 0.2]),
    st.sampled_from([0.2, 0.33, 30.0]),
)  # fmt: skip


def spans(clips):
    return [(round(clip.onset_s / HOP, 3), round(clip.offset_s / HOP, 3)) for clip in clips]


def test_several_sounds_lower_the_score_and_move_nothing():
    outputs = np.pad(sure((10, 40), (50, 90)), ((0, 0), (0, 2)))
    plain = find_regions(outputs, spec=SPEC, hop_s=HOP)
    outputs[50:90, 4] = 0.75
    found = find_regions(outputs, spec=SPEC, hop_s=HOP)
    assert spans(found) == spans(plain)
    assert found[0].score == plain[0].score
    assert found[1].score == pytest.approx(plain[1].score / 4)


def sure(*regions, frames=100):
    """Outputs of a network that is sure of these regions, in frames."""
    outputs = np.zeros((frames, 3))
    for first, stop in regions:
        outputs[first, ONSET], outputs[first:stop, FRAME] = 1, 1
    return outputs


@given(OUTPUTS, SPECS)
def test_regions_are_in_order_apart_and_within_bounds(outputs, spec):
    clips = find_regions(outputs, spec=spec, hop_s=HOP)
    onset, frame = outputs[:, ONSET], outputs[:, FRAME]
    for clip in clips:
        first = round(clip.onset_s / HOP)
        assert first * HOP == pytest.approx(clip.onset_s)
        assert onset[first] >= spec.onset
        assert frame[first : first + 5].max() >= spec.high
        assert spec.min_s - 1e-6 <= clip.offset_s - clip.onset_s <= spec.max_s + 1e-9
        assert clip.offset_s <= len(outputs) * HOP + 1e-9
        assert math.isfinite(clip.score)
    for before, after in itertools.pairwise(clips):
        assert before.offset_s <= after.onset_s + 1e-9


@given(OUTPUTS, SPECS, st.integers(1, 9))
def test_the_blocks_in_which_peaks_are_sought_change_nothing(outputs, spec, size):
    whole = find_regions(outputs, spec=spec, hop_s=HOP)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("deep_plunder.decoding.regions._BLOCK", size)
        assert find_regions(outputs, spec=spec, hop_s=HOP) == whole


def test_memory_does_not_grow_with_the_song():
    peaks = []
    for frames in (100_000, 1_000_000):
        outputs = np.zeros((frames, 3), np.float32)
        tracemalloc.start()
        find_regions(outputs, spec=SPEC, hop_s=HOP)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


@given(
    st.lists(st.tuples(st.integers(4, 20), st.integers(4, 20)), min_size=1, max_size=5),
    st.integers(0, 9),
)
def test_what_labels_say_is_found_again(steps, start):
    regions, place = [], start
    for length, gap in steps:
        regions.append((place, place + length))
        place += length + gap
    seconds = np.array(regions) * HOP
    labels = encode(seconds, frames=place + 3, frame_rate=1 / HOP)[:, :3].astype(np.float32)
    clips = find_regions(labels, spec=SPEC, hop_s=HOP)
    found = np.array([(clip.onset_s, clip.offset_s) for clip in clips])
    assert found.shape == seconds.shape
    np.testing.assert_allclose(found[:, 0], seconds[:, 0], atol=1e-9)
    # From 1 to 0 the line between two frames crosses 0.4 a tenth of a frame late.
    np.testing.assert_allclose(found[:, 1], seconds[:, 1], atol=0.11 * HOP)


def test_a_new_onset_ends_a_region_and_begins_the_next():
    outputs = sure((10, 20), (20, 32))
    assert spans(find_regions(outputs, spec=SPEC, hop_s=HOP)) == [(10, 20), (20, 32.1)]
    # A weak one does not.
    outputs[20, ONSET] = 0.15
    assert spans(find_regions(outputs, spec=SPEC, hop_s=HOP)) == [(10, 32.1)]
    # But begins one where nothing sounds.
    outputs[15:19, FRAME] = 0
    assert spans(find_regions(outputs, spec=SPEC, hop_s=HOP)) == [(10, 15.1), (20, 32.1)]


def test_a_region_ends_at_its_share_and_a_faint_one_is_not_cut_short():
    outputs = sure((10, 30))
    outputs[20:30, FRAME] = 0.3
    assert spans(find_regions(outputs, spec=SPEC, hop_s=HOP)) == [(10, pytest.approx(20.357))]
    outputs[10:20, FRAME] = 0.35
    ((onset, offset),) = spans(find_regions(outputs, spec=SPEC, hop_s=HOP))
    assert onset == 10
    assert offset == pytest.approx(30, abs=0.1)


def test_an_onset_may_lie_a_little_before_the_frames():
    outputs = sure((10, 20))
    outputs[10:13, FRAME] = 0
    assert spans(find_regions(outputs, spec=SPEC, hop_s=HOP))[0][0] == 10
    outputs[13:16, FRAME] = 0
    assert find_regions(outputs, spec=SPEC, hop_s=HOP) == []


def test_one_attack_is_one_onset():
    outputs = sure((10, 30))
    outputs[9:13, ONSET] = [0.8, 0.9, 0.9, 0.7]
    assert spans(find_regions(outputs, spec=SPEC, hop_s=HOP)) == [(10, 30.1)]


def test_a_long_region_is_cut_off_and_a_short_one_dropped():
    spec = DetectionSpec(max_s=10 * HOP, min_s=4 * HOP)
    outputs = sure((10, 40), (60, 63))
    assert spans(find_regions(outputs, spec=spec, hop_s=HOP)) == [(10, 20)]


def test_surer_and_longer_regions_rank_higher():
    outputs = sure((10, 20), (30, 40), (50, 60), (70, 90), (110, 150), frames=200)
    outputs[30, ONSET] = 0.6
    outputs[52:55, FRAME] = 0.6
    best, weak, holed, long, longer = (c.score for c in find_regions(outputs, spec=SPEC, hop_s=HOP))
    assert longer == long > best > holed > weak > 0


def test_nothing_in_nothing_out():
    for outputs in (np.zeros((0, 3)), np.zeros((0, 4)), np.zeros((9, 3)), np.full((9, 3), np.nan)):
        assert find_regions(outputs, spec=SPEC, hop_s=HOP) == []


@pytest.mark.parametrize("shape", [(4,), (4, 2), (4, 6), (2, 4, 3)])
def test_wrong_shapes_are_refused(shape):
    with pytest.raises(InputError, match=r"must be \(frames, 3 to 5\), got"):
        find_regions(np.zeros(shape), spec=SPEC, hop_s=HOP)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"onset": 1.5}, r"onset: must be a number in 0\.\.1, got 1\.5"),
        ({"share": math.nan}, r"share: must be a number in 0\.\.1, got nan"),
        ({"low": "0.1"}, "low: must be a number, got '0.1'"),
        ({"high": True}, "high: must be a number, got True"),
        ({"min_s": -1}, "min_s: must be a number of at least 0, got -1"),
        ({"max_s": math.inf}, "max_s: must be a number of at least 0, got inf"),
        ({"low": 0.5, "high": 0.4}, "low: must not exceed high, got 0.5 and 0.4"),
        ({"onset": 0.5, "split": 0.4}, "onset: must not exceed split, got 0.5 and 0.4"),
        ({"min_s": 2, "max_s": 1}, "min_s: must not exceed max_s, got 2 and 1"),
    ],
)
def test_settings_out_of_bounds_are_refused(values, message):
    with pytest.raises(InputError, match=message):
        DetectionSpec(**values)
