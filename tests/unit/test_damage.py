"""Damage to files between the stages: noticed when the file is read, and never taken for data."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deep_plunder.corpus.library import Sound
from deep_plunder.corpus.onset_table import read_onsets_json, write_onsets_json
from deep_plunder.dataset.mixes import read_mixes
from deep_plunder.dataset.shard_set import ShardSet
from deep_plunder.dataset.shards import write_shard
from deep_plunder.decoding.settings import Calibration, Decoder, DetectionSpec
from deep_plunder.errors import DeepPlunderError, InputError
from deep_plunder.evaluation.baselines.forest import read_forest
from deep_plunder.evaluation.bench.layout import BenchTruth, truth_of, write_truth
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.mixes.rendered import RenderedMix, write_mixes
from deep_plunder.mixes.store import Store
from deep_plunder.models.card import write_decoder
from deep_plunder.models.model_file import load_model, save_model
from deep_plunder.models.registry import network
from deep_plunder.training.checkpoints import Checkpoint, read_checkpoint, write_checkpoint
from deep_plunder.truth.isolation import IsolationTruth
from deep_plunder.truth.regions import Region
from deep_plunder.util.tables import read_records, write_records
from tests.fuzz.array_files import FOREST

FRAMES, MIXES = 150, 3
CASES = 150
CONV: dict[str, Any] = {"channels": 4, "front": [2, 2], "dilations": [1]}
PAPER: dict[str, Any] = {"units": [5, 3]}

Reader = Callable[[], list[bytes]]


def shards(folder: Path) -> Reader:
    rng = np.random.default_rng(1)
    spec = FeatureSpec(mel_bands=5)

    def item() -> tuple[np.ndarray, np.ndarray]:
        features = rng.standard_normal((FRAMES, 5)).astype(np.float32)
        return features, rng.integers(0, 2, (FRAMES, 3)).astype(np.uint8)

    items = [item() for _ in range(MIXES)]
    write_shard(folder / "0.npy", items, count=MIXES, frames=FRAMES, spec=spec)

    def read() -> list[bytes]:
        shard = ShardSet([folder / "0.npy"])
        arrays = (*shard.batch(range(MIXES)), *shard.batch([1, 2], starts=[60, 90], frames=60))
        return [array.tobytes() for array in arrays]

    return read


def mixes(folder: Path, truth: IsolationTruth | None = None) -> Reader:
    rng = np.random.default_rng(2)
    audio = rng.integers(-3000, 3000, (2000, 2)).astype(np.int16)
    regions = (Region(0, 0.01, 0.02, "kick/a.wav", "kick", 40.0),)
    write_mixes([RenderedMix(0, audio, regions, (), truth)], folder / "0000", rate=44100)

    def read() -> list[bytes]:
        (mix,) = read_mixes(folder / "0000")
        known = [] if mix.truth is None else [mix.truth.state, mix.truth.isolation_db]
        return [
            *(array.tobytes() for array in (mix.audio, *known)),
            repr((mix.rate, mix.regions)).encode(),
        ]

    return read


def scenes(folder: Path) -> Reader:
    rng = np.random.default_rng(3)
    state = rng.integers(0, 3, 200).astype(np.uint8)
    isolation = rng.standard_normal(200).astype(np.float32)
    return mixes(folder, IsolationTruth(state, isolation, []))


def table(folder: Path) -> Reader:
    rows = [
        Sound(f"kick/{n}.wav", "kick", f"/sounds/kick/{n}.wav", n + 0.1, 44100, 2, 0.01, n + 0.05)
        for n in range(20)
    ]
    write_records(folder / "sounds.tsv", Sound, rows)
    return lambda: [repr(read_records(folder / "sounds.tsv", Sound)).encode()]


def onsets(folder: Path) -> Reader:
    sounds = [Sound(f"{n}.wav", "kick", f"/{n}.wav", 2.0, 44100, 2, 0.01, 1.5) for n in range(9)]
    write_onsets_json(folder / "onsets.json", sounds)
    return lambda: [repr(read_onsets_json(folder / "onsets.json", sounds)).encode()]


def forest(folder: Path) -> Reader:
    names = [field.name for field in dataclasses.fields(FOREST)]
    FOREST.save(folder / "forest.npz")

    def read() -> list[bytes]:
        loaded = read_forest(folder / "forest.npz")
        return [np.asarray(getattr(loaded, name)).tobytes() for name in names]

    return read


def checkpoint(folder: Path) -> Reader:
    rng = np.random.default_rng(5)
    arrays = [rng.standard_normal(40).astype(np.float32)]
    write_checkpoint(folder, "mark", Checkpoint({"epoch": 3}, arrays, arrays, arrays))

    def read() -> list[bytes]:
        found = read_checkpoint(folder, "mark")
        # Training starts anew then, and a line says so.
        if found is None:
            raise InputError("no checkpoint")
        groups = (found.model, found.optimizer, found.best)
        return [repr(found.progress).encode(), *(a.tobytes() for group in groups for a in group)]

    return read


def bench(folder: Path) -> Reader:
    rng = np.random.default_rng(6)
    regions = np.array([[0.1, 0.5], [1.0, 2.0]])
    labels = rng.integers(0, 3, 100).astype(np.uint8)
    write_truth(folder, BenchTruth("song", regions, regions[:1] + 3, labels))

    def read() -> list[bytes]:
        truth = truth_of(folder, "song")
        return [array.tobytes() for array in (truth.regions, truth.ignore, truth.labels)]

    return read


def model(folder: Path, name: str = "conv", sizes: dict[str, Any] = CONV) -> Reader:
    spec = FeatureSpec(mel_bands=8)
    path = folder / "model.keras"
    save_model(path, network(name, **sizes).build(spec), architecture=name, sizes=sizes, spec=spec)
    frames = np.random.default_rng(7).standard_normal((1, 40, spec.bands)).astype(np.float32)

    def read() -> list[bytes]:
        loaded = load_model(path)
        rest = (loaded.sizes, loaded.spec, loaded.decoder, loaded.digest)
        return [repr(rest).encode(), loaded.predict(frames).tobytes()]

    return read


def lstm_model(folder: Path) -> Reader:
    return model(folder, "paper", PAPER)


def calibrated_model(folder: Path) -> Reader:
    read = model(folder)
    curve = Calibration((0.1, 0.6), (0.2, 0.9))
    decoder = Decoder(
        spec=DetectionSpec(), calibration=curve, min_score=0.5, fitted_on="a bench: 3 songs"
    )
    write_decoder(folder / "model.keras", folder / "model.keras", decoder)
    return read


KINDS = [shards, mixes, scenes, table, onsets, forest, checkpoint, bench, model, calibrated_model,
         lstm_model]  # fmt: skip


def damaged(content: bytes, rng: np.random.Generator) -> bytes:
    """Flip a bit, or cut the end off."""
    place = int(rng.integers(len(content)))
    if rng.random() < 0.1:
        return content[:place]
    flipped = bytearray(content)
    flipped[place] ^= 1 << int(rng.integers(8))
    return bytes(flipped)


@pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__)
def test_damage_is_noticed_or_changes_nothing(
    make: Callable[[Path], Reader], tmp_path: Path
) -> None:
    read = make(tmp_path)
    intact = read()
    files = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    rng = np.random.default_rng(0)
    noticed = 0
    for case in range(CASES):
        path = files[case % len(files)]
        content = path.read_bytes()
        path.write_bytes(damaged(content, rng))
        try:
            assert read() == intact, (case, path)
        except DeepPlunderError as error:
            noticed += 1
            assert "\n" not in str(error), (case, path)
        path.write_bytes(content)
    assert noticed > CASES // 3
    assert read() == intact


@pytest.mark.parametrize("bit", range(8))
def test_a_damaged_entry_of_the_store_is_made_again(bit: int, tmp_path: Path) -> None:
    song = tmp_path / "song"
    song.write_bytes(b"")
    rng = np.random.default_rng(bit)
    made = rng.standard_normal((20_000, 2)).astype(np.float32)
    calls = []

    def make() -> np.ndarray:
        calls.append(1)
        return made

    store = Store(tmp_path / "cache", limit_bytes=1e9)
    store.made(song, ("kept",), make)
    (entry,) = (tmp_path / "cache").rglob("*.npy")
    content = entry.read_bytes()
    for case in range(20):
        entry.write_bytes(damaged(content, rng))
        np.testing.assert_array_equal(store.made(song, ("kept",), make), made)
        assert len(calls) == case + 2
        assert entry.read_bytes() == content
    np.testing.assert_array_equal(store.made(song, ("kept",), make), made)
    assert len(calls) == 21


def test_a_table_says_how_an_edit_is_kept(tmp_path: Path) -> None:
    read = table(tmp_path)
    path = tmp_path / "sounds.tsv"
    path.write_text(path.read_text().replace("44100", "48000"))
    with pytest.raises(InputError, match=r"sounds\.tsv\.sums to keep an edit"):
        read()
    path.with_name("sounds.tsv.sums").unlink()
    assert b"48000" in read()[0]


def test_other_blocks_of_a_damaged_shard_can_be_read(tmp_path: Path) -> None:
    shards(tmp_path)
    path = tmp_path / "0.npy"
    content = bytearray(path.read_bytes())
    # A byte of mix 1, frame 70.
    content[128 + (FRAMES + 70) * 5 * 4] ^= 1
    path.write_bytes(content)
    shard = ShardSet([path])
    shard.batch([0, 2])
    shard.batch([1], starts=[0], frames=64)
    shard.batch([1], starts=[128], frames=22)
    with pytest.raises(InputError, match=r"0\.npy: mix 1: frames from 64 on"):
        shard.batch([1], starts=[127], frames=2)


def test_a_mix_without_checksums_can_be_read(tmp_path: Path) -> None:
    read = mixes(tmp_path)
    intact = read()
    (tmp_path / "0000" / "mix_000000.sums").unlink()
    assert read() == intact
    shutil.rmtree(tmp_path / "0000")
