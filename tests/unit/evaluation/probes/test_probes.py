"""Probes: what is planned sounds so, and what is found in it is counted."""

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from deep_plunder.audio import reading
from deep_plunder.corpus.library import Sound
from deep_plunder.decoding.clip import Clip
from deep_plunder.errors import InputError
from deep_plunder.evaluation.bench.find import find_all
from deep_plunder.evaluation.bench.layout import BenchTruth, songs_of, truth_of, write_truth
from deep_plunder.evaluation.probes import variants
from deep_plunder.evaluation.probes.kinds import CHANGES, HISS, KINDS, ROOM
from deep_plunder.evaluation.probes.noises import noise_of
from deep_plunder.evaluation.probes.plan import ProbeNote, plan_probes
from deep_plunder.evaluation.probes.render import render_probe, render_probes
from deep_plunder.evaluation.probes.report import ProbeRow, write_probe_summary
from deep_plunder.evaluation.probes.scores import score_probes, wilson
from deep_plunder.evaluation.probes.sounds import RATE, blended, prepared, usable
from deep_plunder.evaluation.probes.variants import VariantRow, common_onsets, find_in_variants
from deep_plunder.util.tables import read_records, write_records

CLASSES = ("kick", "snare", "keys", "bass", "fx")
EVENTS = 8


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    """Return sounds of five classes: decaying tones after a silent start, the last one too long."""
    folder = tmp_path_factory.mktemp("sounds")
    found = []
    for number in range(10):
        rate, channels = (22050, 1) if number % 2 else (44100, 2)
        seconds = 3.0 if number == 9 else 0.6
        time = np.arange(round(seconds * rate)) / rate
        wave = 0.3 * np.sin(2 * np.pi * (200 + 90 * number) * time) * np.exp(-time)
        wave[: rate // 10] = 0
        path = folder / f"{number}.wav"
        soundfile.write(path, np.repeat(wave[:, None], channels, axis=1), rate)
        name = CLASSES[number % 5]
        found.append(
            Sound(f"{name}/{number}.wav", name, str(path), seconds, rate, channels, 0.1, seconds)
        )
    return found


@pytest.fixture(scope="module")
def notes(sounds):
    return plan_probes(sounds, events=EVENTS, seed=3)


def events_of(notes, name):
    events: dict[int, list[ProbeNote]] = {}
    for note in notes:
        if note.probe == name:
            events.setdefault(note.event, []).append(note)
    return list(events.values())


def test_a_sound_is_trimmed_and_has_a_peak_of_one(sounds):
    for sound in sounds:
        audio = prepared(sound)
        assert audio.shape == (round(min(sound.seconds - 0.1, 1.5) * RATE), 2)
        assert np.abs(audio).max() == pytest.approx(1, abs=0.01)
        assert np.abs(audio[: RATE // 100]).max() > 0.5
        assert np.abs(audio[-1]).max() < 1e-3


def test_a_sound_that_cannot_be_read_is_left_out(sounds, tmp_path, caplog):
    (tmp_path / "bad.wav").write_bytes(b"RIFF this is no sound")
    bad = Sound("kick/bad.wav", "kick", str(tmp_path / "bad.wav"), 1, RATE, 1, 0, 1)
    assert usable([bad, sounds[0]]) == [sounds[0]]
    assert "bad.wav" in caplog.messages[0]
    with pytest.raises(InputError, match="must be a test sound"):
        plan_probes([bad], events=3, seed=0)


def test_every_probe_is_what_its_kind_says(notes, sounds):
    by_name = {sound.sound: sound for sound in sounds}
    for name, kind in KINDS.items():
        events = events_of(notes, name)
        assert 0 < len(events) <= EVENTS
        ends = 0.0
        for event in events:
            first = event[0].onset_s
            assert kind.sounds[0] <= len(event) <= kind.sounds[1]
            assert len({by_name[note.sound].sound_class for note in event}) == len(event)
            low, high = kind.delays_s
            for note in event[1:]:
                assert low - 1e-6 <= note.onset_s - first <= high + 1e-6
            assert all(abs(note.gain - 0.7 / len(event) ** 0.5) < 1e-6 for note in event)
            assert all(note.length_s <= kind.length_s for note in event)
            assert first >= ends + kind.gap_s - 1e-5
            ends = max(note.onset_s + note.length_s for note in event)
            if len(event) > 1:
                parts = [(prepared(by_name[n.sound]), n.gain, n.onset_s - first) for n in event]
                assert blended(parts)
    chopped = [event[0].onset_s for event in events_of(notes, "chopped")]
    assert np.diff(chopped) == pytest.approx(0.25)
    same = [[event[0].sound for event in events_of(notes, name)] for name in ("alone", "hiss")]
    assert same[0] == same[1]


def test_a_plan_depends_on_the_seed_and_not_on_the_order_of_sounds(notes, sounds):
    assert plan_probes(sounds[::-1], events=EVENTS, seed=3) == notes
    assert plan_probes(sounds, events=EVENTS, seed=4) != notes


@pytest.mark.parametrize("noise", [HISS, ROOM])
def test_a_noise_has_its_level_and_spectrum(noise):
    samples = noise_of(noise, 2**20, RATE, np.random.default_rng(1))
    level = 20 * np.log10(samples.astype(float).std(axis=0))
    assert level == pytest.approx([noise.level_db] * 2, abs=0.1)
    power = np.abs(np.fft.rfft(samples[:, 0].astype(float))) ** 2
    frequency = np.fft.rfftfreq(2**20, 1 / RATE)
    inside = (frequency >= noise.low_hz) & (frequency <= noise.high_hz)
    assert power[~inside].sum() < 1e-6 * power.sum()
    if noise.slope_db:
        octaves = [power[(frequency >= f) & (frequency < 2 * f)].mean() for f in (500, 4000)]
        assert 10 * np.log10(octaves[1] / octaves[0]) == pytest.approx(3 * noise.slope_db, abs=0.2)
    one, other = samples.T.astype(float)
    alike = np.corrcoef(one, other)[0, 1]
    assert alike == pytest.approx(0 if noise.is_wide else 1, abs=0.02)


def test_a_rendered_probe_is_the_sum_of_its_notes(notes, sounds):
    by_name = {sound.sound: sound for sound in sounds}
    part = [note for note in notes if note.probe == "loose"]
    whole = render_probe("loose", part, by_name, seed=3)
    apart = np.zeros_like(whole)
    for note in part:
        one = render_probe("loose", [note], by_name, seed=3)
        apart[: len(one)] += one[: len(apart)]
    assert np.abs(whole - apart).max() < 1e-6


def test_a_bench_of_probes_can_be_searched_and_scored(notes, sounds, tmp_path):
    bench = tmp_path / "bench"
    render_probes(notes, sounds, bench, seed=3)
    assert {song.name for song in songs_of(bench)} == set(KINDS)
    for name, kind in KINDS.items():
        regions = truth_of(bench, name).regions
        assert len(regions) == (len(events_of(notes, name)) if kind.wanted else 0)

    def find(path):
        audio, rate = reading.read(path)
        assert rate == RATE and audio.shape[1] == 2
        onsets = [event[0].onset_s for event in events_of(notes, path.stem)]
        # The second clip is too unlikely, the third too far away.
        clips = [Clip(onset + 0.04, onset + 0.2, 0.9) for onset in onsets[3:]]
        return [*clips, Clip(onsets[0], onsets[0] + 1, 0.2), Clip(onsets[1] + 0.06, 99, 0.9)]

    find_all(find, bench, tmp_path / "regions", min_score=0.5)
    scores = score_probes(notes, tmp_path / "regions", path=tmp_path / "scores.tsv")
    assert [score.probe for score in scores] == list(KINDS)
    for score in scores:
        assert score.with_clip == score.events - 3
        assert score.low < score.share < score.high


@given(st.integers(0, 200), st.integers(1, 200))
def test_an_interval_holds_the_shares_that_do_not_differ_from_it(hits, more):
    trials = hits + more
    low, high = wilson(hits, trials)
    assert 0 <= low <= hits / trials <= high <= 1
    # The bounds are those shares from which the result is 1.96 deviations away.
    for bound in (low, high):
        if 0 < bound < 1:
            away = abs(hits / trials - bound) / (bound * (1 - bound) / trials) ** 0.5
            assert away == pytest.approx(1.96, abs=1e-6)


@given(st.lists(st.integers(0, 300), max_size=12), st.lists(st.integers(0, 300), max_size=12))
def test_onsets_in_common_are_matched_one_to_one(one, other):
    from scipy.optimize import linear_sum_assignment

    one, other = [onset / 100 for onset in one], [onset / 100 for onset in other]
    near = np.abs(np.subtract.outer(one, other)) <= variants._SAME_S
    best = near[linear_sum_assignment(-near.astype(int))].sum() if near.size else 0
    assert common_onsets(one, other) == best
    assert common_onsets(one, other) == common_onsets(other, one)


def test_each_change_does_what_its_name_says(tmp_path):
    rng = np.random.default_rng(0)
    plain = rng.uniform(-0.3, 0.3, (RATE, 2)).astype(np.float32)
    files = {}
    for change in CHANGES:
        folder = tmp_path / change
        folder.mkdir()
        path = variants._write_variant(change, plain, RATE, folder, seed=0)
        files[change], rate = reading.read(path)
        assert rate == (48000 if change == "48 kHz" else RATE)
    assert np.allclose(files["offset"] - plain, 0.02, atol=1e-6)
    assert np.array_equal(files["polarity"], -plain)
    assert np.abs(10 * files["quiet"] - plain).max() < 1e-5
    assert len(files["48 kHz"]) == 48000
    assert np.array_equal(files["shifted"][322:], plain) and not files["shifted"][:322].any()
    assert len(files["mp3"]) == pytest.approx(len(plain), abs=3000)
    assert (files["under hiss"] - plain).std() == pytest.approx(10 ** (-22 / 20), rel=0.01)


def test_variants_are_compared_with_the_clips_of_the_plain_song(tmp_path):
    bench = tmp_path / "bench"
    for name in ("a_few", "b_loud", "c_more"):
        path = bench / "audio" / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, np.full((RATE, 2), 0.5 if name == "b_loud" else 0.1), RATE)
        nothing = np.empty((0, 2))
        write_truth(bench, BenchTruth(name, nothing, nothing, np.zeros(32, np.uint8)))

    def find(path):
        audio, rate = reading.read(path)
        onsets = np.arange(6 if "a_few" not in path.name else 2) / 10
        if audio.mean() < 0:
            return [Clip(0.0, 0.1, 1.0), Clip(0.55, 0.6, 1.0), Clip(0.3, 0.4, 0.1)]
        late = np.argmax(np.abs(audio[:, 0]) > 1e-3) / rate
        return [Clip(float(onset + late), float(onset + late + 0.1), 1.0) for onset in onsets]

    find_all(find, bench, tmp_path / "plain", min_score=0.5)
    rows = find_in_variants(
        find, bench, tmp_path / "plain", tmp_path / "variants.tsv", min_score=0.5, songs=1, seed=0
    )
    assert [(row.change, row.song) for row in rows] == [(change, "b_loud") for change in CHANGES]
    found = {row.change: (row.plain, row.clips, row.common) for row in rows}
    assert found.pop("polarity") == (6, 2, 1)
    assert set(found.values()) == {(6, 6, 6)}
    assert read_records(tmp_path / "variants.tsv", VariantRow) == rows


def test_probes_stand_side_by_side(notes, tmp_path):
    empty = tmp_path / "nothing"
    empty.mkdir()
    score_probes(notes, empty, path=tmp_path / "none.tsv")
    rows = [VariantRow("mp3", "a", 10, 6, 6), VariantRow("mp3", "b", 10, 14, 9),
            VariantRow("under hiss", "a", 10, 30, 4)]  # fmt: skip
    write_records(tmp_path / "variants.tsv", VariantRow, rows)
    write_probe_summary(
        {"silence": tmp_path / "none.tsv", "model": tmp_path / "none.tsv"},
        {"model": tmp_path / "variants.tsv"},
        path=tmp_path / "summary.tsv",
        markdown_path=tmp_path / "summary.md",
        page_path=tmp_path / "summary.html",
    )
    table = read_records(tmp_path / "summary.tsv", ProbeRow)
    assert {row.share for row in table if row.finder == "silence"} == {0.0}
    shares = {row.probe: row.share for row in table if row.finder == "model"}
    assert shares["mp3"] == pytest.approx(100 * 2 * 15 / 40)
    assert shares["under hiss"] == pytest.approx(40)
    lines = (tmp_path / "summary.md").read_text().splitlines()
    cells = {line.split("|")[1].strip(): line for line in lines if line.startswith("|")}
    assert "≤ 15" in cells["tutti"] and "≥ 90" in cells["alone"]
    assert cells["mp3"].split("|")[3].strip() == "" and "75.0 (20)" in cells["mp3"]
