"""Audio kept on disk changes no audio, and a store that fails costs only time."""

import logging
import multiprocessing
import os
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile

from deep_plunder.audio import reading
from deep_plunder.errors import AudioError
from deep_plunder.mixes.store import Store

RATE = 8000
LIMIT = 2**26


@pytest.fixture
def song(tmp_path):
    path = tmp_path / "song.wav"
    wave = np.random.default_rng(0).uniform(-0.5, 0.5, (25 * RATE + 17, 2))
    soundfile.write(path, wave, RATE)
    return path


def kept(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*/*/*"))}


def test_parts_are_those_of_the_file_empty_or_full(song, tmp_path):
    whole, _ = reading.read(song)
    rng = np.random.default_rng(1)
    places = [(0, 1), (0, len(whole)), (10 * RATE, 20 * RATE), (10 * RATE - 1, 10 * RATE + 1)]
    places += [(len(whole) - 3, len(whole) + 50), (len(whole), len(whole) + 9), (5, 5)]
    places += [(start, start + 12345) for start in rng.integers(0, len(whole), 20).tolist()]
    for store in (Store(), Store(tmp_path / "s", limit_bytes=LIMIT), Store(tmp_path / "s",
                  limit_bytes=LIMIT), Store(tmp_path / "little", limit_bytes=700_000)):  # fmt: skip
        for start, stop in places:
            part, rate = store.read(song, start=start, stop=stop, rate=RATE)
            assert rate == RATE
            np.testing.assert_array_equal(part, whole[start:stop])
    assert len(kept(tmp_path / "s")) == 3
    assert len(kept(tmp_path / "little")) == 1


def test_what_is_kept_is_not_made_again(song, tmp_path):
    made = []

    def make(value):
        made.append(value)
        return np.full((3, 1), value, np.float32)

    store = partial(Store, tmp_path / "s", limit_bytes=LIMIT)
    for _ in range(2):
        for value in (1, 2):
            found = store().made(song, ("x", value), partial(make, value))
            np.testing.assert_array_equal(found, np.full((3, 1), value))
            # What is given is the caller's own.
            found[:] = 9
    assert made == [1, 2]
    Store().made(song, ("x", 1), partial(make, 1))
    assert made == [1, 2, 1]


def test_a_file_that_changes_is_read_anew(song, tmp_path):
    store = Store(tmp_path / "s", limit_bytes=LIMIT)
    store.read(song, start=0, stop=100, rate=RATE)
    soundfile.write(song, np.full((500, 2), 0.25), RATE)
    os.utime(song, ns=(1, 1))
    part, _ = store.read(song, start=0, stop=100, rate=RATE)
    np.testing.assert_array_equal(part, np.full((100, 2), 0.25, np.float32))


def test_what_other_code_kept_makes_room(song, tmp_path):
    def fill(version="0" * 16):
        store = Store(tmp_path / "s", version=version, limit_bytes=700_000)
        store.read(song, start=0, stop=9, rate=RATE)
        return kept(tmp_path / "s")

    (tmp_path / "s" / "mine").mkdir(parents=True)
    before = fill()
    assert fill() == before
    after = fill("0123456789abcdef")
    assert list(after.values()) == list(before.values())
    assert {path.name for path in (tmp_path / "s").iterdir()} == {"0123456789abcdef", "mine"}


def test_a_file_edited_at_the_same_size_and_time_is_read_anew(song, tmp_path):
    before, _ = Store(tmp_path / "s", limit_bytes=LIMIT).read(song, start=0, stop=100, rate=RATE)
    time = song.stat().st_mtime_ns
    wave, rate = soundfile.read(song)
    with song.open("r+b") as file:
        soundfile.write(file, wave[::-1], rate, format="wav")
    os.utime(song, ns=(time, time))
    after, _ = Store(tmp_path / "s", limit_bytes=LIMIT).read(song, start=0, stop=100, rate=RATE)
    assert not np.array_equal(before, after)


def test_a_file_of_another_rate_is_told_and_not_kept(song, tmp_path):
    store = Store(tmp_path / "s", limit_bytes=LIMIT)
    part, rate = store.read(song, start=3, stop=100, rate=RATE + 1)
    assert rate == RATE
    assert len(part) == 97
    assert kept(tmp_path / "s") == {}


def test_a_fault_elsewhere_in_a_file_does_not_reach_what_is_wanted(tmp_path):
    path = tmp_path / "song.wav"
    wave = np.zeros((12 * RATE, 1), np.float32)
    wave[9 * RATE] = np.nan
    soundfile.write(path, wave, RATE, subtype="FLOAT")
    store = Store(tmp_path / "s", limit_bytes=LIMIT)
    assert len(store.read(path, start=0, stop=100, rate=RATE)[0]) == 100
    with pytest.raises(AudioError, match="not finite"):
        store.read(path, start=0, stop=10 * RATE, rate=RATE)
    with pytest.raises(AudioError, match="cannot be opened"):
        store.read(tmp_path / "none.wav", start=0, stop=10, rate=RATE)


def test_damage_in_the_store_is_mended(song, tmp_path):
    whole, _ = reading.read(song)
    for size in (0, 60, 5000):
        Store(tmp_path / "s", limit_bytes=LIMIT).read(song, start=0, stop=9, rate=RATE)
        (path,) = (tmp_path / "s").glob("*/*/*")
        os.truncate(path, size)
        store = Store(tmp_path / "s", limit_bytes=LIMIT)
        part, _ = store.read(song, start=0, stop=9 * RATE, rate=RATE)
        np.testing.assert_array_equal(part, whole[: 9 * RATE])
        assert path.stat().st_size > 9 * RATE * 8


@pytest.mark.parametrize(
    "damage",
    [
        lambda array: array.astype(np.float64),
        lambda array: np.asfortranarray(array),
        lambda array: array.astype([("a", "<f4")]),
    ],
)
def test_what_another_hand_left_in_the_store_is_not_taken(song, tmp_path, damage):
    whole, _ = reading.read(song)
    Store(tmp_path / "s", limit_bytes=LIMIT).read(song, start=0, stop=9, rate=RATE)
    (path,) = (tmp_path / "s").glob("*/*/*")
    np.save(path, damage(np.load(path)))
    part, _ = Store(tmp_path / "s", limit_bytes=LIMIT).read(song, start=0, stop=9, rate=RATE)
    assert part.dtype == np.float32
    np.testing.assert_array_equal(part, whole[:9])


def test_a_folder_that_cannot_be_written_to_costs_only_time(song, tmp_path, caplog):
    (tmp_path / "s").write_text("in the way")
    store = Store(tmp_path / "s", limit_bytes=LIMIT)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert len(store.read(song, start=0, stop=9, rate=RATE)[0]) == 9
    assert [record.message.count("stores no more audio") for record in caplog.records] == [1]


def _read_all(folder: str, song: str) -> int:
    store = Store(folder, limit_bytes=LIMIT)
    parts = [store.read(song, start=s, stop=s + 999, rate=RATE)[0] for s in range(0, 190_000, 997)]
    return hash(np.concatenate(parts).tobytes())


def test_processes_may_share_it(song, tmp_path):
    with multiprocessing.get_context("fork").Pool(4) as pool:
        work = [(str(tmp_path / "s"), str(song))] * 8
        assert len(set(pool.starmap(_read_all, work))) == 1
    assert len(kept(tmp_path / "s")) == 3
    assert not [name for name in kept(tmp_path / "s") if name.startswith(".")]
