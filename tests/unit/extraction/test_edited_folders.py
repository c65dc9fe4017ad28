"""Folders of songs that a user has edited by hand: one damaged song never costs the others."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from deep_plunder.cli.main import main
from deep_plunder.description.record import note_name, note_number
from deep_plunder.errors import InputError
from deep_plunder.extraction.region import ExtractedRegion
from deep_plunder.extraction.song import extract_song
from deep_plunder.util.tables import broken_rule, read_records
from tests.unit.extraction.test_song import LoudIsSound, write_song

Command = Callable[..., tuple[int, str, str]]

COLUMNS = [field.name for field in dataclasses.fields(ExtractedRegion)]
CELLS = [
    "", "-1", "0", "1e9", "nan", "inf", "-inf", "1e400", "9" * 30, "0x10", "H9", "G#9", "C-2",
    "E#4", "..", "../Ebb/regions.tsv", "/etc/hostname", "clips", "clips/gone.wav", "index.html",
]  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two songs; the fade-outs of the clips tell the songs apart."""
    folder = tmp_path_factory.mktemp("made")
    for name in ("Ebb", "Tide"):
        write_song(folder / f"{name}.wav")
        extract_song(LoudIsSound(), folder / f"{name}.wav", folder / "run" / name)
    return folder / "run"


@pytest.fixture
def run(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(made, tmp_path / "run"))


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(list(arguments))
        return code, *capsys.readouterr()

    return call


def clips_of(song: Path) -> list[Path]:
    return sorted((song / "clips").iterdir())


def damages() -> dict[str, Callable[[Path], object]]:
    """Edits after which a song's folder cannot be read."""

    def record(**changes: object) -> Callable[[Path], object]:
        def edit(song: Path) -> None:
            path = song / "extraction.json"
            path.write_text(json.dumps(json.loads(path.read_text()) | changes), encoding="utf-8")

        return edit

    return {
        "no table": lambda song: (song / "regions.tsv").unlink(),
        "empty table": lambda song: (song / "regions.tsv").write_bytes(b""),
        "table in UTF-16": lambda song: (song / "regions.tsv").write_bytes(b"\xff\xfea\0"),
        "a row of one cell": lambda song: (song / "regions.tsv").open("a").write("1\n"),
        "table is a pipe": lambda song: [
            (song / "regions.tsv").unlink(), os.mkfifo(song / "regions.tsv")
        ],
        "half a record": lambda song: (song / "extraction.json").write_bytes(b"{"),
        "record is a pipe": lambda song: [
            (song / "extraction.json").unlink(), os.mkfifo(song / "extraction.json")
        ],
        "no song": record(source=""),
        "a song that no file is": record(source="\ud800"),
    }  # fmt: skip


@pytest.mark.parametrize("damage", damages())
@pytest.mark.parametrize("name", ["kit", "gallery"])
def test_a_damaged_song_is_left_out(run: Path, command: Command, name: str, damage: str) -> None:
    damages()[damage](run / "Tide")
    more = ["-o", "kit"] if name == "kit" else []
    code, out, err = command(name, "run", *more)
    count = len(clips_of(run / "Ebb"))
    assert code == 1 and out.endswith(f" of {count} clips\n")
    (line,) = err.splitlines()
    assert line.startswith("run/Tide/") and line.endswith("; the song is left out")
    # Alone it is an error, and nothing is written.
    code, out, err = command(name, "run/Tide", *(["-o", "other"] if more else []))
    assert (code, out) == (1, "") and err.splitlines()[-1].startswith("deep-plunder: run/Tide: ")
    assert not (run.parent / "other").exists()


def test_clips_that_are_no_audio_any_more_are_left_out_of_a_kit(
    run: Path, command: Command
) -> None:
    first, second, *others = clips_of(run / "Tide")
    first.write_bytes(b"")
    second.unlink()
    second.symlink_to("/etc/hostname")
    code, out, err = command("kit", "run", "-o", "kit")
    assert code == 1 and out == f"kit: a kit of {len(others) + len(clips_of(run / 'Ebb'))} clips\n"
    assert [line.split(": ")[:2] for line in err.splitlines()] == [
        [f"run/Tide/clips/{first.name}", "empty"],
        [f"run/Tide/clips/{second.name}", "not audio"],
    ]
    assert len(list((run.parent / "kit/Tide/samples").iterdir())) == len(others)


def test_pages_that_are_pipes_stay_and_names_may_be_any_bytes(run: Path, command: Command) -> None:
    (run / "index.html").unlink(missing_ok=True)
    os.mkfifo(run / "index.html")
    odd = Path(os.fsdecode(b"run/T\xefde \n"))
    (run / "Tide").rename(run.parent / odd)
    code, _, err = command("gallery", "run")
    assert (code, err) == (1, "run/index.html: is not a gallery and stays\n")
    (run / "index.html").unlink()
    assert command("gallery", "run")[0] == 0
    assert "T%EFde%20%0A/clips/" in (run / "index.html").read_text(encoding="utf-8")


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    column=st.sampled_from(COLUMNS),
    cell=st.sampled_from(CELLS) | st.text(st.characters(exclude_categories=["Cs", "Cc"])),
)
@example(column="loudness_lufs", cell="-inf")
@example(column="score", cell="nan")
@example(column="note", cell="G#9")
def test_any_cell_of_a_table_is_valid_or_named(
    run: Path, capsys: pytest.CaptureFixture[str], column: str, cell: str
) -> None:
    assert run.is_dir()
    table = Path("run/Tide/regions.tsv")
    before = table.read_text(encoding="utf-8")
    header, first, *rest = before.split("\n")
    cells = first.split("\t")
    cells[header.split("\t").index(column)] = cell
    table.write_text("\n".join([header, "\t".join(cells), *rest]), encoding="utf-8")
    try:
        shutil.rmtree("kit", ignore_errors=True)
        codes = [main(["kit", "run", "-o", "kit"]), main(["gallery", "run"])]
        err = capsys.readouterr().err
        try:
            read_records(table, ExtractedRegion)
        except InputError as error:
            assert codes == [1, 1] and err.count(f"{error}; the song is left out") == 2
        else:
            assert codes[1] == 0
    finally:
        table.write_text(before, encoding="utf-8")


def test_the_notes_of_a_table_are_those_that_have_names() -> None:
    names = [note_name(number) for number in range(128)]
    assert [note_number(name) for name in names] == list(range(128))
    row = ExtractedRegion(
        onset_s=0, offset_s=1, score=1, group=1, kept=1, sound_class="", note="", cents=0,
        note_confidence=0, loudness_lufs=-9, attacks=1, clip="", source="",
    )  # fmt: skip
    for name in (*names, ""):
        assert broken_rule(dataclasses.replace(row, note=name)) == ""
    for name in (note_name(128), note_name(-1), "E#4", "H4", "c4", "C4 "):
        assert "note must be a note from C-1 to G9" in broken_rule(
            dataclasses.replace(row, note=name)
        )
        with pytest.raises(InputError, match="must be a note from C-1 to G9"):
            note_number(name)
