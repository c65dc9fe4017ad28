"""Tracker modules become songs whose truth is known: a ProTracker module made here is."""

import ctypes.util

import numpy as np
import pytest

from deep_plunder.audio import openmpt
from deep_plunder.corpus.modules import list_modules
from deep_plunder.errors import InputError
from deep_plunder.evaluation.bench.kinds import bench_kind
from deep_plunder.evaluation.bench.layout import songs_of, truth_of
from deep_plunder.evaluation.bench.rendered import exact_truth, frame_labels
from deep_plunder.evaluation.bench.trackers import render_bench
from deep_plunder.mixes.modules import render
from deep_plunder.mixes.modules.render import render_module
from deep_plunder.truth.isolation import UNKNOWN
from tests.trackers import PERIOD, ROW_S, module

needs_openmpt = pytest.mark.skipif(
    ctypes.util.find_library("openmpt") is None, reason=openmpt.MISSING
)


def bench_of(modules, bench):
    """Render all modules below a folder into a bench."""
    render_bench(
        {file.module: file.path for file in list_modules([modules])}, bench, source=modules
    )


@needs_openmpt
def test_a_note_is_isolated_where_no_other_channel_sounds(tmp_path):
    # Alone; two at once; one that another 24 dB below joins; alone after a cut on its channel.
    notes = [
        (0, 0, 64),
        (8, 1, 64),
        (8, 2, 64, 381),
        (16, 0, 64),
        (16, 3, 4),
        (24, 1, 64),
        (26, 1, 64),
    ]
    path = tmp_path / "song.mod"
    path.write_bytes(module(notes, rows=32))
    song = render_module(path)
    truth = exact_truth("song", song.truth)
    expected = [(0, 0.3), (24 * ROW_S, 26 * ROW_S), (26 * ROW_S, 26 * ROW_S + 0.3)]
    # A sample that ends is faded out by the player.
    np.testing.assert_allclose(truth.regions, expected, atol=0.02)
    assert 0 <= len(song.samples) / render.RATE - 32 * ROW_S < 0.2
    # What lies 24 dB above all else is neither right nor wrong.
    # Nor is the end of the lower of two, which lasts a little longer.
    lasts = (8 * ROW_S + 0.3 * 381 / PERIOD, 8 * ROW_S + 0.3)
    expected = [lasts, (16 * ROW_S, 16 * ROW_S + 0.3)]
    np.testing.assert_allclose(truth.ignore, expected, atol=0.02)
    labels = truth.labels
    assert labels[1:9].tolist() == [1] * 8
    assert labels[round(8 * ROW_S / 0.032) + 2] == 0
    assert labels[round(16 * ROW_S / 0.032) + 2] == 2
    # Silence before a note stays silence in the audio, and the note begins where the truth says.
    loud = np.flatnonzero(np.abs(song.samples).max(axis=1) > 0.01) / render.RATE
    assert loud[np.searchsorted(loud, 20 * ROW_S)] == pytest.approx(24 * ROW_S, abs=0.005)


@needs_openmpt
def test_a_note_on_two_channels_at_once_is_neither_right_nor_wrong(tmp_path):
    # Doubled; doubled while another note sounds; the same note, but a row later.
    notes = [(0, 0, 64), (0, 1, 64), (8, 0, 64), (8, 1, 64), (8, 2, 64, 381), (16, 0, 64)]
    path = tmp_path / "song.mod"
    path.write_bytes(module([*notes, (17, 1, 64)], rows=32))
    truth = exact_truth("song", render_module(path).truth)
    np.testing.assert_allclose(truth.regions, [(16 * ROW_S, 17 * ROW_S)], atol=0.02)
    np.testing.assert_allclose(truth.ignore[0], (0, 0.3), atol=0.02)
    assert truth.labels[1:9].tolist() == [2] * 8
    assert truth.labels[round(8 * ROW_S / 0.032) + 2] == 0


@needs_openmpt
def test_a_folder_becomes_a_bench_and_what_cannot_be_played_is_set_aside(tmp_path):
    modules, bench = tmp_path / "modules", tmp_path / "bench"
    (modules / "more").mkdir(parents=True)
    (modules / "song.MOD").write_bytes(module([(0, 0, 64)], rows=8))
    (modules / "more" / "song.mod").write_bytes(module([(4, 2, 64)], rows=8))
    (modules / "text.xm").write_text("no module")
    (modules / "silent.mod").write_bytes(module([]))
    assert bench_kind(modules) == "modules"
    bench_of(modules, bench)
    assert bench_kind(bench) == "bench"
    songs = songs_of(bench)
    assert len(songs) == 2
    starts = sorted(truth_of(bench, song.name).regions[0, 0] for song in songs)
    np.testing.assert_allclose(starts, [0, 4 * ROW_S], atol=0.012)
    table = (bench / "set_aside.tsv").read_text().splitlines()
    assert len(table) == 3
    assert table[1].startswith("silent.mod\t")
    assert table[2].startswith("text.xm\t")


@needs_openmpt
def test_channels_that_do_not_add_up_are_refused(tmp_path, monkeypatch):
    path = tmp_path / "song.mod"
    path.write_bytes(module([(0, 0, 64), (0, 1, 64)], rows=8))
    play = render.play_part
    monkeypatch.setattr(render, "play_part", lambda *given, **more: 0.9 * play(*given, **more))
    with pytest.raises(InputError, match=r"channels must be the whole .* got -20\.0 dB"):
        render_module(path)


def test_without_libopenmpt_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: None)
    openmpt._library.cache_clear()
    try:
        (tmp_path / "a.mod").write_bytes(b"")
        with pytest.raises(InputError, match="libopenmpt is needed"):
            bench_of(tmp_path, tmp_path / "bench")
    finally:
        openmpt._library.cache_clear()


def test_labels_of_frames_count_half_of_a_frame():
    state = np.zeros(40, np.uint8)
    state[12:16] = UNKNOWN
    state[17:19] = UNKNOWN
    # Steps 0 to 8 and 24 to 28, in frames of 8 steps; the last frame has 3 steps of 8.
    regions = np.array([(0, 0.032), (0.096, 0.112), (0.128, 0.140)])
    assert frame_labels(state, regions).tolist() == [1, 2, 0, 1, 0]


def test_what_a_folder_holds_is_told_by_names(tmp_path):
    assert bench_kind(tmp_path) is None
    assert bench_kind(tmp_path / "gone") is None
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "A.S3M").write_bytes(b"")
    assert bench_kind(tmp_path) == "modules"
    for name in ("audio", "regions", "labels32ms"):
        (tmp_path / name).mkdir()
    assert bench_kind(tmp_path) == "bench"
