"""The queues: each item in its turn, rare classes more often, random access."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deep_plunder.errors import InputError
from deep_plunder.mixes.queues import SongQueue, SoundQueue, class_turns

SIZES = st.dictionaries(
    st.sampled_from("abcdef"), st.integers(min_value=1, max_value=12), min_size=1
)


def library(sizes):
    return [(f"{name}/{i}", name) for name, size in sizes.items() for i in range(size)]


def sound_queue(sizes, *, seed=0, split="train", cap=30):
    ids, classes = zip(*library(sizes), strict=True)
    return SoundQueue(ids, classes, seed, split, cap)


def cycle(queue, number):
    return [queue[number * len(queue) + i] for i in range(len(queue))]


@given(st.sets(st.text(min_size=1), min_size=1, max_size=20), st.integers(0, 5))
def test_every_song_once_a_cycle(ids, number):
    queue = SongQueue(ids, 0, "train")
    assert len(queue) == len(ids)
    assert sorted(cycle(queue, number)) == sorted(ids)


@settings(max_examples=50)
@given(SIZES, st.floats(1, 40), st.integers(0, 6))
def test_class_turns_are_exact_in_every_cycle(sizes, cap, number):
    queue = sound_queue(sizes, cap=cap)
    heard = cycle(queue, number)
    largest = max(sizes.values())
    turns = Counter(sound.split("/")[0] for sound in heard)
    for name, size in sizes.items():
        assert turns[name] == min(int(cap * size), largest)
        assert size <= turns[name] <= largest
    # Within a class no sound is heard more than once more than another.
    counts = Counter(heard)
    for name, size in sizes.items():
        own = [counts[f"{name}/{i}"] for i in range(size)]
        assert max(own) - min(own) <= 1
        assert min(own) >= 1


def test_sounds_of_a_class_are_equal_over_cycles():
    queue = sound_queue({"snare": 10, "maracas": 3})
    counts = Counter(sound for number in range(3) for sound in cycle(queue, number))
    assert {counts[f"maracas/{i}"] for i in range(3)} == {10}
    assert {counts[f"snare/{i}"] for i in range(10)} == {3}


def test_cap_limits_a_very_rare_class():
    turns = class_turns({"snare": 1000, "hihat": 400, "maracas": 2, "gong": 40})
    assert turns == {"snare": 1000, "hihat": 1000, "maracas": 60, "gong": 1000}


def test_cap_of_one_is_the_library_as_it_is():
    assert class_turns({"snare": 100, "maracas": 2}, cap=1) == {"snare": 100, "maracas": 2}


@pytest.mark.parametrize("cap", [0, 0.99, -3, float("nan")])
def test_cap_below_one(cap):
    with pytest.raises(InputError, match="rebalance_cap: must be at least 1"):
        class_turns({"snare": 1}, cap=cap)


@pytest.mark.parametrize(
    "make",
    [lambda i: SongQueue(i, 1, "train"), lambda i: SoundQueue(i, [x[0] for x in i], 1, "train")],
)
def test_order_of_reading_and_of_ids_is_of_no_consequence(make):
    ids = [f"{c}{i}" for c in "abc" for i in range(5)]
    forward = make(ids)
    expected = [forward[i] for i in range(100)]
    backward = make(ids[::-1])
    assert [backward[i] for i in reversed(range(100))] == expected[::-1]


def test_cycles_seeds_and_splits_differ():
    ids = [str(i) for i in range(30)]
    queue = SongQueue(ids, 1, "train")
    assert cycle(queue, 0) != cycle(queue, 1)
    assert cycle(SongQueue(ids, 2, "train"), 0) != cycle(queue, 0)
    assert cycle(SongQueue(ids, 1, "test"), 0) != cycle(queue, 0)


def test_empty_queues_name_the_split():
    with pytest.raises(InputError, match="split test: needs at least one song"):
        SongQueue([], 0, "test")
    with pytest.raises(InputError, match="split test: needs at least one sound"):
        SoundQueue([], [], 0, "test")


def test_negative_position():
    with pytest.raises(IndexError):
        SongQueue(["a"], 0, "train")[-1]
