"""A network is one module and one record: a toy one is trained, saved, loaded and run."""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest
from annotated_types import Ge, Le

import deep_plunder
from deep_plunder.dataset.shard_set import ShardSet
from deep_plunder.errors import ConfigError, InputError
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.architecture import Architecture, DropRate, Sizes
from deep_plunder.models.detect import detect_song
from deep_plunder.models.inference import predict_song
from deep_plunder.models.layers import LayerMaker
from deep_plunder.models.model_file import load_model
from deep_plunder.models.onnx_graph import FEATURES
from deep_plunder.models.onnx_layers import GraphMaker
from deep_plunder.models.registry import ARCHITECTURES, network
from deep_plunder.training.train import train
from deep_plunder.truth.labels import OUTPUTS
from tests.unit.extraction.test_song import write_song
from tests.unit.training.test_train import SPEC, arguments, data

__all__ = ["data"]

PACKAGE = Path(deep_plunder.__file__).parent
REPOSITORY = PACKAGE.parents[2]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ToySizes(Sizes):
    """Sizes of `toy`."""

    units: Annotated[int, Ge(1), Le(64)] = 32
    """Units of the hidden layer. Unit: units."""
    dropout: DropRate = 0.0
    """Share of units dropped in training."""


def _build(spec: FeatureSpec, sizes: ToySizes, make: LayerMaker) -> Any:
    import keras

    features = keras.Input((None, spec.bands), name="features")
    hidden = make.dense("hidden", sizes.units, activation="relu")(features)
    hidden = make.dropout("dropout", sizes.dropout)(hidden)
    outputs = {name: make.dense(name, 1, activation="sigmoid")(hidden) for name in OUTPUTS}
    return keras.Model(features, outputs, name="toy")


def _write_graph(spec: FeatureSpec, sizes: ToySizes, make: GraphMaker) -> bytes:
    rows = make.matrix(FEATURES, spec.bands)
    hidden = make.op("Relu", make.dense(rows, "hidden", spec.bands, sizes.units))
    outputs = make.outputs(hidden, OUTPUTS, sizes.units)
    return make.finish(outputs, len(OUTPUTS), bands=spec.bands)


TOY = Architecture(
    name="toy",
    sizes=ToySizes,
    build=_build,
    write_graph=_write_graph,
    receptive_frames=lambda _: 0,
    window_s=10.0,
)


@pytest.mark.parametrize("record", [TOY, dataclasses.replace(TOY, write_graph=None)])
def test_a_record_is_all_that_a_new_network_needs(
    record: Architecture[ToySizes], data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match=r"architecture: must be one of .*, got 'toy'"):
        network("toy")
    monkeypatch.setitem(ARCHITECTURES, "toy", record)
    with pytest.raises(ConfigError, match=r"sizes\.units: must be at most 64, got 65"):
        network("toy", units=65)

    learning = {"epochs": 4, "steps_per_epoch": 40, "learning_rate": 0.01}
    options = arguments(data, tmp_path, sizes={"units": 24}, **learning) | {"architecture": "toy"}
    history = train(**options)
    assert history[-1].val_frame_loss < history[0].frame_loss

    model = load_model(tmp_path / "model.keras")
    assert (model.architecture, model.sizes) == ("toy", {"units": 24, "dropout": 0.0})
    assert (model.outputs, model.stride, model.context_frames) == (OUTPUTS, 1, 0)
    features, labels = ShardSet([data / "validation.npy"]).batch(range(7))
    found = model.predict(features)
    expected = load_model(tmp_path / "model.keras", in_keras=True).predict(features)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    heard, truth = found[:, :, 2] > 0.5, labels[:, :, 2] == 1
    assert 2 * (heard & truth).sum() / (heard.sum() + truth.sum()) > 0.8

    song = tmp_path / "song.wav"
    write_song(song)
    assert predict_song(model, song).shape == (SPEC.frames(6 * SPEC.sample_rate), len(OUTPUTS))
    detect_song(model, song)

    # Dropout is no part of the weights, the units are.
    following = options | {"start": tmp_path / "model.keras", "checkpoint_dir": tmp_path / "next"}
    train(**following | {"sizes": {"units": 24, "dropout": 0.5}})
    with pytest.raises(InputError, match="units must be 16 to start this training"):
        train(**following | {"sizes": {"units": 16}})


def _faults(path: Path, text: str) -> Iterator[str]:
    """Find the places of Python code that treat one network otherwise than another."""
    classes = {record.sizes.__name__ for record in ARCHITECTURES.values()}
    for node in ast.walk(ast.parse(text)):
        name = getattr(node, "id", getattr(node, "attr", None))
        if name in classes:
            yield f"{path}: names the class {name}"
        if isinstance(node, ast.ImportFrom | ast.Import):
            modules = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
            if any("models.networks" in module for module in modules):
                yield f"{path}: imports a network"
        if isinstance(node, ast.Compare | ast.Match | ast.Dict | ast.Subscript):
            yield from _line_faults(path, ast.unparse(node).splitlines()[0])


def _line_faults(path: Path, line: str) -> Iterator[str]:
    """Find a line that holds the name of a network and speaks of architectures."""
    if re.search(r"architecture|\bnetwork\b", line) and (
        re.search(rf"[\"']({'|'.join(ARCHITECTURES)})[\"']", line)
    ):
        yield f"{path}: compares a name: {line}"


def test_no_other_module_compares_the_name_or_the_sizes_of_a_network() -> None:
    networks = {*(PACKAGE / "models" / "networks").glob("*.py")}
    own = {PACKAGE / "models" / "registry.py", *networks}
    modules = {*PACKAGE.rglob("*.py"), *(REPOSITORY / "workflow" / "scripts").glob("*.py")} - own
    rules = {*(REPOSITORY / "workflow").rglob("*.smk"), REPOSITORY / "workflow" / "Snakefile"}
    assert len(modules) > 100
    assert len(rules) > 10
    faults = [fault for path in modules for fault in _faults(path, path.read_text("utf-8"))]
    for path in rules:
        for line in path.read_text("utf-8").splitlines():
            faults += _line_faults(path, line)
    # A network depends on no other, so that an edit of one reruns no training of another.
    for path in networks:
        text = path.read_text("utf-8")
        faults += [fault for fault in _faults(path, text) if fault.endswith("imports a network")]
    assert faults == []


@pytest.mark.parametrize(
    "code",
    [
        "x = [m for m in models if m['architecture'] != 'paper']",
        "if loaded.architecture in ('two_rate', 'grouped'): pass",
        "stride = {'grouped': 4}[architecture]",
        "if isinstance(chosen, PaperSizes): pass",
        "from deep_plunder.models.networks import conv",
        "from deep_plunder.models.networks.paper import PaperSizes as Sizes",
    ],
)
def test_such_a_comparison_is_found(code: str) -> None:
    assert list(_faults(Path("x.py"), code))
