"""Many songs in parts: their names, their faults, and the list of all their clips."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from deep_plunder.errors import InputError
from deep_plunder.extraction.batch import (
    ClipRow,
    ExtractedSong,
    count_losses,
    extract_songs,
    list_clips,
    name_files,
    note_losses,
)
from deep_plunder.util.tables import write_records
from tests.unit.extraction.test_song import LoudIsSound, write_song

Limit = Callable[[int], AbstractContextManager[None]]


def test_files_of_one_name_get_names_of_their_own() -> None:
    paths = ["a/Kick!.wav", "b/kick.wav", "c/mix_000000.wav"]
    assert name_files(paths, taken=["Mix_000000"]) == [
        ("Kick", "a/Kick!.wav"),
        ("kick_2", "b/kick.wav"),
        ("mix_000000_2", "c/mix_000000.wav"),
    ]


def extract(folder: Path, songs: list[tuple[str, str]], *, parts: int) -> list[ClipRow]:
    """Extract clips in parts and list them, as the workflow does."""
    tables = []
    for part in range(parts):
        rows = extract_songs(LoudIsSound(), songs[part::parts], folder / "clips", picture=False)
        tables.append(folder / f"{part}.tsv")
        write_records(tables[-1], ExtractedSong, rows)
    return list_clips(tables, folder=folder / "clips")


@pytest.mark.parametrize("parts", [1, 2, 3])
def test_a_part_of_bad_songs_alone_stops_nothing(tmp_path: Path, parts: int) -> None:
    good, bad = write_song(tmp_path / "good.wav", rate=8000), tmp_path / "bad.wav"
    bad.write_text("no audio")
    clips = extract(tmp_path, [("good", str(good)), ("bad", str(bad))], parts=parts)
    assert [clip.song for clip in clips] == ["good"] * 3


@pytest.mark.parametrize("parts", [1, 2])
def test_without_any_good_song_it_stops(tmp_path: Path, parts: int) -> None:
    songs = [(name, str(tmp_path / f"{name}.wav")) for name in "ab"]
    with pytest.raises(InputError, match=r"none of 2 songs can be used; the first: .*a\.wav"):
        extract(tmp_path, songs, parts=parts)
    assert extract(tmp_path, [], parts=parts) == []


def test_only_our_own_folders_of_songs_that_are_gone_are_removed(tmp_path: Path) -> None:
    song = str(write_song(tmp_path / "song.wav", rate=8000, seconds=2))
    extract(tmp_path, [("stays", song), ("goes", song), ("elsewhere", song)], parts=2)
    clips = tmp_path / "clips"
    (clips / "mine").mkdir()
    (clips / "mine" / "best.wav").write_text("mine")
    (clips / "notes.txt").write_text("mine")
    (clips / "elsewhere").rename(tmp_path / "elsewhere")
    (clips / "linked").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (clips / "lost").symlink_to("nowhere")
    extract(tmp_path, [("stays", song)], parts=1)
    assert sorted(path.name for path in clips.iterdir()) == [
        "linked", "lost", "mine", "notes.txt", "stays",
    ]  # fmt: skip
    assert (clips / "mine" / "best.wav").is_file()
    assert (tmp_path / "elsewhere" / "regions.tsv").is_file()


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_full_disk_ends_the_job_and_earlier_clips_stay(
    tmp_path: Path, small_files: Limit
) -> None:
    song = str(write_song(tmp_path / "song.wav", rate=8000))
    extract(tmp_path, [("song", song)], parts=1)
    before = contents(tmp_path / "clips")
    folder = tmp_path / "clips" / "song"
    with (
        small_files(10_000),
        pytest.raises(OSError, match=f"File too large: '{re.escape(str(folder))}'$"),
    ):
        extract_songs(LoudIsSound(), [("song", song)], folder.parent, picture=False)
    assert contents(tmp_path / "clips") == before
    assert [path.name for path in folder.parent.iterdir()] == ["song"]


def test_clips_of_a_song_that_cannot_be_read_any_more_are_removed(tmp_path: Path) -> None:
    songs = [(name, str(write_song(tmp_path / f"{name}.wav", rate=8000))) for name in "ab"]
    extract(tmp_path, songs, parts=1)
    (tmp_path / "b.wav").write_bytes(b"no audio")
    assert {clip.song for clip in extract(tmp_path, songs, parts=1)} == {"a"}
    assert [path.name for path in (tmp_path / "clips").iterdir()] == ["a"]


def extracted(folder: Path) -> Path:
    """Extract one song as a job of the workflow does, and return its table."""
    song = str(write_song(folder / "song.wav", rate=8000))
    rows = extract_songs(LoudIsSound(), [("song", song)], folder / "clips", picture=False)
    write_records(folder / "clips" / "0000.tsv", ExtractedSong, rows)
    return folder / "clips" / "0000.tsv"


def test_clips_that_were_deleted_are_counted_until_they_are_made_again(tmp_path: Path) -> None:
    part = extracted(tmp_path)
    assert count_losses(part) == 0
    clips = sorted((tmp_path / "clips/song/clips").iterdir())
    clips[0].unlink()
    assert count_losses(part) == count_losses(part) == 1
    with pytest.raises(InputError, match=r"song: clips/.* is missing or of another size; "):
        list_clips([part], folder=tmp_path / "clips")
    extracted(tmp_path)
    note_losses(part, 1)
    assert count_losses(part) == 1
    assert len(list_clips([part], folder=tmp_path / "clips")) == len(clips)
    clips[1].write_bytes(b"")
    assert count_losses(part) == 2


def test_a_flipped_bit_in_a_table_of_songs_removes_no_clips(tmp_path: Path) -> None:
    part = extracted(tmp_path)
    content = part.read_bytes()
    clips = sorted((tmp_path / "clips/song").rglob("*"))
    for bit in range(0, 8 * len(content), 5):
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << bit % 8
        part.write_bytes(flipped)
        with pytest.raises(InputError):
            list_clips([part], folder=tmp_path / "clips")
        assert sorted((tmp_path / "clips/song").rglob("*")) == clips


def test_a_flipped_bit_in_a_table_of_regions_is_noticed(tmp_path: Path) -> None:
    part = extracted(tmp_path)
    table = tmp_path / "clips/song/regions.tsv"
    content = bytearray(table.read_bytes())
    content[-1] ^= 1
    table.write_bytes(content)
    with pytest.raises(InputError, match=r"regions\.tsv must have the checksum in "):
        list_clips([part], folder=tmp_path / "clips")
