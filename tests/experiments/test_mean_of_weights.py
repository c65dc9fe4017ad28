"""experiments/tools/mean_of_weights.py: the mean of several trainings, and of nothing else."""

import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.model_file import load_model, save_model
from deep_plunder.models.registry import network

SCRIPT = Path(__file__).parents[2] / "experiments" / "tools" / "mean_of_weights.py"
SPEC = FeatureSpec(mel_bands=24)


def write_model(path, *, seed, **sizes):
    model = network("conv", **sizes).build(SPEC, seed=seed)
    save_model(path, model, architecture="conv", sizes=sizes, spec=SPEC)
    return path


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), *map(str, arguments)])
    runpy.run_path(str(SCRIPT), run_name="__main__")


def test_each_weight_is_the_mean(tmp_path, monkeypatch):
    paths = [write_model(tmp_path / f"{seed}.keras", seed=seed, channels=8) for seed in range(3)]
    run(monkeypatch, tmp_path / "mean.keras", *paths)
    mean = load_model(tmp_path / "mean.keras")
    assert (mean.architecture, mean.spec, mean.decoder) == ("conv", SPEC, None)
    members = zip(*(load_model(path).model.get_weights() for path in paths), strict=True)
    for found, values in zip(mean.model.get_weights(), members, strict=True):
        np.testing.assert_allclose(found, np.mean(values, axis=0), rtol=1e-6, atol=1e-7)


def test_of_other_kinds_there_is_no_mean(tmp_path, monkeypatch, capsys):
    small = write_model(tmp_path / "small.keras", seed=0, channels=8)
    large = write_model(tmp_path / "large.keras", seed=0, channels=16)
    with pytest.raises(SystemExit) as stopped:
        run(monkeypatch, tmp_path / "mean.keras", small, large)
    assert stopped.value.code == 2
    assert "large: is of another kind than small" in capsys.readouterr().err
    assert not (tmp_path / "mean.keras").exists()
