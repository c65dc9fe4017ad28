"""Baselines: where they cut, what the forest learns, and their rows of Table 1."""

import subprocess
import sys

import numpy as np
import pytest

from deep_plunder.audio import writing
from deep_plunder.dataset.mixes import Mix
from deep_plunder.decoding.clip import Clip
from deep_plunder.errors import InputError, ModelError
from deep_plunder.evaluation.baselines import frames
from deep_plunder.evaluation.baselines.forest import fit_forest, read_forest
from deep_plunder.evaluation.baselines.frames import frame_features
from deep_plunder.evaluation.baselines.named import baseline
from deep_plunder.evaluation.baselines.slices import (
    HOP,
    RATE,
    load_mono,
    mono,
    onset_slices,
    silence_slices,
)
from deep_plunder.evaluation.finders import evaluate_finder
from deep_plunder.evaluation.table1 import METRICS, TableRow
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.truth.regions import Region
from deep_plunder.util.rng import generator
from deep_plunder.util.tables import read_records

STARTS = (0.5, 1.5, 2.5)


def hits(starts=STARTS, seconds=4.0, length=0.4):
    """Give struck tones in silence."""
    signal = np.zeros(round(RATE * seconds), np.float32)
    time = np.arange(round(RATE * length)) / RATE
    tone = 0.5 * np.sin(2 * np.pi * 440 * time) * np.exp(-time * 30)
    for start in starts:
        at = round(start * RATE)
        signal[at : at + len(tone)] += tone.astype(np.float32)
    return signal


def made_mix(number, seconds=8.0):
    """Give tones in a row, of which the other half has noise and a chord below it."""
    random = generator(4, "mix", number)
    length = round(44100 * seconds)
    time = np.arange(length) / 44100
    signal = np.zeros(length)
    regions = []
    for start in np.arange(0.25, seconds - 1, 1.0):
        span = (time >= start) & (time < start + 0.5)
        pitch = random.uniform(200, 800)
        signal[span] += 0.4 * np.sin(2 * np.pi * pitch * time[span])
        if random.random() < 0.5:
            signal[span] += 0.2 * random.normal(size=span.sum())
        else:
            regions.append(Region(number, start, start + 0.5, "tone", "tones"))
    samples = np.clip(signal * 32767, -32768, 32767).astype(np.int16)
    return Mix(np.stack([samples, samples], axis=1), 44100, tuple(regions))


def test_onsets_are_cut_up_to_the_next_one():
    clips = onset_slices(hits())
    np.testing.assert_allclose([clip.onset_s for clip in clips], STARTS, atol=0.05)
    assert [clip.offset_s for clip in clips[:-1]] == [clip.onset_s for clip in clips[1:]]
    assert clips[-1].offset_s == pytest.approx(4)
    assert max(clip.score for clip in clips) == pytest.approx(1)


def test_silences_part_clips_and_short_ones_come_first():
    signal = hits((0.5, 1.5, 1.58, 1.66))
    clips = silence_slices(signal)
    assert len(clips) == 2
    np.testing.assert_allclose([clip.onset_s for clip in clips], (0.5, 1.5), atol=0.05)
    assert clips[0].score > clips[1].score


@pytest.mark.parametrize("find", [onset_slices, silence_slices])
@pytest.mark.parametrize("length", [0, 1, 600, RATE])
def test_silence_has_no_clips(find, length):
    assert find(np.zeros(length, np.float32)) == []


def test_a_song_is_read_as_one_mixed_down(tmp_path):
    samples = generator(1, "song").uniform(-0.5, 0.5, (30000, 2)).astype(np.float32)
    writing.write(tmp_path / "song.wav", samples, 44100, subtype="FLOAT")
    read = load_mono(tmp_path / "song.wav")
    assert abs(len(read) - 15000) <= 1
    np.testing.assert_allclose(read, mono(samples, 44100)[: len(read)], atol=1e-5)
    whole = np.full((100, 2), 16384, np.int16)
    np.testing.assert_allclose(mono(whole, RATE), 0.5)


def test_features_of_frames_do_not_depend_on_blocks(monkeypatch):
    signal = generator(2, "noise").normal(0, 0.1, 60 * HOP).astype(np.float32)
    whole = frame_features(signal, rate=RATE, hop=HOP)
    assert whole.shape == (61, 90)
    monkeypatch.setattr(frames, "_BLOCK", 16)
    np.testing.assert_allclose(
        frame_features(signal, rate=RATE, hop=HOP), whole, rtol=1e-5, atol=1e-3
    )


@pytest.fixture(scope="module")
def trained():
    return fit_forest([made_mix(number) for number in range(6)], seed=1)


def test_the_forest_tells_a_lone_sound_from_one_in_noise(trained, tmp_path):
    trained.save(tmp_path / "forest.npz")
    find = baseline("forest", forest=tmp_path / "forest.npz", threshold=0.5)
    right = wrong = total = 0.0
    for number in (20, 21, 22):
        mix = made_mix(number)
        truth = [(region.onset_s, region.offset_s) for region in mix.regions]
        total += sum(off - on for on, off in truth)
        for clip in find(mono(mix.audio, mix.rate)):
            inside = sum(
                max(0, min(off, clip.offset_s) - max(on, clip.onset_s)) for on, off in truth
            )
            right += inside
            wrong += clip.offset_s - clip.onset_s - inside
    assert right > 0.7 * total
    assert wrong < 0.3 * total


def test_a_lower_threshold_finds_more(trained, tmp_path):
    trained.save(tmp_path / "forest.npz")
    signal = mono(made_mix(30).audio, 44100)
    seconds = [
        sum(clip.offset_s - clip.onset_s for clip in find(signal))
        for find in (
            baseline("forest", forest=tmp_path / "forest.npz", threshold=level)
            for level in (0.1, 0.5, 0.9)
        )
    ]
    assert seconds[0] > seconds[1] > seconds[2]


def test_a_forest_is_drawn_from_its_seed(trained, tmp_path):
    mixes = [made_mix(number) for number in range(6)]
    again, other = fit_forest(mixes, seed=1), fit_forest(mixes, seed=2)
    trained.save(tmp_path / "forest.npz")
    read = read_forest(tmp_path / "forest.npz")
    for name in ("roots", "feature", "left", "right", "threshold", "shares"):
        np.testing.assert_array_equal(getattr(again, name), getattr(trained, name))
        np.testing.assert_array_equal(getattr(read, name), getattr(trained, name))
    assert not np.array_equal(other.threshold, trained.threshold)


def test_what_is_no_forest_or_teaches_none_is_refused(tmp_path):
    (tmp_path / "a.npz").write_bytes(b"nothing")
    with pytest.raises(ModelError, match=r"a\.npz: is not a forest"):
        baseline("forest", forest=tmp_path / "a.npz")
    with pytest.raises(InputError, match="needs the file of a trained forest"):
        baseline("forest")
    with pytest.raises(InputError, match="must be one of onsets, silence, forest, got 'x'"):
        baseline("x")
    silent = Mix(np.zeros((44100, 2), np.int16), 44100, ())
    with pytest.raises(InputError, match="frames inside and outside of regions"):
        fit_forest([silent], seed=1)


@pytest.mark.parametrize("reference", ["tsv", "labels"])
def test_a_baseline_that_knows_the_truth_has_full_marks_in_table_1(tmp_path, reference):
    mixes = [made_mix(number) for number in range(2)]
    answers = iter([[Clip(r.onset_s, r.offset_s, 1.0) for r in mix.regions] for mix in mixes])
    rows = evaluate_finder(
        lambda mix: next(answers),
        mixes,
        folder=tmp_path,
        spec=FeatureSpec(),
        reference=reference,
    )
    assert len(rows) == len(METRICS)
    scores = {(row.output, row.metric): row.mean for row in rows}
    assert scores["note", "f1"] == pytest.approx(100)
    assert scores["frame", "f1"] == pytest.approx(100)
    assert read_records(tmp_path / "table1.tsv", TableRow) == rows
    clips = {row.metric: row.mean for row in read_records(tmp_path / "clips.tsv", TableRow)}
    assert clips["usable"] == pytest.approx(100)
    with pytest.raises(InputError, match="there must be at least one test mix"):
        evaluate_finder(lambda mix: [], [], folder=tmp_path, spec=FeatureSpec())


@pytest.mark.parametrize("name", ["onsets", "silence"])
def test_a_baseline_without_training_does_not_import_the_forest(name):
    code = (
        "import sys\nfrom deep_plunder.evaluation.baselines.named import baseline\n"
        f"baseline({name!r})\nprint('deep_plunder.evaluation.baselines.forest' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
