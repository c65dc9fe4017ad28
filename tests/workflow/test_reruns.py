"""What an edit reruns: the stages that use what was edited, and no others."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from deep_plunder.training.spec import HistoryRow
from deep_plunder.util.tables import read_records

from .conftest import Run, changed

pytestmark = pytest.mark.workflow

CopyRun = Callable[..., Run]

SHARDS = 3 + 1 + 2
AFTER_DECODING = {"evaluate", "compare", "extract", "list_clips", "report_pages"}
AFTER_TRAINING = AFTER_DECODING | {"figure_losses"}
AFTER_MIXES = {"features", "train"} | AFTER_TRAINING
AFTER_PLANS = {"render", "figure_mix"} | AFTER_MIXES
AFTER_SPLIT = {"split", "plan"} | AFTER_PLANS


def small(**keys: Any) -> dict[str, Any]:
    model = {"architecture": "conv", "sizes": {"front": [4, 4], "channels": 8, "dilations": [1, 2]}}
    return {"small": model | keys}


@pytest.mark.parametrize(
    ("sections", "rules"),
    [
        ({"extraction": {"min_duration_s": 0.5}}, AFTER_DECODING),
        ({"extraction": {"frame_threshold": 0.5}}, AFTER_DECODING),
        ({"extraction": {"picture": False}}, {"extract", "list_clips", "report_pages"}),
        ({"evaluation": {"frame_threshold": 0.4}}, {"evaluate", "compare", "report_pages"}),
        ({"training": {"learning_rate": 0.02}}, {"train"} | AFTER_TRAINING),
        ({"models": small(training={"epochs": 1})}, {"train"} | AFTER_TRAINING),
        ({"features": {"mel_bands": 64}}, AFTER_MIXES),
        ({"mixes": {"semitones": [0, 0]}}, {"plan"} | AFTER_PLANS),
        ({"mixes": {"cache_gb": 0.5}}, set()),
        ({"split": {"validation": 0.25}}, AFTER_SPLIT),
        ({"songs": {"min_bit_rate_kbps": 1}}, {"songs"} | AFTER_SPLIT),
        ({"library": {"offset_method": "flip"}}, {"library", "figure_onsets"} | AFTER_SPLIT),
        ({"demo": {"sounds": 50}}, set()),
        ({"extraction": {"model": "shipped"}}, {"extract", "list_clips", "report_pages"}),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_a_key_reruns_the_stages_that_use_it(
    copy_run: CopyRun, sections: dict[str, Any], rules: set[str]
) -> None:
    run = copy_run()
    run.config = changed(**sections)
    assert set(run.planned()) == rules


def test_more_mixes_make_only_the_shards_that_are_new(copy_run: CopyRun) -> None:
    run = copy_run()
    kept = run.results / "features" / "train" / "0001.npy"
    before = kept.stat().st_mtime_ns
    # The last shard held one mix of five; it gets its second, and one more shard is new.
    run.config = changed(mixes={"count": {"train": 8, "validation": 2, "test": 3}})
    planned = run.planned()
    assert {rule: planned[rule] for rule in ("plan", "render", "features", "train")} == {
        "plan": 2, "render": 2, "features": 2, "train": 1,
    }  # fmt: skip
    assert "library" not in planned
    outcome = run.snakemake("--cores", "2", *features_of("train", 4))
    assert outcome.code == 0, outcome.text[-4000:]
    assert kept.stat().st_mtime_ns == before


def features_of(split: str, shards: int) -> list[str]:
    return [f"results/features/{split}/{shard:04d}.npy" for shard in range(shards)]


def test_another_model_leaves_the_first_alone(copy_run: CopyRun) -> None:
    run = copy_run()
    run.config = changed(models=run.config["models"] | {"other": {"architecture": "conv"}})
    assert run.planned() == {
        "train": 1, "evaluate": 1, "figure_losses": 1, "compare": 1, "report_pages": 1,
    }  # fmt: skip


def test_a_model_is_made_from_others_that_are_trained_before(copy_run: CopyRun) -> None:
    run = copy_run()
    ((name, first),) = run.config["models"].items()
    tuned, taught = first | {"start": name}, first | {"teachers": [name, "tuned"]}
    run.config = changed(models={name: first, "taught": taught, "tuned": tuned})
    outcome = run.snakemake("--cores", "2", "results/models/taught/model.keras")
    assert (outcome.code, outcome.rules) == (0, {"train": 2}), outcome.text[-3000:]
    losses = {
        read_records(run.results / "models" / model / "history.tsv", HistoryRow)[-1].val_loss
        for model in (name, "tuned", "taught")
    }
    assert len(losses) == 3
    with (run.results / "models" / name / "model.keras").open("ab") as file:
        file.write(b"other weights")
    assert run.planned()["train"] == 2


@pytest.mark.parametrize(
    ("module", "rules"),
    [
        ("extraction/song", {"extract", "list_clips", "report_pages"}),
        ("evaluation/summary", {"compare", "report_pages"}),
        ("evaluation/evaluate", {"evaluate", "compare", "report_pages"}),
        ("training/train", {"train"} | AFTER_TRAINING),
        ("models/layers", {"train"} | AFTER_TRAINING),
        ("models/networks/conv", {"train"} | AFTER_TRAINING),
        ("models/networks/paper", set()),
        ("models/registry", set()),
        ("decoding/refine", AFTER_DECODING),
        ("decoding/regions", AFTER_DECODING),
        ("training/figures", {"figure_losses"}),
        ("mixes/figures", {"figure_mix"}),
        ("dataset/shards", {"features", "train"} | AFTER_TRAINING),
        ("demo/sounds", set()),
        ("cli", set()),
    ],
)
def test_a_module_reruns_the_stages_that_use_it(
    copy_run: CopyRun, module: str, rules: set[str]
) -> None:
    run = copy_run(own_repository=True)
    path = run.repository / "workflow" / "lib" / "deep_plunder" / f"{module}.py"
    path.write_text(path.read_text(encoding="utf-8") + "\n\nEDITED = True\n", encoding="utf-8")
    assert set(run.planned()) == rules


def test_clips_that_were_deleted_are_cut_again(copy_run: CopyRun) -> None:
    run = copy_run()
    shutil.rmtree(run.results / "clips")
    assert set(run.planned()) == {"extract", "list_clips", "report_pages"}


def test_comments_and_docstrings_rerun_nothing(copy_run: CopyRun) -> None:
    run = copy_run(own_repository=True)
    for path in [
        *(run.repository / "workflow" / "lib" / "deep_plunder").rglob("*.py"),
        *(run.repository / "workflow" / "scripts").glob("*.py"),
    ]:
        text = path.read_text(encoding="utf-8")
        text = text.replace('"""', '"""Edited. ', 1) if text.startswith('"""') else text
        path.write_text(text + "\n# A comment.\n", encoding="utf-8")
    assert run.planned() == {}


def test_a_script_reruns_its_rule(copy_run: CopyRun) -> None:
    run = copy_run(own_repository=True)
    path = run.repository / "workflow" / "scripts" / "draw_onsets.py"
    path.write_text(path.read_text(encoding="utf-8") + "\nEDITED = True\n", encoding="utf-8")
    assert run.planned() == {"figure_onsets": 1}


def first_sound(run: Run) -> Path:
    return min((run.folder / "library" / "hat").iterdir())


def add(run: Run) -> None:
    wave = np.exp(-np.arange(9000) / 900) * np.sin(np.arange(9000))
    soundfile.write(run.folder / "library" / "hat" / "new.wav", wave, 44100)


def edit(run: Run) -> None:
    wave, rate = soundfile.read(first_sound(run))
    soundfile.write(first_sound(run), wave[: len(wave) // 2], rate)


def delete(run: Run) -> None:
    first_sound(run).unlink()


@pytest.mark.parametrize("change", [add, edit, delete])
def test_a_sound_that_is_added_edited_or_deleted(
    copy_run: CopyRun, change: Callable[[Run], None]
) -> None:
    run = copy_run()
    change(run)
    assert set(run.planned()) == {"library", "figure_onsets"} | AFTER_SPLIT


def test_a_song_of_a_playlist_or_a_folder(copy_run: CopyRun) -> None:
    run = copy_run()
    wave, rate = soundfile.read(run.folder / "songs" / "song 1.flac")
    soundfile.write(run.folder / "listed.ogg", wave[::-1], rate)
    assert set(run.planned()) == {"songs"} | AFTER_SPLIT


def test_an_edited_playlist(copy_run: CopyRun) -> None:
    run = copy_run()
    (run.folder / "list.m3u8").write_text("songs/gone.mp3\n")
    assert set(run.planned()) == {"songs"} | AFTER_SPLIT


def test_files_that_are_no_sounds_rerun_nothing(copy_run: CopyRun) -> None:
    run = copy_run()
    (run.folder / "library" / ".DS_Store").write_bytes(b"1")
    (run.folder / "library" / "notes.txt").write_text("x")
    (run.folder / "songs" / "._song 1.flac").write_bytes(b"1")
    assert run.planned() == {}
