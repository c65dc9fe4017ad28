"""Plans: what is drawn, from what, and that a mix depends on its own number alone."""

import dataclasses
import hashlib
import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deep_plunder.audio.easings import EASINGS
from deep_plunder.corpus.library import Sound
from deep_plunder.corpus.songs import Song
from deep_plunder.errors import ConfigError, InputError
from deep_plunder.mixes.events import Event, sounding_samples
from deep_plunder.mixes.plan import Planner
from deep_plunder.mixes.spec import MixSpec
from deep_plunder.util.tables import read_records, write_records

RATE = 44100


def sounds(count=40, *, classes=("kick", "snare", "hihat"), seconds=None):
    lengths = np.random.default_rng(0).uniform(0.05, 1.5, count)
    return [
        Sound(
            sound=f"{classes[i % len(classes)]}/{i}.wav",
            sound_class=classes[i % len(classes)],
            path=f"{i}.wav",
            seconds=9.0,
            rate=48000,
            channels=1,
            onset_s=0.01,
            offset_s=0.01 + (seconds or float(lengths[i])),
        )
        for i in range(count)
    ]


def songs(count=12, *, seconds=90.0):
    fields = {"title": "", "artist": "", "rate": 44100, "channels": 2, "bit_rate_kbps": 256.0}
    return [
        Song(song=f"song{i}", path=f"{i}.ogg", seconds=seconds, source="list.txt", row=i, **fields)
        for i in range(count)
    ]


def plan(index=0, *, split="train", seed=3, library=None, playlist=None, **spec):
    planner = Planner(
        split=split,
        seed=seed,
        sounds=sounds() if library is None else library,
        songs=songs() if playlist is None else playlist,
        spec=MixSpec(**spec),
    )
    return planner.plan(index)


def samples(seconds):
    count = seconds * RATE
    assert abs(count - round(count)) < 1e-6
    return round(count)


@pytest.mark.parametrize("index", range(20))
def test_zero_overlap_fills_a_minute_exactly(index):
    events = plan(index)
    assert [event.event for event in events] == list(range(len(events)))
    assert samples(events[0].start_s) == 0
    for event, following in pairwise(events):
        assert samples(event.start_s) + samples(event.duration_s) == samples(following.start_s)
    assert sum(samples(event.duration_s) for event in events) == 60 * RATE
    assert math.isclose(sum(event.duration_s for event in events), 60, abs_tol=1e-9)
    for event in events:
        if event.kind == "sound":
            assert event.onset_s == event.start_s
            assert samples(event.offset_s) == samples(event.start_s) + samples(event.duration_s)
        else:
            assert math.isnan(event.onset_s)
            assert math.isnan(event.offset_s)


@settings(max_examples=40, deadline=None)
@given(
    index=st.integers(0, 3000),
    overlap_s=st.tuples(st.floats(-3, 3), st.floats(-3, 3)).map(sorted).map(tuple),
    duration_s=st.floats(0.5, 70),
    probability=st.floats(0, 1),
    method=st.sampled_from(["phase_vocoder", "resample"]),
    long_sound_s=st.floats(0.01, 2),
)
def test_any_spec_gives_a_sound_plan(
    index, overlap_s, duration_s, probability, method, long_sound_s
):
    events = plan(
        index,
        overlap_s=overlap_s,
        duration_s=duration_s,
        sound_probability=probability,
        pitch_method=method,
        long_sound_s=long_sound_s,
        long_sound_cut_s=(long_sound_s / 4, long_sound_s),
    )
    total = round(duration_s * RATE)
    starts = [samples(event.start_s) for event in events]
    ends = [samples(event.start_s + event.duration_s) for event in events]
    assert starts[0] == 0
    assert starts == sorted(starts)
    assert max(ends) <= total
    least, most = (round(value * RATE) for value in overlap_s)
    for i in range(1, len(events)):
        shared = ends[i - 1] - starts[i]
        assert min(least, 0) <= shared <= most
        if most <= 0:
            assert shared >= least
        # Never three at once.
        assert i < 2 or starts[i] >= ends[i - 2]
    if least >= 0:
        assert ends[-1] == total
    for event in events:
        assert event.duration_s > 0
        assert event.fade_in_s + event.fade_out_s <= event.duration_s + 1e-9
        if event.kind == "sound":
            assert event.duration_s <= long_sound_s + 1 / RATE


def test_overlap_and_gap_are_as_asked():
    for overlap_s in (0.02, -0.25):
        events = plan(
            overlap_s=(overlap_s, overlap_s), long_sound_s=0.5, long_sound_cut_s=(0.3, 0.5)
        )
        for event, following in pairwise(events):
            shared = event.start_s + event.duration_s - following.start_s
            assert shared == pytest.approx(overlap_s, abs=1e-9)


def test_a_range_of_overlaps_is_filled_and_draws_the_same_sounds():
    spec = {"sound_probability": 1.0, "long_sound_s": 0.5, "long_sound_cut_s": (0.3, 0.5)}
    drawn, fixed = plan(overlap_s=(-0.4, 0.1), **spec), plan(**spec)
    shared = [
        event.start_s + event.duration_s - following.start_s for event, following in pairwise(drawn)
    ]
    assert -0.4 <= min(shared) < -0.35
    assert 0.05 < max(shared) <= 0.1
    assert np.mean(shared) == pytest.approx(-0.15, abs=0.06)
    assert [event.semitones for event in drawn] == [
        event.semitones for event in fixed[: len(drawn)]
    ]


def test_a_mix_depends_on_its_own_number_alone():
    planner = Planner(split="train", seed=3, sounds=sounds(), songs=songs(), spec=MixSpec())
    forward = {index: planner.plan(index) for index in range(12)}
    for index in (11, 3, 7):
        # repr, since NaN is not equal to itself.
        assert repr(planner.plan(index)) == repr(forward[index])
        assert repr(plan(index)) == repr(forward[index])
    shuffled = plan(5, library=sounds()[::-1], playlist=songs()[::-1])
    assert repr(shuffled) == repr(forward[5])


def test_plans_are_the_same_in_every_release():
    # Whoever has published a seed can make the same mixes again. Where this must change, the
    # changelog has to say so.
    text = repr([plan(index, pitch_method="resample") for index in (0, 2825)])
    assert hashlib.sha256(text.encode()).hexdigest() == (
        "ff5fb72f2fbca962132c85bb3e892a3f96a0ce5ad6f050a5c16c83d9149b3ef3"
    )


def test_mixes_seeds_and_splits_differ():
    plans = [plan(0), plan(1), plan(0, seed=4), plan(0, split="test")]
    assert len({repr(events) for events in plans}) == 4


def test_a_range_changes_nothing_but_its_own_parameter():
    before, after = plan(2), plan(2, song_gain_db=(-6, 0))
    for one, other in zip(before, after, strict=True):
        assert repr(dataclasses.replace(other, gain_db=0.0)) == repr(one)
    assert any(event.gain_db < -1 for event in after if event.kind == "song")


def test_ranges_are_kept_and_filled():
    planner = Planner(
        split="train",
        seed=0,
        sounds=sounds(),
        songs=songs(),
        spec=MixSpec(sound_gain_db=(-12, 3), song_gain_db=(-6, 0)),
    )
    events = [event for index in range(60) for event in planner.plan(index)[:-1]]
    heard = [event for event in events if event.kind == "sound"]
    excerpts = [event for event in events if event.kind == "song"]
    assert {event.semitones for event in heard} == set(range(-3, 4))
    assert all(count > len(heard) / 14 for count in Counter(e.semitones for e in heard).values())
    assert {event.semitones for event in excerpts} == {0}
    assert {event.fade_in for event in excerpts} == set(EASINGS)
    assert {event.fade_out for event in excerpts} == set(EASINGS)
    for values, low, high in (
        ([e.duration_s for e in excerpts], 1, 5),
        ([e.fade_in_s for e in excerpts], 0.01, 0.5),
        ([e.fade_out_s for e in excerpts], 0.01, 0.5),
        ([e.gain_db for e in heard], -12, 3),
        ([e.gain_db for e in excerpts], -6, 0),
        # Uniform over the song, as far as an excerpt fits.
        ([e.source_start_s / (90 - e.duration_s) for e in excerpts], 0, 1),
    ):
        assert low <= min(values) < low + (high - low) / 20
        assert high - (high - low) / 20 < max(values) <= high
        assert np.mean(values) == pytest.approx((low + high) / 2, rel=0.1)
    assert len(heard) / len(events) == pytest.approx(0.5, abs=0.05)


def test_resampling_scales_the_duration():
    library = sounds(1, seconds=1.0)
    spec = MixSpec(pitch_method="resample")
    for event in plan(library=library, pitch_method="resample")[:-1]:
        if event.kind == "sound":
            assert samples(event.duration_s) == round(RATE * 2 ** (-event.semitones / 12))
            assert sounding_samples(library[0], event.semitones, spec) == samples(event.duration_s)
    for event in plan(library=library)[:-1]:
        if event.kind == "sound":
            assert samples(event.duration_s) == RATE


def test_sounds_over_four_seconds_are_cut_with_drawn_fades():
    spec = {"sound_probability": 1.0, "playlist": []}
    events = [e for i in range(8) for e in plan(i, library=sounds(9, seconds=7.0), **spec)[:-1]]
    assert all(1 <= event.duration_s <= 4 for event in events)
    assert len({event.duration_s for event in events}) > 100
    assert len({event.fade_out for event in events}) > 15
    assert max(event.fade_out_s for event in events) > 0.4
    whole = plan(library=sounds(9, seconds=3.99), **spec)[:-1]
    assert all(samples(event.duration_s) == round(3.99 * RATE) for event in whole)
    assert all(event.fade_out_s == 0.005 for event in whole)


def test_a_song_shorter_than_its_excerpt_is_taken_whole():
    events = plan(playlist=songs(seconds=0.75), sound_probability=0)
    assert all(samples(event.duration_s) == round(0.75 * RATE) for event in events[:-1])
    assert all(event.source_start_s == 0 for event in events)


def test_mixes_together_go_through_the_queues_evenly():
    library, playlist = sounds(60), songs(20)
    planner = Planner(split="train", seed=0, sounds=library, songs=playlist, spec=MixSpec())
    events = [event for index in range(60) for event in planner.plan(index)]
    for kind, count in (("sound", 60), ("song", 20)):
        heard = Counter(event.source for event in events if event.kind == kind)
        assert len(heard) == count
        mean = sum(heard.values()) / count
        # Far closer than drawing with replacement would come.
        assert np.std(list(heard.values())) < 0.5 * math.sqrt(mean)


def test_rare_classes_are_heard_as_often_as_common_ones():
    library = [
        dataclasses.replace(sound, sound_class="rare" if i < 4 else "common")
        for i, sound in enumerate(sounds(64))
    ]
    classes = {sound.sound: sound.sound_class for sound in library}
    planner = Planner(split="train", seed=0, sounds=library, songs=songs(), spec=MixSpec())
    events = [event for index in range(60) for event in planner.plan(index)]
    heard = Counter(classes[event.source] for event in events if event.kind == "sound")
    assert heard["rare"] / heard["common"] == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(("kind", "other", "way_out"), [("sound", "song", 0), ("song", "sound", 1)])
def test_an_empty_split_is_named(kind, other, way_out):
    empty = {"library" if kind == "sound" else "playlist": []}
    with pytest.raises(InputError, match=f"split test: has no {kind}, and") as error:
        plan(split="test", **empty)
    assert "\n" not in str(error.value)
    assert {e.kind for e in plan(sound_probability=way_out, **empty)} == {other}


def test_a_plan_comes_back_from_its_table(tmp_path):
    events = plan(7)
    write_records(tmp_path / "plan.tsv", Event, events)
    assert repr(read_records(tmp_path / "plan.tsv", Event)) == repr(events)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"excerpt_s": (3, 1)}, "mixes.excerpt_s: the first must not exceed the second"),
        ({"fade_in_s": (-1, 1)}, r"mixes.fade_in_s\[0\]: must be at least 0, got -1"),
        ({"duration_s": 0}, "mixes.duration_s: must be at least 0.5, got 0"),
        ({"sound_probability": 1.5}, "mixes.sound_probability: must be at most 1"),
        ({"pitch_method": "tape"}, "mixes.pitch_method: must be 'phase_vocoder' or"),
        ({"rebalance_cap": 0.5}, "mixes.rebalance_cap: must be at least 1"),
        ({"overlap_s": (0, math.nan)}, r"mixes.overlap_s\[1\]: must be a number, got nan"),
        ({"overlap_s": (0.1, 0)}, "mixes.overlap_s: the first must not exceed the second"),
        ({"excerpt_s": (1, 2, 3)}, "mixes.excerpt_s: must have 2 or fewer items"),
        ({"long_sound_cut_s": (0, 0)}, r"mixes.long_sound_cut_s\[0\]: must be above 0"),
    ],
)
def test_impossible_settings(fault, message):
    with pytest.raises(ConfigError, match=message):
        MixSpec(**fault)


def test_all_faults_at_once():
    with pytest.raises(ConfigError) as error:
        MixSpec(duration_s=-1, sound_probability=2, semitones=(2, -2))
    assert len(error.value.faults) == 3


def test_lists_of_a_configuration_are_taken():
    assert MixSpec(semitones=[-1, 2]) == MixSpec(semitones=(-1, 2))
    assert hash(MixSpec(semitones=[-1, 2])) == hash(MixSpec(semitones=(-1, 2)))
