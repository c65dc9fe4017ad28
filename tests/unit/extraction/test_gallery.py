"""What the gallery is made of, without a browser."""

import base64
import tracemalloc

import numpy as np
import pytest
import soundfile

from deep_plunder.cli.main import main
from deep_plunder.corpus.choices import SongChoices, write_choices
from deep_plunder.errors import InputError
from deep_plunder.extraction.choosing import accepted_songs
from deep_plunder.extraction.folder import FolderRecord
from deep_plunder.extraction.gallery import is_gallery, song_page
from deep_plunder.extraction.gallery_data import gallery_data
from deep_plunder.extraction.options import ClipOptions
from deep_plunder.extraction.previews import peaks
from deep_plunder.extraction.region import ExtractedRegion
from deep_plunder.extraction.results import SongFolder, read_songs
from deep_plunder.extraction.song import extract_song
from deep_plunder.util.tables import read_records
from tests.unit.extraction.test_song import BURSTS, LoudIsSound, write_song


@pytest.fixture
def run(tmp_path):
    write_song(tmp_path / "Tide.wav")
    extract_song(LoudIsSound(), tmp_path / "Tide.wav", tmp_path / "out/Tide",
                 options=ClipOptions(keep_duplicates=True))  # fmt: skip
    return tmp_path / "out"


def test_the_data_holds_every_region(run):
    data = gallery_data(
        read_songs(run, report=pytest.fail), title="out", base=run, report=pytest.fail
    )
    [song] = data["songs"]
    regions = read_records(run / "Tide/regions.tsv", ExtractedRegion)
    assert len(regions) == len(BURSTS)
    assert [row["onset_s"] for row in song["regions"]] == [region.onset_s for region in regions]
    assert song["seconds"] == 6.0 and song["page"] == "Tide/index.html"
    for row in song["regions"]:
        assert (run / row["file"]).is_file() and row["audio"] == row["file"]
        peaks = np.frombuffer(base64.b64decode(row["peaks"]), np.int8).reshape(-1, 2)
        assert peaks.shape == (96, 2) and abs(peaks).max() == 127


def test_the_page_of_a_long_song_is_made_region_by_region(tmp_path):
    region = ExtractedRegion(
        onset_s=1.0, offset_s=1.5, score=0.6, group=1, kept=0, sound_class="kick", note="",
        cents=0.0, note_confidence=0.0, loudness_lufs=-20.0, attacks=1, clip="", source="Tide.wav",
    )  # fmt: skip
    record = FolderRecord(source="Tide.wav", deep_plunder="1")
    song = SongFolder(tmp_path, "Tide", record, 25_000 * (region,), known_s=50_000.0)
    tracemalloc.start()
    size = sum(map(len, song_page(song, report=pytest.fail)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 4_000_000
    assert peak < 500_000


@pytest.mark.parametrize(("frames", "columns"), [(1, 4), (3, 4), (100_003, 96), (900_000, 96)])
def test_a_waveform_holds_the_extremes_of_each_part(tmp_path, frames, columns):
    samples = np.random.default_rng(frames).uniform(-0.5, 0.4, (frames, 2))
    soundfile.write(tmp_path / "a.wav", samples, 8000, subtype="DOUBLE")
    pairs = np.frombuffer(peaks(tmp_path / "a.wav", columns=columns), np.int8).reshape(-1, 2)
    places = np.arange(frames) * columns // frames
    peak = abs(samples).max()
    for column in range(columns):
        own = samples[places == column]
        extremes = np.array([own.min(initial=0), own.max(initial=0)])
        assert pairs[column] == pytest.approx(127 * extremes / peak, abs=1)


def test_files_that_are_no_galleries_stay(run, capsys):
    (run / "index.html").write_text("mine", encoding="utf-8")
    (run / "Tide/index.html").write_text("mine too", encoding="utf-8")
    assert main(["gallery", str(run)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("is not a gallery and stays") == 2
    assert (run / "index.html").read_text(encoding="utf-8") == "mine"
    (run / "index.html").unlink()
    (run / "Tide/index.html").unlink()
    assert main(["gallery", str(run)]) == 0 and is_gallery(run / "index.html")
    assert capsys.readouterr().out.endswith("index.html: a gallery of 3 clips\n")


def test_a_damaged_clip_is_shown_without_its_file(run, capsys):
    clip = min((run / "Tide/clips").iterdir())
    clip.write_bytes(b"RIFF")
    assert main(["gallery", str(run)]) == 1
    assert capsys.readouterr().err.count("the gallery shows it without its file") == 1
    assert clip.name not in (run / "index.html").read_text(encoding="utf-8")


def test_the_gallery_needs_songs(tmp_path, capsys):
    assert main(["gallery", str(tmp_path)]) == 1
    assert "holds no song that deep-plunder extract wrote" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_kit_holds_the_accepted_clips_alone(run, tmp_path, capsys):
    [song] = read_songs(run, report=pytest.fail)
    spans = [(region.onset_s, region.offset_s) for region in song.regions]
    digest = song.record.source_digest
    path = tmp_path / "choices.json"
    choices = SongChoices("Tide", "", digest, (spans[1], (5.0, 5.5)), (spans[0],))
    write_choices(path, [choices, SongChoices("Ebb", "", 64 * "0", (spans[1],))])
    assert main(["kit", str(run), "--choices", str(path), "-o", str(tmp_path / "kit")]) == 1
    out, err = capsys.readouterr()
    assert out.endswith("a kit of 1 clip\n")
    assert err.splitlines() == [
        f"{run}/Tide: 1 accepted clip is left out, at 5 s: there is no such region any more",
        f"Ebb: 1 accepted clip is left out, at {spans[1][0]:g} s: the song is not here",
    ]
    [sample] = (tmp_path / "kit/Tide/samples").iterdir()
    assert sample.name == song.regions[1].clip.split("/")[1]
    other = [SongChoices("Ebb", "", 64 * "0", (spans[1],))]
    with pytest.raises(InputError, match="there are no choices"):
        accepted_songs([song], [], fail=pytest.fail)
    with pytest.raises(InputError, match="of other songs"):
        accepted_songs([song], other, fail=lambda line: None)
    with pytest.raises(InputError, match="accept no clip"):
        accepted_songs([song], [SongChoices("Tide", "", digest)], fail=pytest.fail)
