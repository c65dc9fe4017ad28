"""The decoder of Onsets and Frames: equal to a frame-by-frame walk, and without overlap."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from deep_plunder.decoding.hawthorne import align_notes
from deep_plunder.decoding.paper import decode_intervals
from deep_plunder.errors import InputError
from deep_plunder.truth.labels import encode

OUTPUTS = st.integers(0, 40).flatmap(
    lambda frames: arrays(np.float64, (frames, 3), elements=st.sampled_from([0.1, 0.4, 0.6, 0.9]))
)


def walked(outputs, offset_threshold):
    """Decode frame by frame, as the article describes it."""
    notes, start = [], None
    for i, (onset, offset, frame) in enumerate(outputs.tolist()):
        struck = onset > 0.5
        ends = offset_threshold is not None and offset > offset_threshold
        active = struck or (frame > 0.5 and not ends)
        again = struck and (i == 0 or outputs[i - 1, 0] <= 0.5)
        if start is not None and (again or not active):
            notes.append((start, i))
            start = None
        if start is None and struck:
            start = i
    return notes if start is None else [*notes, (start, len(outputs))]


@given(OUTPUTS, st.sampled_from([None, 0.5]))
def test_it_equals_a_walk_over_the_frames(outputs, offset_threshold):
    clips = align_notes(outputs, offset_threshold=offset_threshold, hop_s=1.0)
    spans = [(int(clip.onset_s), int(clip.offset_s)) for clip in clips]
    assert spans == walked(outputs, offset_threshold)
    for clip, (start, stop) in zip(clips, spans, strict=True):
        assert clip.score == pytest.approx(outputs[start:stop, 2].mean())


@given(OUTPUTS)
def test_it_differs_from_the_papers_decoder_only_in_the_ends(outputs):
    intervals = decode_intervals(outputs[:, 0], outputs[:, 2], hop_s=1.0)
    clips = align_notes(outputs, hop_s=1.0)
    assert [clip.onset_s for clip in clips] == intervals[:, 0].tolist()
    assert all(clip.offset_s <= end for clip, end in zip(clips, intervals[:, 1], strict=True))


def test_sounds_that_follow_each_other_come_back_from_their_labels():
    regions = [(0.32, 0.64), (0.64, 1.6), (2.0, 2.4)]
    labels = encode(regions, frames=100, frame_rate=31.25)
    clips = align_notes(labels, offset_threshold=0.5, hop_s=0.032)
    found = [(clip.onset_s, clip.offset_s) for clip in clips]
    np.testing.assert_allclose(found, regions, atol=0.02)


def test_odd_shapes_and_thresholds_are_refused():
    with pytest.raises(InputError, match=r"must be \(frames, 3 or more\)"):
        align_notes(np.zeros((5, 2)), hop_s=1.0)
    for name in ("onset_threshold", "frame_threshold", "offset_threshold"):
        with pytest.raises(InputError, match=name):
            align_notes(np.zeros((5, 3)), hop_s=1.0, **{name: 1.5})
