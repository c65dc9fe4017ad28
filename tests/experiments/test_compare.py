"""The study compares runs song by song, with intervals over songs."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
import yaml
from snakemake.utils import update_config

from deep_plunder.audio import writing
from deep_plunder.config.validate import validate
from deep_plunder.errors import InputError
from deep_plunder.evaluation.bench.find import FoundClip
from deep_plunder.evaluation.bench.layout import FRAME_S, ISOLATED, BenchTruth, write_truth
from deep_plunder.util.tables import read_records, write_records
from experiments.study.compare import MEASURES, StudyRow, compare, judged_runs, main, study_grid

STUDY = Path(__file__).resolve().parents[2] / "experiments" / "study"

SONGS = ("one", "two", "three", "four")


def write_bench(folder):
    """Four songs of ten seconds with a region each."""
    for number, name in enumerate(SONGS):
        onset, offset = 64 * FRAME_S + number, 74 * FRAME_S + number
        labels = np.zeros(313, np.uint8)
        labels[round(onset / FRAME_S) : round(offset / FRAME_S)] = ISOLATED
        truth = BenchTruth(name, np.array([[onset, offset]]), np.zeros((0, 2)), labels)
        (folder / "audio").mkdir(parents=True, exist_ok=True)
        writing.write(folder / "audio" / f"{name}.wav", np.zeros((8000, 1), np.float32), 8000)
        write_truth(folder, truth)


def write_run(folder, *, right):
    """A run that finds the first `right` regions, and one that is none in each song."""
    folder.mkdir(parents=True)
    for number, name in enumerate(SONGS):
        rows = [FoundClip(8.0, 8.2, 0.2, True)]
        if number < right:
            rows.append(FoundClip(64 * FRAME_S + number, 74 * FRAME_S + number, 0.9, True))
        write_records(folder / f"{name}.tsv", FoundClip, rows)


@pytest.fixture
def study(tmp_path):
    write_bench(tmp_path / "bench")
    for name, right in (("base", 2), ("better", 4), ("same", 2)):
        write_run(tmp_path / "runs" / name, right=right)
    return tmp_path


def test_differences_are_of_the_same_songs(study):
    rows = compare(judged_runs(study / "bench", study / "runs"), base="base", draws=200)
    by = {(row.run, row.measure): row for row in rows}
    assert by["base", "found"].value == 50
    assert by["better", "found"].value == 100
    assert by["better", "found"].difference == 50
    assert by["better", "ap"].value == 100
    assert 0 <= by["better", "found"].low < 50 < by["better", "found"].high <= 100
    for measure in MEASURES:
        assert by["same", measure].low == by["same", measure].high == 0


def test_the_table_is_the_same_again_and_shows_intervals(study, capsys):
    command = [str(study / "bench"), str(study / "runs"), "--base", "base"]
    for name in ("a", "b"):
        files = ["-o", str(study / f"{name}.tsv"), "-f", str(study / f"{name}.png")]
        assert main([*command, *files]) == 0
    assert (study / "a.tsv").read_bytes() == (study / "b.tsv").read_bytes()
    assert (study / "a.png").read_bytes() == (study / "b.png").read_bytes()
    rows = list(read_records(study / "a.tsv", StudyRow))
    assert len(rows) == 3 * len(MEASURES)
    assert study_grid(rows)[1][1] == "50.0"
    assert "better" in capsys.readouterr().out


def test_what_is_missing_is_named(study, capsys):
    runs = judged_runs(study / "bench", study / "runs")
    with pytest.raises(InputError, match=r"base: must be one of base, better, same, got 'none'"):
        compare(runs, base="none")
    (study / "runs" / "same" / "two.tsv").unlink()
    files = ["-o", str(study / "a.tsv"), "-f", str(study / "a.png")]
    assert main([str(study / "bench"), str(study / "runs"), "--base", "base", *files]) == 1
    assert "two.tsv" in capsys.readouterr().err
    (study / "empty").mkdir()
    with pytest.raises(InputError, match="nowhere: there is no such folder"):
        judged_runs(study / "bench", study / "nowhere")
    with pytest.raises(InputError, match="need one folder per run"):
        judged_runs(study / "bench", study / "empty")


def test_the_configurations_of_the_study_are_sound_and_each_changes_something():
    base = yaml.safe_load((STUDY / "base.yaml").read_text(encoding="utf-8"))
    base["library"]["path"] = "sounds"
    base["realbench"], base["calibration"] = {}, {"bench": None}
    base["songs"] = {"sources": ["list.txt"]}
    whole = validate(base, source="base.yaml")
    factors = sorted(path for path in STUDY.glob("*.yaml") if path.name != "base.yaml")
    assert len(factors) > 10
    for path in factors:
        factor = yaml.safe_load(path.read_text(encoding="utf-8"))
        config = deepcopy(base)
        update_config(config, factor)
        assert validate(config, source=path.name) != whole
