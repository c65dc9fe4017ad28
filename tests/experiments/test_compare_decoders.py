"""experiments/tools/compare_decoders.py: all decoders on the same outputs, scored alike."""

import importlib.util
import runpy
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from deep_plunder.dataset.shards import write_shard
from deep_plunder.evaluation.bench.layout import BenchTruth
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.model_file import save_model
from deep_plunder.models.registry import network
from deep_plunder.truth.labels import FRAME, encode
from deep_plunder.truth.regions import Region
from deep_plunder.util.tables import read_records, write_records

SCRIPT = Path(__file__).parents[2] / "experiments" / "tools" / "compare_decoders.py"
SPEC = FeatureSpec(mel_bands=20)
# The second sound follows the first without a gap.
REGIONS = np.array([(0.32, 0.96), (0.96, 1.6), (3.2, 4.8)])


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("compare_decoders", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["compare_decoders"] = module
    spec.loader.exec_module(module)
    return module


def test_perfect_outputs_tell_the_decoders_apart(tool: ModuleType) -> None:
    labels = encode(REGIONS, frames=200, frame_rate=31.25)
    truth = BenchTruth("a", REGIONS, np.zeros((0, 2)), labels[:, FRAME])
    rows = tool.compare("perfect", iter([(truth, labels.astype(np.float32))]), 0.032)
    assert len(rows) == len(tool.DECODERS) * len(tool.THRESHOLDS)
    scores = {row.decoder: row for row in rows if row.threshold == 0.5}
    # Only the decoders that end a sound where the next begins get all offsets right.
    for decoder in ("Onsets and Frames", "Onsets and Frames, with offsets", "regions"):
        assert (scores[decoder].note_f1, scores[decoder].note_offset_f1) == (100, 100), decoder
    assert scores["paper, Table 1"].note_f1 == 100
    assert scores["paper, Table 1"].note_offset_f1 == pytest.approx(66.67)
    assert scores["paper, clips"].note_f1 == pytest.approx(80)


def test_a_run_is_scored_to_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "results" / "features" / "test"
    folder.mkdir(parents=True)
    labels = encode(REGIONS, frames=200, frame_rate=31.25)
    features = np.random.default_rng(1).normal(size=(200, 20)).astype(np.float32)
    write_shard(folder / "0000.npy", [(features, labels)] * 2, count=2, frames=200, spec=SPEC)
    rows = [Region(mix, *bounds, "s", "c") for mix in range(2) for bounds in REGIONS.tolist()]
    write_records(folder / "0000.regions.tsv", Region, rows)
    sizes = {"channels": 8, "front": [4, 4], "dilations": [1, 2]}
    model = network("conv", **sizes).build(SPEC, seed=1)
    save_model(tmp_path / "m.keras", model, architecture="conv", sizes=sizes, spec=SPEC)
    arguments = [str(SCRIPT), str(tmp_path / "m.keras"), str(tmp_path / "table.tsv")]
    monkeypatch.setattr(sys, "argv", [*arguments, "--mixes", str(tmp_path / "results")])
    done = runpy.run_path(str(SCRIPT), run_name="__main__")
    table = read_records(tmp_path / "table.tsv", done["DecoderRow"])
    assert {row.set for row in table} == {"mixes"}
    assert len(table) == len(done["DECODERS"]) * len(done["THRESHOLDS"])
    monkeypatch.setattr(sys, "argv", [*arguments, "--mixes", str(tmp_path)])
    with pytest.raises(SystemExit, match="must hold the features of test mixes"):
        runpy.run_path(str(SCRIPT), run_name="__main__")
