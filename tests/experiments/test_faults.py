"""The faults of the mixes: configurations that change one thing, commands, and intervals."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
import yaml
from snakemake.utils import update_config

from deep_plunder.config.validate import validate
from deep_plunder.dataset.shards import write_shard
from deep_plunder.errors import InputError
from deep_plunder.evaluation.bench.layout import FRAME_S, ISOLATED, BenchTruth
from deep_plunder.evaluation.bench.scores import score, score_song
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.model_file import save_model
from deep_plunder.models.registry import network
from deep_plunder.truth.labels import encode
from deep_plunder.truth.regions import Region
from deep_plunder.util.tables import read_records, write_records
from experiments.faults.compare import compare, main, models_of
from experiments.faults.run import FOLDER, commands, runs
from experiments.study.compare import StudyRow

SPEC = FeatureSpec(mel_bands=20)
SIZES = {"channels": 8, "front": [4, 4], "dilations": [1, 2]}


def configuration(name: str) -> dict:
    config = yaml.safe_load((FOLDER / "base.yaml").read_text(encoding="utf-8"))
    config["library"]["path"], config["songs"] = "sounds", {"sources": ["list.txt"]}
    if name != "base":
        update_config(config, yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")))
    return validate(deepcopy(config), source=name)


def test_each_configuration_changes_the_sound_of_the_mixes_alone():
    base = configuration("base")
    assert base["mixes"]["per_shard"] == base["mixes"]["count"]["test"]
    assert len(runs()) == len(set(runs())) > 8
    for name in runs()[1:]:
        config = configuration(name)
        assert config["mixes"] != base["mixes"], name
        assert config["mixes"]["count"] == base["mixes"]["count"], name
        assert config | {"mixes": None} == base | {"mixes": None}, name


def test_the_commands_train_all_seeds_of_each_run():
    corpus, base, other = commands(Path("out"), ["base", "volumes"], cores=3)
    assert corpus[corpus.index("--directory") + 1] == "out/corpus"
    assert base[base.index("--directory") + 1] == "out/base"
    models = [f"results/models/seed_{seed}/model.keras" for seed in (2020, 2021, 2022)]
    assert base[base.index("--") + 1 :] == [*models, "results/features/test/0000.npy"]
    assert other[other.index("--") + 1 :] == models
    assert other[other.index("--cores") + 1] == "3"
    first = other.index("--configfile") + 1
    files = [str(FOLDER / f"{name}.yaml") for name in ("base", "volumes")]
    assert other[first : other.index("--")] == files
    own = commands(Path("out"), ["base"], cores=1, over=Path("mine.yaml"))
    assert len(own) == 1
    assert own[0][own[0].index("--") - 1] == str(Path("mine.yaml").resolve())


def judged(right: int, songs: int = 8):
    """Songs with a region each, of which the first ones are found, and nothing else."""
    found = []
    for number in range(songs):
        onset, offset = 10 * FRAME_S, 20 * FRAME_S
        labels = np.zeros(100, np.uint8)
        labels[10:20] = ISOLATED
        truth = BenchTruth(f"{number}", np.array([[onset, offset]]), np.zeros((0, 2)), labels)
        found.append(score_song(truth, [(onset, offset, 0.5)] if number < right else []))
    return found


def test_a_value_is_the_mean_of_the_seeds_and_differences_are_of_the_same_songs():
    scores = {
        "base": [judged(4), judged(2)],
        "better": [judged(8), judged(6)],
        "same": [judged(4), judged(2)],
    }
    rows = {row.run: row for row in compare(scores, "note_f1", draws=300)}
    assert score(judged(4)).note_macro_f1 == 50
    assert (rows["base"].value, rows["better"].value, rows["better"].difference) == (37.5, 87.5, 50)
    # Songs 4 to 5 at each seed, and 2 to 3 and 6 to 7 at one, tell them apart.
    assert 10 < rows["better"].low < 50 < rows["better"].high < 90
    for name in ("base", "same"):
        assert rows[name].difference == rows[name].low == rows[name].high == 0
    assert compare(scores, "note_f1", draws=300) == list(rows.values())


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    folder = tmp_path / "base" / "results" / "features" / "test"
    folder.mkdir(parents=True)
    bounds = np.array([(0.32, 0.96), (3.2, 4.8)])
    labels = encode(bounds, frames=200, frame_rate=31.25)
    features = np.random.default_rng(1).normal(size=(200, 20)).astype(np.float32)
    write_shard(folder / "0000.npy", [(features, labels)] * 3, count=3, frames=200, spec=SPEC)
    rows = [Region(mix, *pair, "s", "c") for mix in range(3) for pair in bounds.tolist()]
    write_records(folder / "0000.regions.tsv", Region, rows)
    for run in ("base", "other"):
        for seed in (1, 2):
            path = tmp_path / run / "results" / "models" / f"seed_{seed}" / "model.keras"
            path.parent.mkdir(parents=True)
            model = network("conv", **SIZES).build(SPEC, seed=seed)
            save_model(path, model, architecture="conv", sizes=SIZES, spec=SPEC)
    return tmp_path


def test_models_of_a_run_are_scored_to_a_table_and_a_figure(trained: Path, capsys):
    table, figure = trained / "table.tsv", trained / "figure.png"
    assert main([str(trained), "-o", str(table), "-f", str(figure)]) == 0
    rows = read_records(table, StudyRow)
    assert [(row.run, row.measure) for row in rows] == [("base", "note_f1"), ("other", "note_f1")]
    # The same seeds on the same features: the same networks.
    assert rows[1].difference == rows[1].low == rows[1].high == 0
    assert figure.stat().st_size > 1000
    assert "note F1, mixes" in capsys.readouterr().out


def test_a_run_that_lacks_a_seed_is_named(trained: Path, capsys):
    (trained / "other" / "results" / "models" / "seed_2" / "model.keras").unlink()
    with pytest.raises(InputError, match=r"other: must have the models seed_1, seed_2, as base"):
        models_of(trained)
    with pytest.raises(InputError, match=r"must hold base/results/models/SEED/model.keras"):
        models_of(trained / "other")
    assert main([str(trained), "-o", "t.tsv", "-f", "f.png"]) == 1
    assert "seed_2" in capsys.readouterr().err
