"""Struck sounds: events of one sound or several, whose truth follows from what is played."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from deep_plunder.audio import writing
from deep_plunder.corpus.library import Sound
from deep_plunder.corpus.songs import Song
from deep_plunder.mixes.scenes.render import SceneRenderer
from deep_plunder.mixes.scenes.rows import SceneRow
from deep_plunder.mixes.scenes.spec import SceneSpec
from deep_plunder.mixes.scenes.struck import StruckPlanner
from deep_plunder.util.tables import read_records, write_records

RATE, SECONDS = 16000, 20.0
PLAIN = dict.fromkeys(
    (
        *("synths", "tilt", "compression", "drive", "low_pass", "high_pass", "noise", "vinyl"),
        *("degraded", "coded", "reverb", "wet"),
    ),
    0.0,
)


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sounds")
    made = []
    for number, name in enumerate(("kick", "snare", "hihat", "bass", "keys", "strings", "fx")):
        time = np.arange(round(22050 * (0.3 + 0.2 * number))) / 22050
        wave = np.sin(2 * np.pi * 70 * 1.7**number * time) * np.exp(-3 * time / time[-1])
        writing.write(folder / f"{name}.wav", (0.5 * wave).astype(np.float32)[:, None], 22050)
        made.append(Sound(name, name, str(folder / f"{name}.wav"), time[-1], 22050, 1, 0, time[-1]))
    return made


def planner(sounds, split="train", seed=1, songs=(), **changes) -> StruckPlanner:
    spec = SceneSpec(**changes)
    return StruckPlanner(
        split=split, seed=seed, sounds=sounds, songs=songs, spec=spec, duration_s=SECONDS
    )


def renderer(sounds, songs=()) -> SceneRenderer:
    return SceneRenderer(sounds, songs, spec=SceneSpec(), rate=RATE, duration_s=SECONDS)


def events(rows: list[SceneRow]) -> list[list[SceneRow]]:
    """Group notes by their common end: those of one event end together."""
    groups: dict[float, list[SceneRow]] = {}
    for row in rows:
        if row.kind == "note":
            groups.setdefault(round(row.start_s + row.duration_s, 4), []).append(row)
    return list(groups.values())


def test_a_plan_is_the_mixes_own_whatever_else_is_planned(sounds):
    assert planner(sounds).plan(5) == planner(sounds[::-1]).plan(5)
    assert planner(sounds).plan(5) != planner(sounds).plan(6)
    assert planner(sounds).plan(5) != planner(sounds, split="test").plan(5)
    assert planner(sounds).plan(5) != planner(sounds, seed=2).plan(5)


def test_events_are_one_sound_or_several_together_or_apart(sounds):
    counts: Counter[int] = Counter()
    apart, quieter, joins, chords = [], [], [], 0
    for index in range(60):
        found = [event for event in events(planner(sounds).plan(index)) if event]
        # Those that the mix ends are cut together.
        for event in found[:-3]:
            counts[len(event)] += 1
            starts = sorted(note.start_s for note in event)
            apart += [start - starts[0] for start in starts[1:]]
            gains = sorted((note.gain_db for note in event), reverse=True)
            quieter += [gains[0] - gain for gain in gains[1:]]
            chords += len(event) > 1 and len({note.track for note in event}) == 1
        for before, after in pairwise(found):
            end_s = before[0].start_s + before[0].duration_s
            joins.append(min(note.start_s for note in after) - end_s)
    total = sum(counts.values())
    assert set(counts) == {1, 2, 3, 4, 5}
    assert 0.4 < counts[1] / total < 0.6
    assert max(apart) <= 0.025 + 1e-6
    assert 0.3 < np.mean(np.array(apart) == 0) < 0.7
    assert min(late for late in apart if late) < 0.008
    assert 0 <= min(quieter) <= max(quieter) <= 14.001
    assert chords > 0.05 * (total - counts[1])
    gaps = np.array(joins)
    assert min(np.mean(gaps > 0.05), np.mean(np.abs(gaps) < 1e-3), np.mean(gaps < -0.05)) > 0.1


def test_a_region_holds_what_its_note_sounds_like_alone(sounds):
    regions = 0
    for index in range(3):
        # So quiet that a single note, which is made louder, does not clip.
        rows = planner(sounds, **PLAIN, level_db=(-22, -22)).plan(index)
        mix = renderer(sounds).render(rows)
        whole = mix.audio.astype(np.float64)
        others = [row for row in rows if row.kind not in ("note", "excerpt")]
        for region in mix.regions:
            struck = next(
                row
                for row in rows
                if row.kind == "note"
                and abs(row.start_s - region.onset_s) < 0.005
                and rows[row.instrument].source == region.sound
            )
            alone = renderer(sounds).render([*others, struck]).audio.astype(np.float64)
            # The first milliseconds may hold what the note has cut.
            span = slice(round((region.onset_s + 0.01) * RATE), round(region.offset_s * RATE))
            heard, wanted = whole[span].ravel(), alone[span].ravel()
            rest = heard - wanted * (heard @ wanted) / (wanted @ wanted)
            assert 10 * np.log10((rest @ rest) / (heard @ heard)) < -26
            regions += 1
    assert regions > 20


def test_events_of_several_sounds_have_no_region(sounds):
    several, found = 0, 0
    for index in range(4):
        rows = planner(sounds, **PLAIN).plan(index)
        onsets = [region.onset_s for region in renderer(sounds).render(rows).regions]
        for event in events(rows):
            if len(event) > 1:
                first = min(note.start_s for note in event)
                several += 1
                found += any(first - 0.005 <= onset <= first + 0.03 for onset in onsets)
    # A sound may be over before the other is heard, or be 30 dB below it.
    assert several > 30
    assert found < 0.1 * several


def test_a_plan_read_back_renders_to_the_same_bytes_over_a_bed(sounds, tmp_path):
    noise = 0.1 * np.random.default_rng(3).standard_normal((22050 * 30, 2))
    writing.write(tmp_path / "song.wav", noise.astype(np.float32), 22050)
    song = Song(**{**dict.fromkeys(Song.__dataclass_fields__, ""), "song": "song",
                   "path": str(tmp_path / "song.wav"), "seconds": 30.0, "rate": 22050})  # fmt: skip
    plans = [planner(sounds, songs=[song], coded=0.0).plan(index) for index in range(8)]
    beds = [any(row.kind == "excerpt" for row in rows) for rows in plans]
    assert 1 <= sum(beds) < 8
    rows = plans[beds.index(True)]
    write_records(tmp_path / "plan.tsv", SceneRow, rows)
    first = renderer(sounds, [song]).render(rows)
    again = renderer(sounds, [song]).render(read_records(tmp_path / "plan.tsv", SceneRow))
    assert first.audio.tobytes() == again.audio.tobytes()
    assert first.regions == again.regions
    bare = [row for row in rows if row.kind != "excerpt"]
    assert len(renderer(sounds).render(bare).regions) >= len(first.regions)
