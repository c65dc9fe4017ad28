"""Splits never leak, are filled, and hardly move."""

from __future__ import annotations

import random
from collections import Counter
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deep_plunder.corpus.library import Sound
from deep_plunder.corpus.songs import Song
from deep_plunder.corpus.split import SPLITS, Assignment, members, split_items
from deep_plunder.errors import ConfigError, InputError
from deep_plunder.util.tables import read_records, write_records


def _sounds(**classes: int) -> list[Sound]:
    return [
        Sound(f"{name}/{number}.wav", name, f"/x/{name}/{number}.wav", 1.0, 44100, 1, 0.0, 1.0)
        for name, count in classes.items()
        for number in range(count)
    ]


def _song(name: str, *, artist: str = "", title: str = "") -> Song:
    return Song(name, f"/x/{name}.mp3", title, artist, 100.0, 44100, 2, 320.0, "x", 1)


def _songs(count: int) -> list[Song]:
    return [_song(f"song {number}") for number in range(count)]


def _where(assignments: list[Assignment]) -> dict[tuple[str, str], str]:
    return {(item.kind, item.id): item.split for item in assignments}


shares = st.sampled_from([(0.1, 0.1), (0.2, 0.05), (0.3, 0.3), (0.45, 0.5), (0.01, 0.01)])
libraries = st.dictionaries(
    st.sampled_from(["kick", "snare", "hat", "tom", "fx"]), st.integers(1, 40), min_size=1
).filter(
    lambda classes: sum(n for n in classes.values() if n < 3) >= 3 or max(classes.values()) >= 3
)


@given(classes=libraries, songs=st.integers(3, 60), seed=st.integers(0, 2**32), share=shares)
def test_disjoint_splits_never_leak_and_are_filled(
    classes: dict[str, int], songs: int, seed: int, share: tuple[float, float]
) -> None:
    sounds = _sounds(**classes)
    validation, test = share
    assignments = split_items(sounds, _songs(songs), seed=seed, validation=validation, test=test)
    for kind, ids in (
        ("sound", [s.sound for s in sounds]),
        ("song", [f"song {i}" for i in range(songs)]),
    ):
        parts = [members(assignments, kind=kind, split=split) for split in SPLITS]
        assert sorted(chain(*parts)) == sorted(ids)  # each once, so none in two
        assert all(parts)
    for name, count in classes.items():
        held = Counter(
            item.split
            for item in assignments
            if item.kind == "sound" and item.id.startswith(f"{name}/")
        )
        if count >= 3:
            assert set(held) == set(SPLITS)
            if count >= 20:
                assert abs(held["test"] - test * count) <= 1
                assert abs(held["validation"] - validation * count) <= 1


@given(seed=st.integers(0, 2**32), order=st.randoms(use_true_random=False))
def test_order_does_not_matter(seed: int, order: random.Random) -> None:
    sounds, songs = _sounds(kick=9, hat=4, fx=2, vox=1), _songs(8)
    expected = split_items(sounds, songs, seed=seed)
    order.shuffle(sounds)
    order.shuffle(songs)
    assert split_items(sounds, songs, seed=seed) == expected


@given(seed=st.integers(0, 2**32), count=st.integers(3, 60))
def test_one_sound_more_hardly_moves_others(seed: int, count: int) -> None:
    before = _where(split_items(_sounds(kick=count, hat=12), _songs(5), seed=seed))
    after = _where(split_items(_sounds(kick=count + 1, hat=12), _songs(5), seed=seed))
    moved = [(before[key], after[key]) for key in before if before[key] != after[key]]
    assert all(key in after for key in before)
    assert len(moved) <= 2
    assert all("train" in move for move in moved)
    assert all(key[1].startswith("kick/") for key in before if before[key] != after[key])


def test_seed_decides() -> None:
    sounds, songs = _sounds(kick=40), _songs(10)
    assert split_items(sounds, songs, seed=1) == split_items(sounds, songs, seed=1)
    assert split_items(sounds, songs, seed=1) != split_items(sounds, songs, seed=2)


@given(seed=st.integers(0, 2**32))
def test_two_copies_of_one_song_stay_together(seed: int) -> None:
    songs = [
        _song(f"{n}{form}", artist=f"A{n}", title="Zo\u00eb") for n in range(4) for form in "ab"
    ]
    songs += [_song("4a", artist="a0", title="ZOE\u0308")]
    where = _where(split_items(_sounds(kick=3), songs, seed=seed))
    assert all(where["song", f"{n}a"] == where["song", f"{n}b"] for n in range(4))
    assert where["song", "4a"] == where["song", "0a"]


def test_songs_without_an_artist_are_not_taken_for_one() -> None:
    songs = [_song(f"track {n}", title="Intro") for n in range(9)]
    assert {item.split for item in split_items(_sounds(kick=3), songs, seed=0)} == set(SPLITS)


def test_paper_protocol_shares_everything(tmp_path: object) -> None:
    sounds, songs = _sounds(kick=1), _songs(1)
    assignments = split_items(sounds, songs, seed=0, protocol="paper")
    for split in SPLITS:
        assert members(assignments, kind="sound", split=split) == ["kick/0.wav"]
        assert members(assignments, kind="song", split=split) == ["song 0"]
    write_records(f"{tmp_path}/splits.tsv", Assignment, assignments)
    assert read_records(f"{tmp_path}/splits.tsv", Assignment) == assignments


def test_a_share_of_nothing_leaves_a_split_empty() -> None:
    assignments = split_items(_sounds(kick=5), _songs(5), seed=0, validation=0.0)
    assert members(assignments, kind="song", split="validation") == []
    assert len(members(assignments, kind="song", split="train")) == 4


@pytest.mark.parametrize(
    ("sounds", "songs", "words"),
    [
        ({"kick": 2}, 5, "no sound is left for validation and test"),
        ({"kick": 1, "hat": 1}, 5, "no sound is left"),
        ({"kick": 5}, 2, "no song is left for validation and test.*got 2"),
    ],
)
def test_too_few_to_divide(sounds: dict[str, int], songs: int, words: str) -> None:
    with pytest.raises(InputError, match=words):
        split_items(_sounds(**sounds), _songs(songs), seed=0)


@pytest.mark.parametrize(("validation", "test"), [(0.5, 0.5), (-0.1, 0.1), (0.1, float("nan"))])
def test_impossible_shares(validation: float, test: float) -> None:
    with pytest.raises(ConfigError, match="below 1"):
        split_items(_sounds(kick=9), _songs(9), seed=0, validation=validation, test=test)


def test_members_wants_known_names() -> None:
    with pytest.raises(ValueError, match="split"):
        members([], kind="sound", split="dev")
    with pytest.raises(ValueError, match="kind"):
        members([], kind="drum", split="train")
