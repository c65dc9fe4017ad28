"""Onsets and offsets as JSON: read back to the bit, and strict with what was edited."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deep_plunder.corpus.library import Sound
from deep_plunder.corpus.onset_table import read_onsets_json, write_onsets_json
from deep_plunder.errors import ConfigError, InputError

KICK = Sound("kick/a.wav", "kick", "a.wav", 1.0, 44100, 1, 0.125, 0.9)
SNARE = Sound("snare/b.wav", "snare", "b.wav", 2.0, 44100, 1, 0.0, 2.0)


@settings(deadline=None)
@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8"), min_size=1),
        st.tuples(st.floats(0, 9), st.floats(9.5, 99)),
    )
)
def test_what_is_written_is_read_to_the_bit(tmp_path_factory, regions):
    path = tmp_path_factory.mktemp("onsets") / "onsets.json"
    sounds = [
        replace(KICK, sound=name, seconds=100.0, onset_s=onset, offset_s=offset)
        for name, (onset, offset) in regions.items()
    ]
    write_onsets_json(path, sounds)
    blank = [replace(sound, onset_s=0.0, offset_s=100.0) for sound in sounds]
    assert read_onsets_json(path, blank) == sounds


def test_sounds_that_are_left_out_stay_as_measured(tmp_path: Path):
    path = tmp_path / "onsets.json"
    path.write_text('{"kick/a.wav": {"onset_s": 0, "offset_s": 0.5}}')
    changed = replace(KICK, onset_s=0.0, offset_s=0.5)
    assert read_onsets_json(path, [KICK, SNARE]) == [changed, SNARE]


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ({"onset_s": -0.1, "offset_s": 0.5}, "onset_s must be a number of seconds from 0, is -0.1"),
        ({"onset_s": 0, "offset_s": True}, "offset_s must be a number of seconds from 0, is true"),
        ({"onset_s": "0", "offset_s": 1}, 'onset_s must be a number of seconds from 0, is "0"'),
        ({"onset_s": float("nan"), "offset_s": 1}, "onset_s must be a number .* is NaN"),
        ({"onset_s": 0, "offset_s": float("inf")}, "offset_s must be a number .* is Infinity"),
        ({"onset_s": 0, "offset_s": 1.5}, r"offset_s must not exceed its length, 1.0 s, is 1.5"),
        ({"onset_s": 0.5, "offset_s": 0.5}, "onset_s must be below offset_s, 0.5, is 0.5"),
        ({"onset_s": 0, "offset_s": 10**400}, "offset_s must not exceed its length, 1.0 s, is 10+"),
        ({"onset_s": 0}, 'must have the members onset_s and offset_s alone, is {"onset_s": 0}'),
        ([0, 1], "must have the members onset_s and offset_s alone, is .0, 1."),
    ],
)
def test_a_bad_entry_is_one_line_with_sound_rule_and_value(tmp_path: Path, entry, fault):
    path = tmp_path / "onsets.json"
    path.write_text(json.dumps({KICK.sound: entry}))
    with pytest.raises(ConfigError, match=f"^.*onsets.json: kick/a.wav: {fault}$"):
        read_onsets_json(path, [KICK])


def test_each_bad_entry_is_named(tmp_path: Path):
    path = tmp_path / "onsets.json"
    path.write_text(json.dumps({KICK.sound: 3, "no\nsuch": {}, SNARE.sound: {"onset_s": 0}}))
    with pytest.raises(ConfigError) as caught:
        read_onsets_json(path, [KICK, SNARE])
    lines = str(caught.value).split("\n")
    assert len(lines) == 3
    assert lines[1].endswith("must be a usable sound of the library")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        '{"a": {}, "a": {}}',
        "\xff",
        '{"a": {"onset_s": 1' + "0" * 5000 + "}}",
    ],
    ids=["empty", "cut", "list", "deep", "twice", "text", "digits"],
)
def test_what_is_no_table_is_one_line(tmp_path: Path, text: str):
    path = tmp_path / "onsets.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=r"onsets\.json: ") as caught:
        read_onsets_json(path, [KICK])
    assert "\n" not in str(caught.value)
