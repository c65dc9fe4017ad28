import dataclasses
import os
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from deep_plunder import __version__
from deep_plunder.audio.identity import digest_of_song
from deep_plunder.decoding.settings import Decoder
from deep_plunder.errors import AudioError, InputError, ModelError
from deep_plunder.extraction import song as song_module
from deep_plunder.extraction.folder import FolderRecord, read_record
from deep_plunder.extraction.options import ClipOptions
from deep_plunder.extraction.picture import Overview, draw_song
from deep_plunder.extraction.region import ExtractedRegion
from deep_plunder.extraction.song import extract_song
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.inference import predict_song
from deep_plunder.truth.labels import FRAME, ONSET, OUTPUTS
from deep_plunder.util.rng import generator
from deep_plunder.util.tables import read_records

BURSTS = [(1.0, 1.5), (2.0, 2.25), (4.0, 4.9)]
PICTURES = ["mel.jpg", "spectrogram.png"]
PLAIN_FILES = ["clips", "extraction.json", "index.html", "labels.txt", "regions.csv", "regions.svl",
               "regions.tsv"]  # fmt: skip
FILES = sorted([*PLAIN_FILES, *PICTURES])


@dataclasses.dataclass
class LoudIsSound:
    """A model without TensorFlow: a frame is a sound where it is loud."""

    spec: FeatureSpec = dataclasses.field(default_factory=FeatureSpec)
    context_frames: int = 4
    stride: int = 1
    long_step: int = 1
    outputs: tuple[str, ...] = OUTPUTS
    window_s: float = 60.0
    name: str = "loud"
    digest: str = "of loud"
    scale: float = 0.9
    decoder: Decoder | None = None

    def predict(self, features):
        loud = features.mean(axis=2) > -4
        before = np.pad(loud, [(0, 0), (1, 0)])[:, :-1]
        return self.scale * np.stack([loud & ~before, before & ~loud, loud], 2).astype(np.float32)


def write_song(path, *, rate=44100, channels=2, seconds=6.0, bursts=BURSTS, subtype="PCM_24"):
    song = np.zeros((round(seconds * rate), channels))
    random = generator(7, "song")
    for onset, offset in bursts:
        part = slice(round(onset * rate), round(offset * rate))
        song[part] = random.uniform(-0.8, 0.8, song[part].shape)
    soundfile.write(path, song, rate, subtype=subtype)
    return path


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44100, 2), (96000, 6)])
def test_a_song_becomes_a_folder(tmp_path, rate, channels):
    song = write_song(tmp_path / "My song 🥁.wav", rate=rate, channels=channels)
    folder = tmp_path / "out" / "song"
    regions = extract_song(LoudIsSound(), song, folder)
    assert sorted(p.name for p in folder.iterdir()) == FILES
    assert [p.name for p in folder.parent.iterdir()] == ["song"]
    # Missing cents are NaN, which does not equal itself.
    assert repr(read_records(folder / "regions.tsv", ExtractedRegion)) == repr(regions)
    assert len(regions) == len(BURSTS)
    for region, (onset, offset) in zip(regions, BURSTS, strict=True):
        # A frame hears 128 ms from its beginning on.
        assert onset - 0.13 <= region.onset_s <= onset + 0.04
        assert abs(region.offset_s - offset) <= 0.13
        assert region.score == pytest.approx(0.9)
        info = soundfile.info(folder / region.clip)
        assert (info.samplerate, info.channels, info.subtype) == (rate, channels, "PCM_24")
        assert info.frames == round(region.offset_s * rate) - round(region.onset_s * rate)
        with av.open(str(folder / region.clip)) as clip:
            facts = clip.metadata
        assert facts["title"] == Path(region.clip).stem and facts["album"] == song.name
        assert f": score 0.90, {region.sound_class}, " in facts["comment"]
        assert facts["comment"].endswith(", model loud")
        assert facts["time_reference"] == str(round(region.onset_s * rate))
    assert len(list((folder / "clips").iterdir())) == len(regions)
    labels = [line.split("\t") for line in (folder / "labels.txt").read_text().splitlines()]
    assert [(float(a), float(b)) for a, b, _ in labels] == [
        (r.onset_s, r.offset_s) for r in regions
    ]
    points = ElementTree.parse(folder / "regions.svl").findall("data/dataset/point")
    assert [int(p.get("frame")) for p in points] == [round(r.onset_s * rate) for r in regions]
    assert read_record(folder) == FolderRecord(
        source=str(song), source_digest=digest_of_song(song),
        deep_plunder=__version__, model="loud", digest="of loud",
    )  # fmt: skip


def test_only_one_clip_of_each_sound_is_written_unless_duplicates_are_kept(tmp_path):
    song = np.zeros((4 * 44100, 2))
    noise = generator(5, "noise").uniform(-0.8, 0.8, (round(0.4 * 44100), 2))
    for onset, sound in [(0.5, noise), (1.5, noise[::-1]), (2.5, 0.9 * noise)]:
        song[round(onset * 44100) :][: len(sound)] = sound
    soundfile.write(tmp_path / "song.wav", song, 44100)
    one = extract_song(LoudIsSound(), tmp_path / "song.wav", tmp_path / "one")
    everything = extract_song(
        LoudIsSound(),
        tmp_path / "song.wav",
        tmp_path / "all",
        options=ClipOptions(keep_duplicates=True),
    )
    assert [(region.group, region.kept) for region in one] == [(1, 1), (2, 1), (1, 0)]
    names = [
        "_".join(filter(None, (f"song_00{number}", region.sound_class, region.note)))
        for number, region in enumerate(one, start=1)
    ]
    assert [region.clip for region in one] == [*(f"clips/{name}.wav" for name in names[:2]), ""]
    assert sorted(path.stem for path in (tmp_path / "one/clips").iterdir()) == names[:2]
    assert [region.clip for region in everything] == [f"clips/{name}.wav" for name in names]
    assert [dataclasses.replace(r, clip="", cents=0) for r in everything] == [
        dataclasses.replace(r, clip="", cents=0) for r in one
    ]
    labels = (tmp_path / "one/labels.txt").read_text().splitlines()
    assert [line.split("\t")[2] for line in labels] == [
        f"{name} 0.90" for name in (*names[:2], names[0])
    ]
    assert read_record(tmp_path / "one").options == {}
    assert read_record(tmp_path / "all").options == {"keep_duplicates": True}


def test_curves_are_the_outputs_at_the_times_of_their_frames(tmp_path):
    song = write_song(tmp_path / "song.wav", rate=22050)
    model = LoudIsSound()
    extract_song(model, song, tmp_path / "out", curves=True, picture=False)
    curves = ["frame_curve.svl", "onset_curve.svl"]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted([*PLAIN_FILES, *curves])
    assert {*curves} < {*read_record(tmp_path / "out").files}
    outputs = predict_song(model, song)
    for curve, column in zip(curves, (FRAME, ONSET), strict=True):
        points = ElementTree.parse(tmp_path / "out" / curve).findall("data/dataset/point")
        times = np.array([int(point.get("frame")) for point in points]) / 22050
        np.testing.assert_allclose(times, np.arange(len(outputs)) * model.spec.hop_s, atol=1e-4)
        values = [float(point.get("value")) for point in points]
        np.testing.assert_allclose(values, outputs[:, column], atol=1e-4)


def test_a_song_without_a_sound_has_a_whole_folder(tmp_path):
    song = write_song(tmp_path / "quiet.wav", bursts=[], seconds=1)
    assert extract_song(LoudIsSound(), song, tmp_path / "out") == []
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == FILES
    assert list((tmp_path / "out" / "clips").iterdir()) == []


@pytest.mark.parametrize("samples", [1, 700])
def test_a_song_of_a_few_samples(tmp_path, samples):
    song = tmp_path / "short.wav"
    soundfile.write(song, np.full((samples, 1), 0.5), 44100)
    for region in extract_song(LoudIsSound(), song, tmp_path / "out"):
        assert 0 <= region.onset_s < region.offset_s <= samples / 44100 + 1e-6


def test_settings_are_used(tmp_path):
    song = write_song(tmp_path / "song.wav")
    many = extract_song(LoudIsSound(), song, tmp_path / "a", min_duration_s=0.45, picture=False)
    assert len(many) == 2
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == PLAIN_FILES
    model = LoudIsSound(scale=0.3)
    assert extract_song(model, song, tmp_path / "a", frame_threshold=0.31) == []
    assert extract_song(model, song, tmp_path / "a", onset_threshold=0.31) == []
    assert len(extract_song(model, song, tmp_path / "a")) == 3


def test_a_second_run_gives_the_same_bytes(tmp_path):
    song = write_song(tmp_path / "song.wav")
    # The page bears the name of the folder.
    for folder in ("a/song", "b/song"):
        extract_song(LoudIsSound(), song, tmp_path / folder)
        # A copy has another time.
        os.utime(song, (0, 0))
    files = [p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*") if p.is_file()]
    assert len(files) == len(FILES) - 1 + len(BURSTS)
    for file in files:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes(), file


def test_a_failure_leaves_what_was_there_and_nothing_else(tmp_path, monkeypatch):
    song = write_song(tmp_path / "song.wav")
    extract_song(LoudIsSound(), song, tmp_path / "out" / "song", picture=False)
    before = sorted((tmp_path / "out").rglob("*"))

    def full(*args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(song_module, "write_sonic_visualiser", full)
    for folder in ("song", "other"):
        with pytest.raises(OSError, match="No space left"):
            extract_song(LoudIsSound(), song, tmp_path / "out" / folder)
    assert sorted((tmp_path / "out").rglob("*")) == before
    with pytest.raises(AudioError, match=r"gone\.wav"):
        extract_song(LoudIsSound(), tmp_path / "gone.wav", tmp_path / "out" / "gone")
    assert sorted((tmp_path / "out").rglob("*")) == before


def test_a_song_that_goes_meanwhile_is_a_fault_of_it(tmp_path, monkeypatch):
    song = write_song(tmp_path / "song.wav")

    def gone(path):
        raise FileNotFoundError(2, "No such file or directory", path)

    monkeypatch.setattr(song_module, "digest_of_song", gone)
    with pytest.raises(AudioError, match=r"song\.wav: changed: can no longer be read \(No such"):
        extract_song(LoudIsSound(), song, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_done_is_refused(tmp_path):
    song = write_song(tmp_path / "song.wav", seconds=1)
    for option, value, rule in [
        ("onset_threshold", 1.5, r"0\.\.1"), ("frame_threshold", -1, r"0\.\.1"),
        ("min_duration_s", float("nan"), "at least 0"),
    ]:  # fmt: skip
        with pytest.raises(InputError, match=f"{option}: must be .*{rule}, got"):
            extract_song(LoudIsSound(), song, tmp_path / "out", **{option: value})
    with pytest.raises(ModelError, match=r"loud: gives outputs outside 0\.\.1"):
        extract_song(LoudIsSound(scale=np.nan), song, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert read_record(tmp_path) is None
    for text in ('["no record"]', '{"source": "song.wav"}', "7", "no JSON"):
        (tmp_path / "extraction.json").write_text(text)
        assert read_record(tmp_path) is None


def test_a_folder_of_another_version_is_ours(tmp_path):
    text = '{"source": "song.wav", "model": "shipped", "deep_plunder": "0.0.1", "later": 1}'
    (tmp_path / "extraction.json").write_text(text)
    assert read_record(tmp_path) == FolderRecord(
        source="song.wav", deep_plunder="0.0.1", model="shipped", digest=""
    )


@pytest.mark.parametrize("seconds", [0.01, 5.0, 183.2, 720.0, 21_600.0])
def test_an_overview_is_bounded_and_does_not_depend_on_its_parts(seconds):
    spec = FeatureSpec(mel_bands=2)
    frames = int(np.ceil(seconds / spec.hop_s))
    features = generator(9, "overview").random((frames, 2), np.float32)
    images = []
    for size in (frames, 997):
        overview = Overview(seconds=seconds, hop_s=spec.hop_s)
        for start in range(0, frames, size):
            overview.add(features[start : start + size])
        images.append(overview.image())
    np.testing.assert_array_equal(*images)
    assert overview.rows * overview.row_s >= seconds - 1e-6
    assert len(images[0]) <= 1502 * overview.rows <= 1502 * 12
    np.testing.assert_array_equal(images[0].max(axis=0), features.max(axis=0))


def test_a_picture_takes_more_frames_than_were_promised(tmp_path):
    spec = FeatureSpec(mel_bands=4)
    overview = Overview(seconds=1.0, hop_s=spec.hop_s)
    overview.add(np.zeros((100, 4), np.float32))
    draw_song(tmp_path / "a.png", overview, np.zeros((100, 3), np.float32), [], spec=spec)
    empty = Overview(seconds=1.0, hop_s=spec.hop_s)
    draw_song(tmp_path / "b.png", empty, np.zeros((0, 3), np.float32), [], spec=spec, title="$x_")
    for name in "ab":
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")
