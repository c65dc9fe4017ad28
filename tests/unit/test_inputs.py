"""Fingerprints of a user's files: what changes them, and what does not."""

import os
from pathlib import Path

import pytest

from deep_plunder.inputs import fingerprint_folder, fingerprint_songs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("kick/one.wav", "kick/two.wav", "snare/three.flac"):
        path = tmp_path / "library" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"0000")
    return tmp_path / "library"


def test_an_added_edited_or_deleted_file_counts(folder: Path) -> None:
    seen = {fingerprint_folder(folder)}
    (folder / "kick" / "four.aif").write_bytes(b"1")
    seen.add(fingerprint_folder(folder))
    (folder / "kick" / "one.wav").write_bytes(b"00000")
    seen.add(fingerprint_folder(folder))
    os.utime(folder / "kick" / "two.wav", ns=(1, 1))
    seen.add(fingerprint_folder(folder))
    (folder / "snare" / "three.flac").rename(folder / "snare" / "3.flac")
    seen.add(fingerprint_folder(folder))
    (folder / "kick" / "two.wav").unlink()
    seen.add(fingerprint_folder(folder))
    assert len(seen) == 6


def test_hidden_files_and_others_do_not_count(folder: Path) -> None:
    before = fingerprint_folder(folder)
    (folder / ".DS_Store").write_bytes(b"1")
    (folder / "kick" / "._one.wav").write_bytes(b"1")
    (folder / "notes.txt").write_text("x")
    assert fingerprint_folder(folder) == before


def test_a_loop_of_links_ends(folder: Path) -> None:
    before = fingerprint_folder(folder)
    (folder / "kick" / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "gone.wav").symlink_to(folder / "nothing.wav")
    assert fingerprint_folder(folder) == before


def test_songs_of_a_playlist_and_of_a_folder(folder: Path, tmp_path: Path) -> None:
    playlist = tmp_path / "list.m3u8"
    playlist.write_text(f"#EXTM3U\n{folder}/kick/one.wav\n/nowhere/else.mp3\n")
    before = fingerprint_songs([playlist])
    (folder / "kick" / "two.wav").write_bytes(b"another")
    assert fingerprint_songs([playlist]) == before
    both = fingerprint_songs([playlist, folder])
    assert both != before
    (folder / "kick" / "one.wav").write_bytes(b"another")
    assert fingerprint_songs([playlist]) != before
    assert fingerprint_songs([playlist, folder]) != both


def test_a_playlist_that_cannot_be_read_names_no_song(tmp_path: Path) -> None:
    assert fingerprint_songs([tmp_path / "gone.txt"]) == fingerprint_songs([])


def test_files_of_other_kinds_count_where_they_are_asked_for(folder: Path) -> None:
    (folder / "song.mod").write_bytes(b"1")
    before = fingerprint_folder(folder), fingerprint_folder(folder, suffixes={".mod"})
    (folder / "song.mod").write_bytes(b"12")
    assert fingerprint_folder(folder) == before[0]
    assert fingerprint_folder(folder, suffixes={".mod"}) != before[1]
