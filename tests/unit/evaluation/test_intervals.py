"""Intervals over songs and mixes: exact where a formula is known, wider where songs are shared."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deep_plunder.evaluation.intervals import bootstrap_means, interval_rows, songs_in_mixes
from deep_plunder.mixes.events import Event
from deep_plunder.util.tables import write_records


def test_without_songs_the_spread_is_the_standard_error() -> None:
    scores = np.random.default_rng(1).normal(50, 12, (200, 2))
    means = bootstrap_means(scores, [[]] * 200)
    np.testing.assert_allclose(means.mean(axis=0), scores.mean(axis=0), atol=0.15)
    np.testing.assert_allclose(means.std(axis=0), scores.std(axis=0) / np.sqrt(200), rtol=0.08)


def test_songs_that_mixes_share_widen_the_interval() -> None:
    rng = np.random.default_rng(2)
    # Each song shifts the scores of all of its mixes; 10 songs say less than 200 mixes.
    effects, song = rng.normal(0, 10, 10), np.repeat(np.arange(10), 20)
    scores = (50 + effects[song] + rng.normal(0, 1, 200))[:, None]
    shared = bootstrap_means(scores, [[str(number)] for number in song]).std()
    apart = bootstrap_means(scores, [[]] * 200).std()
    # With so many mixes per song, nearly only the songs count.
    assert shared == pytest.approx(effects.std() / np.sqrt(10), rel=0.2)
    assert shared > 3 * apart


@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.lists(st.sampled_from("abc"), max_size=4)),
        min_size=1, max_size=8,
    )
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_an_interval_is_ordered_and_within_the_scores(mixes) -> None:
    files = [{"x": score} for score, _ in mixes]
    (row,) = interval_rows(files, {"x": ("note", "f1")}, [songs for _, songs in mixes])
    lowest, highest = (100 * f([file["x"] for file in files]) for f in (min, max))
    assert lowest - 1e-6 <= row.low <= row.high <= highest + 1e-6
    assert lowest - 1e-6 <= row.mean <= highest + 1e-6


def test_songs_are_read_from_plans(tmp_path) -> None:
    events = [
        Event(0, 0, "song", "tide"), Event(0, 1, "sound", "kick.wav"), Event(0, 2, "song", "tide"),
        Event(2, 0, "song", "dune"),
    ]  # fmt: skip
    write_records(tmp_path / "0000.tsv", Event, events)
    assert songs_in_mixes([tmp_path / "0000.tsv"], 3) == [["tide", "tide"], [], ["dune"]]
    assert songs_in_mixes([], 1) == [[]]
