"""Scores on real music: those of the reference scorer, and what follows from their meaning."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deep_plunder.errors import InputError
from deep_plunder.evaluation.bench.layout import FRAME_S, BenchTruth, songs_of, truth_of
from deep_plunder.evaluation.bench.scores import score, score_song
from deep_plunder.util.rng import generator

BENCHES = Path(__file__).resolve().parents[5] / "shared" / "realbench"

needs_benches = pytest.mark.skipif(
    not BENCHES.is_dir(), reason=f"{BENCHES}: the benches and their scorer are not here"
)

PRF = {
    f"{view}_{mean}_PRF": [f"{view}_{mean}_{part}" for part in ("precision", "recall", "f1")]
    for view in ("frame", "note", "note_offset")
    for mean in ("macro", "micro")
}


def labels_of(regions, ignore, frames):
    labels = np.zeros(frames, np.uint8)
    for value, spans in ((2, ignore), (1, regions)):
        for on, off in spans:
            labels[round(on / FRAME_S) : round(off / FRAME_S)] = value
    return labels


def truth(regions, ignore=(), *, frames=400, name="song"):
    spans = [np.array(rows, float).reshape(-1, 2) for rows in (regions, ignore)]
    return BenchTruth(name, *spans, labels_of(*spans, frames))


def guesses(known, random):
    """True regions moved about, parts of ignored ones, and chance, in no order."""
    rows = []
    for on, off in np.concatenate([known.regions, known.ignore]):
        if random.random() < 0.6:
            moved = on + random.normal(0, 0.03)
            rows.append((max(0, moved), off + random.normal(0, 0.01), 0.5 + random.random()))
    length = len(known.labels) * FRAME_S
    for on in random.uniform(0, length, 20):
        rows.append((on, on + random.exponential(0.2), random.random()))
    # Equal scores, one without length, one beyond the end.
    rows = [(on, off, round(rank, 1)) for on, off, rank in rows]
    rows += [(1.0, 1.0, 0.5), (length - 0.1, length + 3, 0.4)]
    return random.permutation(rows)


@needs_benches
@pytest.mark.parametrize("bench", ["dev", "val"])
def test_scores_are_those_of_the_reference_scorer(bench, tmp_path):
    folder = BENCHES / bench
    found = tmp_path / "found"
    found.mkdir()
    songs = []
    for number, song in enumerate(songs_of(folder)):
        known = truth_of(folder, song.name)
        rows = guesses(known, generator(1, bench, number))
        if number == 2:
            rows = rows[:0]
        else:
            lines = ["\t".join(map(repr, map(float, row))) for row in rows]
            (found / f"{song.name}.tsv").write_text("\n".join(["onset_s\toffset_s\tscore", *lines]))
        songs.append(score_song(known, rows))
    ours = score(songs)
    scorer = [sys.executable, str(BENCHES / "score.py"), str(found), "--bench", str(folder)]
    subprocess.run([*scorer, "--json", str(tmp_path / "theirs.json")], check=True)
    theirs = json.loads((tmp_path / "theirs.json").read_text())
    rest = ["clip_purity", "clip_usable", "clip_usable_top100", "clip_AP", "reached_at_80_usable",
            "found", "false_s_per_min"]  # fmt: skip
    assert 0 < ours.clip_ap < 100
    assert ours.reached_at_80_usable > 0
    for key in ("songs", "clips"):
        assert getattr(ours, key) == theirs[key]
    for key in rest:
        assert getattr(ours, key.lower()) == pytest.approx(theirs[key], abs=0.051), key
    for key, names in PRF.items():
        assert [getattr(ours, name) for name in names] == pytest.approx(theirs[key], abs=0.051)
    each = {song.song: song for song in songs if song.regions}
    for row in theirs["per_song"]:
        song = each.pop(row["song"])
        assert song.frame == pytest.approx(row["frame"])
        assert song.note == pytest.approx(row["note"])
        assert song.note_with_offset == pytest.approx(row["offset"])
    assert not each


def test_the_truth_itself_scores_full_marks():
    known = truth([(1, 1.5), (2, 2.25), (5, 7)], [(3, 4)])
    figures = score([score_song(known, [(*row, 0.5) for row in known.regions])])
    for name in ("clip_ap", "found", "clip_usable", "clip_purity", "reached_at_80_usable"):
        assert getattr(figures, name) == pytest.approx(100), name
    assert figures.note_macro_f1 == figures.note_offset_micro_f1 == pytest.approx(100)
    assert figures.frame_macro_f1 > 95
    assert figures.clip_usable_top100 == 3
    assert figures.false_s_per_min == pytest.approx(0, abs=0.3)


def test_nothing_found_scores_zeros():
    figures = score([score_song(truth([(1, 2)]), [])])
    assert (figures.songs, figures.clips, figures.clip_ap, figures.found) == (1, 0, 0, 0)
    assert score([]).songs == 0


def test_average_precision_by_hand():
    known = truth([(1, 1.5), (3, 3.5), (5, 5.5), (7, 7.5)])
    # Right, wrong, right; two regions are never found: (1 / 1 + 2 / 3) / 4.
    rows = [(1, 1.5, 0.9), (2, 2.5, 0.8), (3, 3.5, 0.7)]
    figures = score([score_song(known, rows)])
    assert figures.clip_ap == pytest.approx(100 * (1 + 2 / 3) / 4)
    assert figures.reached_at_80_usable == pytest.approx(25)
    assert figures.found == pytest.approx(50)
    assert figures.clip_usable == pytest.approx(100 * 2 / 3)
    assert figures.note_micro_precision == pytest.approx(100 * 2 / 3)
    assert figures.note_micro_recall == pytest.approx(50)
    # The wrong clip covers 16 frames by half or more, of 0.21 minutes.
    assert figures.false_s_per_min == pytest.approx(0.5 / (400 * FRAME_S / 60), rel=0.15)


def test_what_is_not_scored_is_neither_right_nor_wrong():
    regions, ignore = [(1, 1.5)], [(3, 4)]
    without = score([score_song(truth(regions, ignore), [(1, 1.5, 0.5)])])
    inside = [(1, 1.5, 0.5), (3.1, 3.9, 0.9)]
    scored = score([score_song(truth(regions, ignore), inside)])
    assert scored.unscored == 1
    assert replace(scored, unscored=0) == without
    assert score([score_song(truth(regions), inside)]).clip_ap == pytest.approx(50)


def test_a_true_region_is_claimed_once_and_a_late_clip_is_not_usable():
    known = truth([(1, 2)])
    song = score_song(known, [(1, 1.95, 0.2), (1.01, 1.5, 0.9), (1.06, 2, 0.8)])
    assert [found.usable for found in song.found] == [True, False, False]
    assert song.covered == 1


spans = st.tuples(st.floats(0, 12), st.floats(0.02, 1), st.integers(0, 9))


@given(found=st.lists(spans, max_size=20), scale=st.floats(0.1, 10), data=st.randoms())
def test_order_and_scale_of_scores_do_not_matter(found, scale, data):
    known = truth([(1, 1.5), (2, 2.25), (5, 7)], [(3, 4)])
    # Scores that differ: what is equal is ranked in the order of length.
    rows = [(on, on + length, rank + k / 64) for k, (on, length, rank) in enumerate(found)]
    first = score([score_song(known, rows)])
    data.shuffle(rows)
    again = score([score_song(known, [(on, off, rank * scale) for on, off, rank in rows])])
    # A clip's turn to claim a region among clips of equal length follows its place in time.
    # Scores are no probabilities here.
    assert replace(again, calibration_error=0) == replace(first, calibration_error=0)
    for name in ("clip_ap", "found", "clip_usable", "clip_purity", "frame_macro_f1"):
        assert 0 <= getattr(first, name) <= 100 + 1e-9


@given(found=st.lists(spans, max_size=12))
def test_a_worse_clip_at_the_end_of_the_ranking_never_helps(found):
    known = truth([(1, 1.5), (2, 2.25), (5, 7)])
    rows = [(on, on + length, 1.0 + rank) for on, length, rank in found]
    figures = score([score_song(known, rows)])
    more = score([score_song(known, [*rows, (9.0, 9.5, 0.0)])])
    assert more.clip_ap == pytest.approx(figures.clip_ap)
    assert more.false_s_per_min >= figures.false_s_per_min
    assert more.note_micro_precision <= figures.note_micro_precision + 1e-9


def test_regions_that_are_no_numbers_are_refused():
    with pytest.raises(InputError, match="song: regions must be finite numbers"):
        score_song(truth([(1, 2)]), [(1, np.nan, 0.5)])
