"""Names of files that are safe on every system."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deep_plunder.util.names import SafeNames, is_safe_name, safe_name


@given(st.text(), st.sets(st.text()))
def test_safe_names_are_safe_and_new(text, taken):
    names = SafeNames(taken)
    given = [names.new(text) for _ in range(3)]
    assert len({name.lower() for name in given} | {name.lower() for name in taken}) == 3 + len(
        {name.lower() for name in taken}
    )
    for name in given:
        assert is_safe_name(name)
        assert all(c.isascii() and (c.isalnum() or c in "_-#") for c in name)


@pytest.mark.parametrize("name", ["con", "NUL", "Aux", "com1", "LPT9", "con."])
def test_no_safe_name_is_a_device_of_windows(name):
    assert safe_name(name) == name.rstrip(".") + "_"
    assert not is_safe_name(name)


@pytest.mark.parametrize("name", ["", "..", "a/b", "../a", "a\\b", "a.b", "x" * 201, "é", "a b"])
def test_names_of_tables_that_lead_elsewhere_are_not_safe(name):
    assert not is_safe_name(name)
