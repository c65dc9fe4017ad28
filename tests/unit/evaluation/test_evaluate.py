import dataclasses
import math
import re
import shutil

import numpy as np
import pytest

from deep_plunder.dataset.shards import write_shard
from deep_plunder.decoding.decode import Overrides
from deep_plunder.decoding.settings import Calibration, Decoder, DetectionSpec
from deep_plunder.errors import InputError, ModelError
from deep_plunder.evaluation.curves import Area, CurvePoint, precision_recall, roc
from deep_plunder.evaluation.evaluate import evaluate
from deep_plunder.evaluation.table1 import METRICS, PAPER_TABLE1, TableRow
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models import model_file
from deep_plunder.truth.labels import encode
from deep_plunder.truth.regions import Region
from deep_plunder.util.plotting import FORMATS
from deep_plunder.util.rng import generator
from deep_plunder.util.tables import read_records, write_records

SPEC = FeatureSpec(mel_bands=3)
FRAMES = 300
TABLES = ["areas.tsv", "clips.tsv", "curves.tsv", "intervals.tsv", "per_file.tsv", "table1.tsv"]
FIGURES = [
    f"{name}{suffix}" for name in ("figure5_precision_recall", "figure6_roc") for suffix in FORMATS
]
FILES = sorted([*TABLES, *(f"{table}.sums" for table in TABLES), *FIGURES, "table1.md"])


@dataclasses.dataclass
class FakeModel:
    """Says what the features hold: the fixture hides wished outputs there."""

    spec: FeatureSpec = SPEC
    largest: int = 0
    decoder: Decoder | None = None

    def predict(self, features):
        self.largest = max(self.largest, len(features))
        return features


@pytest.fixture
def model(monkeypatch):
    fake = FakeModel()
    monkeypatch.setattr(model_file, "load_model", lambda path: fake)
    return fake


def regions_of(mix):
    random = generator(3, "mix", mix)
    edges = np.sort(random.uniform(0, FRAMES / SPEC.frame_rate, 8)).reshape(-1, 2)
    return [(a, b) for a, b in edges.tolist() if b - a > 0.1]


def write_data(folder, outputs, *, mixes=5, per_shard=2, empty=()):
    """Write shards whose features are `outputs(mix, labels)`, and the tables of regions."""
    shards, tables = [], []
    for first in range(0, mixes, per_shard):
        numbers = range(first, min(first + per_shard, mixes))
        regions = {mix: [] if mix in empty else regions_of(mix) for mix in numbers}
        items = []
        for mix in numbers:
            labels = encode(regions[mix], frames=FRAMES, frame_rate=SPEC.frame_rate)
            items.append((outputs(mix, labels).astype(np.float32), labels))
        shards.append(folder / f"{len(shards):04d}.npy")
        write_shard(shards[-1], items, count=len(items), frames=FRAMES, spec=SPEC)
        tables.append(folder / f"{len(tables):04d}.regions.tsv")
        rows = [Region(mix, a, b, "s", "c") for mix in numbers for a, b in regions[mix]]
        write_records(tables[-1], Region, rows)
    return shards, tables


def truth(mix, labels):
    return labels


def noisy(mix, labels):
    random = generator(4, "noise", mix)
    return np.clip(0.6 * labels + random.uniform(0, 0.55, labels.shape), 0, 1)


@pytest.mark.parametrize("reference", ["tsv", "labels"])
def test_a_model_that_knows_the_truth_scores_100(tmp_path, model, reference):
    shards, tables = write_data(tmp_path, truth)
    rows = evaluate("m", shards, tables, folder=tmp_path / "out", reference=reference)
    assert read_records(tmp_path / "out" / "table1.tsv", TableRow) == rows
    # Overlap measures the rounding to frames where the reference is in seconds.
    for row in rows:
        exact = reference == "labels" or row.metric != "overlap"
        assert row.mean == pytest.approx(
            0 if "error" in row.metric else 100, abs=1e-9 if exact else 5
        )
    for row in read_records(tmp_path / "out" / "clips.tsv", TableRow):
        assert row.mean > 90, row
    for area in read_records(tmp_path / "out" / "areas.tsv", Area):
        assert area.average_precision == area.roc_auc == 1


def test_everything_is_written_and_fits_together(tmp_path, model):
    shards, tables = write_data(tmp_path, noisy, mixes=11, per_shard=4, empty=[3])
    rows = evaluate("m", shards, tables, folder=tmp_path / "out", name="a|b")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == FILES
    assert model.largest <= 8
    lines = (tmp_path / "out" / "per_file.tsv").read_text().splitlines()
    header, *files = [line.split("\t") for line in lines]
    assert header[:4] == ["mix", "regions", "intervals", "clips"]
    assert [int(file[0]) for file in files] == list(range(11))
    assert int(files[3][1]) == 0 and float(files[3][header.index("note_f1")]) == 0
    for key, row in zip(METRICS, rows, strict=True):
        column = [float(file[header.index(key)]) for file in files]
        assert row.mean == pytest.approx(np.mean(column))
        assert row.std == pytest.approx(np.std(column))
    table = (tmp_path / "out" / "table1.md").read_text()
    assert "| output | metric | a\\|b (%) | paper (%) |" in table
    for row, paper in zip(rows, PAPER_TABLE1, strict=True):
        cells = f"{row.mean:.1f} ± {row.std:.1f} | {paper.mean:.1f} ± {paper.std:.1f} |"
        assert f"| {row.output} | {row.metric} | {cells}" in table
    points = read_records(tmp_path / "out" / "curves.tsv", CurvePoint)
    assert {(p.curve, p.output) for p in points} == {
        (curve, output) for curve in ("precision_recall", "roc") for output in ("onset", "frame")
    }
    assert all(0 <= p.x <= 1 and 0 <= p.y <= 1 for p in points)


def test_clips_are_found_as_the_model_and_the_user_want(tmp_path, model):
    shards, tables = write_data(tmp_path, truth)

    def usable_of(**options):
        evaluate("m", shards, tables, folder=tmp_path / "out", **options)
        rows = read_records(tmp_path / "out" / "clips.tsv", TableRow)
        return {row.metric: row.mean for row in rows}["usable"]

    assert usable_of(clip_settings=Overrides(min_duration_s=50)) == 0
    table = (tmp_path / "out" / "table1.md").read_text()
    assert "- clips: 0 of 0.00 s on average, cut by the paper's walk, min_duration_s 50\n" in table
    curve = Calibration((0.1,), (0.5,))
    model.decoder = Decoder(spec=DetectionSpec(), calibration=curve, min_score=0.0)
    assert usable_of() > 90
    table = (tmp_path / "out" / "table1.md").read_text()
    assert re.search(
        r"\n- clips: \d+ of \d\.\d\d s on average, cut by the model's own decoder\n", table
    )
    assert usable_of(clip_settings=Overrides(min_score=1)) == 0


def test_the_shards_size_changes_nothing(tmp_path, model):
    for name, per_shard in (("a", 1), ("b", 11)):
        (tmp_path / name).mkdir()
        data = write_data(tmp_path / name, noisy, mixes=11, per_shard=per_shard)
        evaluate("m", *data, folder=tmp_path / name / "out" / "model")
    for file in FILES:
        one, other = (tmp_path / name / "out" / "model" / file for name in "ab")
        assert one.read_bytes() == other.read_bytes(), file


def test_a_silent_model_and_silent_mixes_score_zeros(tmp_path, model):
    shards, tables = write_data(tmp_path, lambda mix, labels: 0 * labels)
    rows = {(r.output, r.metric): r for r in evaluate("m", shards, tables, folder=tmp_path / "a")}
    assert rows["note", "f1"].mean == 0 and rows["frame", "miss error"].mean == 100
    shards, tables = write_data(tmp_path, noisy, empty=range(5))
    assert all(row.mean == 0 for row in evaluate("m", shards, tables, folder=tmp_path / "b"))
    [onset, _] = read_records(tmp_path / "b" / "areas.tsv", Area)
    assert math.isnan(onset.roc_auc) and onset.positives == 0
    assert sorted(p.name for p in (tmp_path / "b").iterdir()) == FILES


@pytest.mark.parametrize("reference", ["tsv", "labels"])
def test_frames_where_no_answer_is_wrong_do_not_count(tmp_path, model, reference):
    def doubtful(mix, labels):
        outputs = labels.astype(np.float32)
        # A whole stretch with nothing in it, in which the model says what it likes.
        quiet = np.flatnonzero(labels.sum(axis=1) == 0)[:40]
        outputs[quiet] = 0.4
        labels[quiet] = 2
        return outputs

    shards, tables = write_data(tmp_path, doubtful)
    rows = evaluate("m", shards, tables, folder=tmp_path / "out", reference=reference)
    for area in read_records(tmp_path / "out" / "areas.tsv", Area):
        assert area.frames == 5 * (FRAMES - 40)
        assert area.average_precision == 1
    for row in rows:
        if row.metric in ("precision", "recall", "f1"):
            assert row.mean == pytest.approx(100)


def test_curves_are_those_of_scikit_learn():
    from sklearn import metrics

    random = generator(5, "curves")
    positives = random.random(20_000) < 0.1
    scores = np.clip(0.3 * positives + random.random(20_000), 0, 1).astype(np.float32).round(3)
    curve = precision_recall("onset", positives, scores)
    assert curve.area == metrics.average_precision_score(positives, scores)
    assert roc("onset", positives, scores).area == metrics.roc_auc_score(positives, scores)
    thin = curve.thinned(100)
    assert len(thin.x) <= 102
    assert (thin.x[0], thin.y[-1]) == (curve.x[0], curve.y[-1])
    points, kept = np.stack([curve.x, curve.y], 1), np.stack([thin.x, thin.y], 1)
    assert np.abs(points[:, None] - kept).max(axis=2).min(axis=1).max() < 0.03


def test_what_does_not_fit_is_refused_before_anything_is_written(tmp_path, model):
    shards, tables = write_data(tmp_path, truth)
    out = tmp_path / "out"
    with pytest.raises(InputError, match=r"onset_threshold: must be a number in 0\.\.1, got 1.5"):
        evaluate("m", shards, tables, folder=out, onset_threshold=1.5)
    with pytest.raises(InputError, match="reference: must be 'tsv' or 'labels', got 'paper'"):
        evaluate("m", shards, tables, folder=out, reference="paper")
    with pytest.raises(InputError, match=r"0002\.regions\.tsv: mix must be in 0\.\.3.*got 4"):
        evaluate("m", shards[:2], tables, folder=out)
    model.spec = FeatureSpec(mel_bands=229)
    with pytest.raises(ModelError, match="m: hears 229 mel bands, the features have 3"):
        evaluate("m", shards, tables, folder=out)
    shutil.rmtree(out, ignore_errors=True)
    model.spec = SPEC
    shards, tables = write_data(tmp_path, lambda mix, labels: labels * np.nan)
    with pytest.raises(ModelError, match="m: gives outputs that are not finite for mix 0"):
        evaluate("m", shards, tables, folder=out)
    assert not out.exists()
