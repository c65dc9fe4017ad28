"""Choices train the models, or calibrate them; those that cannot be used are listed."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from deep_plunder.audio.identity import digest_of_song
from deep_plunder.corpus.choices import SongChoices, write_choices
from deep_plunder.corpus.chosen import Choice, SetAsideChoice
from deep_plunder.corpus.songs import Song
from deep_plunder.corpus.split import Assignment, members
from deep_plunder.evaluation.bench.layout import BenchTruth, write_truth
from deep_plunder.util.tables import read_records

from .conftest import Run, changed

pytestmark = pytest.mark.workflow


def choose(run: Run, *, rejected: tuple[float, float] = (2.0, 2.4)) -> Path:
    """Write choices about a song of each split."""
    splits = read_records(run.results / "splits.tsv", Assignment)
    paths = {song.song: song.path for song in read_records(run.results / "songs/songs.tsv", Song)}
    songs = []
    for split in ("train", "test"):
        path = paths[members(splits, kind="song", split=split)[0]]
        digest = digest_of_song(run.folder / path)
        songs.append(SongChoices(split, path, digest, ((1.0, 1.3),), (rejected,)))
    write_choices(run.folder / "choices.json", songs)
    return run.folder / songs[0].source


def test_choices_train_and_those_of_the_test_songs_are_set_aside(
    copy_run: Callable[..., Run],
) -> None:
    run = copy_run()
    song = choose(run)
    before = (run.results / "models/small/model.keras").read_bytes()
    run.config = changed(choices={"files": ["choices.json"], "share": 0.4})
    outcome = run.snakemake("--cores", "2", "results/models/small/model.keras")
    assert outcome.code == 0, outcome.text[-4000:]
    assert outcome.rules == {"choices": 1, "choice_features": 1, "train": 1}
    found = read_records(run.results / "choices/choices.tsv", Choice)
    assert [(row.onset_s, row.accepted) for row in found] == [(1.0, 1), (2.0, 0)]
    set_aside = read_records(run.results / "choices/set_aside.tsv", SetAsideChoice)
    assert [row.reason for row in set_aside] == ["held out", "held out"]
    assert (run.results / "models/small/model.keras").read_bytes() != before
    # Another choice, and then another song, run what depends on them.
    choose(run, rejected=(3.0, 3.4))
    assert {"choices", "choice_features", "train"} <= set(run.planned())
    assert not {"songs", "plan", "features"} & set(run.planned())
    with song.open("ab") as file:
        file.write(b"more")
    outcome = run.snakemake("--cores", "2", "results/choices/choices.tsv")
    assert outcome.code == 1 and "none of 4 choices can be used" in outcome.text


def test_choices_about_songs_of_a_bench_are_set_aside(copy_run: Callable[..., Run]) -> None:
    run = copy_run()
    song = choose(run)
    bench = run.folder / "bench"
    (bench / "audio").mkdir(parents=True)
    shutil.copy(song, bench / "audio" / f"tide{song.suffix}")
    write_truth(
        bench, BenchTruth("tide", np.empty((0, 2)), np.empty((0, 2)), np.zeros(9, np.uint8))
    )
    run.config = changed(choices={"files": ["choices.json"]}, realbench={"mine": "bench"})
    outcome = run.snakemake("--cores", "2", "results/choices/choices.tsv")
    assert outcome.code == 1
    assert "the first: held out: the song is in the bench mine" in outcome.text


def test_choices_for_the_calibration_leave_the_training_alone(copy_run: Callable[..., Run]) -> None:
    run = copy_run()
    choose(run)
    run.config = changed(choices={"files": ["choices.json"], "use": "calibration"})
    outcome = run.snakemake("--dry-run")
    assert outcome.code == 1 and "calibration.bench names a bench" in outcome.text
    run.config = changed(choices={"files": ["choices.json"], "use": "training"})
    planned = run.planned()
    assert (planned["choices"], planned["choice_features"], planned["train"]) == (1, 1, 1)
