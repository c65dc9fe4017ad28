"""The whole workflow on a tiny corpus: what it makes, and what it says."""

import json
import re

import numpy as np
import pytest
import soundfile

from deep_plunder.corpus.library import Rejected, Sound
from deep_plunder.corpus.song_reasons import ReasonCount
from deep_plunder.corpus.songs import Song
from deep_plunder.extraction.batch import ClipRow
from deep_plunder.truth.regions import Region
from deep_plunder.util.tables import read_records

from .conftest import CONFIG, Outcome, Run

pytestmark = pytest.mark.workflow


def test_all_stages_leave_what_they_promise(whole_run: tuple[Run, Outcome]) -> None:
    results = whole_run[0].results
    expected = [
        "library/sounds.tsv",
        "library/rejected.tsv",
        "library/onsets.json",
        "songs/songs.tsv",
        "songs/rejected.tsv",
        "songs/summary.tsv",
        "splits.tsv",
        "mixes/plan/train/0002.tsv",
        "mixes/audio/train/0000/mix_000001.wav",
        "mixes/audio/train/0002/mix_000004.tsv",
        "features/test/0001.npy",
        "features/test/0001.labels.npy",
        "features/test/0001.regions.tsv",
        "models/small/model.keras",
        "models/small/history.tsv",
        "models/small/figure4_losses.png",
        "models/small/figure4_losses.svg",
        "evaluation/small/table1.tsv",
        "evaluation/small/table1.md",
        "evaluation/small/per_file.tsv",
        "evaluation/small/figure5_precision_recall.png",
        "evaluation/small/figure6_roc.png",
        "evaluation/summary.tsv",
        "evaluation/summary.md",
        "figures/figure1_onsets.png",
        "figures/figure1_onsets.svg",
        "figures/figure2_mix.png",
        "figures/figure2_mix.svg",
        "clips.tsv",
        "report/table1.html",
        "report/clips.html",
    ]
    missing = [name for name in expected if not (results / name).stat().st_size]
    assert not missing
    leftovers = [path for path in results.rglob(".*") if path.name != ".snakemake_timestamp"]
    assert not leftovers


def test_sounds_and_songs_that_cannot_be_used_have_a_row(whole_run: tuple[Run, Outcome]) -> None:
    library = whole_run[0].results / "library"
    sounds = read_records(library / "sounds.tsv", Sound)
    assert len(sounds) == 15
    assert {sound.sound_class for sound in sounds} == {"kick", "snare", "hat"}
    rejected = {row.file: row for row in read_records(library / "rejected.tsv", Rejected)}
    assert {"kick/empty.wav", "kick/text.wav", "kick/._kick.wav"} <= set(rejected)
    assert len(json.loads((library / "onsets.json").read_text(encoding="utf-8"))) >= 1
    songs = read_records(whole_run[0].results / "songs" / "songs.tsv", Song)
    assert len(songs) == 7
    reasons = read_records(whole_run[0].results / "songs" / "summary.tsv", ReasonCount)
    counts = {row.reason: row.rows for row in reasons}
    assert counts["accepted"] == 7
    assert counts["too short"] == 1
    assert sum(counts.values()) == 9


def test_mixes_have_the_form_of_the_paper(whole_run: tuple[Run, Outcome]) -> None:
    info = soundfile.info(whole_run[0].results / "mixes/audio/test/0000/mix_000000.wav")
    assert (info.samplerate, info.channels, info.subtype) == (44100, 2, "PCM_16")
    assert info.frames == 6 * 44100
    features = np.load(whole_run[0].results / "features/train/0002.npy", mmap_mode="r")
    labels = np.load(whole_run[0].results / "features/train/0002.labels.npy", mmap_mode="r")
    assert features.shape == (1, 188, 229)
    assert labels.shape == (1, 188, 3)
    regions = read_records(whole_run[0].results / "features/train/0000.regions.tsv", Region)
    assert {region.mix for region in regions} == {0, 1}


def test_scores_are_printed_at_the_end(whole_run: tuple[Run, Outcome]) -> None:
    run, outcome = whole_run
    table = (run.results / "evaluation" / "summary.md").read_text(encoding="utf-8")
    assert table in outcome.text
    assert len(re.findall(r"^\| (?:note|frame)", table, flags=re.MULTILINE)) == 15
    own = (run.results / "evaluation" / "small" / "table1.tsv").read_text(encoding="utf-8")
    assert len(own.splitlines()) == 16


def test_clips_of_all_songs_and_of_a_mix_are_listed(whole_run: tuple[Run, Outcome]) -> None:
    results = whole_run[0].results
    clips = read_records(results / "clips.tsv", ClipRow)
    folders = {path.name for path in (results / "clips").glob("*/")}
    songs = {song.song for song in read_records(results / "songs" / "songs.tsv", Song)}
    songs.add("mix_000000")
    assert {clip.song for clip in clips} <= folders == songs
    for clip in clips:
        info = soundfile.info(results / "clips" / clip.clip)
        seconds = clip.offset_s - clip.onset_s
        assert info.frames / info.samplerate == pytest.approx(seconds, abs=0.001)
    assert all((results / "clips" / song / "labels.txt").is_file() for song in songs)


def test_every_job_has_a_log_and_a_benchmark(whole_run: tuple[Run, Outcome]) -> None:
    run, outcome = whole_run
    jobs = sum(outcome.rules.values())
    logs = list((run.results / "logs").rglob("*.log"))
    benchmarks = list((run.results / "benchmarks").rglob("*.tsv"))
    assert len(logs) == len(benchmarks) == jobs > 20


def test_a_second_run_does_nothing(whole_run: tuple[Run, Outcome]) -> None:
    run, _ = whole_run
    outcome = run.snakemake("--cores", "2")
    assert outcome.code == 0
    assert "Nothing to be done" in outcome.text


def test_the_report_stands_by_itself(whole_run: tuple[Run, Outcome]) -> None:
    run, _ = whole_run
    outcome = run.snakemake("--report", "report.html")
    assert outcome.code == 0, outcome.text
    text = (run.folder / "report.html").read_text(encoding="utf-8")
    for name in ("figure1_onsets.png", "figure2_mix.png", "figure4_losses.png", "table1.html",
                 "figure5_precision_recall.png", "figure6_roc.png", "figure6_roc.svg",
                 "clips.html"):  # fmt: skip
        assert name in text
    assert CONFIG["models"].keys() == {"small"}
    page = (run.results / "report" / "clips.html").read_text(encoding="utf-8")
    assert "data:audio/mpeg;base64," in page
