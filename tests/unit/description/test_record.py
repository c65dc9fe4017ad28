"""Names of notes."""

import re

import pytest

from deep_plunder.description.record import note_name, note_number
from deep_plunder.errors import InputError


def test_each_midi_note_has_its_own_name() -> None:
    names = [note_name(number) for number in range(128)]
    assert [note_number(name) for name in names] == list(range(128))
    assert (names[0], names[60], names[69], names[127]) == ("C-1", "C4", "A4", "G9")


@pytest.mark.parametrize("name", ["", "H4", "E#4", "c4", "C10", "C4 ", "C-2"])
def test_other_texts_are_refused(name: str) -> None:
    with pytest.raises(InputError, match=re.escape(repr(name))):
        note_number(name)
