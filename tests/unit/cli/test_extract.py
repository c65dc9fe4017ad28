import io
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile

import numpy as np
import pytest
import soundfile

from deep_plunder.cli.main import main
from deep_plunder.extraction.naming import start_text
from deep_plunder.extraction.region import ExtractedRegion
from deep_plunder.models import card, model_file
from deep_plunder.util import resources
from deep_plunder.util.console import without_chatter
from deep_plunder.util.names import safe_name
from deep_plunder.util.tables import read_records
from tests.unit.extraction.test_song import FILES, LoudIsSound, write_song

FULL = "No space left on device"
PAGE = 4096
ODD = 'it\'s a "song"\n🥁 $(x).wav'


def write_card(path, weights):
    """Write all of a model file that is read before the model is loaded."""
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(card.CARD, json.dumps({"weights": weights}))
    return path


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """Run the command line in `tmp_path` with a model that takes no time to load."""
    loads = []

    def load(path):
        loads.append(path)
        return LoudIsSound(name=path.stem, digest=card.digest_of_model(path))

    write_card(tmp_path / "shipped.keras", "the weights that ship")
    monkeypatch.setattr(model_file, "load_model", load)
    monkeypatch.setattr(resources, "shipped_model_path", lambda name: tmp_path / f"{name}.keras")
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        code = main([str(argument) for argument in ("extract", *arguments)])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    run.loads = loads
    return run


@pytest.fixture
def user_command(command, own_folder, as_user, song, monkeypatch):
    """Run the command line in `own_folder`, which holds `song.wav`, where permissions bind."""
    monkeypatch.chdir(own_folder)
    shutil.copy(song, own_folder)
    monkeypatch.setattr(resources, "shipped_model_path", lambda name: own_folder / f"{name}.keras")
    write_card(own_folder / "shipped.keras", "the weights that ship")
    # What is imported late may lie where only root reads.
    assert command("song.wav", "-o", "warm")[0] == 0
    shutil.rmtree(own_folder / "warm")

    def run(*arguments):
        with as_user():
            return command(*arguments)

    return run


@pytest.fixture
def song(tmp_path):
    return write_song(tmp_path / "song.wav", rate=8000, channels=1)


def tree(folder):
    return {p.relative_to(folder): p.is_file() and p.read_bytes() for p in folder.rglob("*")}


def test_the_papers_network_is_chosen_by_its_name(command, tmp_path, song):
    write_card(tmp_path / "shipped-paper.keras", "the paper's weights")
    code, _, err = command(song, "-o", "out", "--model", "paper", "--curves", "--no-picture")
    assert (code, err) == (0, "")
    assert command.loads == [tmp_path / "shipped-paper.keras"]
    curves = {path.name for path in (tmp_path / "out" / "song").glob("*_curve.svl")}
    assert curves == {"onset_curve.svl", "frame_curve.svl"}


def test_songs_and_folders_are_extracted(tmp_path, command, song):
    folder = tmp_path / "music"
    (folder / "deep").mkdir(parents=True)
    shutil.copy(song, folder / "deep" / ODD)
    shutil.copy(song, folder / "b.WAV")
    shutil.copy(song, folder / "._b.wav")
    (folder / "notes.txt").write_text("no audio")
    code, out, err = command(song, folder, folder / "b.WAV", "-o", "out")
    assert (code, err) == (0, "")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "b", "index.html", "it_s_a_song_x", "song"
    ]  # fmt: skip
    for name in ("b", "it_s_a_song_x", "song"):
        assert sorted(p.name for p in (tmp_path / "out" / name).iterdir()) == FILES
        regions = read_records(tmp_path / "out" / name / "regions.tsv", ExtractedRegion)
        assert len(regions) == 3
    of_song = read_records(tmp_path / "out/song/regions.tsv", ExtractedRegion)
    assert "song.wav: 3 clips in out/song\n" in out
    assert out.splitlines()[3:] == [
        "9 clips from 3 of 3 songs",
        "best: " + ", ".join(f"out/song/{region.clip} (0.90)" for region in of_song),
        "the model shipped is not calibrated: its scores are not probabilities",
        "hear and choose: out/index.html",
    ]
    assert len(command.loads) == 1


def test_what_exists_is_skipped_and_said(tmp_path, command, song):
    assert command(song, "-o", "out")[0] == 0
    before = tree(tmp_path / "out")
    code, out, err = command(song, "-o", "out")
    assert (code, err, len(command.loads)) == (0, "", 1)
    assert out == f"{song}: skipped, out/song exists\n"
    code, out, _ = command(song, "-o", "out", "--frame-threshold", "0.9", "--format", "flac")
    changes = "--frame-threshold default, now 0.9; --format default, now flac"
    assert code == 0 and f"exists, made with other settings: {changes} (see --overwrite)" in out
    assert tree(tmp_path / "out") == before
    assert command(song, "-o", "out", "--best", "1", "--overwrite", "--no-picture")[0] == 0
    regions = read_records(tmp_path / "out/song/regions.tsv", ExtractedRegion)
    assert [bool(region.clip) for region in regions] == [True, False, False]
    assert not (tmp_path / "out/song/spectrogram.png").exists()


def test_clips_that_were_deleted_are_made_again(tmp_path, command, song):
    assert command(song, "-o", "out")[0] == 0
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.*")}
    clips = sorted((tmp_path / "out/song/clips").iterdir())
    clips[1].unlink()
    assert "3 clips in" in command(song, "-o", "out")[1]
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.*")} == before
    # What a user made of the others is not lost with them.
    clips[1].unlink()
    clips[0].write_bytes(clips[0].read_bytes()[:-2] + b"ab")
    out = command(song, "-o", "out")[1]
    assert f"exists, but clips/{clips[1].name} is missing or changed (see --overwrite)" in out
    assert clips[0].read_bytes().endswith(b"ab")
    assert "3 clips in" in command(song, "-o", "out", "--overwrite")[1]
    assert clips[0].read_bytes() == before[clips[0]]


def test_a_song_that_changed_is_skipped_and_said(tmp_path, command, song):
    assert command(song, "-o", "out")[0] == 0
    os.utime(song, (0, 0))
    assert command(song, "-o", "out")[1].endswith("out/song exists\n")
    # A new mix, of the size and time of the old.
    old = song.stat()
    write_song(song, rate=8000, channels=1, bursts=[(3, 4)])
    os.utime(song, ns=(old.st_atime_ns, old.st_mtime_ns))
    assert song.stat().st_size == old.st_size
    code, out, err = command(song, "-o", "out")
    other = "exists, made of another version of the song"
    assert (code, err) == (0, "") and f"{other} (see --overwrite)" in out
    out = command(song, "-o", "out", "--min-score", "0.5")[1]
    changes = "--min-score default, now 0.5"
    assert f"{other} and with other settings: {changes} (see --overwrite)" in out
    assert "1 clip in" in command(song, "-o", "out", "--overwrite")[1]
    assert command(song, "-o", "out")[1].endswith("out/song exists\n")


def test_models_of_one_name_are_told_apart(tmp_path, command, song):
    models = [write_card(tmp_path / name / "model.keras", name) for name in "ab"]
    other = "exists, made with another model (see --overwrite)"
    assert command(song, "-o", "out", "--model", models[0])[0] == 0
    assert command(song, "-o", "out", "--model", models[0])[1].endswith("out/song exists\n")
    assert other in command(song, "-o", "out", "--model", models[1])[1]
    assert other in command(song, "-o", "out", "--model", models[1], "--dry-run")[1]
    # What is in the file counts, not what it is called.
    shutil.copy(models[0], tmp_path / "copy.keras")
    assert command(song, "-o", "out", "--model", "copy.keras")[1].endswith("out/song exists\n")
    write_card(models[0], "trained again")
    code, out, err = command(song, "-o", "out", "--model", models[0])
    assert (code, err, len(command.loads)) == (0, "", 1) and other in out
    assert "3 clips" in command(song, "-o", "out", "--model", models[1], "--overwrite")[1]
    assert command(song, "-o", "out", "--model", models[1])[1].endswith("out/song exists\n")


def test_another_model_of_the_name_that_ships_is_noticed(tmp_path, command, song):
    assert command(song, "-o", "out")[0] == 0
    write_card(tmp_path / "shipped.keras", "a later model")
    assert "made with another model" in command(song, "-o", "out")[1]


def test_what_another_version_made_is_skipped_and_said(tmp_path, command, song):
    assert command(song, "-o", "out")[0] == 0
    path = tmp_path / "out/song/extraction.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"deep_plunder": "0.0.1"}))
    assert "exists, made by version 0.0.1 (see --overwrite)" in command(song, "-o", "out")[1]
    out = command(song, "-o", "out", "--min-score", "0.5")[1]
    changes = "--min-score default, now 0.5"
    assert f"made by version 0.0.1 and with other settings: {changes} (see" in out
    path.write_text(json.dumps({"source": str(song), "deep_plunder": "0.0.1"}))
    # What a record does not hold is not as now.
    parts = "of another version of the song and with another model and by version 0.0.1"
    assert f"made {parts} (see --overwrite)" in command(song, "-o", "out")[1]
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"index.html", "song"}


def test_only_what_scores_enough_is_cut(tmp_path, command, song):
    assert "0 clips" in command(song, "-o", "out", "--min-score", "0.95", "--no-picture")[1]
    assert read_records(tmp_path / "out/song/regions.tsv", ExtractedRegion) == []
    changes = "--min-score 0.95, now default"
    assert f"made with other settings: {changes}" in command(song, "-o", "out")[1]
    code, out, _ = command(song, "-o", "out", "--min-score", "0.85", "--overwrite", "--no-picture")
    assert code == 0 and "song.wav: 3 clips" in out


def test_songs_of_one_name_have_folders_of_their_own(tmp_path, command, song):
    songs = [song]
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        songs.append(shutil.copy(song, tmp_path / name / "Song.wav"))
    assert command(*songs[:2], "-o", "out")[0] == 0
    assert command(songs[2], songs[1], songs[0], "-o", "out")[0] == 0
    folders = sorted(path for path in (tmp_path / "out").iterdir() if path.is_dir())
    assert [p.name for p in folders] == ["Song_2", "Song_3", "song"]
    sources = [read_records(p / "regions.tsv", ExtractedRegion)[0].source for p in folders]
    assert sources == [str(songs[1]), str(songs[2]), str(songs[0])]


def test_a_folder_that_is_not_ours_is_never_touched(tmp_path, command, song):
    (tmp_path / "out/song").mkdir(parents=True)
    (tmp_path / "out/song/precious.txt").write_text("mine")
    (tmp_path / "out/song_2").symlink_to("nowhere")
    assert command(song, "-o", "out", "--overwrite")[0] == 0
    assert (tmp_path / "out/song/precious.txt").read_text() == "mine"
    assert (tmp_path / "out/song_3/regions.tsv").exists()


def test_clips_of_an_earlier_run_are_not_songs(tmp_path, command, song):
    (tmp_path / "music").mkdir()
    song = song.rename(tmp_path / "music" / song.name)
    assert command("music", "-o", "music/clips")[0] == 0
    # Nor are those in other folders, but for whoever names them.
    for output in ("music/clips", "elsewhere", "music"):
        code, out, _ = command("music", "-o", output)
        assert code == 0 and len([line for line in out.splitlines() if ".wav:" in line]) == 1
    assert "3 of 3 songs" in command("music/song/clips", "-o", "again")[1]
    (tmp_path / "more").mkdir()
    (tmp_path / "more/linked").symlink_to(tmp_path / "music/song/clips")
    code, _, err = command("more", "-o", "third")
    assert (code, err) == (1, "more: holds only clips of an earlier run\n")


def test_that_nothing_is_found_is_said(command, song):
    code, out, err = command(song, "-o", "out", "--min-score", "1")
    assert (code, err) == (0, "")
    assert out.endswith(
        "0 clips in out/song\nnothing scored 1 or more: --min-score 0 keeps all regions\n"
    )
    # Where the score is not why, there is no such advice.
    out = command(song, "-o", "short", "--min-length", "9")[1]
    assert "0 clips in short/song\nno region fits the options of selection\n" in out


def test_clips_are_chosen_named_and_written_as_asked(tmp_path, command, song):
    code, out, err = command(
        song, "-o", "out", "--no-picture", "--min-length", "0.3", "--best", "1", "--format", "flac",
        "--bits", "16", "--normalize", "-6", "--fade-in", "0", "--fade-out", "0",
        "--name", "{class}/{song} {note} {score} {index} {start}",
    )  # fmt: skip
    assert (code, err) == (0, "") and "song.wav: 1 clip in out/song" in out
    regions = read_records(tmp_path / "out/song/regions.tsv", ExtractedRegion)
    [chosen] = [region for region in regions if region.clip]
    assert len(regions) == 3 and chosen is regions[0]
    start = start_text(chosen.onset_s)
    note = safe_name(chosen.note or "none")
    assert chosen.clip == f"clips/{chosen.sound_class}/song_{note}_90_001_{start}.flac"
    info = soundfile.info(tmp_path / "out/song" / chosen.clip)
    assert (info.format, info.subtype) == ("FLAC", "PCM_16")
    clip, rate = soundfile.read(tmp_path / "out/song" / chosen.clip)
    whole, _ = soundfile.read(song)
    part = whole[round(chosen.onset_s * rate) : round(chosen.offset_s * rate)]
    expected = part * (10 ** (-6 / 20) / abs(part).max())
    np.testing.assert_allclose(clip, expected, atol=1.1 * 2**-15)
    # A command with other options names the settings that differ.
    (line,) = command(song, "-o", "out", "--keep-duplicates")[1].splitlines()
    was = line.partition("made with other settings: ")[2].removesuffix(" (see --overwrite)")
    assert was.split("; ") == [
        "--best 1, now default", "--min-length 0.3, now default", "--format flac, now default",
        "--bits 16, now default", "--normalize -6.0, now default", "--fade-in 0.0, now default",
        "--fade-out 0.0, now default",
        "--name {class}/{song} {note} {score} {index} {start}, now default",
        "--keep-duplicates default, now on",
    ]  # fmt: skip


def test_two_clips_of_one_name_are_refused_and_nothing_is_written(tmp_path, command, song):
    code, out, err = command(song, "-o", "out", "--name", "{song}")
    assert (code, out) == (1, "")
    assert err == (
        f"{song}: two clips are named 'song' by '{{song}}'; {{index}} tells them apart\n"
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--name", "{bpm}"], "--name: fields must be among song, artist, title, class, note, "
         "sound, score, index, start, got {bpm}"),
        (["--name", "{index"], "--name: {index: "),
        (["--name", "a//{index}"], "--name: no part between / may be empty"),
        (["--name", "../{index}"], "--name: no part between / may be empty, . or .., got"),
        (["--format", "flac", "--bits", "32"], "--bits: FLAC has at most 24 bits, got 32"),
        (["--min-length", "2", "--max-length", "1"],
         "--max-length: must be at least the least length, 2 s, got 1"),
        (["--classes", "kick,kik"], "--classes: must be among bass, "),
        (["--path-map", "/music"], "--path-map: must be OLD=NEW, got '/music'"),
    ],
)  # fmt: skip
def test_options_that_contradict_each_other_are_refused(command, song, capsys, options, message):
    with pytest.raises(SystemExit) as caught:
        command(song, "-o", "out", *options)
    assert caught.value.code == 2
    err = capsys.readouterr().err
    assert err.startswith(f"deep-plunder extract: error: argument {message}")
    assert err.endswith(" (see deep-plunder extract --help)\n") and err.count("\n") == 1
    assert command.loads == []


def test_songs_come_from_playlists_and_standard_input(tmp_path, command, song, monkeypatch):
    (tmp_path / "music").mkdir()
    song.rename(tmp_path / "music/song.wav")
    (tmp_path / "list.m3u8").write_text(
        "#EXTM3U\n#EXTINF:6,The Band - Tide\nmusic/song.wav\nmusic/gone.wav\n", encoding="utf-8"
    )
    code, out, err = command(
        "list.m3u8", "-o", "out", "--no-picture", "--name", "{artist} {title} {index}"
    )
    assert code == 1 and "song.wav: 3 clips" in out
    assert "list.m3u8, row 4: there is no file music/gone.wav" in err
    names = sorted(path.name for path in (tmp_path / "out/song/clips").iterdir())
    assert names == [f"The_Band_Tide_00{n}.wav" for n in (1, 2, 3)]
    given = io.TextIOWrapper(io.BytesIO(b"music/song.wav\n"))
    monkeypatch.setattr(sys, "stdin", given)
    assert "music/song.wav: would write new/song" in command("-", "-o", "new", "--dry-run")[1]
    code, _, err = command("absent.m3u", "-o", "new")
    assert code == 1 and err.startswith("absent.m3u: cannot be read as a playlist: No such file")


def test_lines_for_programs_are_json(tmp_path, command, song):
    code, out, err = command(song, "-o", "out", "--json", "--no-picture")
    [row] = map(json.loads, out.splitlines())
    assert (code, err, row["state"]) == (0, "", "extracted")
    assert (row["song"], row["folder"]) == (str(song), "out/song")
    for clip in row["clips"]:
        assert (tmp_path / row["folder"] / clip["clip"]).is_file()
        # What JSON has no number for is null.
        assert clip["cents"] is None or abs(clip["cents"]) <= 50
    code, out, err = command(song, "gone.wav", "-o", "out", "--json")
    assert code == 1 and [json.loads(line)["state"] for line in out.splitlines()] == ["skipped"]
    assert command(song, "-o", "out", "--quiet")[:2] == (0, "")


def test_a_dry_run_does_nothing(tmp_path, command, song):
    before = tree(tmp_path)
    code, out, err = command(song, "-o", "out", "--dry-run")
    assert (code, err, command.loads) == (0, "", [])
    assert out == f"{song}: would write out/song\n"
    assert command(song, "gone.wav", "-o", "out", "--dry-run")[0] == 1
    assert tree(tmp_path) == before


def test_failures_are_listed_and_the_rest_is_done(tmp_path, command, song):
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.mp3").write_text("no audio")
    (tmp_path / "nothing").mkdir()
    whole = song.read_bytes()
    (tmp_path / "cut.wav").write_bytes(whole[: len(whole) // 2])
    bad = ["gone.wav", "empty.wav", "text.mp3", "cut.wav", "nothing"]
    code, out, err = command(*bad, song, "-o", "out")
    assert code == 1 and "song.wav: 3 clips" in out
    assert "5 of 6 inputs failed:" in err
    listed = err.split("failed:\n")[1].splitlines()
    assert sorted(line.split(":")[0].strip() for line in listed) == sorted(bad)
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"index.html", "song"}


def test_a_full_disk_fails_the_song_and_leaves_nothing(tmp_path, command, song, monkeypatch):
    from deep_plunder.extraction import song as song_module

    def full(*args, **options):
        raise OSError(28, FULL)

    monkeypatch.setattr(song_module, "write_audacity", full)
    code, out, err = command(song, "-o", "out")
    assert (code, out) == (1, "")
    assert err == f"{song}: {FULL}: out/song\n"
    assert not (tmp_path / "out").exists()


def test_many_faults_are_said_once(tmp_path, command, song):
    for number in range(500):
        (tmp_path / f"{number:03}.wav").write_bytes(b"no audio")
    code, out, err = command(tmp_path, "-o", "out")
    assert code == 1 and out.startswith(f"{song}: 3 clips in out/song\n")
    assert err.count("\n") == 501 and err.endswith("\n500 of 501 inputs failed, as said above\n")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["index.html", "song"]


def used(folder):
    """Return the bytes that the files of a folder take on a tmpfs."""
    return sum(-(-len(data) // PAGE) * PAGE for data in tree(folder).values() if data)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.9])
def test_nothing_is_left_of_a_song_that_a_disk_cannot_hold(
    tmp_path, command, song, small_disk, share
):
    assert command(song, "-o", "roomy")[0] == 0
    disk = small_disk(2 * PAGE + int(share * used(tmp_path / "roomy/song")))
    assert command(song, "-o", disk) == (1, "", f"{song}: {FULL}: {disk / 'song'}\n")
    assert tree(disk) == {}


def test_a_full_disk_ends_the_run_and_leaves_what_stood_there(tmp_path, command, song, small_disk):
    for name in ("other", "third"):
        shutil.copy(song, tmp_path / f"{name}.wav")
    assert command(song, "-o", "roomy")[0] == 0
    disk = small_disk(used(tmp_path / "roomy") + 8 * PAGE)
    code, out, err = command("song.wav", "other.wav", "third.wav", "-o", disk)
    fault = f"other.wav: {FULL}: {disk / 'other'}"
    assert code == 1 and out.startswith(f"song.wav: 3 clips in {disk / 'song'}\n")
    assert err == (
        f"{fault}\nthe disk is full: 1 more song not extracted\n"
        f"1 of 3 inputs failed:\n  {fault}\n"
    )  # fmt: skip
    assert sorted(p.name for p in disk.iterdir()) == ["index.html", "song"]
    before = tree(disk)
    code, _, err = command("song.wav", "-o", disk, "--overwrite", "--bits", "32")
    assert (code, err) == (1, f"song.wav: {FULL}: {disk / 'song'}\n")
    assert tree(disk) == before


def test_gallery_and_kit_leave_a_full_disk_as_it_is(command, song, small_disk, capsys):
    disk = small_disk(1 << 22)
    assert command(song, "-o", disk)[0] == 0
    with (disk / "rest").open("wb", buffering=0) as file, pytest.raises(OSError, match=FULL):
        while True:
            file.write(bytes(PAGE))
    before = tree(disk)
    for arguments, place in ((("gallery",), "index.html"), (("kit", "-o", disk / "kit"), "kit")):
        assert main([*map(str, arguments), str(disk)]) == 1
        assert capsys.readouterr() == ("", f"deep-plunder: {FULL}: {disk / place}\n")
        assert tree(disk) == before


def test_closed_folders_and_links_in_a_circle_fail_alone(own_folder, user_command, song):
    shutil.copy(song, own_folder / "last.wav")
    (own_folder / "locked").mkdir(mode=0)
    (own_folder / "circle.wav").symlink_to("circle.wav")
    songs = "song.wav", "locked/x.wav", "circle.wav", "last.wav"
    code, out, err = user_command(*songs, "-o", "out")
    assert code == 1 and "song.wav: 3 clips" in out and "last.wav: 3 clips" in out
    assert sorted(p.name for p in (own_folder / "out").iterdir()) == ["index.html", "last", "song"]
    assert err.splitlines()[:3] == [
        "locked/x.wav: missing: cannot be opened (Permission denied)",
        "circle.wav: missing: cannot be opened (Too many levels of symbolic links)",
        "2 of 4 inputs failed:",
    ]


def test_closed_folders_below_a_folder_are_told(own_folder, user_command, song):
    (own_folder / "music/a").mkdir(parents=True)
    (own_folder / "music/locked").mkdir(mode=0)
    for given, songs in (("music", 0), ("music/locked", 0), ("music", 1)):
        if songs:
            shutil.copy(song, own_folder / "music/a")
        code, out, err = user_command(given, "-o", "out", "--no-picture")
        assert (code, out.count("3 clips")) == (1, songs)
        told = "music/locked: cannot be read: Permission denied\n"
        assert err == told + (f"1 of 2 inputs failed:\n  {told}" if songs else "")


def test_a_fault_without_a_name_is_given_one(tmp_path, command, song, monkeypatch):
    def broken(path):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("deep_plunder.audio.reading.probe", broken)
    assert command("song.wav", "-o", "out") == (1, "", "song.wav: Input/output error\n")


def test_an_output_that_cannot_be_read_is_said(own_folder, user_command):
    (own_folder / "closed").mkdir(mode=0)
    (own_folder / "blind").mkdir(mode=0o300)
    (own_folder / "circle").symlink_to("circle")
    for output, reason in (
        ("closed", "Permission denied"),
        ("closed/below", "Permission denied"),
        ("blind", "Permission denied"),
        ("circle", "Too many levels of symbolic links"),
    ):
        code, out, err = user_command("song.wav", "-o", output)
        assert (code, out) == (1, "")
        assert err == f"deep-plunder: {output}: cannot be read: {reason}\n"


@pytest.fixture
def stream(monkeypatch):
    """Let a standard stream be one that fails, as it is where nobody reads a pipe."""
    opened = []

    def replace(name, descriptor):
        opened.append(os.fdopen(descriptor, "w"))
        monkeypatch.setattr(sys, name, opened[-1])

    yield replace
    for file in opened:
        file.close()


def unread_pipe():
    reading, writing = os.pipe()
    os.close(reading)
    return writing


def test_a_pipe_that_nobody_reads_stops_no_song(tmp_path, command, song, stream):
    shutil.copy(song, tmp_path / "other.wav")
    stream("stdout", unread_pipe())
    assert command("song.wav", "gone.wav", "other.wav", "-o", "out") == (
        1, "", "gone.wav: missing: cannot be opened (No such file or directory)\n"
        "1 of 3 inputs failed:\n  gone.wav: missing: cannot be opened (No such file or directory)\n"
    )  # fmt: skip
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["index.html", "other", "song"]
    stream("stderr", unread_pipe())
    assert command("gone.wav", "song.wav", "-o", "again", "--no-picture") == (1, "", "")
    assert {p.name for p in (tmp_path / "again").iterdir()} == {"index.html", "song"}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device that is full is needed")  # noqa: PTH110
def test_a_report_that_cannot_be_written_is_a_fault(command, song, stream):
    stream("stdout", os.open("/dev/full", os.O_WRONLY))
    code, _, err = command(song, "-o", "out", "--dry-run")
    assert code == 1 and err.startswith("deep-plunder: ")
    assert err.endswith(f": {FULL}\n")


def test_a_missing_model_is_said_before_anything_is_written(tmp_path, command, song):
    code, out, err = command(song, "-o", "out", "--model", "gone.keras")
    assert (code, out) == (1, "")
    assert err == "deep-plunder: gone.keras: there is no such model file\n"
    assert not (tmp_path / "out").exists()


def test_an_output_that_cannot_be_written_is_said(tmp_path, command, song):
    (tmp_path / "file").write_text("a file")
    for output, standing in (("file", "file"), ("file/below", tmp_path / "file")):
        code, _, err = command(song, "-o", output)
        assert code == 1
        assert err == f"deep-plunder: {output}: cannot be made: {standing} is not a folder\n"
    assert command.loads == []


@pytest.mark.skipif(sys.platform != "linux", reason="a folder that takes no files is needed: /proc")
def test_an_output_where_nothing_can_be_written_is_said(command, song):
    code, _, err = command(song, "-o", "/proc/clips")
    assert code == 1
    assert err.startswith("deep-plunder: /proc: takes no files: ")
    assert command.loads == []


def test_only_chatter_is_kept_off_standard_error(capfd):
    with without_chatter():
        for line in [
            b"WARNING: All log messages before absl::InitializeLog() is called are written",
            b"I0000 00:00:1795405194.485333   17349 port.cc:153] oneDNN custom operations",
            b"2026-01-02 03:04:05.678 [W:onnxruntime:Default, device_discovery.cc:164] no GPU",
            b"\x1b[0;93m2026-01-02 03:04:05.678 [W:onnxruntime:Default, x.cc:1] in colour\x1b[m",
            b"something that matters",
        ]:
            os.write(2, line + b"\n")
    assert capfd.readouterr().err == "something that matters\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a.wav"], "-o/--output"),
        (["-o", "out"], "SONG"),
        (["a.wav", "-o", "out", "--onset-threshold", "1.1"], "must be a number in 0..1, got '1.1'"),
        (["a.wav", "-o", "out", "--frame-threshold", "nan"], "must be a number in 0..1, got 'nan'"),
        (["a.wav", "-o", "out", "--frame-threshold", "x"], "must be a number in 0..1, got 'x'"),
        (["a.wav", "-o", "out", "--min-score", "2"], "must be a number in 0..1, got '2'"),
        (["a.wav", "-o", "out", "--min-length", "-1"], "at least 0, got '-1'"),
    ],
)
def test_a_wrong_command_line_exits_with_2(command, capsys, arguments, message):
    with pytest.raises(SystemExit) as caught:
        command(*arguments)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def run_python(*arguments):
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def test_help_states_the_least_score_of_the_model_that_ships(capsys):
    decoder = card.read_card(resources.shipped_model_path("shipped")).decoder
    with pytest.raises(SystemExit):
        main(["extract", "--help"])
    assert f"{decoder.min_score:.2f} for the model made for songs" in " ".join(
        capsys.readouterr().out.split()
    )


def test_help_is_fast_and_imports_nothing_heavy():
    code = (
        "import sys, time; start = time.process_time()\n"
        "from deep_plunder.cli.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit as end: assert end.code == 0\n"
        "heavy = {'numpy', 'soundfile', 'soxr', 'scipy', 'matplotlib', 'tensorflow', 'keras'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "print(time.process_time() - start, file=sys.stderr)"
    )
    start = time.perf_counter()
    done = run_python("-c", code)
    assert done.returncode == 0, done.stderr
    assert "extract" in done.stdout
    # Half a second is promised for the whole; of a busy machine only the CPU time can be told.
    assert float(done.stderr) < 0.3 or time.perf_counter() - start < 0.5


def test_version():
    done = run_python("-c", "from deep_plunder.cli.main import main; main(['--version'])")
    assert done.stdout.startswith("deep-plunder 0.")
