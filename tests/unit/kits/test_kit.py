"""Kits are read back by readers that are not ours, and play the song's sounds."""

import dataclasses
import math

import numpy as np
import pytest
import soundfile

from deep_plunder.cli.main import main
from deep_plunder.corpus.choices import SongChoices, write_choices
from deep_plunder.errors import InputError
from deep_plunder.extraction.options import ClipOptions
from deep_plunder.extraction.region import ExtractedRegion
from deep_plunder.extraction.results import read_songs
from deep_plunder.extraction.song import extract_song
from deep_plunder.kits.kit import write_kit
from deep_plunder.util.rng import generator
from deep_plunder.util.tables import read_records
from tests.unit.extraction.test_song import LoudIsSound

mido = pytest.importorskip("mido")

RATE = 44100


@pytest.fixture
def run(tmp_path):
    """Extract a song of three sounds, of which one is struck again at half its level."""
    rng = generator(5, "kit")
    fall = np.exp(-np.arange(round(0.4 * RATE)) / 4000)[:, None]
    first, second = (0.6 * rng.uniform(-1, 1, (len(fall), 2)) * fall for _ in range(2))
    song = np.zeros((4 * RATE, 2))
    for onset, sound in [(0.5, first), (1.5, second), (2.5, 0.5 * first)]:
        song[round(onset * RATE) :][: len(sound)] = sound
    soundfile.write(tmp_path / "Tide.wav", song, RATE, subtype="PCM_24")
    options = ClipOptions(fade_in_s=0, fade_out_s=0)
    extract_song(LoudIsSound(), tmp_path / "Tide.wav", tmp_path / "out/Tide", options=options)
    return tmp_path / "out"


def test_a_kit_plays_the_clips_where_they_were_found(tmp_path, run):
    regions = read_records(run / "Tide/regions.tsv", ExtractedRegion)
    assert [region.group for region in regions] == [1, 2, 1]
    assert write_kit(read_songs(run, report=pytest.fail), tmp_path / "kit", fail=pytest.fail) == 2
    folder = tmp_path / "kit/Tide"
    lines = (folder / "Tide.sfz").read_text(encoding="utf-8").split("<region>")[1:]
    opcodes = [dict(line.split("=", 1) for line in part.split("\n") if "=" in line)
               for part in lines]  # fmt: skip
    keys = {int(each.get("key") or each["pitch_keycenter"]): each["sample"] for each in opcodes}
    assert len(keys) == 2 and all((folder / sample).is_file() for sample in keys.values())
    # A sampler of this test plays the MIDI file, whose times another library reads.
    rendered = np.zeros((4 * RATE, 2))
    now = 0.0
    played = []
    for message in mido.MidiFile(folder / "Tide.mid"):
        now += message.time
        if message.type == "note_on" and message.velocity:
            clip, rate = soundfile.read(folder / keys[message.note])
            assert rate == RATE
            start = round(now * RATE)
            gain = (message.velocity / 127) ** 2
            rendered[start : start + len(clip)] += gain * clip
            played.append((now, message.note))
    assert [time for time, _ in played] == pytest.approx([r.onset_s for r in regions], abs=5e-4)
    assert played[0][1] == played[2][1] != played[1][1]
    song, _ = soundfile.read(tmp_path / "Tide.wav")
    for region, (now, _) in zip(regions, played, strict=True):
        length = round((region.offset_s - region.onset_s) * RATE) - 50
        start, at = round(region.onset_s * RATE), round(now * RATE)
        part, again = song[start : start + length], rendered[at : at + length]
        if region.clip:
            np.testing.assert_allclose(again, part, atol=2.0**-22)
        else:
            # Its sound is the clip of its group, at its own level to a step of velocity.
            level = 10 * math.log10((again**2).mean() / (part**2).mean())
            assert abs(level) < 1.0


def test_the_instruments_and_regions_are_read_by_other_readers(tmp_path, run):
    parser = pytest.importorskip("sfzlint.parser")
    jams = pytest.importorskip("jams")
    write_kit(read_songs(run, report=pytest.fail), tmp_path / "kit", fail=pytest.fail)
    faults: list[object] = []

    def note_fault(*fault: object, **more: object) -> None:
        faults.append((fault, more))

    for path in (tmp_path / "kit/kit.sfz", tmp_path / "kit/Tide/Tide.sfz"):
        config = {"spec_versions": ["v1"], "file_name": path, "rel_path": path.parent}
        parser.validate(str(path), note_fault, config)
    assert faults == []
    read = jams.load(str(tmp_path / "kit/Tide/Tide.jams"), validate=True, strict=True)
    regions = read_records(run / "Tide/regions.tsv", ExtractedRegion)
    data = list(read.annotations[0].data)
    assert [round(each.time, 6) for each in data] == [region.onset_s for region in regions]
    assert [each.confidence for each in data] == [region.score for region in regions]
    assert read.file_metadata.duration == pytest.approx(4.0)
    samples = [sample for sample in read.annotations[0].sandbox["clips"] if sample]
    assert len(samples) == 2
    assert all((tmp_path / "kit/Tide" / sample).is_file() for sample in samples)


@pytest.fixture
def accepted(tmp_path, run):
    """Write choices that accept the first sound, and its duplicate that has no file."""
    [song] = read_songs(run, report=pytest.fail)
    spans = tuple((song.regions[row].onset_s, song.regions[row].offset_s) for row in (0, 2))
    assert song.rows == [0, 1]
    choices = SongChoices("Tide", "", song.record.source_digest, spans)
    write_choices(tmp_path / "choices.json", [choices])
    return song


def test_an_accepted_duplicate_is_cut_from_the_song(tmp_path, run, accepted, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["kit", "out", "-o", "kit", "--choices", "choices.json"]) == 0
    assert capsys.readouterr() == ("kit: a kit of 2 clips\n", "")
    first, duplicate = sorted(path.name for path in (tmp_path / "kit/Tide/samples").iterdir())
    assert f"clips/{first}" == accepted.regions[0].clip and duplicate.startswith("Tide_003_")
    region = accepted.regions[2]
    song, _ = soundfile.read("Tide.wav")
    clip, rate = soundfile.read(tmp_path / "kit/Tide/samples" / duplicate)
    # Without fades, as the options of the run ask.
    start = round(region.onset_s * rate)
    np.testing.assert_array_equal(clip, song[start : round(region.offset_s * rate)])
    assert "samples/" + duplicate in (tmp_path / "kit/Tide/Tide.sfz").read_text(encoding="utf-8")
    assert not list((run / "Tide/clips").glob("*003*"))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda song, clip: song.unlink(),
         "no file was written, and the song cannot be read: {song}: No such file or directory"),
        (lambda song, clip: song.write_bytes(b"RIFF"),
         "no file was written, and the song is another one now: {song}"),
        (lambda song, clip: clip.unlink(), "no longer there"),
    ],
)  # fmt: skip
def test_accepted_clips_that_are_left_out_are_counted(
    tmp_path, run, accepted, monkeypatch, capsys, change, reason
):
    monkeypatch.chdir(tmp_path)
    song = tmp_path / "Tide.wav"
    change(song, run / "Tide" / accepted.regions[0].clip)
    assert main(["kit", "out", "-o", "kit", "--choices", "choices.json"]) == 1
    out, err = capsys.readouterr()
    assert out == "kit: a kit of 1 clip\n"
    line = err.splitlines()[-1]
    assert line.startswith("out/Tide: 1 accepted clip is left out, at ")
    assert line.endswith(" s: " + reason.format(song=song))


def test_a_song_that_can_no_longer_be_decoded_spoils_no_kit(tmp_path, run, accepted, capsys):
    song = dataclasses.replace(accepted, to_cut=frozenset([2]))
    (tmp_path / "Tide.wav").write_bytes(b"RIFF")
    faults: list[str] = []
    assert write_kit([song], tmp_path / "kit", fail=faults.append) == 2
    (fault,) = faults
    assert fault.endswith("; 1 clip of Tide left out")
    assert len(list((tmp_path / "kit/Tide/samples").iterdir())) == 2


def test_clips_that_were_deleted_are_left_out(tmp_path, run, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    clips = sorted((run / "Tide/clips").iterdir())
    clips[0].unlink()
    assert main(["kit", "out", "-o", "kit"]) == 0
    out, err = capsys.readouterr()
    assert out == "kit: a kit of 1 clip\n" and err == "out/Tide: 1 clip is gone and left out\n"
    # The group's sound is gone, so its second strike is not played either.
    notes = [m for m in mido.MidiFile("kit/Tide/Tide.mid") if m.type == "note_on"]
    assert len(notes) == 1
    assert main(["kit", "out", "-o", "kit"]) == 1
    assert capsys.readouterr().err.endswith(
        "\ndeep-plunder: kit: exists already: give another folder, or delete it first\n"
    )
    clips[1].unlink()
    assert main(["kit", "out", "-o", "other"]) == 1
    assert "there are no clips to build a kit from" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()
    with pytest.raises(InputError, match="holds no song"):
        read_songs(tmp_path / "kit", report=print)
    (run / "Tide/regions.tsv").write_text("onset_s\nx\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"regions\.tsv"):
        read_songs(run, report=print)
