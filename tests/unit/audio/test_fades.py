"""Easing curves against the package that the paper uses."""

import easing_functions
import numpy as np
import pytest

from deep_plunder.audio.easings import EASINGS
from deep_plunder.audio.fades import ease
from deep_plunder.errors import InputError

FAMILIES = {
    "quad": "Quad",
    "cubic": "Cubic",
    "quart": "Quartic",
    "quint": "Quintic",
    "sine": "Sine",
    "circ": "Circular",
    "expo": "Exponential",
}
FORMS = {"in": "EaseIn", "out": "EaseOut", "inout": "EaseInOut"}


def test_seven_families_by_three_forms():
    assert set(EASINGS) == {f"{family}_{form}" for family in FAMILIES for form in FORMS}
    assert len(EASINGS) == 21


@pytest.mark.parametrize("name", EASINGS)
def test_equals_easing_functions(name):
    family, form = name.split("_")
    peer = getattr(easing_functions, FAMILIES[family] + FORMS[form])()
    t = np.linspace(0, 1, 201)
    np.testing.assert_allclose(ease(name, t), [peer(x) for x in t], rtol=0, atol=1e-14)


@pytest.mark.parametrize("name", EASINGS)
def test_rises_from_zero_to_one(name):
    gain = ease(name, np.linspace(0, 1, 1001))
    assert gain[0] == 0
    assert gain[-1] == 1
    assert np.all(np.diff(gain) >= 0)


@pytest.mark.parametrize("name", EASINGS)
def test_saturates_outside(name):
    np.testing.assert_array_equal(ease(name, [-0.5, 1.5]), [0, 1])


@pytest.mark.parametrize("name", ["", "quad", "quad_", "bounce_in", "quad_in_out", "QUAD_IN"])
def test_unknown_name(name):
    with pytest.raises(InputError, match="easing: must be one of"):
        ease(name, [0.5])
