"""What a user does wrong is told in a line, and no half of a result is left."""

import os
import shutil
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from .conftest import CONFIG, Run, changed, write_corpus

pytestmark = pytest.mark.workflow


def test_a_faulty_configuration_runs_nothing(tmp_path: Path) -> None:
    config = changed(
        seed="x",
        mixes={"semitone": [0, 1], "sound_probability": 2},
        extraction={"frame_threshold": -1, "model": "unknown"},
    )
    outcome = Run(tmp_path, config=config).snakemake("--cores", "1")
    assert outcome.code != 0
    lines = [line for line in outcome.text.splitlines() if line.startswith("config.yaml: ")]
    assert lines == [
        "config.yaml: extraction.frame_threshold: must be at least 0, got -1",
        "config.yaml: mixes.semitone: unknown key; did you mean 'semitones'?",
        "config.yaml: mixes.sound_probability: must be at most 1, got 2",
        "config.yaml: seed: must be an integer, got 'x'",
        "config.yaml: extraction.model: must be shipped or shipped-paper, or one of the models "
        "(small), got 'unknown'",
        "config.yaml: library.path: must be there, but 'library' is not",
        "config.yaml: songs.sources[0]: must be there, but 'songs' is not",
        "config.yaml: songs.sources[1]: must be there, but 'list.m3u8' is not",
    ]
    assert "Traceback" not in outcome.text
    assert not (tmp_path / "results").exists()


def no_sounds(run: Run) -> None:
    shutil.rmtree(run.folder / "library" / "kick")
    shutil.rmtree(run.folder / "library" / "snare")
    for path in (run.folder / "library" / "hat").iterdir():
        path.write_bytes(path.read_bytes()[:30])


def no_songs(run: Run) -> None:
    shutil.rmtree(run.folder / "songs")
    (run.folder / "songs").mkdir()
    (run.folder / "listed.ogg").unlink()


def bad_playlist(run: Run) -> None:
    run.config["songs"]["sources"] = ["list.m3u8"]
    (run.folder / "list.m3u8").write_bytes(b"\0\1\2\3" * 100)


@pytest.mark.parametrize(
    ("damage", "target", "told"),
    [
        (no_sounds, "results/library/sounds.tsv", "no usable sound"),
        (no_songs, "results/songs/songs.tsv", "no usable song"),
        (bad_playlist, "results/songs/songs.tsv", "list.m3u8"),
    ],
)
def test_a_stage_that_cannot_go_on(
    tmp_path: Path, damage: Callable[[Run], None], target: str, told: str
) -> None:
    write_corpus(tmp_path)
    run = Run(tmp_path)
    damage(run)
    outcome = run.snakemake("--cores", "1", target)
    assert outcome.code != 0
    assert told in outcome.text
    assert "Traceback" not in outcome.text
    assert not (tmp_path / target).exists()


def test_a_song_that_goes_between_the_stages(copy_run: Callable[..., Run]) -> None:
    run = copy_run()
    # All that the extraction reads of a song is its file; the tables still name it.
    (run.folder / "songs" / "song 2.flac").unlink()
    outcome = run.snakemake(
        "--cores", "1", "--allowed-rules", "extract", "list_clips", "--forcerun", "extract",
        "--", "results/clips.tsv",
    )  # fmt: skip
    assert outcome.code == 0, outcome.text[-4000:]
    table = (run.results / "clips" / "0000.tsv").read_text(encoding="utf-8")
    (row,) = [line for line in table.splitlines() if "song 2.flac" in line]
    assert row.split("\t")[2]
    assert "song_2/" not in (run.results / "clips.tsv").read_text(encoding="utf-8")


def test_a_shard_of_one_bad_song_stops_nothing(copy_run: Callable[..., Run]) -> None:
    run = copy_run()
    songs = ["songs/song 0.flac", "library/kick/text.wav"]
    run.config["extraction"] |= {"songs": songs, "mixes": 0, "shards": 2}
    outcome = run.snakemake("--cores", "2", "results/clips.tsv")
    assert (outcome.code, outcome.rules) == (0, {"extract": 2, "list_clips": 1}), outcome.text
    assert [path.name for path in (run.results / "clips").glob("*/")] == ["song_0"]
    run.config["extraction"] |= {"songs": songs[1:], "shards": 1}
    outcome = run.snakemake("--cores", "1", "results/clips.tsv")
    assert outcome.code != 0
    assert "none of 1 songs can be used" in outcome.text


def test_a_full_disk_fails_the_job_and_the_next_run_mends_it(
    copy_run: Callable[..., Run], small_files: Callable[[int], AbstractContextManager[None]]
) -> None:
    run = copy_run()
    run.config["extraction"] |= {"songs": ["songs/song 0.flac", "songs/song 2.flac"], "mixes": 0}
    assert run.snakemake("--cores", "1", "results/clips.tsv").code == 0
    clips = sorted((run.results / "clips").rglob("*.wav"))
    run.config["extraction"]["frame_threshold"] = 0.002
    with small_files(60_000):
        outcome = run.snakemake("--cores", "1", "results/clips.tsv")
    assert outcome.code != 0
    assert "File too large: 'results/clips/song_0'" in outcome.text
    assert "Traceback" not in outcome.text
    assert sorted((run.results / "clips").rglob("*.wav")) == clips
    planned = run.planned()
    assert (planned["extract"], planned["list_clips"]) == (1, 1)


def test_deleted_clips_and_damaged_shards(copy_run: Callable[..., Run]) -> None:
    run = copy_run()
    clip = next((run.results / "clips").glob("*/clips/*.wav"))
    content = clip.read_bytes()
    clip.unlink()
    assert run.planned() == {"extract": 1, "list_clips": 1, "report_pages": 1}
    assert run.snakemake("--cores", "1").code == 0
    assert clip.read_bytes() == content
    assert run.planned() == {}
    shard = run.results / "features" / "train" / "0001.npy"
    intact = shard.read_bytes()
    shard.write_bytes(intact[:-1] + bytes([intact[-1] ^ 1]))
    # With its checkpoint, a finished training reads no features again.
    shutil.rmtree(run.results / "models" / "small" / "checkpoint")
    outcome = run.snakemake("--cores", "1", "results/models/small/model.keras")
    assert outcome.code != 0
    assert "0001.npy: mix 1: frames from" in outcome.text
    assert "Traceback" not in outcome.text
    shard.unlink()
    assert run.snakemake("--cores", "1", "results/models/small/model.keras").code == 0
    assert shard.read_bytes() == intact


def test_a_clock_that_was_set_back(copy_run: Callable[..., Run]) -> None:
    run = copy_run()
    later = time.time() + 3600
    for path in run.results.rglob("*"):
        os.utime(path, (later, later), follow_symlinks=False)
    shard = run.results / "features" / "train" / "0000.npy"
    intact = shard.read_bytes()
    shard.unlink()
    outcome = run.snakemake("--cores", "2")
    assert outcome.code == 0, outcome.text[-4000:]
    assert "files lay in the future" in outcome.text
    assert shard.read_bytes() == intact
    assert run.planned() == {}


@pytest.mark.parametrize(
    ("stage", "made"),
    [
        ("songs", "songs/songs.tsv"),
        ("plan", "mixes/plan/train/0001.tsv"),
        ("render", "mixes/audio/train/0001"),
        ("features", "features/train/0001.npy"),
        ("train", "models/small/model.keras"),
        ("evaluate", "evaluation/small/table1.tsv"),
    ],
)
def test_what_a_failed_job_took_away_is_made_anew(
    copy_run: Callable[..., Run], stage: str, made: str
) -> None:
    run = copy_run()
    path = run.results / made
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    assert stage in run.planned()


def test_the_demo_is_not_laid_under_another_configuration(tmp_path: Path) -> None:
    config: dict[str, Any] = {key: CONFIG[key] for key in ("library", "songs", "models")}
    write_corpus(tmp_path)
    run = Run(tmp_path, config=config)
    planned = run.planned()
    assert planned["plan"] == 15 + 1 + 1
    assert "demo" not in planned
