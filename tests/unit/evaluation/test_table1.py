import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deep_plunder.errors import InputError
from deep_plunder.evaluation.table1 import (
    CLIP_METRICS,
    METRICS,
    PAPER_TABLE1,
    clip_metrics,
    file_metrics,
    table1,
)
from deep_plunder.truth.labels import FRAME, encode

RATE = 31.25
FRAMES = 200
ERRORS = ("frame_miss_error", "frame_false_alarm_error", "frame_total_error")
INTERVALS = st.lists(
    st.tuples(st.floats(0, 6), st.floats(0.02, 1.5)).map(lambda v: (v[0], v[0] + v[1])),
    max_size=12,
).map(lambda rows: np.array(sorted(rows), float).reshape(-1, 2))
WALK = st.lists(st.floats(0.02, 0.5), max_size=14).map(
    lambda steps: np.cumsum(steps)[: len(steps) // 2 * 2].reshape(-1, 2)
)


def score(reference, estimate):
    return file_metrics(reference, estimate, frames=FRAMES, frame_rate=RATE)


def slow(reference, estimate):
    """The whole of mir_eval, lists of pitches frame by frame."""
    from mir_eval import multipitch, transcription

    pitch = [np.full(len(rows), 27.5) for rows in (reference, estimate)]
    times = np.arange(FRAMES) / RATE
    lists = [
        [np.array([27.5]) if on else np.array([]) for on in rows]
        for rows in (
            encode(rows, frames=FRAMES, frame_rate=RATE)[:, FRAME] for rows in (reference, estimate)
        )
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        note = transcription.precision_recall_f1_overlap(
            reference, pitch[0], estimate, pitch[1], offset_ratio=None
        )
        offset = transcription.precision_recall_f1_overlap(reference, pitch[0], estimate, pitch[1])
        frame = multipitch.evaluate(times, lists[0], times, lists[1])
    p, r = frame["Precision"], frame["Recall"]
    rest = ("Accuracy", "Miss Error", "False Alarm Error", "Total Error")
    f1 = 2 / (1 / p + 1 / r) if p and r else 0.0
    return [*note, *offset, p, r, f1, *(frame[key] for key in rest)]


@settings(max_examples=40, deadline=None)
@given(INTERVALS, INTERVALS)
def test_scores_are_those_of_mir_eval(reference, estimate):
    scores = score(reference, estimate)
    assert list(scores) == list(METRICS)
    np.testing.assert_allclose(list(scores.values()), slow(reference, estimate), rtol=1e-12)


@settings(deadline=None)
@given(INTERVALS.filter(len))
def test_the_reference_itself_scores_100_and_no_errors(reference):
    for row in table1([score(reference, reference)]):
        # Notes that begin together may be matched crosswise, which changes their overlap alone.
        crosswise = row.metric == "overlap" and row.output != "frame"
        if not crosswise or np.diff(reference[:, 0]).min(initial=1) > 0.05:
            assert row.mean == pytest.approx(0 if "error" in row.metric else 100)
        assert row.std == 0


@settings(deadline=None)
@given(INTERVALS.filter(len), INTERVALS)
def test_recall_and_errors_add_up(reference, estimate):
    scores = score(reference, estimate)
    miss, false_alarm, total = (scores[key] for key in ERRORS)
    if encode(reference, frames=FRAMES, frame_rate=RATE)[:, FRAME].any():
        assert scores["frame_recall"] + miss == pytest.approx(1)
    assert miss + false_alarm == pytest.approx(total)
    for key in set(METRICS) - set(ERRORS):
        # Notes matched by their onsets need not touch: mir_eval's overlap is then negative.
        assert (-1 if key.endswith("overlap") else 0) <= scores[key] <= 1


@pytest.mark.parametrize("reference", [[], [[0, 1]]])
@pytest.mark.parametrize("estimate", [[], [[3, 4]]])
def test_nothing_found_or_nothing_to_find_scores_zeros(reference, estimate):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = score(reference, estimate)
        clips = clip_metrics(reference, estimate)
    for key in set(METRICS) - set(ERRORS):
        assert scores[key] == 0
    assert scores["frame_miss_error"] == (1 if reference else 0)
    assert clips == dict.fromkeys(CLIP_METRICS, 0)


def test_f1_of_frames_is_the_files_harmonic_mean():
    scores = score([[0, 1.28]], [[0.64, 3.2]])
    p, r = 20 / 80, 20 / 40
    assert (scores["frame_precision"], scores["frame_recall"]) == (p, r)
    assert scores["frame_f1"] == pytest.approx(2 * p * r / (p + r))
    assert scores["frame_accuracy"] == pytest.approx(20 / 100)
    rows = {(row.output, row.metric): row for row in table1([scores, score([[0, 1]], [[0, 1]])])}
    # Not the harmonic mean of the means (which is 5/8 and 3/4: 68.2).
    assert rows["frame", "f1"].mean == pytest.approx(50 * (1 + 2 * p * r / (p + r)))


def test_the_table_has_the_papers_15_rows_in_per_cent():
    rows = table1([score([[0, 1]], [[0, 1]]), score([[0, 1]], [])])
    assert [(row.output, row.metric) for row in rows] == [
        (row.output, row.metric) for row in PAPER_TABLE1
    ]
    assert len(rows) == 15
    assert rows[0].mean == 50 and rows[0].std == 50  # population, not sample: 70.7
    assert all(math.isfinite(row.mean) and math.isfinite(row.std) for row in table1([]))


def test_the_papers_figures_are_those_of_the_paper(shared):
    lines = (shared / "paper" / "deep-plunder-2020.txt").read_text().splitlines()
    start = lines.index("OUTPUT\tMETRIC\tVALUE (%)") + 1
    for line, row in zip(lines[start : start + 15], PAPER_TABLE1, strict=True):
        output, metric, value = line.lower().split("\t")
        assert (output, metric) == (row.output, row.metric)
        assert [float(v) for v in value.strip("$").split(r"\pm")] == [row.mean, row.std]


@pytest.mark.parametrize("bad", [[[1, 0.5]], [[-1, 1]], [[0, math.nan]]])
def test_intervals_that_are_none_are_refused(bad):
    with pytest.raises(InputError, match="0 <= onset <= offset"):
        score(bad, [[0, 1]])


def test_an_instant_is_a_note():
    assert score([[1, 1]], [[1, 1]])["note_f1"] == 1


@given(WALK.filter(len))
def test_true_regions_are_perfect_clips(regions):
    assert clip_metrics(regions, regions) == pytest.approx(dict.fromkeys(CLIP_METRICS, 1))


@given(WALK, WALK)
def test_clip_scores_are_fractions(regions, clips):
    scores = clip_metrics(regions, clips)
    assert list(scores) == list(CLIP_METRICS)
    assert all(0 <= value <= 1 + 1e-9 for value in scores.values())
    assert scores["clip_found"] * len(regions) <= scores["clip_usable"] * len(clips) + 1e-9


def test_clip_scores_say_what_they_mean():
    regions = [[0, 1], [1, 2], [4, 5]]
    # Two sounds in one clip; one cut late; one good but short; one in nothing.
    clips = [[0, 2], [4.1, 5], [4, 4.7], [7, 8]]
    scores = clip_metrics(regions, clips)
    assert scores["clip_purity"] == pytest.approx((1 + 0.9 + 0.7) / (2 + 0.9 + 0.7 + 1))
    assert scores["clip_coverage"] == pytest.approx((1 + 1 + 0.9) / 3)
    assert scores["clip_usable"] == 1 / 4
    assert scores["clip_found"] == 0
    assert clip_metrics(regions, [[4, 4.8]])["clip_found"] == pytest.approx(1 / 3)
    # Two clips of one region: one is usable.
    assert clip_metrics([[0, 1]], [[0, 0.5], [0.02, 1]])["clip_usable"] == 0.5
