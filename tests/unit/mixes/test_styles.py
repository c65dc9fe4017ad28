"""The number of a mix decides its style, and each style gets its share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deep_plunder.errors import ConfigError
from deep_plunder.mixes.spec import MixSetSpec
from deep_plunder.mixes.styles import STYLES, numbers_of, style_weights

WEIGHTS = st.dictionaries(st.sampled_from(STYLES), st.floats(0, 100), min_size=1).filter(
    lambda weights: sum(weights.values()) > 0.01
)


@given(weights=WEIGHTS, cut=st.integers(0, 200))
def test_every_mix_has_one_style_however_the_plan_is_divided(weights, cut):
    whole = {kind: numbers_of(kind, range(200), style=weights) for kind in STYLES}
    assert sorted(number for numbers in whole.values() for number in numbers) == list(range(200))
    for kind, numbers in whole.items():
        parts = [
            *numbers_of(kind, range(cut), style=weights),
            *numbers_of(kind, range(cut, 200), style=weights),
        ]
        assert parts == numbers


@given(weights=WEIGHTS, first=st.integers(0, 5000))
def test_each_style_has_its_share_of_any_run_of_mixes(weights, first):
    total = sum(weights.values())
    for kind in STYLES:
        count = len(numbers_of(kind, range(first, first + 256), style=weights))
        # The sequence strays from an even one by at most about the logarithm of its length.
        assert abs(count - 256 * weights.get(kind, 0) / total) <= 18


def test_a_single_style_has_all_mixes_and_equal_ones_alternate():
    assert numbers_of("struck", range(3, 7), style="struck") == [3, 4, 5, 6]
    assert numbers_of("paper", range(3, 7), style="struck") == []
    assert numbers_of("modules", range(6), style={"modules": 2, "paper": 2}) == [1, 3, 5]
    assert list(style_weights({"modules": 1, "paper": 0, "scenes": 3})) == ["scenes", "modules"]


@pytest.mark.parametrize(
    "style", ["both", {}, {"scenes": 0}, {"loops": 1}, {"scenes": -1, "paper": 2}, {"paper": True}]
)
def test_other_values_are_refused(style):
    with pytest.raises(ConfigError, match=r"mixes\.style: must be one of paper, scenes, struck"):
        MixSetSpec(style=style)
