"""Solo phrases in pauses of recorded songs, and over them."""

import dataclasses

import numpy as np
import pytest
import soundfile

from deep_plunder.decoding.clip import Clip
from deep_plunder.errors import InputError
from deep_plunder.evaluation.bench.find import find_all
from deep_plunder.evaluation.bench.kinds import bench_kind
from deep_plunder.evaluation.bench.layout import songs_of, truth_of
from deep_plunder.evaluation.bench.solo_notes import mark_notes
from deep_plunder.evaluation.bench.solo_plan import OVER, PAUSE, LaidPhrase, plan_solos
from deep_plunder.evaluation.bench.solos import Phrase, lay_phrases, render_solos
from deep_plunder.evaluation.bench.tables import score_bench
from deep_plunder.truth.isolation import ALONE, NOT_ALONE
from deep_plunder.util.tables import read_records

RATE = 44100
NOTES = (0.1, 0.6, 1.1)


def phrase(seconds=1.6):
    """Return notes of a quarter of a second with silence between them."""
    audio = np.zeros((round(seconds * RATE), 2), np.float32)
    time = np.arange(RATE // 4) / RATE
    note = np.exp(-time * 12) * np.sin(2 * np.pi * 440 * time)
    for onset in NOTES:
        start = round(onset * RATE)
        audio[start : start + len(note)] += 0.5 * note[:, None].astype(np.float32)
    return audio


def noise(seconds, seed):
    rng = np.random.default_rng(seed)
    return (0.1 * rng.normal(size=(round(seconds * RATE), 2))).astype(np.float32)


def test_notes_begin_where_the_level_rises_and_end_with_the_decay():
    marked = mark_notes(phrase(), RATE)
    np.testing.assert_allclose([on for on, _ in marked.notes], NOTES, atol=0.012)
    assert all(0.15 < off - on < 0.3 for on, off in marked.notes)
    assert marked.sounds[round(0.65 / 0.004)] and not marked.sounds[round(0.5 / 0.004)]


def test_a_change_of_level_within_a_note_is_no_beginning():
    time = np.arange(2 * RATE) / RATE
    level = np.where(time < 1, 0.2, 0.4) * (1 + 0.3 * np.sin(2 * np.pi * 6 * time))
    tone = (level * np.sin(2 * np.pi * 440 * time))[:, None].astype(np.float32)
    assert [on for on, _ in mark_notes(tone, RATE).notes] == pytest.approx([0.0], abs=0.012)


@pytest.mark.parametrize("samples", [0, 1, 500])
def test_a_phrase_of_silence_has_no_notes(samples):
    marked = mark_notes(np.zeros((samples, 2), np.float32), RATE)
    assert marked.notes == []
    assert not marked.sounds.any()


def test_each_phrase_pauses_one_song_and_lies_over_another_at_its_own_time():
    songs = {"a": 60.0, "b": 90.0, "c": 30.0}
    phrases = {f"p{k}": 4.0 + k for k in range(6)}
    plan = plan_solos(songs, phrases, seed=7)
    assert plan == plan_solos(dict(reversed(songs.items())), phrases, seed=7)
    assert plan != plan_solos(songs, phrases, seed=8)
    for name in phrases:
        places = {laid.place: laid.song for laid in plan if laid.phrase == name}
        if len(places) == 2:
            assert places[PAUSE] != places[OVER]
        assert PAUSE in places
    for song, seconds in songs.items():
        here = [laid for laid in plan if laid.song == song]
        ends = [laid.at_s + (phrases[laid.phrase] if laid.place == OVER else 0) for laid in here]
        assert ends[-1] <= seconds
        assert all(end <= after.at_s for end, after in zip(ends, here[1:], strict=False))
    assert all(abs(laid.level_db) <= 6 for laid in plan)


def test_a_phrase_longer_than_its_song_lies_in_a_pause_only():
    [laid] = plan_solos({"a": 5.0}, {"long": 9.0}, seed=1)
    assert laid.place == PAUSE


def test_notes_are_alone_in_pauses_and_covered_over_the_song():
    solo = Phrase(phrase(), mark_notes(phrase(), RATE))
    plan = [LaidPhrase("s", "p", OVER, 1.0, 0.0), LaidPhrase("s", "p", PAUSE, 4.0, 3.0)]
    guitar, rest = noise(6, 1), noise(6, 2)
    mix, truth = lay_phrases(guitar, rest, plan, {"p": solo})
    assert len(mix) == len(guitar) + len(phrase()) + RATE
    assert np.abs(mix).max() == pytest.approx(0.9, abs=1e-3)
    onsets = [on for on, *_ in truth.regions]
    np.testing.assert_allclose(onsets, 4.5 + np.array(NOTES), atol=0.012)
    assert not mix[round(4.1 * RATE) : round(4.45 * RATE)].any()
    time = (np.arange(len(truth.state)) + 0.5) * 0.004
    song = (time > 0.1) & (time < 3.9) | (time > 6.8) & (time < 8.4)
    assert (truth.state[song] == NOT_ALONE).all()
    for on, off, *_ in truth.regions:
        assert (truth.state[(time > on) & (time < off)] == ALONE).all()
    # The song goes on where it stopped.
    inserted = len(phrase()) + RATE
    after = slice(7 * RATE + 100, 7 * RATE + 200)
    song = (guitar + rest)[after.start - inserted : after.stop - inserted]
    scale = np.float32(mix[after.start, 0] / song[0, 0])
    np.testing.assert_allclose(mix[after], song * scale, rtol=1e-3, atol=1e-5)


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    for k, name in enumerate(("one", "two")):
        (folder / name).mkdir(parents=True)
        for file in ("guitar", "song"):
            soundfile.write(folder / name / f"{file}.ogg", noise(8, k + len(file)), RATE)
    (folder / "phrases").mkdir()
    soundfile.write(folder / "phrases" / "flute.wav", phrase(), RATE)
    return folder


def test_a_folder_becomes_a_bench_of_found_notes_and_false_clips(source, tmp_path):
    (source / "phrases" / "bad.wav").write_bytes(b"RIFF no sound")
    assert bench_kind(source) == "solos"
    bench = tmp_path / "bench"
    render_solos(source, bench, seed=3)
    assert bench_kind(bench) == "bench"
    plan = read_records(bench / "plan.tsv", LaidPhrase)
    assert sorted(laid.place for laid in plan) == [OVER, PAUSE]
    assert "bad" in (bench / "set_aside.tsv").read_text()
    truths = {song.name: truth_of(bench, song.name) for song in songs_of(bench)}
    songs = {laid.place: laid.song for laid in plan}
    true, none = (truths[songs[place]] for place in (PAUSE, OVER))
    assert len(true.regions) == 3 and not len(none.regions)

    # All notes in the pause, and as many clips over the other song.
    at = next(laid.at_s for laid in plan if laid.place == OVER)
    false = [Clip(at + on, at + on + 0.2, 0.9) for on in NOTES]
    found = {true.name: [Clip(on, off, 0.9) for on, off in true.regions], none.name: false}
    find_all(lambda path: found[path.stem], bench, tmp_path / "found")
    paths = {f"{name}path": tmp_path / f"{name}.tsv" for name in ("", "songs_", "reliability_")}
    _, cut = score_bench(bench, tmp_path / "found", **paths)
    scores = dataclasses.asdict(cut)
    assert (scores["clips"], scores["found"], scores["clip_usable"]) == (6, 100, 50)


def test_a_folder_without_a_phrase_that_can_be_used_is_told(source, tmp_path):
    (source / "phrases" / "flute.wav").write_bytes(b"RIFF no sound")
    with pytest.raises(InputError, match="must hold a phrase that can be used: "):
        render_solos(source, tmp_path / "bench", seed=3)
