"""Digests of content: when files are read, when they are not, and what is noticed."""

import json
import os
from pathlib import Path

import pytest

from deep_plunder.util import contents
from deep_plunder.util.contents import ContentDigests


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """List the files that are read, and take files just written for settled."""
    paths: list[Path] = []
    digest = contents._digest

    def noted(path: Path) -> str | None:
        paths.append(path)
        return digest(path)

    monkeypatch.setattr(contents, "_digest", noted)
    monkeypatch.setattr(contents, "_SETTLED_NS", 0)
    return paths


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    names = ["one.wav", "Straße 🥁.wav", os.fsdecode(b"raw \xff.wav")]
    paths = [tmp_path / name for name in names]
    for number, path in enumerate(paths):
        path.write_bytes(b"%d" % number * 10)
    return paths


def test_a_file_is_read_once(files: list[Path], tmp_path: Path, read: list[Path]) -> None:
    memory = tmp_path / "new" / "memory.json"
    first = ContentDigests(memory).of(files)
    assert set(first) == set(files)
    assert len(set(first.values())) == 3
    assert sorted(read) == sorted(files)
    digests = ContentDigests(memory)
    assert digests.of(files) == digests.of(files[::-1]) == first
    assert len(read) == 3


def test_a_touched_file_is_read_again_and_stays_the_same(
    files: list[Path], tmp_path: Path, read: list[Path]
) -> None:
    memory = tmp_path / "memory.json"
    first = ContentDigests(memory).of(files)
    os.utime(files[0], (4e9, 4e9))
    assert ContentDigests(memory).of(files) == first
    assert read[3:] == [files[0]]


def test_an_edit_of_the_same_size_and_time_is_noticed(
    files: list[Path], tmp_path: Path, read: list[Path]
) -> None:
    memory = tmp_path / "memory.json"
    first = ContentDigests(memory).of(files)
    before = files[0].stat()
    with files[0].open("r+b") as file:
        file.write(b"9")
    os.utime(files[0], ns=(before.st_atime_ns, before.st_mtime_ns))
    after = files[0].stat()
    assert (after.st_size, after.st_mtime_ns, after.st_ino) == (
        before.st_size, before.st_mtime_ns, before.st_ino,
    )  # fmt: skip
    assert ContentDigests(memory).of(files)[files[0]] != first[files[0]]


def test_a_file_that_just_changed_is_not_remembered(files: list[Path], tmp_path: Path) -> None:
    memory = tmp_path / "memory.json"
    ContentDigests(memory).of(files)
    assert json.loads(memory.read_text(encoding="utf-8")) == {}


def test_what_has_gone_or_is_no_file_is_left_out(
    files: list[Path], tmp_path: Path, read: list[Path]
) -> None:
    memory = tmp_path / "memory.json"
    os.mkfifo(tmp_path / "pipe.wav")
    others = [tmp_path, tmp_path / "gone.wav", tmp_path / "pipe.wav", "no\0name"]
    assert set(ContentDigests(memory).of([*files, *others])) == set(files)
    files[0].unlink()
    files[1].write_bytes(b"other")
    ContentDigests(memory).of(files[1:2])
    remembered = json.loads(memory.read_text(encoding="utf-8"))
    assert set(remembered) == {str(path) for path in files[1:]}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 1}', '{"a": [1, 2, 3, 4]}', "\udcff"])
def test_a_memory_that_cannot_be_read_is_as_none(
    files: list[Path], tmp_path: Path, text: str
) -> None:
    memory = tmp_path / "memory.json"
    memory.write_bytes(text.encode(errors="surrogateescape"))
    assert ContentDigests(memory).of(files) == ContentDigests().of(files)


def test_a_memory_that_cannot_be_written_is_as_none(files: list[Path], tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    digests = ContentDigests(tmp_path / "file" / "memory.json")
    assert digests.of(files) == ContentDigests().of(files)


def test_much_to_read_is_said_once(
    files: list[Path], tmp_path: Path, read: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(contents, "_NOTED_BYTES", 29)
    for _ in range(2):
        ContentDigests(tmp_path / "memory.json", note=said.append).of(files)
    assert len(said) == 1
    assert said[0].startswith("Reading 3 new or changed files (0.0 GB) once")
