"""Real music with exact truth, and baselines, in a run of the whole workflow."""

import ctypes.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from deep_plunder.models.model_file import load_model, save_model

from .conftest import Outcome, Run, changed, sound

pytestmark = pytest.mark.workflow

RATE = 22050
EACH_S = 0.25


def write_bench(folder: Path) -> None:
    """Write a song of lone sounds without a gap, and one in which none is alone."""
    rng = np.random.default_rng(5)
    for name in ("audio", "regions", "labels32ms"):
        (folder / name).mkdir(parents=True)
    hits = np.concatenate([sound(rng, RATE, EACH_S, 1) for _ in range(32)])
    frames = round(32 * EACH_S / 0.032)
    for name, wave, regions in (
        ("alone", hits, [(k * EACH_S, (k + 1) * EACH_S) for k in range(32)]),
        ("never", hits + rng.normal(0, 0.1, hits.shape), []),
    ):
        soundfile.write(folder / "audio" / f"{name}.flac", wave, RATE)
        rows = [f"{on}\t{off}\n" for on, off in regions]
        (folder / "regions" / f"{name}.tsv").write_text("onset_s\toffset_s\n" + "".join(rows))
        labels = np.full(frames, bool(regions), np.uint8)
        np.save(folder / "labels32ms" / f"{name}.npy", labels)


def embolden(path: Path) -> None:
    """Let a model that learnt next to nothing find onsets, here and there."""
    loaded = load_model(path)
    layer = loaded.model.get_layer("onset")
    kernel, bias = layer.get_weights()
    layer.set_weights([10 * kernel, bias + 2])
    architecture, sizes = loaded.architecture, loaded.sizes
    save_model(path, loaded.model, architecture=architecture, sizes=sizes, spec=loaded.spec)


def test_models_and_baselines_are_scored_and_calibrated(copy_run: Callable[..., Run]) -> None:
    run = copy_run()
    write_bench(run.folder / "bench")
    embolden(run.results / "models" / "small" / "model.keras")
    run.config = changed(
        realbench={"tiny": "bench"},
        baselines=["onsets", "silence", "forest", "shipped"],
        calibration={"bench": "tiny"},
    )
    outcome = run.snakemake("--cores", "2")
    assert outcome.code == 0, outcome.text[-6000:]
    for rule, jobs in {"calibrate": 1, "find_by_model": 2, "find_by_baseline": 3, "train_forest": 1,
                       "score_bench": 5, "evaluate_baseline": 3,
                       "evaluate_shipped": 1}.items():  # fmt: skip
        assert outcome.rules[rule] == jobs
    assert "train" not in outcome.rules
    results = run.results
    lines = (results / "realbench" / "summary.tsv").read_text().splitlines()
    head, *rows = [line.split("\t") for line in lines]
    assert [row[:3] for row in rows] == [
        ["tiny", finder, kind]
        for finder in ("small", "onsets", "silence", "forest", "shipped")
        for kind in ("all", "cut")
    ]
    figures = {row[1]: dict(zip(head, row, strict=True)) for row in rows if row[2] == "all"}
    # Sounds without a gap: a cut at every onset finds them, a cut at silences cannot.
    assert float(figures["onsets"]["found"]) > 50
    assert float(figures["silence"]["found"]) < 10
    markdown = (results / "realbench" / "summary.md").read_text()
    assert markdown in outcome.text
    table = (results / "evaluation" / "summary.md").read_text()
    head_line = next(line for line in table.splitlines() if line.startswith("|"))
    assert [cell.strip() for cell in head_line.strip("|").split("|")] == [
        *("", "small", "onsets", "silence", "forest", "shipped", "paper (2020)")
    ]
    assert (results / "calibration" / "small" / "reliability.png").stat().st_size > 1000
    assert "the model's own decoder" in (results / "evaluation" / "small" / "table1.md").read_text()
    assert run.planned() == {}
    # A truth that changes is scored again, and the model is calibrated on it again.
    (run.folder / "bench" / "regions" / "alone.tsv").write_text("onset_s\toffset_s\n0\t0.25\n")
    assert {"calibrate", "find_by_model", "score_bench"} <= set(run.planned())


def test_modules_are_rendered_where_that_is_possible(whole_run: tuple[Run, Outcome]) -> None:
    first, _ = whole_run
    modules = first.folder.parent / "modules"
    modules.mkdir()
    (modules / "song.xm").write_bytes(b"")
    run = Run(first.folder, config=changed(realbench={"trackers": str(modules)}))
    outcome = run.snakemake("--dry-run")
    assert outcome.code == 0, outcome.text
    if ctypes.util.find_library("openmpt"):
        assert outcome.rules["render_modules"] == 1
        assert outcome.rules["find_by_model"] == outcome.rules["score_bench"] == 1
    else:
        assert "realbench: trackers left out: libopenmpt is needed" in outcome.text
        assert "render_modules" not in outcome.rules
