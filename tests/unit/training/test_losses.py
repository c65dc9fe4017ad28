"""Losses: the paper's where everything counts, and nothing of what is not known."""

import numpy as np
import pytest

from deep_plunder.training.losses import (
    cross_entropy,
    isolation_cross_entropy,
    several_cross_entropy,
)
from deep_plunder.truth.isolation import ALONE, STEP_S, UNKNOWN, IsolationTruth
from deep_plunder.truth.labels import IGNORED, ISOLATION_UNKNOWN, encode_truth


def column(*values):
    return np.array(values, np.float32).reshape(1, -1, 1)


def test_where_all_counts_it_is_the_mean_binary_cross_entropy():
    import keras

    rng = np.random.default_rng(0)
    labels = (rng.random((3, 20, 1)) < 0.3).astype(np.float32)
    outputs = rng.random((3, 20, 1)).astype(np.float32)
    expected = float(keras.losses.BinaryCrossentropy()(labels, outputs))
    assert float(cross_entropy()(labels, outputs)) == pytest.approx(expected, rel=1e-5)
    assert float(cross_entropy(weight=2)(labels, outputs)) == pytest.approx(2 * expected, rel=1e-5)


def test_ignored_frames_change_nothing():
    labels = column(0, 1, IGNORED, 0)
    losses = {
        float(cross_entropy()(labels, column(0.2, 0.7, answer, 0.4))) for answer in (0.01, 0.5, 1)
    }
    assert len(losses) == 1
    expected = -(np.log(0.8) + np.log(0.7) + np.log(0.6)) / 3
    assert losses.pop() == pytest.approx(expected, rel=1e-5)
    assert float(cross_entropy()(column(IGNORED, IGNORED), column(0.1, 0.9))) == 0


def test_positives_weigh_more_and_the_likely_in_between():
    labels, outputs = column(0, 0.5, 1, 0.5, 0), column(0.1, 0.2, 0.3, 0.4, 0.5)
    found = float(cross_entropy(positive=4)(labels, outputs))

    def term(target, output):
        return -(target * np.log(output) + (1 - target) * np.log(1 - output)) * (1 + 3 * target)

    terms = term(0, 0.1) + term(0.5, 0.2) + term(1, 0.3) + term(0.5, 0.4) + term(0, 0.5)
    assert found == pytest.approx(terms / 5, rel=1e-5)


def test_isolation_is_in_units_of_40_db():
    labels, outputs = column(40, 20, 0, ISOLATION_UNKNOWN), column(0.9, 0.5, 0.1, 0.3)
    expected = -(np.log(0.9) + np.log(0.5) + np.log(0.9)) / 3
    assert float(isolation_cross_entropy()(labels, outputs)) == pytest.approx(expected, rel=1e-5)


def test_several_sounds_follow_from_the_isolation_and_both_kinds_weigh_alike():
    labels = column(0, 14, 5, 40, 15, 29, ISOLATION_UNKNOWN)
    outputs = column(0.9, 0.8, 0.7, 0.3, 0.5, 0.5, 0.5)
    several = -(np.log(0.9) + np.log(0.8) + np.log(0.7)) / 3
    expected = (several - np.log(0.7)) / 2
    assert float(several_cross_entropy()(labels, outputs)) == pytest.approx(expected, rel=1e-5)
    assert float(several_cross_entropy(weight=3)(labels, outputs)) == pytest.approx(
        3 * expected, rel=1e-5
    )
    unknown = column(ISOLATION_UNKNOWN, 20)
    assert float(several_cross_entropy()(unknown, column(0.9, 0.1))) == 0


def test_labels_of_a_scene():
    steps = 40
    state = np.zeros(steps, np.uint8)
    state[8:21], state[30:] = ALONE, UNKNOWN
    isolation = np.full(steps, 5.0, np.float32)
    isolation[8:21], isolation[36:] = 50, np.nan
    truth = IsolationTruth(state, isolation, [(8 * STEP_S, 21 * STEP_S, 50.0, "kick")])
    onset, offset, frame, level = encode_truth(truth, frames=10, frame_rate=62.5).T.tolist()
    assert onset == [0, 0, 1, 0, 0, 0, 0, IGNORED, IGNORED, IGNORED]
    assert offset == [0, 0, 0, 0, 0, 1, 0, IGNORED, IGNORED, IGNORED]
    assert frame == [0, 0, 1, 1, 1, IGNORED, 0, IGNORED, IGNORED, IGNORED]
    assert level == [5, 5, 40, 40, 40, 16, 5, 5, 5, ISOLATION_UNKNOWN]
