"""Scenes: the same plan gives the same audio, and the truth follows from the stems."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from deep_plunder.audio import resampling, writing
from deep_plunder.corpus.library import Sound
from deep_plunder.corpus.songs import Song
from deep_plunder.errors import ConfigError, InputError
from deep_plunder.mixes.scenes.cells import read_cell, write_cell
from deep_plunder.mixes.scenes.colours import coloured
from deep_plunder.mixes.scenes.instruments import Instruments
from deep_plunder.mixes.scenes.plan import ScenePlanner
from deep_plunder.mixes.scenes.render import SceneRenderer, render_scenes
from deep_plunder.mixes.scenes.rows import SceneRow, read_settings
from deep_plunder.mixes.scenes.settings import (
    WAVE_NEEDS,
    Colours,
    Fm,
    MasterSettings,
    NoteSettings,
    OneShot,
    Peak,
    SectionSettings,
    Slide,
    SynthNote,
    TrackSettings,
    Wave,
    Wet,
)
from deep_plunder.mixes.scenes.spec import SceneSpec
from deep_plunder.mixes.store import Store
from deep_plunder.synths.makers import MAKERS
from deep_plunder.truth.isolation import ALONE, NOT_ALONE, STEP_S, UNKNOWN, Stem, TruthBuilder
from deep_plunder.util.tables import read_records, write_records

RATE, SECONDS = 16000, 12.0
PLAIN = {"songs": 0.0, "coded": 0.0}


def decaying(hz: float, seconds: float, seed: int, rate: int = 22050) -> np.ndarray:
    time = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(seed).standard_normal(len(time)) * np.exp(-time / 0.01)
    wave = np.sin(2 * np.pi * hz * time) * np.exp(-3 * time / seconds) + 0.2 * noise
    return (0.5 * wave / np.abs(wave).max()).astype(np.float32)[:, None]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    sounds = []
    for number, name in enumerate(("kick", "snare", "hihat", "bass", "keys", "fx")):
        path = folder / f"{name}.wav"
        wave = decaying(60 * 2**number, 0.4 + 0.1 * number, number)
        writing.write(path, wave, 22050)
        sounds.append(Sound(name, name, str(path), len(wave) / 22050, 22050, 1, 0, 0.35))
    path = folder / "song.wav"
    rng = np.random.default_rng(7)
    writing.write(path, (0.1 * rng.standard_normal((22050 * 20, 2))).astype(np.float32), 22050)
    song = Song(**{**dict.fromkeys(Song.__dataclass_fields__, ""), "song": "song",
                   "path": str(path), "seconds": 20.0, "rate": 22050})  # fmt: skip
    return sounds, [song]


def planner(corpus, split="train", seed=1, **changes) -> ScenePlanner:
    sounds, songs = corpus
    spec = SceneSpec(**changes)
    return ScenePlanner(
        split=split, seed=seed, sounds=sounds, songs=songs, spec=spec, duration_s=SECONDS
    )


def renderer(corpus, cache_bytes=2**24, rate=RATE, store=None, **changes) -> SceneRenderer:
    sounds, songs = corpus
    return SceneRenderer(
        sounds, songs, spec=SceneSpec(**changes), rate=rate, duration_s=SECONDS,
        cache_bytes=cache_bytes, store=store,
    )  # fmt: skip


def test_a_plan_is_the_mixes_own_whatever_else_is_planned(corpus):
    assert planner(corpus).plan(5) == planner(corpus).plan(5)
    assert planner(corpus).plan(5) != planner(corpus).plan(6)
    assert planner(corpus).plan(5) != planner(corpus, seed=2).plan(5)
    assert planner(corpus).plan(5) != planner(corpus, split="test").plan(5)
    shuffled = tuple(list(reversed(part)) for part in corpus)
    assert planner(shuffled).plan(5) == planner(corpus).plan(5)


def test_entries_strike_several_tracks_at_once_after_a_rest(corpus):
    several = 0
    for index in range(12):
        changes = {"entries": 1.0, "jitter": 0.0, "swing": 0.0}
        rows = planner(corpus, **changes).plan(index)
        notes = [row for row in rows if row.kind == "note"]
        for section in (row for row in rows if row.kind == "section"):
            if read_settings(section, SectionSettings).tracks < 2:
                continue
            start_s = section.start_s
            struck = {note.track for note in notes if abs(note.start_s - start_s) < 1e-4}
            before = [note for note in notes if note.start_s < start_s - 1e-4]
            several += len(struck) > 1
            if before and len(struck) > 1:
                assert max(note.start_s + note.duration_s for note in before) < start_s - 0.05
    assert several > 12


def test_a_plan_read_back_renders_to_the_same_bytes(corpus, tmp_path):
    for index in range(4):
        rows = planner(corpus, coded=1.0 if index == 0 else 0.0).plan(index)
        write_records(tmp_path / "plan.tsv", SceneRow, rows)
        first = renderer(corpus).render(rows)
        store = Store(tmp_path / "store", limit_bytes=2**28)
        kept = renderer(corpus, cache_bytes=0, store=store)
        again = kept.render(read_records(tmp_path / "plan.tsv", SceneRow))
        assert first.audio.tobytes() == again.audio.tobytes()
        assert first.regions == again.regions
        np.testing.assert_array_equal(first.truth.state, again.truth.state)


def test_scenes_do_not_depend_on_what_was_rendered_before(corpus):
    plan = planner(corpus)
    rows = [row for index in (3, 0, 2) for row in plan.plan(index)]
    together = list(render_scenes(rows, renderer(corpus)))
    assert [mix.mix for mix in together] == [0, 2, 3]
    for mix in together:
        alone = renderer(corpus).render(plan.plan(mix.mix))
        assert alone.audio.tobytes() == mix.audio.tobytes()
        assert mix.audio.shape == (round(SECONDS * RATE), 2)
        assert np.abs(mix.audio.astype(int)).max() > 1000


def test_a_monophonic_track_never_sounds_twice_at_once(corpus):
    for index in range(8):
        rows = planner(corpus, monophonic=1.0, jitter=0.0).plan(index)
        for track in {row.track for row in rows if row.kind == "track"}:
            notes = [row for row in rows if row.kind == "note" and row.track == track]
            ends = np.array([note.start_s + note.duration_s for note in notes])
            starts = np.array([note.start_s for note in notes])
            assert (starts[1:] > ends[:-1] - 1e-5).all()


def playing(rows: list[SceneRow]) -> list[int]:
    """How many tracks play in each section."""
    return [read_settings(row, SectionSettings).tracks for row in rows if row.kind == "section"]


def test_layers_and_echoes_play_along_with_their_track(corpus):
    one = {
        "track_weights": [1, 0, 0, 0, 0, 0, 0, 0],
        "section_weights": [1, 0, 0, 0, 0],
        "songs": 0.0,
        "layer": 1.0,
        "echo": 1.0,
    }
    for index in range(8):
        rows = planner(corpus, along=1.0, **one).plan(index)
        tracks = sum(row.kind == "track" for row in rows)
        assert tracks > 2
        assert set(playing(rows)) == {tracks}
        assert set(playing(planner(corpus, along=0.0, **one).plan(index))) == {1}


def test_an_echo_repeats_its_track_later_and_quieter(corpus):
    settings = {"track_weights": [1, 0, 0, 0, 0, 0, 0, 0], "layer": 0.0, "echo": 1.0}
    rows = planner(corpus, along=1.0, jitter=0.0, swing=0.0, **settings).plan(3)
    first, *echoes = [row for row in rows if row.kind == "track"]
    sources = {
        track.track: [row.source for row in rows if row.kind == "instrument"
                      and row.track == track.track]
        for track in (first, *echoes)
    }  # fmt: skip
    assert 1 <= len(echoes) <= 4
    for echo in echoes:
        assert echo.gain_db <= first.gain_db - 3
        assert sources[echo.track] == sources[first.track]
        starts = [
            min(row.start_s for row in rows if row.kind == "note" and row.track == track)
            for track in (first.track, echo.track)
        ]
        assert starts[1] > starts[0]


def test_echoes_are_mostly_of_waves_and_from_the_side_of_their_track(corpus):
    settings = {"layer": 0.0, "echo": 1.0, "panning_weights": [0, 0, 0, 1], "waves": 0.2}
    settings |= {"track_weights": [0, 0, 0, 1, 0, 0, 0, 0], "role_weights": [0, 0, 1, 0, 0, 0, 0]}
    waves = same = count = 0
    for index in range(200):
        rows = planner(corpus, **settings).plan(index)
        tracks = [row for row in rows if row.kind == "track"]
        sources = {row.track: row.source for row in rows if row.kind == "instrument"}
        places = [read_settings(track, TrackSettings).balance for track in tracks]
        for echo in tracks[4:]:
            count += 1
            waves += sources[echo.track].startswith("wave:")
            same += places[echo.track] in places[:4]
    # One track in five is of waves: six scenes in ten have one, and prefer it six times in ten.
    assert 0.35 * count < waves < 0.53 * count
    assert 0.5 * count < same < 0.7 * count


def test_the_regions_are_where_the_state_is_alone(corpus):
    found = 0
    for index in range(6):
        mix = renderer(corpus, **PLAIN).render(planner(corpus, **PLAIN).plan(index))
        for region in mix.regions:
            found += 1
            assert region.offset_s - region.onset_s >= 0.055
            assert region.isolation_db >= 29.9
            first, last = (round(t / STEP_S) for t in (region.onset_s, region.offset_s))
            assert (mix.truth.state[first + 1 : last - 1] == ALONE).all()
    assert found > 20


def test_a_region_is_what_is_heard_when_all_other_notes_are_taken_out(corpus):
    """In a scene of one note, the rest of the scene is silent."""
    changes = PLAIN | {"noise": 0.0, "vinyl": 0.0, "reverb": 0.0, "delay": 0.0, "levelled": 0.0}
    rows = planner(corpus, **changes).plan(1)
    notes = [row for row in rows if row.kind == "note"]
    one = [row for row in rows if row.kind != "note"] + notes[:1]
    mix = renderer(corpus, **changes).render(one)
    assert len(mix.regions) <= 1
    start = round(notes[0].start_s * RATE)
    assert not mix.audio[: max(0, start - 1)].any()
    assert mix.audio[start:].any()


def stems(*notes, songs=(), seconds=1.0):
    builder = TruthBuilder(duration_s=seconds, isolated_db=30, margin_db=15, min_region_s=0.06)
    for start, level_db, length in notes:
        power = np.full(round(length / STEP_S), 10 ** (level_db / 10), np.float32)
        builder.add(Stem(start, round(start / STEP_S), power, True, "sound"))
    for start, level_db, length in songs:
        power = np.full(round(length / STEP_S), 10 ** (level_db / 10), np.float32)
        builder.add_song(power, round(start / STEP_S))
    return builder.find()


@pytest.mark.parametrize("rate", [22050, 44100, 48000])
def test_the_truth_does_not_depend_on_the_rate(corpus, rate):
    # No cymbals: half of their power lies above the highest frequency of the lower rate.
    changes = PLAIN | {"low_rate": 0.0, "synths": 0.0}
    for index in range(4):
        rows = planner(corpus, **changes).plan(index)
        states = [
            renderer(corpus, rate=at, **changes).render(rows).truth.state for at in (RATE, rate)
        ]
        assert len(states[0]) == len(states[1]) == round(SECONDS / STEP_S)
        late = slice(len(states[0]) // 2, None)
        assert (states[0][late] == states[1][late]).mean() > 0.95


@pytest.mark.parametrize(
    ("below", "state"), [(40, ALONE), (31, ALONE), (29, UNKNOWN), (16, UNKNOWN), (14, NOT_ALONE)]
)
def test_the_state_follows_the_isolation(below, state):
    truth = stems((0.2, -10, 0.4), (0.2, -10 - below, 0.4))
    assert set(truth.state[60:140]) == {state}
    assert len(truth.regions) == (state == ALONE)
    np.testing.assert_allclose(truth.isolation_db[60:140], below, atol=0.01)
    if truth.regions:
        assert truth.regions[0][2] == pytest.approx(below, abs=0.1)


def test_another_sound_ends_a_region_and_what_remains_counts_for_nothing():
    truth = stems((0.2, -10, 0.6), (0.4, -12, 0.1))
    assert [region[:2] for region in truth.regions] == [pytest.approx((0.2, 0.4))]
    assert set(truth.state[105:120]) == {NOT_ALONE}
    assert set(truth.state[130:195]) == {UNKNOWN}


def test_a_sound_that_another_soon_joins_is_one_of_several():
    truth = stems((0.2, -10, 0.4), (0.22, -12, 0.4))
    assert not truth.regions
    assert set(truth.state[50:150]) == {NOT_ALONE}
    # From 60 ms on it is a region.
    assert [row[:2] for row in stems((0.2, -10, 0.4), (0.26, -12, 0.4)).regions] == [
        pytest.approx((0.2, 0.26))
    ]


def test_short_and_quiet_sounds_have_no_region():
    assert not stems((0.2, -10, 0.05)).regions
    assert set(stems((0.2, -10, 0.05)).state[50:62]) == {UNKNOWN}
    assert not stems((0.2, -55, 0.5)).regions


def test_nothing_is_known_of_a_song_alone_and_it_covers_notes():
    truth = stems((0.5, -20, 0.2), songs=[(0.0, -20, 1.0)])
    assert set(truth.state[:120]) == {UNKNOWN}
    assert np.isnan(truth.isolation_db[:120]).all()
    assert set(truth.state[130:170]) == {NOT_ALONE}
    assert not truth.regions


def test_settings_survive_a_round_trip_and_faults_are_named():
    motion = NoteSettings(slide=Slide(slide=-3.0, slide_s=0.12346))
    row = SceneRow(3, 4, "note", settings=write_cell(motion))
    assert read_settings(row, NoteSettings) == motion
    with pytest.raises(InputError, match="mix 3, row 4: settings must be name=value, got 'x'"):
        read_settings(replace(row, settings="slide=1 x"), NoteSettings)


@pytest.mark.parametrize(
    ("record", "text"),
    [
        (
            OneShot(
                peaks=(Peak(hz=100, db=-3, q=1), Peak(hz=200, db=2, q=0.5)), seed=7, length_s=1
            ),
            "peak_1_hz=100 peak_1_db=-3 peak_1_q=1 peak_2_hz=200 peak_2_db=2 peak_2_q=0.5 seed=7 "
            "length_s=1",
        ),
        (
            Wave(
                wet=Wet(wet_s=0.1, wet_db=-9, wet_hz=2000), seed=1, hz=110, harmonics=8,
                length_s=0.3, attack_s=0.01, fm=Fm(ratio=2, index=1, index_s=0.5), level=0.0,
            ),
            "wet_s=0.1 wet_db=-9 wet_hz=2000 seed=1 hz=110 harmonics=8 length_s=0.3 attack_s=0.01 "
            "ratio=2 index=1 index_s=0.5 level=0",
        ),
        (
            MasterSettings(level_db=-6, reverb_s=0.5, reverb_hz=3000, seed=2, mono=True),
            "level_db=-6 reverb_s=0.5 reverb_hz=3000 seed=2 mono=1",
        ),
    ],
)  # fmt: skip
def test_each_record_is_written_as_names_and_values(record: object, text: str) -> None:
    assert write_cell(record) == text
    assert read_cell(text, type(record), where="", kind="") == record


@pytest.mark.parametrize(
    ("record", "text", "rule"),
    [
        (MasterSettings, "level_db=-6", "plan: row needs reverb_s"),
        (SectionSettings, "", "plan: row needs tracks"),
        (SynthNote, "seed=1 note=60 held_s=1", "plan: row needs stereo"),
        (OneShot, "length_s=1 seed=1 wet_hz=100", "plan: wet_hz needs wet_s"),
        (OneShot, "length_s=1 seed=1 hz=100", "plan: row has no setting 'hz'"),
    ],
)
def test_a_cell_that_lacks_a_name_or_has_one_too_many(record: type, text: str, rule: str) -> None:
    with pytest.raises(InputError, match=re.escape(rule)):
        read_cell(text, record, where="plan", kind="row")


@pytest.mark.parametrize("kind", WAVE_NEEDS)
def test_a_wave_needs_what_its_kind_is_made_of(kind: str) -> None:
    plain = {"seed": 1, "hz": 110, "harmonics": 4, "length_s": 0.2, "attack_s": 0.01}
    with pytest.raises(InputError, match=f"mix 3, row 4: {kind} needs {WAVE_NEEDS[kind]}"):
        made(instrument(f"wave:{kind}", **plain))


def instrument(source: str, **settings) -> SceneRow:
    cell = " ".join(f"{name}={value}" for name, value in settings.items())
    return SceneRow(3, 4, "instrument", source=source, settings=cell)


def made(row: SceneRow, rate: int = RATE) -> np.ndarray:
    return Instruments([], [], rate=rate, cache_bytes=0, store=Store()).wave(row)


@pytest.mark.parametrize("kind", MAKERS)
def test_a_synthesizer_plays_the_same_sound_at_any_rate(kind):
    dull = {"dull_hz": 1500, "dull_order": 2}
    row = instrument(f"synth:{kind}", seed=7, note=60, held_s=0.4, stereo=0, **dull)
    low, high = made(row)[0], resampling.resample(made(row, 32000).T, 32000, RATE)[:, 0]
    count = min(len(low), len(high))
    assert np.corrcoef(low[:count], high[:count])[0, 1] > 0.9
    other = made(replace(row, settings=row.settings.replace("seed=7", "seed=8")))[0]
    count = min(count, len(other))
    assert not np.array_equal(low[:count], other[:count])


def test_a_synthesizer_may_be_stereo_and_must_exist():
    row = instrument("synth:pad", seed=1, note=50, held_s=1, stereo=1)
    sides = made(row)
    assert len(sides) == 2 and not np.allclose(*sides, atol=0.01)
    with pytest.raises(InputError, match=r"mix 3, row 4: source must be .*'synth:tuba'"):
        made(instrument("synth:tuba"))


@pytest.mark.parametrize("lift_db", [9.0, -9.0])
def test_a_peak_lifts_its_band_alone(lift_db):
    noise = np.random.default_rng(0).standard_normal((1, 4 * RATE)).astype(np.float32)
    shaped = coloured(noise, Colours(peaks=(Peak(hz=1000.0, db=lift_db, q=2.0),), seed=0), RATE)
    powers = [
        np.abs(np.fft.rfft(wave[0])[4 * hz - 40 : 4 * hz + 40]) ** 2
        for wave in (shaped, noise)
        for hz in (1000, 50, 7500)
    ]
    lifts = [10 * np.log10(powers[i].sum() / powers[i + 3].sum()) for i in range(3)]
    # All is brought to peak 1: only differences count.
    assert lifts[0] - lifts[1] == pytest.approx(lift_db, abs=0.3)
    assert lifts[2] - lifts[1] == pytest.approx(0, abs=0.3)


def test_as_many_one_shots_are_of_synthesizers_as_the_settings_say(corpus):
    sources = [
        row.source
        for index in range(150)
        for row in planner(corpus, songs=0.0, waves=0.0, layer=0.0, echo=0.0).plan(index)
        if row.kind == "instrument"
    ]
    share = np.mean([source.startswith("synth:") for source in sources])
    assert SceneSpec().synths == pytest.approx(share, abs=0.06)
    assert {source.removeprefix("synth:") for source in sources if ":" in source} == {*MAKERS}


def test_impossible_plans_are_refused(corpus):
    rows = planner(corpus, **PLAIN).plan(0)
    with pytest.raises(InputError, match="kind must be one of"):
        renderer(corpus).render([*rows, SceneRow(0, 9999, "tune")])
    with pytest.raises(InputError, match="must have one master row, has 0"):
        renderer(corpus).render(rows[1:])
    note = next(row for row in rows if row.kind == "note")
    for change, rule in (
        ({"semitones": 200.0}, "semitones must be in -96 .. 96"),
        ({"instrument": 0}, "must name an instrument and a track"),
        ({"start_s": 99.0}, "must lie in 0..12.0 s"),
    ):
        with pytest.raises(InputError, match=re.escape(rule)):
            renderer(corpus).render([*rows, replace(note, row=9999, **change)])


@pytest.mark.parametrize(
    ("change", "reason"), [({"path": "gone.wav"}, "missing"), ({"rate": 44100}, "changed")]
)
def test_a_file_that_is_not_as_it_was_is_silent_and_listed(corpus, change, reason):
    sounds, songs = corpus
    others = [replace(sound, **change) for sound in sounds]
    rows = planner(corpus, waves=0.0, synths=0.0, **PLAIN).plan(2)
    mix = renderer((others, songs), **PLAIN).render(rows)
    assert {row.reason for row in mix.rejected} == {reason}


def test_impossible_settings_are_refused_all_at_once():
    with pytest.raises(ConfigError) as caught:
        SceneSpec(swing=2.0, track_weights=(1.0,), tempo_bpm=(200.0, 100.0), margin_db=40.0)
    assert len(caught.value.faults) == 4
    with pytest.raises(InputError, match="need at least one sound"):
        ScenePlanner(split="train", seed=1, sounds=[], songs=[], spec=SceneSpec(), duration_s=1.0)
