from __future__ import annotations

import errno
import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deep_plunder.dataset import shards
from deep_plunder.dataset.shard_set import ShardSet
from deep_plunder.dataset.shards import labels_path, write_shard
from deep_plunder.errors import InputError
from deep_plunder.features.spec import FeatureSpec

SPEC = FeatureSpec(mel_bands=5)
FRAMES = 7
Item = tuple[np.ndarray, np.ndarray]


def item(number: int, *, frames: int = FRAMES, bands: int = 5) -> Item:
    rng = np.random.default_rng(number)
    features = rng.standard_normal((frames, bands)).astype(np.float32)
    return features, rng.integers(0, 2, (frames, 3)).astype(np.uint8)


def write(path: Path, numbers: range, *, frames: int = FRAMES, bands: int = 5) -> Path:
    items = (item(number, frames=frames, bands=bands) for number in numbers)
    spec = FeatureSpec(mel_bands=bands)
    write_shard(path, items, count=len(numbers), frames=frames, spec=spec)
    return path


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("shards")
    ranges = (range(4), range(4, 5), range(5, 11))
    return [write(folder / f"{n:04d}.npy", numbers) for n, numbers in enumerate(ranges)]


def test_files_are_plain_numpy(three: list[Path]) -> None:
    features, labels = np.load(three[2]), np.load(three[2].with_name("0002.labels.npy"))
    assert (features.dtype, features.shape) == (np.float32, (6, FRAMES, 5))
    assert (labels.dtype, labels.shape) == (np.uint8, (6, FRAMES, 3))
    np.testing.assert_array_equal(features[1], item(6)[0])
    np.testing.assert_array_equal(labels[1], item(6)[1])
    assert sorted(path.name for path in three[0].parent.iterdir()) == [
        f"{n:04d}{suffix}" for n in range(3) for suffix in (".labels.npy", ".npy", ".sums.npy")
    ]


def test_labels_lie_beside(tmp_path: Path) -> None:
    assert labels_path(tmp_path / "a.b" / "0000.npy") == tmp_path / "a.b" / "0000.labels.npy"


@settings(deadline=None)
@given(st.lists(st.integers(0, 10), max_size=20))
def test_batches_in_any_order_are_read_exactly(three: list[Path], indices: list[int]) -> None:
    features, labels = ShardSet(three).batch(indices)
    assert features.shape == (len(indices), FRAMES, 5)
    assert labels.shape == (len(indices), FRAMES, 3)
    for row, number in enumerate(indices):
        np.testing.assert_array_equal(features[row], item(number)[0])
        np.testing.assert_array_equal(labels[row], item(number)[1])


def test_onsets_are_the_frames_labelled_so_in_any_shard(three: list[Path]) -> None:
    shards = ShardSet(three)
    for number in range(11):
        expected = np.flatnonzero(item(number)[1][:, 0] == 1)
        np.testing.assert_array_equal(shards.onsets(number), expected)


def test_a_set_knows_its_sizes(three: list[Path]) -> None:
    opened = ShardSet(three)
    assert (len(opened), opened.frames, opened.bands) == (11, FRAMES, 5)


def test_a_batch_is_a_copy(three: list[Path]) -> None:
    opened = ShardSet(three)
    features, labels = opened.batch([0])
    features[:], labels[:] = 9, 9
    np.testing.assert_array_equal(opened.batch([0])[0][0], item(0)[0])


def test_memory_does_not_grow_with_the_shards(tmp_path: Path) -> None:
    per_shard, frames, bands = 16, 500, 100
    paths = [
        write(tmp_path / f"{n}.npy", range(per_shard), frames=frames, bands=bands) for n in range(8)
    ]
    peaks = []
    # The first pass also loads modules.
    for count in (1, 1, 8):
        tracemalloc.start()
        opened = ShardSet(paths[:count])
        for first in range(0, len(opened), 2):
            opened.batch([first, first + 1])
            opened.onsets(first)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    item_bytes = 4 * frames * bands
    # Two items of a batch, their labels and checksums, and no more of the 128.
    assert peaks[2] < peaks[1] + item_bytes < 6 * item_bytes


@pytest.mark.parametrize("index", [-1, 11])
def test_indices_outside_are_refused(three: list[Path], index: int) -> None:
    with pytest.raises(IndexError, match=rf"must be in 0\.\.10, got {index}"):
        ShardSet(three).batch([0, index])


def test_the_same_items_give_the_same_bytes(tmp_path: Path) -> None:
    paths = [write(tmp_path / name, range(3)) for name in ("a.npy", "b.npy")]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert labels_path(paths[0]).read_bytes() == labels_path(paths[1]).read_bytes()


def broken(after: int, error: BaseException) -> Iterator[Item]:
    for number in range(after):
        yield item(number)
    raise error


@pytest.mark.parametrize("error", [RuntimeError("boom"), KeyboardInterrupt()])
def test_nothing_is_left_when_writing_breaks_off(tmp_path: Path, error: BaseException) -> None:
    with pytest.raises(type(error)):
        write_shard(tmp_path / "0.npy", broken(2, error), count=3, frames=FRAMES, spec=SPEC)
    assert not list(tmp_path.iterdir())


def test_an_old_shard_stays_when_writing_breaks_off(tmp_path: Path) -> None:
    path = write(tmp_path / "0.npy", range(3))
    with pytest.raises(RuntimeError):
        write_shard(path, broken(2, RuntimeError()), count=3, frames=FRAMES, spec=SPEC)
    np.testing.assert_array_equal(ShardSet([path]).batch([2])[0][0], item(2)[0])


def test_new_labels_never_stand_beside_old_features(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "0.npy", range(3))
    replace = os.replace

    def dies_after_the_labels(source: Any, target: Any) -> None:
        if Path(target) == path:
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(os, "replace", dies_after_the_labels)
    with pytest.raises(KeyboardInterrupt):
        write(path, range(3, 6))
    left = sorted(file.name for file in tmp_path.iterdir())
    assert left == ["0.labels.npy", "0.sums.npy"]
    with pytest.raises(InputError, match="no such file"):
        ShardSet([path])


def test_a_full_disk_is_named_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shards, "_write_row", full)
    with pytest.raises(OSError, match=r"No space left on device: '.*0\.npy'"):
        write(tmp_path / "0.npy", range(3))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_items_must_be_the_count(tmp_path: Path, count: int) -> None:
    items = (item(number) for number in range(2))
    with pytest.raises(ValueError, match=f"2 items, count says {count}"):
        write_shard(tmp_path / "0.npy", items, count=count, frames=FRAMES, spec=SPEC)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "wrong",
    [
        item(0, frames=6),
        item(0, bands=4),
        (item(0)[0].astype(np.float64), item(0)[1]),
        (item(0)[0], item(0)[1].astype(bool)),
        (item(0)[0], item(0)[1][:, :2]),
    ],
)
def test_items_of_another_kind_are_refused(tmp_path: Path, wrong: Item) -> None:
    with pytest.raises(ValueError, match="a row must be"):
        write_shard(tmp_path / "0.npy", [wrong], count=1, frames=FRAMES, spec=SPEC)
    assert not list(tmp_path.iterdir())


def test_rows_need_not_be_contiguous(tmp_path: Path) -> None:
    features, labels = np.asfortranarray(item(0)[0]), np.asfortranarray(item(0)[1])
    write_shard(tmp_path / "0.npy", [(features, labels)], count=1, frames=FRAMES, spec=SPEC)
    np.testing.assert_array_equal(ShardSet([tmp_path / "0.npy"]).batch([0])[0][0], features)


def spoil(path: Path, fault: str) -> None:
    """Damage the shard at `path`."""
    labels = labels_path(path)
    if fault == "features missing":
        path.unlink()
    elif fault == "labels missing":
        labels.unlink()
    elif fault == "features truncated":
        path.write_bytes(path.read_bytes()[:-10])
    elif fault == "labels truncated":
        labels.write_bytes(labels.read_bytes()[:-1])
    elif fault == "features too long":
        path.write_bytes(path.read_bytes() + b"x")
    elif fault == "empty file":
        path.write_bytes(b"")
    elif fault == "header cut":
        path.write_bytes(path.read_bytes()[:20])
    elif fault == "no npy":
        path.write_text("onset\toffset\n")
    elif fault == "npz":
        with path.open("wb") as file:
            np.savez(file, features=np.zeros((3, FRAMES, 5), np.float32))
    elif fault == "pickle":
        np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    elif fault == "double precision":
        np.save(path, np.load(path).astype(np.float64))
    elif fault == "two dimensions":
        np.save(path, np.load(path)[0])
    elif fault == "Fortran order":
        np.save(path, np.asfortranarray(np.load(path)))
    elif fault == "labels of another shard":
        np.save(labels, np.zeros((2, FRAMES, 3), np.uint8))
    elif fault == "labels of other frames":
        np.save(labels, np.zeros((3, FRAMES + 1, 3), np.uint8))
    elif fault == "labels neither 0 nor 1":
        np.save(labels, np.full((3, FRAMES, 3), 255, np.uint8))
    elif fault == "a folder":
        path.unlink()
        path.mkdir()


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("features missing", r"0\.npy: features of a shard: no such file"),
        ("labels missing", r"0\.labels\.npy: labels of a shard: no such file"),
        ("features truncated", r"0\.npy: features of a shard: not a whole \.npy file"),
        ("labels truncated", r"0\.labels\.npy: labels of a shard: not a whole \.npy file"),
        ("features too long", r"0\.npy: features of a shard: must have \d+ bytes, has \d+"),
        ("empty file", r"0\.npy: features of a shard: not a whole \.npy file"),
        ("header cut", r"0\.npy: features of a shard: not a whole \.npy file"),
        ("no npy", r"0\.npy: features of a shard: not a whole \.npy file"),
        ("npz", r"0\.npy: features of a shard: not a \.npy file"),
        ("pickle", r"0\.npy: features of a shard: not a whole \.npy file"),
        ("double precision", r"must be float32 of 3 dimensions in C order, got float64"),
        ("two dimensions", r"must be float32 of 3 dimensions in C order, got float32 \(7, 5\)"),
        ("Fortran order", r"must be float32 of 3 dimensions in C order"),
        ("labels of another shard", r"shape \(3, 7, 3\) to belong to 0\.npy, got \(2, 7, 3\)"),
        ("labels of other frames", r"shape \(3, 7, 3\) to belong to 0\.npy, got \(3, 8, 3\)"),
        ("labels neither 0 nor 1", r"0\.labels\.npy: labels must be in 0\.\.2, got 255"),
        ("a folder", r"0\.npy: features of a shard"),
    ],
)
def test_damaged_shards_are_refused(tmp_path: Path, fault: str, message: str) -> None:
    path = write(tmp_path / "0.npy", range(3))
    spoil(path, fault)
    with pytest.raises(InputError, match=message) as caught:
        ShardSet([path])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("sizes", [{"bands": 4}, {"frames": 9}])
def test_shards_of_other_sizes_are_refused(tmp_path: Path, sizes: dict[str, int]) -> None:
    paths = [write(tmp_path / "0.npy", range(3)), write(tmp_path / "1.npy", range(3), **sizes)]
    with pytest.raises(InputError, match=r"1\.npy: must have frames and bands \(7, 5\) as 0\.npy"):
        ShardSet(paths)


def test_no_shard_is_refused() -> None:
    with pytest.raises(InputError, match="at least one is needed"):
        ShardSet([])


def test_a_shard_that_goes_while_it_is_read_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "0.npy", range(3))
    opened = ShardSet([path])
    path.unlink()
    with pytest.raises(InputError, match=r"0\.npy: cannot be read any more"):
        opened.batch([0])


@pytest.mark.parametrize("kind", ["features", "labels"])
def test_a_shard_that_shrinks_while_it_is_read_is_named(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path / "0.npy", range(3))
    opened = ShardSet([path])
    shrunk = path if kind == "features" else labels_path(path)
    os.truncate(shrunk, shrunk.stat().st_size - 1)
    opened.batch([0, 1])
    with pytest.raises(InputError, match=rf"/{shrunk.name}: cannot be read any more: ends at"):
        opened.batch([0, 2])
    os.truncate(labels_path(path), 0)
    with pytest.raises(InputError, match=r"0\.labels\.npy: cannot be read any more: ends at"):
        opened.onsets(0)
