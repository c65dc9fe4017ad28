"""Calibration: monotone, true to the shares it was fitted to, and plain numbers."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deep_plunder.decoding.calibration import apply, expected_error, fit, reliability
from deep_plunder.decoding.settings import Calibration
from deep_plunder.errors import InputError
from deep_plunder.evaluation.bench.figures import draw_reliability
from deep_plunder.util.rng import generator

PAIRS = st.lists(
    st.tuples(st.sampled_from([1e-6, 0.1, 0.2, 0.5, 0.7, 3.0]), st.booleans(), st.integers(1, 5)),
    min_size=2,
    max_size=60,
).filter(lambda pairs: 0 < sum(good for _, good, _ in pairs) < len(pairs))


def drawn(count, chance, *, seed=1):
    random = generator(seed, "calibration")
    scores = random.uniform(0.01, 2, count)
    return scores, random.random(count) < chance(scores)


@given(PAIRS, st.integers(1, 9))
def test_probabilities_rise_strictly_and_stay_inside(pairs, knots):
    scores, usable, weights = zip(*pairs, strict=True)
    curve = fit(scores, usable, weights=weights, knots=knots)
    assert len(curve.scores) <= knots
    places = np.unique([*scores, 0.0, 0.3, 1.0, 10.0, 1e6])
    told = apply(curve, places)
    assert told[0] == 0
    assert (np.diff(told) > 0).all()
    assert told[-1] < 1


@given(PAIRS)
def test_only_proportions_of_weights_matter(pairs):
    scores, usable, weights = zip(*pairs, strict=True)
    once, twice = (fit(scores, usable, weights=np.array(weights) * k) for k in (1, 4))
    np.testing.assert_allclose(once.scores, twice.scores)
    np.testing.assert_allclose(once.probabilities, twice.probabilities)


@pytest.mark.parametrize("power", [0.3, 1, 3])
def test_what_is_told_comes_true(power):
    def chance(scores):
        return (scores / 2) ** power

    curve = fit(*drawn(20_000, chance), knots=12)
    scores, usable = drawn(20_000, chance, seed=2)
    bins = reliability(apply(curve, scores), usable)
    assert expected_error(bins) < 0.03
    assert sum(part.clips for part in bins) == 20_000
    np.testing.assert_allclose(apply(curve, [0.5, 1.0]), chance(np.array([0.5, 1.0])), atol=0.06)


def test_scores_that_say_nothing_give_one_knot():
    scores, usable = drawn(3000, lambda scores: np.full(len(scores), 0.2))
    falling = fit(np.sort(scores), np.arange(3000) < 600)
    assert len(falling.probabilities) == 1
    assert falling.probabilities[0] == pytest.approx(0.2, abs=0.01)
    assert max(fit(scores, usable).probabilities) < 0.35


def test_a_song_of_many_regions_counts_as_one_where_weights_say_so():
    scores = np.array([1.0] * 90 + [1.0] * 10)
    usable = np.array([False] * 90 + [True] * 10)
    weights = np.array([1 / 90] * 90 + [1 / 10] * 10)
    assert apply(fit(scores, usable), [1.0])[0] == pytest.approx(0.1, abs=0.01)
    assert apply(fit(scores, usable, weights=weights), [1.0])[0] == pytest.approx(0.5, abs=0.01)


def test_reliability_by_hand():
    bins = reliability([0.0, 0.05, 0.5, 1.0], [0, 1, 1, 1], weights=[1, 1, 1, 1], bins=10)
    assert [part.clips for part in bins] == [2, 0, 0, 0, 0, 1, 0, 0, 0, 1]
    assert bins[0].usable == 0.5 and bins[0].score == pytest.approx(0.025)
    assert math.isnan(bins[1].score)
    assert expected_error(bins) == pytest.approx((2 * 0.475 + 0.5 + 0) / 4)
    assert expected_error(reliability([], [])) == 0


def test_the_diagram_is_drawn_and_is_the_same_again(tmp_path):
    scores, usable = drawn(100, lambda scores: scores / 2)
    bins = reliability(scores / 2, usable)
    for name in "ab":
        draw_reliability(tmp_path / f"{name}.png", bins, title="$x_")
    draw_reliability(tmp_path / "empty.png", reliability([], []))
    data = (tmp_path / "a.png").read_bytes()
    assert data.startswith(b"\x89PNG")
    assert data == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 2], [True, True]), "some must not, got 2 of 2"),
        (([1, 2], [False, False]), "some must not, got 0 of 2"),
        (([0, 2], [False, True]), r"scores: must be above 0, got 0\.0"),
        (([math.nan, 2], [False, True]), "must be finite numbers"),
        (([1, 2, 3], [False, True]), r"need one length, got \(3,\), \(2,\) and \(3,\)"),
    ],
)
def test_what_cannot_be_fitted_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        fit(*arguments)


@pytest.mark.parametrize(
    ("scores", "probabilities", "message"),
    [
        ((), (), "scores: must be numbers above 0 that rise, got"),
        ((1.0, 1.0), (0.1, 0.2), "scores: must be numbers above 0 that rise"),
        ((1.0, 2.0), (0.2, 0.1), "probabilities: must be numbers above 0 that rise"),
        ((1.0, 2.0), (0.2,), "must have one length, got 2 and 1"),
        ((1.0,), (1.0,), "probabilities: must be below 1"),
        (("1",), (0.5,), "scores: must be numbers above 0"),
        ((math.nan,), (0.5,), "scores: must be numbers above 0"),
    ],
)
def test_curves_that_do_not_rise_are_refused(scores, probabilities, message):
    with pytest.raises(InputError, match=message):
        Calibration(scores, probabilities)
