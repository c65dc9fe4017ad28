"""Lines that a library writes to standard error, past Python."""

import os
import re
import sys

import pytest

from deep_plunder.util.stray import stray_lines

NOTE = re.compile(rb"(?m)^Note: .*\n")


def test_lines_are_caught_and_others_are_passed_on(capfd: pytest.CaptureFixture[str]) -> None:
    for number in range(2):
        with stray_lines(NOTE) as lines:
            os.write(2, b"Note: the input ends\na bar\nNote: \xff\n")
            print("of Python", file=sys.stderr, flush=True)
        assert lines == ["Note: the input ends", "Note: \N{REPLACEMENT CHARACTER}"], number
        # Where standard error goes to a file, as here, Python's lines may take another way to it.
        assert "a bar\n" in (written := capfd.readouterr().err) and "Note" not in written


def test_an_error_passes_and_standard_error_is_back(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="damaged"), stray_lines(NOTE):
        raise ValueError("damaged")
    os.write(2, b"Note: after it\n")
    assert capfd.readouterr().err == "Note: after it\n"


def test_a_process_without_standard_error_catches_nothing(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "__stderr__", None)
    with stray_lines(NOTE) as lines:
        # The descriptor may belong to any file then.
        os.write(2, b"Note: to a file\n")
    assert lines == [] and capfd.readouterr().err == "Note: to a file\n"
