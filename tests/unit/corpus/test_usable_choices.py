"""Choices: which of them train, and for which reason the others do not."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from deep_plunder.audio import writing
from deep_plunder.audio.identity import digest_of_song
from deep_plunder.corpus.choices import SongChoices, write_choices
from deep_plunder.corpus.songs import Song
from deep_plunder.corpus.split import Assignment
from deep_plunder.corpus.usable_choices import find_choices, songs_held_out, sources_of
from deep_plunder.errors import InputError
from deep_plunder.util.rng import generator

RATE = 8000


def write_song(path: Path, *, seconds: float = 10) -> Path:
    noise = generator(1, "song", path.name).normal(0, 0.1, (round(seconds * RATE), 1))
    writing.write(path, noise.astype(np.float32), RATE)
    return path


def choices(folder: Path, song: Path, *, name: str = "choices.json", **spans: object) -> Path:
    file = folder / name
    write_choices(file, [SongChoices(song.stem, str(song), digest_of_song(song), **spans)])
    return file


def reasons(files: list[Path], **options: object) -> list[str]:
    with pytest.raises(InputError, match="can be used"):
        find_choices(files, **options)
    # The reasons stand in the table only beside a choice that can be used.
    good = write_song(files[0].parent / "good.wav")
    more = choices(files[0].parent, good, name="good.json", accepted=((0.5, 1.0),))
    found, set_aside = find_choices([*files, more], **options)
    assert [choice.path for choice in found] == [str(good)]
    assert all(row.detail for row in set_aside)
    return [row.reason for row in set_aside]


def test_choices_stand_by_song_and_time(tmp_path):
    song = write_song(tmp_path / "tide.wav")
    file = choices(tmp_path, song, accepted=((5.0, 6.0), (1.0, 2.0)), rejected=((3.0, 4.0),))
    found, set_aside = find_choices([file])
    assert [(row.onset_s, row.accepted) for row in found] == [(1.0, 1), (3.0, 0), (5.0, 1)]
    assert {row.file for row in found} == {str(file)} and set_aside == []
    assert sources_of([file, tmp_path / "missing.json"]) == [str(song)]


def test_a_song_that_is_gone_is_missing(tmp_path):
    song = write_song(tmp_path / "tide.wav")
    file = choices(tmp_path, song, accepted=((1.0, 2.0),), rejected=((3.0, 4.0),))
    song.unlink()
    assert reasons([file]) == ["missing", "missing"]


def test_another_song_of_the_same_name_is_changed(tmp_path):
    song = write_song(tmp_path / "tide.wav")
    file = choices(tmp_path, song, rejected=((3.0, 4.0),))
    write_song(tmp_path / "other.wav").rename(song)
    assert reasons([file]) == ["changed"]


def test_a_song_that_became_undecodable_or_ends_earlier_is_unreadable(tmp_path):
    text = tmp_path / "tide.wav"
    text.write_text("not a song")
    first = choices(tmp_path, text, rejected=((3.0, 4.0),))
    short = write_song(tmp_path / "short.wav", seconds=2)
    second = choices(tmp_path, short, name="2.json", rejected=((1.5, 2.5),))
    assert reasons([first, second]) == ["unreadable", "unreadable"]


def test_a_copy_of_a_held_out_song_does_not_train(tmp_path):
    song = write_song(tmp_path / "tide.wav")
    copy = Path(shutil.copy(song, tmp_path / "copy.wav"))
    file = choices(tmp_path, copy, accepted=((1.0, 2.0),))
    assert reasons([file], held_out=[(str(song), "the split test")]) == ["held out"]


def test_contradictions_are_set_aside_and_repetitions_count_once(tmp_path):
    song = write_song(tmp_path / "tide.wav")
    spans = {"accepted": ((1.0, 2.0), (3.0, 4.0))}
    first = choices(tmp_path, song, name="1.json", **spans)
    second = choices(tmp_path, song, name="2.json", accepted=((1.0, 2.0),), rejected=((3.0, 4.0),))
    found, set_aside = find_choices([first, second])
    assert [(row.onset_s, row.file) for row in found] == [(1.0, str(first))]
    assert sorted((row.reason, row.onset_s) for row in set_aside) == [
        ("contradicted", 3.0), ("contradicted", 3.0), ("duplicate", 1.0)
    ]  # fmt: skip


def test_only_songs_without_a_place_in_training_are_held_out():
    songs = [
        Song(name, f"{name}.wav", name, "", 90.0, 44100, 2, 1411.2, "list.txt", row)
        for row, name in enumerate(["a", "b", "c"])
    ]
    disjoint = [
        Assignment("song", "a", "train"),
        Assignment("song", "b", "test"),
        Assignment("sound", "c", "test"),
    ]
    assert songs_held_out(songs, disjoint) == [("b.wav", "the split test")]
    assert songs_held_out(songs, [Assignment("song", name, "all") for name in "abc"]) == []
