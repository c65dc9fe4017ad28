"""Fingerprints of a user's files: what changes them, and what does not."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from deep_plunder.audio.openmpt import MODULE_SUFFIXES
from deep_plunder.corpus.fingerprints import fingerprint_folder, fingerprint_songs
from deep_plunder.corpus.library import scan_library
from deep_plunder.corpus.modules import list_modules
from deep_plunder.corpus.playlists.reading import read_playlist
from deep_plunder.errors import InputError
from deep_plunder.evaluation.bench import trackers
from deep_plunder.evaluation.bench.kinds import bench_kind
from deep_plunder.extraction.jobs import find_songs


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
    (folder / "snare" / "three.flac").rename(folder / "snare" / "3.flac")
    seen.add(fingerprint_folder(folder))
    (folder / "kick" / "two.wav").unlink()
    seen.add(fingerprint_folder(folder))
    assert len(seen) == 5


def test_times_and_copies_do_not_count(folder: Path, tmp_path: Path) -> None:
    before = fingerprint_folder(folder)
    playlist = tmp_path / "list.m3u8"
    playlist.write_text("library/kick/one.wav\n")
    songs = fingerprint_songs([playlist])
    for path in (folder, folder / "kick", folder / "kick" / "two.wav", playlist):
        os.utime(path, (4e9, 4e9))
    assert fingerprint_folder(folder) == before
    assert fingerprint_folder(shutil.copytree(folder, tmp_path / "copy")) == before
    assert fingerprint_songs([playlist]) == songs


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


def test_songs_in_a_folder_that_does_not_count(folder: Path, tmp_path: Path) -> None:
    playlist = tmp_path / "list.m3u8"
    playlist.write_text("library/kick/one.wav\nlibrary/snare/three.flac\n")
    before = fingerprint_songs([playlist], without=folder / "kick")
    (folder / "kick" / "one.wav").unlink()
    assert fingerprint_songs([playlist], without=folder / "kick") == before
    (folder / "snare" / "three.flac").write_bytes(b"another")
    assert fingerprint_songs([playlist], without=folder / "kick") != before


def test_an_edited_playlist_counts(folder: Path, tmp_path: Path) -> None:
    playlist = tmp_path / "list.m3u8"
    playlist.write_text("library/kick/one.wav\n")
    before = fingerprint_songs([playlist])
    playlist.write_text("library/kick/one.wav\ngone.wav\n")
    assert fingerprint_songs([playlist]) != before


def test_a_playlist_that_cannot_be_read_names_no_song(tmp_path: Path) -> None:
    assert fingerprint_songs([tmp_path / "gone.txt"]) == fingerprint_songs([])


def test_files_of_other_kinds_count_where_they_are_asked_for(folder: Path) -> None:
    (folder / "song.mod").write_bytes(b"1")
    before = fingerprint_folder(folder), fingerprint_folder(folder, suffixes={".mod"})
    (folder / "song.mod").write_bytes(b"12")
    assert fingerprint_folder(folder) == before[0]
    assert fingerprint_folder(folder, suffixes={".mod"}) != before[1]


def test_songs_and_sounds_of_a_folder_are_the_same_to_all(odd_tree: Path, tmp_path: Path) -> None:
    expected = ["a b/x.wav", "a/b/y.WAV", "a/gone.wav", "linked/z.wav"]

    def names(paths: Iterable[str | Path]) -> list[str]:
        found = [Path(path).relative_to(odd_tree).as_posix() for path in paths]
        return [name for name in found if name.lower().endswith(".wav")]

    songs, _ = find_songs([odd_tree], tmp_path / "out", report=print)
    assert names(song[0] for song in songs) == expected
    # What macOS leaves beside a song is listed, to be rejected with a reason.
    assert names(row.location for row in read_playlist(odd_tree)) == ["._x.wav", *expected]
    with pytest.raises(InputError, match="1 hidden"):
        scan_library(odd_tree)
    soundfile.write(odd_tree / "good.wav", np.sin(np.arange(9000) / 20) / 2, 44100)
    rejected = [row.file for row in scan_library(odd_tree)[1]]
    assert names(odd_tree / name for name in rejected) == ["._x.wav", *expected]
    before = fingerprint_folder(odd_tree)
    for name in expected[:2] + expected[3:]:
        (odd_tree / name).write_bytes(b"another")
        assert fingerprint_folder(odd_tree) != before
        before = fingerprint_folder(odd_tree)
    (odd_tree / ".hidden" / "h.wav").write_bytes(b"another")
    assert fingerprint_folder(odd_tree) == before


def test_the_modules_that_are_rendered_are_those_that_count(
    odd_tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered: list[Path] = []

    def render(path: Path) -> None:
        rendered.append(path)
        raise InputError(f"{path} is no module")

    monkeypatch.setattr(trackers, "render_module", render)
    monkeypatch.setattr(trackers, "is_there", lambda: True)
    assert bench_kind(odd_tree) == "modules"
    assert bench_kind(odd_tree / "a b") is None
    with pytest.raises(InputError, match="must hold a module that can be used"):
        trackers.render_bench(
            {file.module: file.path for file in list_modules([odd_tree])},
            tmp_path / "bench",
            source=odd_tree,
        )
    assert rendered == [odd_tree / "linked" / "o.mod"]
    before = fingerprint_folder(odd_tree, suffixes=MODULE_SUFFIXES)
    (odd_tree / ".hidden" / "h.mod").write_bytes(b"another")
    assert fingerprint_folder(odd_tree, suffixes=MODULE_SUFFIXES) == before
    (odd_tree / "linked" / "o.mod").write_bytes(b"another")
    assert fingerprint_folder(odd_tree, suffixes=MODULE_SUFFIXES) != before
