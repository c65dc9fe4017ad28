"""Mixes of tracker modules: usable modules are found, and their parts rendered with exact truth."""

from __future__ import annotations

import ctypes.util
import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deep_plunder.audio import openmpt
from deep_plunder.corpus.modules import TrackerModule
from deep_plunder.errors import InputError
from deep_plunder.mixes.modules import render
from deep_plunder.mixes.modules.parts import PartRenderer, cut_truth, render_parts
from deep_plunder.mixes.modules.plan import ModulePart, ModulePlanner
from deep_plunder.mixes.modules.render import render_module
from deep_plunder.mixes.modules.scan import join_scans, read_truth, scan_modules, version_of
from deep_plunder.mixes.modules.versions import Version, draw_version
from deep_plunder.truth.isolation import ALONE, NOT_ALONE, STEP_S, UNKNOWN, IsolationTruth
from deep_plunder.truth.labels import encode_truth
from tests.trackers import ROW_S, module

needs_openmpt = pytest.mark.skipif(
    ctypes.util.find_library("openmpt") is None, reason=openmpt.MISSING
)

SONG = [(0, 0, 64), (8, 1, 64), (8, 2, 64, 381), (16, 0, 64), (24, 1, 64), (26, 1, 64)]


@pytest.fixture
def folder(tmp_path):
    modules = tmp_path / "modules"
    (modules / "bob").mkdir(parents=True)
    (modules / "Ann__song.mod").write_bytes(module(SONG, rows=32))
    (modules / "Ann__copy.mod").write_bytes(module(SONG, rows=32))
    (modules / "bob" / "one.mod").write_bytes(module([(4, 2, 64)], rows=16))
    (modules / "text.xm").write_text("no module")
    (modules / "silent.mod").write_bytes(module([]))
    return modules


def scanned(folder, parts=1, **given_to):
    places = [folder.parent / f"{part:04d} of {parts}" for part in range(parts)]
    for part, place in enumerate(places):
        scan_modules([folder], place, part=part, parts=parts, **given_to)
    return join_scans(places)


@needs_openmpt
def test_usable_modules_are_the_same_however_many_jobs_find_them(folder):
    modules, rejected = scanned(folder)
    assert [(row.module, row.author) for row in modules] == [
        ("Ann__copy.mod", "Ann"),
        ("bob/one.mod", "bob"),
    ]
    assert [row.regions for row in modules] == [4, 1]
    assert [row.module for row in rejected] == ["Ann__song.mod", "silent.mod", "text.xm"]
    assert rejected[0].reason == "a copy of Ann__copy.mod"
    assert rejected[1].reason == "must have audible notes, has none"
    truth = read_truth(modules[0])
    whole = render_module(modules[0].path).truth
    np.testing.assert_array_equal(truth.state, whole.state)
    assert truth.regions == whole.regions
    several, others = scanned(folder, parts=3)
    for found, row in zip(several, modules, strict=True):
        assert replace(found, truth=row.truth) == row
    assert others == rejected


@needs_openmpt
@pytest.mark.parametrize("versions", [1, 2])
def test_a_folder_that_is_given_twice_gives_each_module_once(folder, versions):
    place = folder.parent / "twice"
    scan_modules([folder, folder], place, versions=versions, seed=5)
    modules, rejected = join_scans([place])
    once, others = scanned(folder, versions=versions, seed=5)
    assert [row.module for row in modules] == [row.module for row in once]
    assert {"Ann__copy.mod (2)", "bob/one.mod (2)"} < {row.module for row in rejected}
    assert len(rejected) == 2 * len(others) + 2


@needs_openmpt
def test_a_module_that_does_not_add_up_is_set_aside_after_its_rendering(folder, monkeypatch):
    play = render.play_part
    struck = {(folder / "bob" / "one.mod").read_bytes()}

    def deaf(data, **given):
        return (0.5 if data in struck else 1.0) * play(data, **given)

    monkeypatch.setattr(render, "play_part", deaf)
    modules, rejected = scanned(folder)
    assert [row.module for row in modules] == ["Ann__copy.mod"]
    reasons = {row.module: row.reason for row in rejected}
    rule = "the sum of the channels must be the whole within -40 dB"
    assert reasons["bob/one.mod"].startswith(rule)


@needs_openmpt
def test_a_folder_without_a_usable_module_is_refused_with_the_reason(folder):
    for name in ("Ann__song.mod", "Ann__copy.mod", "bob/one.mod"):
        (folder / name).unlink()
    with pytest.raises(InputError, match="can be used: must have audible notes, has none"):
        scanned(folder)


def test_without_libopenmpt_one_line_says_so(folder, monkeypatch):
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: None)
    openmpt._library.cache_clear()
    try:
        with pytest.raises(InputError, match=r"^modules\.folders: libopenmpt is needed"):
            scan_modules([folder], folder.parent / "out")
    finally:
        openmpt._library.cache_clear()
    assert not (folder.parent / "out").exists()


@needs_openmpt
def test_a_second_attack_in_a_sample_ends_the_region(tmp_path):
    (tmp_path / "loop.mod").write_bytes(module([(0, 0, 64)], seconds=0.9, hits=2, rows=16))
    truth = render_module(tmp_path / "loop.mod").truth
    [(onset_s, offset_s, _, _)] = truth.regions
    assert onset_s == 0
    assert offset_s == pytest.approx(0.45, abs=0.04)
    after = truth.state[round(offset_s / STEP_S) : round(0.8 / STEP_S)]
    assert ALONE not in after
    assert set(after[round(0.06 / STEP_S) :].tolist()) == {UNKNOWN}


@needs_openmpt
@pytest.mark.parametrize("speed", [0.8, 1.25])
def test_a_faster_version_has_the_truth_of_the_module_in_less_time(folder, speed):
    path = folder / "Ann__song.mod"
    plain, other = (render_module(path, version=Version(each)) for each in (1.0, speed))
    assert len(other.samples) == pytest.approx(len(plain.samples) / speed, abs=2 * 192)
    assert len(plain.truth.regions) == len(other.truth.regions) == 4
    for ours, theirs in zip(other.truth.regions, plain.truth.regions, strict=True):
        np.testing.assert_allclose(ours[:2], np.divide(theirs[:2], speed), atol=0.013)
    # The sample is a sine of 500 Hz at the speed of C-2.
    heard = other.samples[round(0.05 * 48000) : round(0.15 * 48000), 0]
    crossings = np.flatnonzero(np.diff(np.signbit(heard)))
    assert len(crossings) / 2 / 0.1 == pytest.approx(500 * speed, rel=0.05)


@needs_openmpt
@given(silent=st.frozensets(st.integers(0, 3)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=16)
def test_silent_channels_are_not_heard_and_leave_others_alone(folder, silent):
    path = folder / "Ann__song.mod"
    struck = [(row * ROW_S, channel) for row, channel, *_ in SONG if channel not in silent]
    if not struck:
        with pytest.raises(InputError, match="must have audible notes"):
            render_module(path, version=Version(silent=silent))
        return
    truth = render_module(path, version=Version(silent=silent)).truth
    # Two notes are struck together at row 8: each is alone where the other is silent.
    counts = Counter(at for at, _ in struck)
    expected = [at for at in counts if counts[at] == 1]
    np.testing.assert_allclose([row[0] for row in truth.regions], expected, atol=0.012)


@needs_openmpt
def test_further_versions_are_drawn_by_the_seed_and_for_training_alone(folder):
    plain, others = scanned(folder)
    modules, rejected = scanned(folder, versions=4, seed=5)
    assert rejected == others
    assert [row for row in modules if row.version == 1] == plain
    names = Counter(row.module.partition(" (version")[0] for row in modules)
    assert set(names) == {"Ann__copy.mod", "bob/one.mod"}
    drawn = [(row.speed, row.silent) for row in modules if row.version > 1]
    assert len(set(drawn)) == len(drawn) >= 3
    again, _ = scanned(folder, parts=2, versions=4, seed=5)
    assert [(row.module, row.speed, row.silent) for row in again] == [
        (row.module, row.speed, row.silent) for row in modules
    ]
    for row in modules:
        song = render_module(row.path, version=version_of(row))
        np.testing.assert_array_equal(read_truth(row).state, song.truth.state)
        part = ModulePart(0, 0, row.module, 0.0, 1.0, 0.5)
        mix = PartRenderer(modules, rate=48000, duration_s=1.0).render([part])
        # Blocks of another size are rounded otherwise.
        heard = song.samples[24000:72000] * 32768
        np.testing.assert_allclose(mix.audio, np.clip(heard, -32768, 32767), atol=1.5)
    assert scanned(folder, versions=4, seed=6)[0] != modules


@given(channels=st.integers(1, 64), seed=st.integers(0, 99))
def test_a_version_is_within_four_semitones(channels, seed):
    version = draw_version(np.random.default_rng(seed), channels=channels)
    assert abs(12 * math.log2(version.speed)) <= 4.001
    assert version.silent <= set(range(channels))


def test_a_table_with_an_odd_channel_is_refused_in_one_line():
    row = replace(tracker("a.mod", 60), silent="1,x")
    with pytest.raises(
        InputError, match=r"^a\.mod: silent must be numbers of channels, got '1,x'$"
    ):
        version_of(row)


def tracker(name: str, seconds: float, regions: int = 0) -> TrackerModule:
    return TrackerModule(name, name, name, seconds, regions, 0.0, 0.0, 1.0, name, name, 1, 1.0, "")


MODULES = st.lists(st.floats(1.0, 200.0), min_size=1, max_size=6).map(
    lambda lengths: [
        tracker(f"{k}.mod", round(round(length / STEP_S) * STEP_S, 3), k)
        for k, length in enumerate(lengths)
    ]
)


@given(modules=MODULES, duration_s=st.floats(0.5, 70.0), index=st.integers(0, 50))
def test_the_parts_of_a_plan_fill_the_mix_and_lie_in_their_modules(modules, duration_s, index):
    given_to = {"split": "train", "seed": 3, "duration_s": duration_s}
    planner = ModulePlanner(modules=modules, **given_to)
    parts = planner.plan(index)
    assert parts == ModulePlanner(modules=modules[::-1], **given_to).plan(index)
    lengths = {row.module: row.seconds for row in modules}
    end_s = 0.0
    for number, part in enumerate(parts):
        assert (part.mix, part.row) == (index, number)
        assert part.start_s == pytest.approx(end_s, abs=1e-6)
        assert part.duration_s > 0
        assert part.source_start_s + part.duration_s <= lengths[part.module] + 1e-6
        end_s = part.start_s + part.duration_s
    # Less than a second may remain, which is not judged.
    assert duration_s - 1.01 <= end_s <= duration_s + STEP_S


def test_modules_are_drawn_by_the_square_root_of_their_regions():
    modules = [tracker("none.mod", 60), tracker("some.mod", 60, 15), tracker("many.mod", 60, 99)]
    planner = ModulePlanner(split="train", seed=1, modules=modules, duration_s=60)
    drawn = Counter(planner.plan(index)[0].module for index in range(3000))
    weights = {row.module: math.sqrt(1 + row.regions) for row in modules}
    for name, weight in weights.items():
        assert drawn[name] / 3000 == pytest.approx(weight / sum(weights.values()), abs=0.03)


def test_a_split_without_modules_is_refused():
    with pytest.raises(InputError, match="train must have a module of a second or more"):
        ModulePlanner(split="train", seed=1, modules=[tracker("a.mod", 0.9)], duration_s=60)


@given(
    regions=st.lists(st.tuples(st.integers(0, 90), st.integers(15, 40)), max_size=5),
    first=st.integers(0, 60),
    length=st.integers(1, 60),
)
def test_a_cut_truth_says_of_each_step_what_the_whole_says(regions, first, length):
    state, rows, free = np.zeros(140, np.uint8), [], 0
    for on, steps in sorted(regions):
        if on >= free and on + steps <= 140:
            state[on : on + steps] = ALONE
            rows.append((on * STEP_S, (on + steps) * STEP_S, 31.0, "x"))
            free = on + steps
    whole = IsolationTruth(state, np.arange(140, dtype=np.float32), rows)
    part = cut_truth(whole, first=first, last=first + length)
    np.testing.assert_array_equal(part.isolation_db, np.arange(first, first + length))
    expected = state[first : first + length].copy()
    for onset_s, offset_s, *_ in rows:
        on, off = round(onset_s / STEP_S), round(offset_s / STEP_S)
        if on < first < off:
            expected[: off - first] = UNKNOWN
    np.testing.assert_array_equal(part.state, expected)
    kept = [(round(on / STEP_S), round(off / STEP_S)) for on, off, *_ in part.regions]
    covered = np.zeros(length, np.uint8)
    for on, off in kept:
        assert 0 <= on < off <= length
        covered[on:off] = ALONE
    np.testing.assert_array_equal(covered, np.where(expected == ALONE, ALONE, 0))


@needs_openmpt
@pytest.mark.parametrize("rate", [48000, 44100, 16000])
def test_a_mix_sounds_like_its_modules_and_is_labelled_by_their_notes(folder, rate):
    modules, _ = scanned(folder)
    song, one = modules
    # The second note that is alone begins 2.88 s into the module: the part begins before it.
    first = ModulePart(7, 0, song.module, 0.0, 1.6, 2.0)
    second = ModulePart(7, 1, one.module, 1.6, 1.2, 0.0)
    [mix] = render_parts([second, first], PartRenderer(modules, rate=rate, duration_s=3.0))
    assert mix.mix == 7
    assert mix.audio.shape == (3 * rate, 2)
    assert mix.audio.dtype == np.int16
    loud = np.abs(mix.audio).max(axis=1) > 300
    # Independent of the truth: from the rows of the patterns.
    for onset_s, offset_s in [(0.88, 1.12), (1.12, 1.42), (1.6 + 4 * ROW_S, 2.38)]:
        assert loud[round((onset_s + 0.02) * rate) : round((offset_s - 0.02) * rate)].any()
    assert not loud[round(1.62 * rate) : round(2.06 * rate)].any()
    onsets = [row.onset_s for row in mix.regions]
    np.testing.assert_allclose(onsets, [0.88, 1.12, 1.6 + 4 * ROW_S], atol=0.012)
    # Of the note at row 16 (1.92 s) the part holds only the end, and no module fills the rest.
    state = mix.truth.state
    assert set(state[: round(0.2 / STEP_S)].tolist()) == {UNKNOWN}
    assert set(state[round(2.8 / STEP_S) :].tolist()) == {UNKNOWN}
    assert state[round(0.5 / STEP_S)] == NOT_ALONE
    labels = encode_truth(mix.truth, frames=187, frame_rate=62.5)
    assert np.flatnonzero(labels[:, 0] == 1).tolist() == [round(on * 62.5) for on in onsets]
    assert (labels[176:, 2] == 2).all()


@needs_openmpt
def test_a_mix_is_the_same_bytes_whatever_is_rendered_with_it(folder):
    modules, _ = scanned(folder)
    planner = ModulePlanner(split="train", seed=1, modules=modules, duration_s=4)
    plans = [part for index in range(6) for part in planner.plan(index)]
    player = PartRenderer(modules, rate=22050, duration_s=4)
    together = {mix.mix: mix for mix in render_parts(plans, player)}
    for index in (4, 1, 5):
        alone = PartRenderer(modules, rate=22050, duration_s=4).render(planner.plan(index))
        assert alone.audio.tobytes() == together[index].audio.tobytes()
        assert alone.regions == together[index].regions


@needs_openmpt
def test_plans_that_name_no_part_of_a_module_are_refused(folder):
    modules, _ = scanned(folder)
    player = PartRenderer(modules, rate=22050, duration_s=4)
    with pytest.raises(InputError, match=r"plan: mix 0, row 0: must name a usable module"):
        player.render([ModulePart(0, 0, "gone.mod", 0, 1, 0)])
    with pytest.raises(InputError, match=r"must lie in its mix and in the .* of its module"):
        player.render([ModulePart(0, 0, modules[0].module, 0, 4, 3)])
