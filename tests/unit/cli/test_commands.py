"""The subcommands beside `extract`."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from deep_plunder.cli.main import main, parser
from deep_plunder.corpus.spec import SongSpec
from tests.unit.extraction.test_song import write_song


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        code = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return run


def test_a_library_is_listed_with_what_is_set_aside(tmp_path, command):
    fall = np.exp(-np.arange(9000) / 2000)
    for seed, name in enumerate(["kick/a.wav", "kick/b.wav", "snare/a.wav"]):
        (tmp_path / "library" / name).parent.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(seed).normal(0, 0.1, 9000)
        soundfile.write(tmp_path / "library" / name, noise * fall, 8000)
    (tmp_path / "library/snare/empty.wav").touch()
    code, out, err = command("library", "library")
    assert (code, err) == (0, "")
    assert out.startswith("3 sounds in 2 classes\n  kick: 2\n  snare: 1\n1 file rejected:\n")
    assert "  snare/empty.wav: " in out
    code, out, err = command("library", "gone")
    assert (code, out) == (1, "") and err.startswith("deep-plunder: gone: ")
    (tmp_path / "empty").mkdir()
    assert command("library", "empty") == (1, "0 sounds in 0 classes\n", "")


def test_a_playlist_is_listed_with_the_option_that_rejects_most(tmp_path, command):
    for name, length in (("a", 6), ("b", 7)):
        write_song(tmp_path / f"{name}.wav", rate=8000, channels=1, seconds=length)
    (tmp_path / "list.m3u8").write_text("a.wav\nb.wav\ngone.wav\n", encoding="utf-8")
    code, out, err = command("playlist", "list.m3u8")
    assert (code, err) == (1, "")
    assert out.startswith("0 songs would be used\n3 entries would not:\n")
    assert "list.m3u8, row 1: ./a.wav: too short: 6 s, at least 60 s are needed" in out
    assert out.endswith("2 of 3 songs rejected (too short): see --min-duration (0 accepts all)\n")
    bounds = "--min-duration", "1", "--min-bit-rate", "0"
    code, out, err = command("playlist", "list.m3u8", *bounds)
    assert (code, err) == (0, "")
    assert out.startswith("2 songs would be used\n") and "gone.wav: missing" in out
    # What can be read is listed, and the code tells that something could not.
    code, out, err = command("playlist", "list.m3u8", "gone.txt", *bounds)
    assert code == 1 and out.startswith("2 songs would be used\n") and "gone.txt: " in err
    code, _, err = command("playlist", "gone.txt")
    assert code == 1 and err.startswith("deep-plunder: gone.txt: cannot be read as a playlist")


def test_the_bounds_of_songs_are_those_of_the_workflow():
    args = parser().parse_args(["playlist", "list.txt"])
    spec = SongSpec(sources=("songs",))
    assert (args.min_duration, args.max_duration, args.min_bit_rate) == (
        spec.min_duration_s, spec.max_duration_s, spec.min_bit_rate_kbps
    )  # fmt: skip


def test_the_doctor_finds_nothing_amiss(command):
    code, out, err = command("doctor")
    assert (code, err) == (0, "")
    assert out.endswith("everything works\n") and "test run: found 1 region" in out
    code, out, err = command("doctor", "--json")
    facts = json.loads(out)
    assert (code, err, facts["is_well"], facts["faults"]) == (0, "", True, {})
    assert facts["libraries"]["numpy"] == np.__version__ and ".wav" in facts["audio_files"]
    assert facts["test_run"]["regions"] == 1 and facts["model"]["digest"]


def test_the_doctor_names_a_missing_model(command, monkeypatch, tmp_path):
    from deep_plunder.util import resources

    monkeypatch.setattr(resources, "shipped_file", lambda place: tmp_path / "gone.keras")
    code, out, err = command("doctor")
    assert (code, err) == (1, "") and "model: " in out
    assert out.endswith("something is amiss, see above\n")
    code, out, err = command("doctor", "--json")
    facts = json.loads(out)
    assert (code, err, facts["is_well"], facts["model"]) == (1, "", False, None)
    assert list(facts["faults"]) == ["model", "test_run"]


def test_a_song_is_inspected_in_the_terminal_and_as_a_picture(tmp_path, command):
    second = np.arange(16000) / 16000
    tone = 0.5 * np.exp(-5 * second) * np.sin(2 * np.pi * 220 * second)
    soundfile.write("song.wav", np.concatenate([np.zeros(8000), tone, np.zeros(8000)]), 16000)
    code, out, err = command("inspect", "song.wav", "--min-score", "0", "--picture", "song.png")
    assert (code, err) == (0, "")
    header, first, *rest = out.splitlines()
    assert header.split("\t") == ["onset_s", "offset_s", "score"]
    assert float(first.split("\t")[0]) == pytest.approx(0.5, abs=0.05)
    assert any("━" in line for line in rest) and rest[0].startswith("00:00 ")
    assert (tmp_path / "song.png").read_bytes().startswith(b"\x89PNG")
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []
    assert command("inspect", "gone.wav")[0] == 1
    assert "must end in .png" in command("inspect", "song.wav", "--picture", "song.gif")[2]


def test_similar_sounds_come_first(tmp_path, command):
    fall = np.exp(-np.arange(16000) / 3000)
    noise = np.random.default_rng(0).normal(0, 0.1, 16000) * fall
    tone = 0.3 * np.sin(np.arange(16000) * 0.1) * fall
    for name, sound in {"a": noise, "b": tone, "c": 0.3 * noise[:9000], "d/e": -noise}.items():
        (tmp_path / "clips" / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(tmp_path / "clips" / f"{name}.wav", sound, 16000)
    code, out, err = command("similar", "clips/a.wav", "clips", "clips/d")
    assert (code, err) == (0, "")
    names = [line.split()[1] for line in out.splitlines()]
    assert sorted(names[:2]) == ["clips/c.wav", "clips/d/e.wav"] and names[2:] == ["clips/b.wav"]
    assert len(command("similar", "clips/a.wav", "clips", "-n", "1")[1].splitlines()) == 1
    (tmp_path / "clips/empty.wav").touch()
    code, out, err = command("similar", "clips/a.wav", "clips")
    assert code == 1 and len(out.splitlines()) == 3 and "clips/empty.wav" in err
    for sound, folder in (("a", "gone"), ("gone", "clips"), ("d/e", "clips/d")):
        code, out, err = command("similar", f"clips/{sound}.wav", folder)
        assert (code, out) == (1, "") and len(err.splitlines()) == 1
    assert err == "deep-plunder: clips/d: no other audio file to compare with\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_know_every_command(command, shell):
    pytest.importorskip("shtab")
    code, out, err = command("completion", shell)
    assert (code, err) == (0, "")
    for word in ("extract", "inspect", "library", "playlist", "doctor", "keep-duplicates"):
        assert word in out
    if shell == "bash":
        done = subprocess.run(["bash", "-n"], input=out, text=True, check=False)
        assert done.returncode == 0


@pytest.mark.parametrize("name", ["extract", "inspect", "similar", "library", "playlist", "doctor"])
def test_every_command_explains_itself(name, capsys):
    with pytest.raises(SystemExit) as caught:
        main([name, "--help"])
    assert caught.value.code == 0
    assert f"usage: deep-plunder {name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["extract", "a.wav", "-o", "out", "--clases", "kick"],
         "extract: error: unknown: --clases kick; did you mean --classes? (see deep-plunder "
         "extract --help)"),
        (["doctor", "now"], "doctor: error: unknown: now (see deep-plunder doctor --help)"),
        (["app", "--port", "65536"],
         "app: error: argument --port: must be at most 65535, got '65536' (see deep-plunder app "
         "--help)"),
        (["similar", "a.wav", "b", "-n", "00"],
         "similar: error: argument -n/--best: must be a whole number of at least 1, got '00' (see "
         "deep-plunder similar --help)"),
    ],
)  # fmt: skip
def test_slips_on_the_command_line_are_named_by_the_subcommand(capsys, arguments, message):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert capsys.readouterr().err == f"deep-plunder {message}\n"


def test_a_folder_in_place_of_a_song_is_called_one(tmp_path, command):
    (tmp_path / "songs").mkdir()
    expected = "deep-plunder: songs: not audio: is a folder, not a file\n"
    assert command("inspect", "songs") == (1, "", expected)
    assert command("similar", "songs", "songs") == (1, "", expected)


def test_the_app_is_not_started_in_a_file_or_with_no_model(tmp_path, command):
    pytest.importorskip("uvicorn", reason="the app is not installed")
    (tmp_path / "notes.txt").write_text("no folder", encoding="utf-8")
    assert command("app", "notes.txt") == (1, "", "deep-plunder: notes.txt: is not a folder\n")
    code, out, err = command("app", "app", "--model", "notes.txt")
    assert (code, out) == (1, "") and err.startswith("deep-plunder: notes.txt: is not a model file")
    assert not (tmp_path / "app").exists()


def test_the_app_without_its_extra_names_the_remedy(monkeypatch, tmp_path, capsys):
    for name in [name for name in sys.modules if name.startswith("deep_plunder.app.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert main(["app", str(tmp_path / "app")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "uvicorn is not installed" in line
    assert line.endswith("run: pip install -c requirements.lock '.[app]'")
    assert not (tmp_path / "app").exists()


def test_files_that_cannot_be_used_are_listed_though_none_can(tmp_path, command):
    (tmp_path / "library").mkdir()
    (tmp_path / "library/a.wav").touch()
    (tmp_path / "library/b.wav").write_text("no sound", encoding="utf-8")
    assert command("library", "library") == (
        1,
        "0 sounds in 0 classes\n2 files rejected:\n  a.wav: empty: has no bytes\n"
        "  b.wav: not audio: its content is in no known format\n",
        "",
    )


def test_a_playlist_that_cannot_be_read_costs_no_other(tmp_path, command):
    write_song(tmp_path / "a.wav", rate=8000, channels=1, seconds=2)
    (tmp_path / "list.m3u8").write_text("a.wav\n", encoding="utf-8")
    (tmp_path / "empty.m3u8").touch()
    bounds = ("--min-duration", "1", "--min-bit-rate", "0")
    code, out, err = command("playlist", "gone.txt", "list.m3u8", "empty.m3u8", *bounds)
    assert (code, out) == (1, "1 song would be used\n  a.wav: 2 s, 192 kbit/s\n")
    assert [line.split(": ")[1] for line in err.splitlines()] == ["gone.txt", "empty.m3u8"]


def test_odd_files_among_similar_sounds_are_named(tmp_path, command):
    clips = tmp_path / "clips"
    clips.mkdir()
    for seed, name in enumerate(("a", "b", "new\nline")):
        noise = np.random.default_rng(seed).normal(0, 0.1, 4000)
        soundfile.write(clips / f"{name}.wav", noise, 8000)
    os.link(clips / "b.wav", clips / "same.wav")
    for name, target in (("also b.wav", "b.wav"), ("loop.wav", "loop.wav"), ("loop", ".")):
        (clips / name).symlink_to(target)
    os.mkfifo(clips / "pipe.wav")
    (clips / "folder.wav").mkdir()
    folders = ("gone", "clips/b.wav", "clips", "clips/loop", "clips/../clips")
    code, out, err = command("similar", "clips/a.wav", *folders)
    names = [line.split("  ", 1)[1] for line in out.splitlines()]
    # Each file once; a hard link is a file of its own.
    wanted = ["clips/also b.wav", "clips/new\\nline.wav", "clips/same.wav"]
    assert code == 1 and sorted(names) == wanted
    assert [line.split(": ")[0] for line in err.splitlines()] == [
        "gone", "clips/b.wav", "clips/loop.wav", "clips/pipe.wav"
    ]  # fmt: skip
