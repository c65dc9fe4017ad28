"""What is chosen on a bench: the better ranking, a curve that holds, a point to stop at."""

import dataclasses
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from deep_plunder.audio import writing
from deep_plunder.corpus.chosen import Choice
from deep_plunder.decoding import calibration
from deep_plunder.decoding.decode import EVERYTHING, decode
from deep_plunder.decoding.settings import DetectionSpec
from deep_plunder.errors import ModelError
from deep_plunder.evaluation.bench import tuning
from deep_plunder.evaluation.bench.calibrate import calibrate
from deep_plunder.evaluation.bench.figures import draw_reliability
from deep_plunder.evaluation.bench.layout import BenchTruth, write_truth
from deep_plunder.evaluation.bench.scores import score_song
from deep_plunder.evaluation.bench.tuning import choice_columns, choose
from deep_plunder.models import inference
from deep_plunder.models.card import write_decoder
from deep_plunder.models.model_file import load_model, save_model
from deep_plunder.models.registry import network
from deep_plunder.truth.labels import FRAME, ONSET
from deep_plunder.util.rng import generator
from tests.unit.models.test_model_file import SIZES, SPEC

HOP = 0.016


def bench(songs=6, *, seed=1):
    """Make songs of legato notes; the surer the outputs, the more of the regions are true."""
    made = []
    for number in range(songs):
        random = generator(seed, "bench", number)
        outputs = np.zeros((1500, 4), np.float32)
        true = []
        for first in range(10, 1400, 12):
            sure = random.uniform(0.1, 1)
            outputs[first, ONSET] = sure
            outputs[first : first + 12, FRAME] = sure
            if random.random() < sure**2:
                true.append((first * HOP, (first + 12) * HOP))
        labels = np.zeros(1500 // 2, np.uint8)
        made.append(
            (BenchTruth(f"song {number}", np.array(true), np.empty((0, 2)), labels), outputs, None)
        )
    return made


def test_the_better_settings_are_chosen_and_the_scores_come_true():
    blind = DetectionSpec(split=1.0)
    sharp = DetectionSpec(split=0.05, share=0.6)
    choice = choose(lambda: bench(), hop_s=HOP, fitted_on="bench", grid=[blind, sharp])
    assert choice.decoder.spec == sharp
    assert choice.trials[0].average_precision < choice.trials[1].average_precision
    assert choice.decoder.fitted_on == "bench"
    assert choice.expected_error < 0.1
    # On other songs of the kind the scores come true as well.
    found = []
    for truth, outputs, _ in bench(8, seed=2):
        clips = decode(outputs, decoder=choice.decoder, hop_s=HOP, settings=EVERYTHING)
        rows = [(clip.onset_s, clip.offset_s, clip.score) for clip in clips]
        found += score_song(truth, rows).found
    for low, high in ((0.0, 0.3), (0.3, 0.6), (0.6, 1.0)):
        part = [f for f in found if low <= f.score < high]
        assert len(part) > 30
        mean = np.mean([f.score for f in part])
        assert np.mean([f.usable for f in part]) == pytest.approx(mean, abs=0.12)


def test_scores_fall_where_clips_were_rejected_and_nowhere_else():
    plain = choose(lambda: bench(), hop_s=HOP, fitted_on="bench")
    faint = np.zeros((400, 4), np.float32)
    rejected = []
    for first in range(10, 390, 12):
        faint[first, ONSET] = faint[first : first + 12, FRAME] = 0.6
        rejected.append(Choice("tide.wav", first * HOP, (first + 12) * HOP, 0, "choices.json"))
    # As much weight as four songs have.
    heard = [([dataclasses.replace(c, path=f"{n}.wav") for c in rejected], faint) for n in range(4)]
    chosen = choose(
        lambda: bench(), hop_s=HOP, fitted_on="bench", chosen=choice_columns(heard, HOP)
    )
    raw = choice_columns(heard[:1], HOP)[0].mean()
    before, after = (
        calibration.apply(tuned.decoder.calibration, [raw, 2 * raw]) for tuned in (plain, chosen)
    )
    assert after[0] < 0.8 * before[0]
    assert after[1] > 0.95 * before[1]


def without_truth(songs):
    """The same songs with no true region. They have no F1, but their clips count."""
    nothing, labels = np.empty((0, 2)), np.zeros(750, np.uint8)
    return [
        (BenchTruth(f"no {truth.name}", nothing, nothing, labels), *rest) for truth, *rest in songs
    ]


@pytest.mark.parametrize("others", [2, 4])
def test_at_least_half_of_the_clips_that_are_cut_by_default_are_usable(others):
    examples = [*bench(), *without_truth(bench(others, seed=3))]
    choice = choose(lambda: examples, hop_s=HOP, fitted_on="b", grid=[DetectionSpec(split=0.05)])

    def usable(least):
        found = []
        for truth, outputs, _ in examples:
            clips = decode(outputs, decoder=choice.decoder, hop_s=HOP, settings=EVERYTHING)
            rows = [(c.onset_s, c.offset_s, c.score) for c in clips if c.score >= least]
            found += score_song(truth, rows).found
        return np.array([clip.usable for clip in found])

    cut = usable(choice.decoder.min_score)
    assert len(cut) > 20
    assert cut.mean() >= 0.5
    # A mixture in which the rule decides: the clips of a lower score are mostly not usable.
    assert usable(choice.decoder.min_score - 0.1).mean() < 0.6


def test_a_poor_model_cuts_more_than_its_few_sure_clips():
    examples = [*bench(), *without_truth(bench(40, seed=3))]
    choice = choose(lambda: examples, hop_s=HOP, fitted_on="b", grid=[DetectionSpec(split=0.05)])
    found = [decode(outputs, decoder=choice.decoder, hop_s=HOP) for _, outputs, _ in bench()]
    assert sum(map(len, found)) > 100


def test_the_least_score_is_the_lowest_that_is_as_good_as_the_best():
    choice = choose(lambda: bench(), hop_s=HOP, fitted_on="b", grid=[DetectionSpec(split=0.05)])

    def judged(least):
        values, found = [], []
        for truth, outputs, _ in bench():
            clips = decode(outputs, decoder=choice.decoder, hop_s=HOP, settings=EVERYTHING)
            rows = [(c.onset_s, c.offset_s, c.score) for c in clips if c.score >= least]
            song = score_song(truth, rows)
            usable = [f.usable for f in song.found]
            values.append(2 * sum(usable) / (len(usable) + song.regions))
            found += usable
        return np.array(values), np.mean(found)

    levels = np.linspace(0, 0.9, 91)
    values = {level: judged(level) for level in levels}
    allowed = {level: f1 for level, (f1, usable) in values.items() if usable >= 0.5}
    best = max(allowed.values(), key=np.mean)
    bound = best.mean() - best.std() / np.sqrt(len(best))
    chosen = choice.decoder.min_score
    # The levels here are not those of the bench.
    assert judged(chosen)[0].mean() >= bound - 0.005
    lower = [level for level in allowed if level < chosen - 0.02]
    assert all(allowed[level].mean() < bound for level in lower)
    assert 0.05 < chosen < 0.9


def test_a_model_that_finds_nothing_is_left_as_it_is_and_the_run_goes_on(tmp_path, caplog):
    silent = [(truth, 0 * outputs, None) for truth, outputs, _ in bench(2)]
    choice = choose(lambda: silent, hop_s=HOP, fitted_on="two")
    assert "two: no calibration can be fitted: " in caplog.text
    assert "got 0 of 0" in caplog.text
    assert choice.decoder is None
    assert len(choice.trials) == len(tuning.GRID)
    assert [part.clips for part in choice.reliability] == [0] * 10
    draw_reliability(tmp_path / "none.png", choice.reliability)
    model = network("conv", **SIZES["conv"]).build(SPEC, seed=3)
    save_model(tmp_path / "a.keras", model, architecture="conv", sizes=SIZES["conv"], spec=SPEC)
    write_decoder(tmp_path / "a.keras", tmp_path / "b.keras", choice.decoder)
    assert load_model(tmp_path / "b.keras").decoder is None


def test_every_setting_of_the_grid_is_one_of_its_own():
    assert len(set(tuning.GRID)) == len(tuning.GRID) > 4
    assert DetectionSpec() in tuning.GRID


def test_a_decoder_is_written_into_a_model_and_read_again(tmp_path):
    model = network("conv", **SIZES["conv"]).build(SPEC, seed=3)
    plain, tuned = tmp_path / "plain.keras", tmp_path / "tuned.keras"
    save_model(plain, model, architecture="conv", sizes=SIZES["conv"], spec=SPEC)
    assert load_model(plain).decoder is None
    choice = choose(lambda: bench(3), hop_s=HOP, fitted_on="b", grid=[DetectionSpec(split=0.05)])
    write_decoder(plain, tuned, choice.decoder)
    loaded = load_model(tuned)
    assert loaded.decoder == choice.decoder
    features = generator(1, "features").normal(size=(1, 30, 20)).astype(np.float32)
    np.testing.assert_array_equal(loaded.predict(features), load_model(plain).predict(features))
    # In place, and with another one; saving keeps it too.
    other = dataclasses.replace(choice.decoder, min_score=0.125)
    write_decoder(tuned, tuned, other)
    assert load_model(tuned).decoder == other
    save_model(
        plain, model, architecture="conv", sizes=SIZES["conv"], spec=SPEC, decoder=choice.decoder
    )
    assert load_model(plain).decoder == choice.decoder
    object.__setattr__(other, "min_score", 7)
    write_decoder(plain, tuned, other)
    with pytest.raises(ModelError, match=r"decoding: min_score: must be a number in 0\.\.1, got 7"):
        load_model(tuned)


def bad_song(folder):
    """Add a song that cannot be decoded to a bench, and return the name of its file."""
    truth = BenchTruth("bad", np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(100, np.uint8))
    write_truth(folder, truth)
    (folder / "audio" / "bad.wav").write_bytes(b"RIFF")
    return "bad.wav: undecodable: "


def test_a_model_is_calibrated_on_a_bench(tmp_path, monkeypatch, caplog):
    songs = {truth.name.replace(" ", "_"): (truth, outputs) for truth, outputs, _ in bench(2)}
    folder = tmp_path / "bench"
    for name, (truth, _) in songs.items():
        writing.write(folder / "audio" / f"{name}.wav", np.zeros((8000 * 24, 1), np.int16), 8000)
        write_truth(folder, dataclasses.replace(truth, name=name))
    monkeypatch.setattr(
        inference,
        "predict_song",
        lambda model, recording: songs[Path(recording.info.path).stem][1],
    )
    model = SimpleNamespace(spec=SimpleNamespace(hop_s=HOP, fmin=30.0, fmax=8000.0))
    choice = calibrate(model, folder, name="tiny")
    assert choice.decoder.fitted_on == "tiny: 2 songs"
    one_bad = bad_song(folder)
    assert calibrate(model, folder, name="tiny") == choice
    assert one_bad in caplog.text
    songs["damaged"] = next(iter(songs.values()))
    write_truth(folder, dataclasses.replace(songs["damaged"][0], name="damaged"))
    (folder / "regions" / "damaged.tsv").write_bytes(b"onset_s")
    writing.write(folder / "audio" / "damaged.wav", np.zeros((8000, 1), np.int16), 8000)
    assert calibrate(model, folder, name="tiny") == choice
    assert f"{folder / 'regions' / 'damaged.tsv'}: " in caplog.text
    assert len(choice.trials) == len(tuning.GRID)
    best = max(trial.average_precision for trial in choice.trials)
    chosen = choice.trials[tuning.GRID.index(choice.decoder.spec)]
    assert chosen.average_precision == best > 30
