"""Tables that were edited or damaged: what breaks a rule is named, nothing is made of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deep_plunder.audio.writing import write
from deep_plunder.corpus.library import Sound
from deep_plunder.corpus.songs import Song
from deep_plunder.corpus.split import Assignment
from deep_plunder.errors import InputError
from deep_plunder.mixes.events import Event
from deep_plunder.mixes.scenes.plan import ScenePlanner
from deep_plunder.mixes.scenes.render import SceneRenderer
from deep_plunder.mixes.scenes.rows import SceneRow, read_settings
from deep_plunder.mixes.scenes.settings import (
    ExcerptSettings,
    MasterSettings,
    NoteSettings,
    OneShot,
    SectionSettings,
    SynthNote,
    TrackSettings,
    Wave,
)
from deep_plunder.mixes.scenes.spec import SceneSpec
from deep_plunder.util.tables import broken_rule, read_records, write_records

RATE, SECONDS = 8000, 4.0
SOUND = Sound("a/b.wav", "a", "b.wav", 1.0, RATE, 1, 0.0, 1.0)
SONG = Song("a", "a.wav", "", "", 61.0, RATE, 1, 320.0, "list", 1)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Sound], list[SceneRow]]:
    """A library of three sounds, and a scene of them."""
    folder = tmp_path_factory.mktemp("sounds")
    sounds = []
    for number, name in enumerate(("kick", "snare", "bell")):
        wave = np.sin(np.arange(RATE) * (0.1 + number)) * np.exp(-np.arange(RATE) / 2000)
        write(folder / f"{name}.wav", (wave * 9000).astype(np.int16)[:, None], RATE)
        sounds.append(Sound(name, name, str(folder / f"{name}.wav"), 1.0, RATE, 1, 0.0, 1.0))
    planner = ScenePlanner(
        split="test", seed=1, sounds=sounds, songs=[], spec=SceneSpec(), duration_s=SECONDS
    )
    return sounds, planner.plan(0)


def settings_of(kind: str, source: str = "") -> type:
    """Return the record that the settings of a row are read as."""
    if kind == "instrument":
        return {"wave": Wave, "synth": SynthNote}.get(source.partition(":")[0], OneShot)
    return {
        "master": MasterSettings, "section": SectionSettings, "track": TrackSettings,
        "note": NoteSettings, "excerpt": ExcerptSettings,
    }[kind]  # fmt: skip


def _render(sounds: list[Sound], rows: list[SceneRow]) -> None:
    SceneRenderer(sounds, [], spec=SceneSpec(), rate=RATE, duration_s=SECONDS).render(rows)


def test_what_is_planned_keeps_all_rules(scene: tuple[list[Sound], list[SceneRow]]) -> None:
    sounds, _ = scene
    planner = ScenePlanner(
        split="train", seed=2, sounds=sounds, songs=[SONG], spec=SceneSpec(), duration_s=20.0
    )
    for number in range(30):
        for row in planner.plan(number):
            assert broken_rule(row) == ""
            read_settings(row, settings_of(row.kind, row.source))


@pytest.mark.parametrize(
    ("kind", "settings", "rule"),
    [
        ("instrument", "wobble=1", "instrument has no setting 'wobble'"),
        ("instrument", "peak_10_hz=100", "no setting"),
        ("instrument", "peak_hz=100", "no setting"),
        ("instrument", "peak_1_hz=100 peak_1_db=1", "peak_1_hz needs peak_1_q"),
        ("instrument", "divide=0 filter=1 hold=1", "divide must be in 1 .. 1000, got '0.0'"),
        ("instrument", "divide=2", "divide needs filter"),
        ("instrument", "length_s=1e9", "length_s must be in 0 .. 60"),
        ("instrument", "seed=nan", "seed must be in"),
        ("instrument", "seed=inf", "seed must be in"),
        ("instrument", "seed=" + "9" * 400, "seed must be in"),
        ("instrument", "bits=eight", "bits must be in 2 .. 32, got 'eight'"),
        ("instrument", "loop_s=0.1 periods=2", "loop_s needs seam"),
        ("master", "slide=1 slide_s=1", "master has no setting 'slide'"),
        ("master", "reverb_s=0 reverb_hz=100", "reverb_s must be in"),
        ("master", "bits=1 divide=1", "bits must be in 2 .. 32"),
        ("master", "vinyl_db=-20 clicks_hz=1e12", "clicks_hz must be in"),
        ("track", "delays=1e9", "delays must be in 0 .. 16"),
        ("note", "slide=3", "slide needs slide_s"),
        ("note", "arpeggio_1=3 arpeggio_2=4 tick_s=0", "tick_s must be in"),
        ("excerpt", "fade_s=-1", "fade_s must be in"),
        ("section", "level=1e300", "level must be in"),
        ("track", "=3", "must be name=value"),
    ],
)
def test_settings_that_nothing_reads_or_that_cannot_be(kind: str, settings: str, rule: str) -> None:
    with pytest.raises(InputError, match="plan: mix 7, row 3: ") as caught:
        read_settings(SceneRow(7, 3, kind, settings=settings), settings_of(kind))
    assert rule in str(caught.value)


@pytest.mark.parametrize(
    "source", ["wave:theremin", "wave:", "synth:tuba", "synth:", "nowhere", "", "x" * 9999]
)
def test_sources_that_are_not_known(scene: tuple[list[Sound], list[SceneRow]], source: str) -> None:
    sounds, rows = scene
    edited = [replace(row, source=source) if row.kind == "instrument" else row for row in rows]
    with pytest.raises(InputError, match="source must be") as caught:
        _render(sounds, edited)
    assert len(str(caught.value)) < 500


wild = st.floats(allow_nan=True) | st.sampled_from([0.0, -1.0, 1e-300, 1e300, 1e9, -0.0])


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_any_edit_of_a_scene_is_rendered_or_named(
    scene: tuple[list[Sound], list[SceneRow]], data: st.DataObject
) -> None:
    sounds, rows = scene
    rows = list(rows)
    place = data.draw(st.integers(0, len(rows) - 1))
    row = rows[place]
    field = data.draw(
        st.sampled_from(
            [
                "start_s",
                "duration_s",
                "source_start_s",
                "semitones",
                "gain_db",
                "settings",
                "track",
                "instrument",
                "row",
                "kind",
                "source",
            ]
        )
    )
    if field == "settings":
        parts = row.settings.split() or ["level=0.5"]
        name = data.draw(st.sampled_from(parts)).partition("=")[0]
        value: object = f"{name}={data.draw(wild)}"
        kept = [part for part in parts if not part.startswith(f"{name}=")]
        value = " ".join([*kept, str(value)])
    elif field in ("track", "instrument", "row"):
        value = data.draw(st.integers(-(2**63), 2**63) | st.integers(-1, 30))
    elif field in ("kind", "source"):
        value = data.draw(st.text(max_size=9) | st.sampled_from(["note", "kick", "wave:sine"]))
    else:
        value = data.draw(wild | st.floats(0, 5))
    rows[place] = replace(row, **{field: value})
    try:
        _render(sounds, rows)
    except InputError as error:
        assert str(error).startswith("plan: mix 0") and "\n" not in str(error)


@pytest.mark.parametrize(
    ("record", "column", "value", "rule"),
    [
        (SOUND, "rate", "0", "rate must be in 1 .. 1e+07, got '0'"),
        (SOUND, "channels", "-1", "channels must be"),
        (SOUND, "onset_s", "inf", "onset_s must be"),
        (SOUND, "onset_s", "", "onset_s must be"),
        (SOUND, "seconds", "1e300", "seconds must be"),
        (SOUND, "rate", "9" * 400, "rate must be int"),
        (SOUND, "rate", "0x10", "rate must be int"),
        (SOUND, "seconds", "nan", "seconds must be"),
        (SONG, "song", "../../etc", "song must be a plain name"),
        (SONG, "song", "", "song must be a plain name"),
        (SONG, "song", "a\\x2fb/", "song must be a plain name"),
        (Assignment("song", "a", "test"), "split", "exam", "split must be one of 'train'"),
        (Assignment("song", "a", "test"), "kind", "x" * 999, "kind must be one of"),
        (Event(0, 0), "semitones", "400", "semitones must be in -48 .. 48"),
        (Event(0, 0), "fade_in", "bounce", "fade_in must be one of"),
        (Event(0, 0), "mix", "-1", "mix must be in"),
    ],
)
def test_a_cell_that_breaks_the_rule_of_its_column(
    tmp_path: Path, record: object, column: str, value: str, rule: str
) -> None:
    path = tmp_path / "rows.tsv"
    write_records(path, type(record), [record, record], checksum=False)
    lines = [line.split("\t") for line in path.read_text().splitlines()]
    lines[2][lines[0].index(column)] = value
    path.write_text("\n".join("\t".join(line) for line in lines) + "\n")
    with pytest.raises(InputError, match="line 3: ") as caught:
        read_records(path, type(record))
    message = str(caught.value)
    assert message.startswith(f"{path}: line 3: {rule}") and len(message) < 500
