"""A little of each target; ``python -m tests.fuzz`` runs as much as one likes."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

from deep_plunder.errors import InputError
from tests.fuzz.documents import DOCUMENTS
from tests.fuzz.run import case_of, fuzz
from tests.fuzz.targets import TARGETS
from tests.fuzz.watch import BrokenPropertyError, check


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder for a case alone."""
    folder = tmp_path / "case"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("name", TARGETS)
def test_cases(name: str, place: Path) -> None:
    target = TARGETS[name]
    seeds = target.seeds(place.parent)
    path = place / target.file
    for content in seeds:
        path.write_bytes(target.wrap(content))
        assert check(target.read, path)
    for number in range(100):
        path.write_bytes(case_of(target, seeds, 0, number))
        check(target.read, path)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents(name: str, place: Path) -> None:
    target = TARGETS[name]
    path = place / target.file

    @hypothesis.settings(deadline=None, max_examples=60, database=None)
    @hypothesis.given(DOCUMENTS[name])
    def run(content: bytes) -> None:
        path.write_bytes(content)
        check(target.read, path)

    run()


def test_cases_in_a_process_of_their_own() -> None:
    assert list(fuzz("record", cases=40)) == []


def _raise(path: Path) -> None:
    raise ZeroDivisionError(path.name)


class _TwoLineError(InputError):
    def __str__(self) -> str:
        return "one\ntwo"


def _two_lines(path: Path) -> None:
    raise _TwoLineError("one")


def _write_beside(path: Path) -> None:
    (path.parent.parent / "beside").write_text("x", encoding="utf-8")


def _start(path: Path) -> None:
    os.system("true")


@pytest.mark.parametrize(
    ("read", "error"),
    [
        (_raise, ZeroDivisionError),
        (_two_lines, BrokenPropertyError),
        (_write_beside, BrokenPropertyError),
        (_start, BrokenPropertyError),
    ],
)
def test_what_no_case_may_do_is_seen(read: object, error: type[Exception], place: Path) -> None:
    (place / "x").touch()
    with pytest.raises(error):
        check(read, place / "x")  # type: ignore[arg-type]


def test_what_a_case_may_do(place: Path) -> None:
    def refuse(path: Path) -> None:
        raise InputError(f"{path}: is no playlist")

    def write(path: Path) -> None:
        path.with_suffix(".tsv").write_text("x", encoding="utf-8")

    (place / "x").touch()
    assert check(write, place / "x")
    assert not check(refuse, place / "x")


def test_a_case_is_the_same_whenever_it_is_made() -> None:
    target = TARGETS["m3u"]
    seeds = target.seeds(Path())
    made = [case_of(target, seeds, 3, number) for number in range(50)]
    assert made == [case_of(target, seeds, 3, number) for number in range(50)]
    assert len(set(made)) > 40
