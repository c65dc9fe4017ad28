"""Files of arrays as cases: truth of scenes, forests, checkpoints, labels of benches, shards."""

from __future__ import annotations

import dataclasses
import functools
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from deep_plunder.dataset.shard_set import ShardSet
from deep_plunder.dataset.shards import labels_path, shard_sums_path, write_shard
from deep_plunder.description.classes import ClassForest
from deep_plunder.description.traits import TRAITS
from deep_plunder.evaluation.baselines.forest import read_forest as load_forest
from deep_plunder.evaluation.baselines.frames import FRAME_FEATURES
from deep_plunder.evaluation.bench.layout import BenchTruth, truth_of, write_truth
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.training.checkpoints import Checkpoint, read_checkpoint, write_checkpoint
from deep_plunder.truth.isolation import IsolationTruth, read_isolation, write_isolation
from deep_plunder.util.trees import Trees

__all__ = [
    "FOREST",
    "checkpoint",
    "class_names",
    "forest",
    "isolation",
    "labels",
    "read_bench",
    "read_class_forest",
    "read_forest",
    "read_shard",
    "read_training",
    "read_truth",
    "shard",
    "with_names",
    "with_nodes",
]

FOREST = Trees(
    roots=np.array([0, 3], np.int32),
    feature=np.array([4, 0, 0, 0], np.int32),
    left=np.array([1, 1, 2, 3], np.int32),
    right=np.array([2, 1, 2, 3], np.int32),
    threshold=np.array([0.5, 0, 0, 0], np.float32),
    shares=np.array([[0.5, 0.5], [0.9, 0.1], [0.1, 0.9], [0.7, 0.3]]),
)
_CLASSES = ClassForest(
    np.array(["kick", "snare"]), np.array([0.5, 0.5], np.float32), np.array(["drum", "drum"]),
    np.array([0.6, 0.6], np.float32), FOREST,
)  # fmt: skip
_OF_CLASSES = ("names", "least", "wider", "least_wider")


def _npy(array: Any) -> bytes:
    file = BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def isolation(folder: Path) -> list[bytes]:
    """Return files of the truth of a scene."""
    path = folder / "truth.npz"
    truth = IsolationTruth(np.zeros(50, np.uint8), np.full(50, np.nan, np.float32), [])
    write_isolation(path, truth)
    return [path.read_bytes()]


def read_truth(path: Path) -> None:
    """Read the truth of a scene."""
    read_isolation(path, [])


def forest(_folder: Path) -> list[bytes]:
    """Return an array of nodes of a forest."""
    return [_npy(FOREST.left)]


@functools.cache
def _forest_arrays() -> dict[str, bytes]:
    return {field.name: _npy(getattr(FOREST, field.name)) for field in dataclasses.fields(Trees)}


def with_nodes(content: bytes) -> bytes:
    """Return a forest with an array of nodes in place of its own."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, own in _forest_arrays().items():
            archive.writestr(f"{name}.npy", content if name == "left" else own)
    return file.getvalue()


def read_forest(path: Path) -> None:
    """Read a forest, and ask it."""
    load_forest(path).predict(np.zeros((3, FRAME_FEATURES), np.float32))


def class_names(_folder: Path) -> list[bytes]:
    """Return the names of the classes of a forest, and their least votes."""
    return [_npy(getattr(_CLASSES, name)) for name in _OF_CLASSES]


def with_names(content: bytes) -> bytes:
    """Return a forest of classes with an array in place of its names, or of its least votes."""
    file = BytesIO()
    own = "least" if b"f4" in content[:64] else "names"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        arrays = _forest_arrays() | {name: _npy(getattr(_CLASSES, name)) for name in _OF_CLASSES}
        for name, array in arrays.items():
            archive.writestr(f"{name}.npy", content if name == own else array)
    return file.getvalue()


def read_class_forest(path: Path) -> None:
    """Read a forest of classes, and ask it; what it states must be a piece of a line."""
    stated = ClassForest.load(path).class_of(np.zeros(TRAITS, np.float32))
    if not stated.isprintable():
        raise ValueError(f"states {stated!r}")


def checkpoint(folder: Path) -> list[bytes]:
    """Return checkpoints of trainings."""
    arrays = [np.arange(3.0)]
    write_checkpoint(folder, "m", Checkpoint({"epoch": 1}, arrays, arrays, []))
    return [path.read_bytes() for path in sorted(folder.glob("*.npz"))]


def read_training(path: Path) -> None:
    """Read a checkpoint."""
    read_checkpoint(path.parent, "m")


def labels(_folder: Path) -> list[bytes]:
    """Return labels of a song of a bench."""
    return [_npy(np.zeros(9, np.uint8)), _npy(np.ones(9, np.int64)), _npy(np.ones(9, bool))]


def read_bench(path: Path) -> None:
    """Read the truth of a song of a bench."""
    bench = path.parent / "bench"
    own = bench / "labels32ms" / "song.npy"
    if not own.exists():
        spans = np.array([[0.0, 0.1]])
        write_truth(bench, BenchTruth("song", spans, spans + 0.1, np.zeros(9, np.uint8)))
        for sums in own.parent.glob("*.sums"):
            sums.unlink()
    own.write_bytes(path.read_bytes())
    truth_of(bench, "song")


def _write_shard(path: Path) -> None:
    spec = FeatureSpec(mel_bands=8)
    items = [(np.ones((6, 8), spec.dtype), np.zeros((6, 3), np.uint8))] * 2
    write_shard(path, iter(items), count=2, frames=6, spec=spec)


def shard(folder: Path) -> list[bytes]:
    """Return the features of a shard."""
    _write_shard(folder / "0.npy")
    return [(folder / "0.npy").read_bytes()]


def read_shard(path: Path) -> None:
    """Read mixes of a shard whose other files are sound."""
    content = path.read_bytes()
    if not (labels_path(path).exists() and shard_sums_path(path).exists()):
        _write_shard(path)
        path.write_bytes(content)
    ShardSet([path]).batch([0, 1])
