"""Folders are copied as a whole, and a user's own files are not shared with the copy."""

from pathlib import Path

import pytest

from deep_plunder.errors import InputError
from deep_plunder.util.copying import copy_files


def content(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_files_are_shared_and_links_copied(tmp_path: Path) -> None:
    source, copy = tmp_path / "source", tmp_path / "copy"
    (source / "a" / "left out").mkdir(parents=True)
    (source / "a" / "one.txt").write_text("1")
    (source / "a" / "left out" / "two.txt").write_text("2")
    (source / ".hidden").write_text("h")
    (tmp_path / "own.txt").write_text("own")
    (source / "link.txt").symlink_to("../own.txt")
    (tmp_path / "table.tsv").write_text("t")
    copy.mkdir()
    (copy / "old.txt").touch()
    count = copy_files(
        source, copy, beside=[tmp_path / "table.tsv"], without=[source / "a" / "left out"]
    )
    assert content(copy) == {"a/one.txt": "1", "link.txt": "own", "table.tsv": "t"}
    assert count == 3
    assert (copy / "a" / "one.txt").samefile(source / "a" / "one.txt")
    assert not (copy / "link.txt").is_symlink()
    assert not (copy / "link.txt").samefile(tmp_path / "own.txt")


def test_nothing_to_copy_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"empty: must hold files to copy, holds none$"):
        copy_files(tmp_path / "empty", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
