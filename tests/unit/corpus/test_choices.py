"""Choices survive a round trip, and files that are none are refused with their place."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deep_plunder.corpus.choices import SongChoices, find_span, read_choices, write_choices
from deep_plunder.errors import InputError

SONG = SongChoices("Tide", "/music/Tide.wav", 64 * "a", ((1.5, 1.9), (0.1, 0.2)), ((4.0, 4.4),))


def test_choices_are_read_as_they_were_written(tmp_path):
    write_choices(tmp_path / "choices.json", [SONG])
    assert read_choices(tmp_path / "choices.json") == [SONG]


def changed(**members):
    song = {"name": "Tide", "source": "", "digest": 64 * "a", "accepted": [], "rejected": []}
    return {"format": "deep-plunder choices", "version": 1, "songs": [song | members]}


SPAN = {"onset_s": 1.5, "offset_s": 1.9}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe", "must be JSON"),
        (b"[" * 100_000, "must be JSON"),
        ([], "must be choices that a gallery wrote"),
        ({"format": "other"}, "must be choices that a gallery wrote"),
        (changed() | {"version": 2}, "version: must be 1, got 2"),
        (changed() | {"version": True}, "version: must be 1, got True"),
        (changed() | {"songs": {}}, "songs: must be a list"),
        (changed() | {"songs": [1]}, r"songs\[0\]: must be an object, got 1"),
        (changed(name=None), r"songs\[0\]: name: must be text, got None"),
        (changed(digest="A" * 64), r"songs\[0\]: digest: must be 64 hexadecimal digits"),
        (changed(accepted=5), r"songs\[0\]: accepted: must be a list, got 5"),
        (changed(accepted=[SPAN, {"onset_s": 2}]), r"accepted\[1\]: must have onset_s"),
        (changed(rejected=[{"onset_s": 2, "offset_s": 1}]), r"rejected\[0\]: must have .*, got"),
        (changed(rejected=[{"onset_s": True, "offset_s": 1}]), r"rejected\[0\]"),
        (changed(rejected=[{"onset_s": 0, "offset_s": 10**400}]), r"rejected\[0\]"),
        (changed(accepted=[SPAN], rejected=[SPAN]), "at 1.5 s is both accepted and rejected"),
        (changed() | {"songs": 2 * changed()["songs"]}, r"songs\[1\]: digest: is that of songs"),
    ],
)  # fmt: skip
def test_other_files_are_refused(tmp_path, content, message):
    path = tmp_path / "choices.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    with pytest.raises(InputError, match=f"choices.json: .*{message}"):
        read_choices(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"none\.json: cannot be read: No such file"):
        read_choices(tmp_path / "none.json")


def test_the_nearest_span_within_a_millisecond_is_the_same():
    spans = [(1.0, 2.0), (1.0005, 2.0), (3.0, 4.0)]
    assert find_span((1.0004, 2.0), spans) == 1
    assert find_span((3.0, 4.0009), spans) == 2
    assert find_span((3.0, 4.002), spans) is None
    assert find_span((3.0, 4.0), []) is None


times = st.integers(0, 12).map(lambda step: step * 0.0004) | st.floats(0, 0.01)
spans = st.lists(st.tuples(times, times).map(sorted).map(tuple), max_size=5).map(tuple)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(accepted=spans, rejected=spans)
def test_a_clip_that_is_accepted_and_rejected_is_always_found(tmp_path, accepted, rejected):
    path = tmp_path / "choices.json"
    write_choices(path, [SongChoices("Tide", "", 64 * "a", accepted, rejected)])
    if any(find_span(span, rejected) is not None for span in accepted):
        with pytest.raises(InputError, match="both accepted and rejected"):
            read_choices(path)
    else:
        assert len(read_choices(path)) == 1
