"""The files of a bench."""

from pathlib import Path

import numpy as np
import pytest

from deep_plunder.errors import InputError
from deep_plunder.evaluation.bench.layout import BenchTruth, songs_in_benches, write_truth


def bench(folder: Path, *names: str) -> Path:
    for name in names:
        nothing = np.empty((0, 2))
        write_truth(folder, BenchTruth(name, nothing, nothing, np.zeros(3, np.uint8)))
    return folder


def test_songs_in_benches_are_named_with_their_bench(tmp_path):
    (tmp_path / "dev/audio").mkdir(parents=True)
    (tmp_path / "dev/audio/Ebb.flac").touch()
    benches = {"dev": bench(tmp_path / "dev", "Tide", "Ebb"), "val": bench(tmp_path / "val", "Low")}
    assert songs_in_benches(benches) == [
        (str(tmp_path / "dev/audio/Ebb.flac"), "the bench dev"),
        (str(tmp_path / "dev/audio/Tide"), "the bench dev"),
        (str(tmp_path / "val/audio/Low"), "the bench val"),
    ]
    assert songs_in_benches({}) == []
    with pytest.raises(InputError, match=r"must hold one \.npy per song"):
        songs_in_benches({"none": tmp_path})
