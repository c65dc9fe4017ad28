"""Tracker modules are named by their place, and belong to an author."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deep_plunder.audio.openmpt import MODULE_SUFFIXES
from deep_plunder.corpus.modules import TrackerModule, author_of, list_modules
from deep_plunder.corpus.split import SPLITS, Assignment, split_items, split_modules
from deep_plunder.errors import InputError
from deep_plunder.util.tables import write_records


def tracker(name: str, author: str = "", regions: int = 0, seconds: float = 90.0) -> TrackerModule:
    return TrackerModule(
        name, author or name, name, seconds, regions, 0.0, 0.0, 1.0, name, name, 1, 1.0, ""
    )


def test_modules_of_two_folders_have_names_of_their_own(tmp_path: Path) -> None:
    for place in ("a/Ann__tide.mod", "a/bob/one.XM", "a/alone.it", "a/._alone.it", "b/alone.it"):
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    files = list_modules([tmp_path / "a", tmp_path / "b"])
    assert [(file.module, file.author) for file in files] == [
        ("Ann__tide.mod", "Ann"),
        ("alone.it", "alone.it"),
        ("bob/one.XM", "bob"),
        ("alone.it (2)", "alone.it"),
    ]
    assert files[-1].path == tmp_path / "b" / "alone.it"


@given(counts=st.lists(st.integers(1, 9), min_size=3, max_size=40), seed=st.integers(0, 5))
def test_no_author_is_in_two_splits(counts: list[int], seed: int) -> None:
    modules = [
        tracker(f"{author}__{k}.mod", f"author {author}")
        for author, count in enumerate(counts)
        for k in range(count)
    ]
    assignments = split_items([], [], modules, seed=seed, module_shares=(0.2, 0.2))
    assert [item.id for item in assignments] == sorted(module.module for module in modules)
    where = {item.id: item.split for item in assignments}
    splits = defaultdict(set)
    for module in modules:
        splits[module.author].add(where[module.module])
    assert all(len(found) == 1 for found in splits.values())
    assert set().union(*splits.values()) == set(SPLITS)
    shuffled = split_items([], [], modules[::-1], seed=seed, module_shares=(0.2, 0.2))
    assert shuffled == assignments


def test_further_versions_go_where_the_module_goes_and_only_to_training(tmp_path: Path) -> None:
    plain = [tracker(f"{name}.mod") for name in "abcdef"]
    others = [replace(row, module=f"{row.module} (version 2)", version=2) for row in plain]
    assignments = split_items([], [], [*plain, *others], seed=1)
    assert assignments == split_items([], [], plain, seed=1)
    write_records(tmp_path / "modules.tsv", TrackerModule, [*plain, *others])
    write_records(tmp_path / "splits.tsv", Assignment, assignments)
    tables = tmp_path / "splits.tsv", tmp_path / "modules.tsv"
    found = {split: split_modules(*tables, split=split) for split in SPLITS}
    assert sum(map(len, found.values())) == 6 + len(found["train"]) / 2
    assert {row.version for row in found["train"]} == {1, 2}
    assert {row.version for split in ("validation", "test") for row in found[split]} == {1}


def test_too_few_authors_are_told_in_one_line() -> None:
    modules = [tracker(f"{author}__{k}.mod", author) for author in "ab" for k in range(9)]
    with pytest.raises(InputError, match="need 3 different authors of modules at least, got 2"):
        split_items([], [], modules, seed=1)


def test_a_split_reads_its_own_modules(tmp_path: Path) -> None:
    rows = [tracker("a.mod"), tracker("b.mod"), tracker("c.mod")]
    write_records(tmp_path / "modules.tsv", TrackerModule, rows)
    splits = [
        Assignment("module", "a.mod", "train"),
        Assignment("song", "b.mod", "train"),
        Assignment("module", "c.mod", "all"),
    ]
    write_records(tmp_path / "splits.tsv", Assignment, splits)
    tables = tmp_path / "splits.tsv", tmp_path / "modules.tsv"
    assert split_modules(*tables, split="train") == [rows[0], rows[2]]
    assert split_modules(*tables, split="test") == [rows[2]]


def test_the_list_of_further_modules_says_where_each_is() -> None:
    path = Path(__file__).parents[3] / "resources" / "corpus" / "modules.tsv"
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    assert head.split("\t") == [
        *("module", "repository", "commit", "path", "sha1", "bytes", "licence")
    ]
    rows = [line.split("\t") for line in lines]
    assert len({row[0] for row in rows}) == len({row[4] for row in rows}) == len(rows) > 1000
    for name, repository, commit, place, sha1, size, licence in rows:
        assert Path(name).suffix.lower() in MODULE_SUFFIXES
        assert author_of(name) != name
        assert repository and place and licence
        assert re.fullmatch("[0-9a-f]{40}", sha1)
        # A package of Debian stands in the place of a repository; it has no commit.
        assert re.fullmatch("[0-9a-f]{7,40}" if "/" in repository else "deb", commit)
        assert int(size) > 0
