"""experiments/tools/renew_statistics.py: statistics of a run's mixes, and nothing else new."""

import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from deep_plunder.dataset.shards import write_shard
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.model_file import load_model, save_model
from deep_plunder.models.registry import network
from deep_plunder.truth.labels import OUTPUTS
from deep_plunder.util.rng import generator

SCRIPT = Path(__file__).parents[2] / "experiments" / "tools" / "renew_statistics.py"
SPEC = FeatureSpec(mel_bands=24)
SIZES = {"channels": 8, "front": [4, 4], "dilations": [1, 2]}


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), *map(str, arguments)])
    runpy.run_path(str(SCRIPT), run_name="__main__")


@pytest.fixture
def results(tmp_path: Path) -> Path:
    for split, counts in (("train", (3, 2)), ("validation", (2,))):
        folder = tmp_path / "results" / "features" / split
        folder.mkdir(parents=True)
        for number, count in enumerate(counts):
            rng = generator(1, split, number)
            items = [
                (
                    rng.normal(-4, 2, (50, 24)).astype(np.float32),
                    (rng.random((50, 3)) < 0.2).astype(np.uint8),
                )
                for _ in range(count)
            ]
            path = folder / f"{number:04}.npy"
            write_shard(path, items, count=count, frames=50, spec=SPEC)
    return tmp_path / "results"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.keras"
    network_of = network("conv", **SIZES).build(SPEC, seed=1)
    save_model(path, network_of, architecture="conv", sizes=SIZES, spec=SPEC, half=True)
    return path


def entropy(labels: np.ndarray, outputs: np.ndarray) -> float:
    chances = np.where(labels == 1, outputs, 1 - outputs).astype(np.float64)
    return float(-np.log(chances).mean())


def test_the_statistics_are_those_of_all_training_mixes(
    results: Path,
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(monkeypatch, model, tmp_path / "new.keras", results)
    old, new = (load_model(path, in_keras=True) for path in (model, tmp_path / "new.keras"))
    for before, after in zip(
        old.model.trainable_variables, new.model.trainable_variables, strict=True
    ):
        np.testing.assert_array_equal(before, after)
    import keras

    shards = [results / "features" / "train" / f"000{k}.npy" for k in range(2)]
    features = np.concatenate([np.load(path) for path in shards])
    norm = new.model.get_layer("project_norm")
    heard = np.asarray(keras.Model(new.model.input, norm.input)(features)).reshape(-1, 8)
    np.testing.assert_allclose(norm.moving_mean, heard.mean(0), rtol=2e-3, atol=1e-4)
    np.testing.assert_allclose(norm.moving_variance, heard.var(0), rtol=2e-3)
    features = np.load(results / "features" / "validation" / "0000.npy")
    labels = np.load(results / "features" / "validation" / "0000.labels.npy")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "statistics of 5 training mixes"
    for line, loaded in zip(lines[1:], (old, new), strict=True):
        outputs = loaded.predict(features)
        assert line.endswith("on 2 validation mixes")
        for column, name in enumerate(OUTPUTS):
            stated = float(line.split(f"{name} ")[1].split(",")[0].split(" ")[0])
            found = entropy(labels[:, :, column], outputs[:, :, column])
            assert stated == pytest.approx(found, rel=1e-2)


def test_what_does_not_fit_is_named(
    results: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit, match="must hold features/train of a run"):
        run(monkeypatch, model, tmp_path / "new.keras", tmp_path)
    other = tmp_path / "other.keras"
    spec = FeatureSpec(mel_bands=23)
    network_of = network("conv", **SIZES).build(spec)
    save_model(other, network_of, architecture="conv", sizes=SIZES, spec=spec)
    with pytest.raises(SystemExit, match="must have 23 mel bands for other, has 24"):
        run(monkeypatch, other, tmp_path / "new.keras", results)
    assert not (tmp_path / "new.keras").exists()
