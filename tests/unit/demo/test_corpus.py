"""The embedded demonstration: an honest corpus, the same from the same seed."""

import hashlib
import plistlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from deep_plunder.demo import playlists, score, songs, sounds
from deep_plunder.demo.corpus import write_demo
from deep_plunder.errors import InputError
from deep_plunder.synths.classes import CLASSES
from deep_plunder.synths.makers import MAKERS
from deep_plunder.synths.shaping import filtered, reverberate, room, swept_lowpass
from deep_plunder.synths.sources import decay, hertz, saw, string

RATE = 44100


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def short_songs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut the scores to four seconds: the whole path, little of the work."""

    def excerpt(number: int, *, seed: int) -> score.Score:
        whole = score.compose(number, seed=seed)
        return score.Score(whole.tempo, 4.0, tuple(n for n in whole.notes if n.start_s < 4.0))

    monkeypatch.setattr(songs, "compose", excerpt)


@pytest.mark.usefixtures("short_songs")
def test_corpus_is_the_same_whatever_the_workers(tmp_path):
    for name, workers in (("one", 1), ("two", 3)):
        write_demo(tmp_path / name, seed=5, sounds=30, songs=5, workers=workers)
    one, two = hashes(tmp_path / "one"), hashes(tmp_path / "two")
    assert one == two
    assert len(one) == 30 + 5 + 4
    assert {Path(name).suffix for name in one if name.startswith("songs")} == {
        *(".wav", ".mp3", ".m4a", ".flac", ".ogg")
    }


@pytest.mark.usefixtures("short_songs")
def test_corpus_replaces_an_older_one_and_follows_the_seed(tmp_path):
    write_demo(tmp_path, seed=1, sounds=22, songs=1)
    before = hashes(tmp_path)
    write_demo(tmp_path, seed=2, sounds=5, songs=1)
    after = hashes(tmp_path)
    assert sum(name.startswith("library") for name in after) == 5
    same = [name for name in before if name in after and before[name] == after[name]]
    assert same in ([], ["playlist.m3u8"])
    assert not list(tmp_path.rglob(".*"))


def test_full_library_is_varied(tmp_path):
    sounds.write_library(tmp_path, seed=2020, sounds=240)
    files = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    infos = [soundfile.info(path) for path in files]
    counts = [len(list(folder.iterdir())) for folder in tmp_path.iterdir()]
    assert len(files) == 240
    assert len(counts) >= 15
    assert min(counts) >= 4
    assert max(counts) >= 5 * min(counts)
    assert {info.samplerate for info in infos} == {22050, 44100, 48000}
    assert {info.subtype for info in infos} == {"PCM_16", "PCM_24", "FLOAT"}
    assert {info.format for info in infos} == {"WAV", "FLAC", "AIFF"}
    assert {info.channels for info in infos} == {1, 2}
    assert sum(info.duration > 4 for info in infos) >= 8
    assert max(info.duration for info in infos) < 12
    assert len({path.read_bytes() for path in files}) == 240
    for path in files:
        audio, _ = soundfile.read(path, always_2d=True)
        peak_db = 20 * np.log10(np.abs(audio).max())
        assert -12.1 < peak_db < -0.9, path
        assert np.abs(audio.mean(axis=0)).max() < 2e-3, path
        assert np.abs(audio[-1]).max() < 0.002, path
        assert np.abs(audio[0]).max() < 0.002, path


def test_class_counts_grow_without_taking_away():
    assert sounds.class_counts(240) == {name: kind.share for name, kind in CLASSES.items()}
    earlier = sounds.class_counts(1)
    for number in range(2, 300, 7):
        counts = sounds.class_counts(number)
        assert sum(counts.values()) == number
        assert all(counts[name] >= earlier[name] for name in MAKERS)
        assert min(counts.values()) >= 1 or number < len(MAKERS)
        earlier = counts


def test_each_class_has_its_maker():
    assert list(MAKERS) == list(CLASSES)


@pytest.mark.parametrize("name", list(MAKERS))
@pytest.mark.parametrize("rate", [22050, 44100])
def test_instruments_play_their_range(name, rate):
    kind = CLASSES[name]
    for seed, note in enumerate((kind.lowest, kind.highest)):
        rng = np.random.default_rng(seed)
        audio = MAKERS[name](rng, rate)(rng, note, 0.3)
        assert audio.dtype == np.float32
        assert audio.ndim == 2
        assert audio.shape[1] == 2
        assert np.isfinite(audio).all()
        assert 0.9 < np.abs(audio).max() <= 1.0
        assert np.abs(audio[[0, -1]]).max() < 2e-3


@pytest.mark.parametrize("note", [40, 52, 64, 76])
def test_string_is_in_tune_and_decays(note):
    rng = np.random.default_rng(note)
    audio = string(rng, 2.0, RATE, frequency=hertz(note), t60=2.0, softness=0.3, position=0.2)
    spectrum = np.abs(np.fft.rfft(audio * np.hanning(len(audio)), 8 * len(audio)))
    frequencies = np.fft.rfftfreq(8 * len(audio), 1 / RATE)
    near = np.abs(frequencies / hertz(note) - 1) < 0.03
    found = frequencies[near][np.argmax(spectrum[near])]
    assert abs(1200 * np.log2(found / hertz(note))) < 4
    low = filtered(audio, RATE, high=1.3 * hertz(note), order=4)
    levels = [np.std(low[round(s * RATE) : round((s + 0.2) * RATE)]) for s in (0.5, 1.5)]
    assert 20 * np.log10(levels[0] / levels[1]) == pytest.approx(30, abs=4)


def test_saw_has_little_aliasing():
    wave = saw(np.full(RATE, 3001.0), RATE) * np.hanning(RATE)
    spectrum = np.abs(np.fft.rfft(wave)) ** 2
    bins = np.arange(len(spectrum))
    harmonic = np.abs((bins + 1500) % 3001 - 1500) < 4
    audible = (bins > 20) & (bins < 12000)
    ratio = spectrum[audible & ~harmonic].sum() / spectrum[audible & harmonic].sum()
    assert 10 * np.log10(ratio) < -35


def test_swept_lowpass_follows_its_cutoff():
    rng = np.random.default_rng(0)
    cutoff = np.where(np.arange(RATE) < RATE // 2, 400.0, 6000.0)
    out = swept_lowpass(rng.standard_normal(RATE), RATE, cutoff)
    bright = [np.std(filtered(part, RATE, low=2000.0)) for part in np.split(out, 2)]
    assert bright[0] < 0.01 * bright[1]


def test_decays_fall_by_60_db():
    assert decay(1.5, RATE, 1.0)[RATE] == pytest.approx(1e-3)
    response = room(np.random.default_rng(0), RATE, t60=1.0, damping=0.5)[:, 0]
    early, late = (np.std(response[round(s * RATE) :][:4410]) for s in (0.1, 0.6))
    assert 20 * np.log10(early / late) == pytest.approx(30, abs=4)


def test_scores_have_sections_in_which_one_part_is_alone():
    for number in range(14):
        song = score.compose(number, seed=2020)
        assert 60 < song.seconds < 175
        assert 78 <= song.tempo <= 168
        assert song.notes == tuple(sorted(song.notes, key=lambda note: note.start_s))
        bars = np.array([int(note.start_s / (240 / song.tempo)) for note in song.notes])
        parts = np.array(
            [n.instrument if n.instrument not in score.KIT else "kit" for n in song.notes]
        )
        alone = [bar for bar in set(bars) if len(set(parts[bars == bar])) == 1]
        full = [bar for bar in set(bars) if len(set(parts[bars == bar])) >= 4]
        assert len(alone) >= 4, number
        assert len(full) >= 4, number


def test_each_stroke_of_the_hihat_ends_the_one_before():
    strokes = [n for n in score.compose(0, seed=2020).notes if "hihat" in n.instrument]
    assert len(strokes) > 50
    assert [n.stop_s for n in strokes] == [*(n.start_s for n in strokes[1:]), np.inf]


def test_reverberation_in_blocks_is_the_convolution():
    rng = np.random.default_rng(3)
    send, response = rng.standard_normal(300_000), rng.standard_normal(500)
    whole = np.convolve(send, response)[: len(send)]
    np.testing.assert_allclose(reverberate(send, response), whole, atol=1e-8)


def test_song_is_level_and_silent_at_its_end():
    audio = songs.render_song(1, seed=2020, rate=22050)
    assert audio.dtype == np.float32
    assert 60 < len(audio) / 22050 < 180
    assert -3.1 < 20 * np.log10(np.abs(audio).max()) < -1.4
    assert np.abs(audio.mean(axis=0)).max() < 1e-3
    assert np.abs(audio[-1]).max() < 1e-4
    assert -30 < 20 * np.log10(audio.std()) < -8


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    made = [
        songs.DemoSong("01 Für.mp3", "Für", "A", "MPEG audio file", 100.4, 44100, 4_016_000),
        songs.DemoSong(
            "02 12_ A:B.flac", '12" A/B', "B", "FLAC audio file", 70.0, 48000, 7_000_000
        ),
    ]
    playlists.write_playlists(tmp_path, made)
    return tmp_path


def test_text_export_is_as_itunes_writes_it(exported):
    raw = (exported / "playlist.txt").read_bytes()
    assert raw.startswith(b"\xff\xfeN\x00")
    text = raw.decode("utf-16")
    assert "\n" not in text
    rows = [line.split("\t") for line in text.split("\r")]
    assert rows.pop() == [""]
    assert {len(row) for row in rows} == {31}
    assert rows[0][-1] == "Location"
    assert rows[1][rows[0].index("Bit Rate")] == "320"
    assert rows[1][rows[0].index("Time")] == "100"
    assert rows[1][-1] == "Macintosh HD:Users:me:Music:iTunes:iTunes Media:Music:01 Fu\u0308r.mp3"
    assert rows[2][0] == '12" A/B'
    assert len(rows) == 1 + 2 + 7
    plain = (exported / "playlist_utf8.txt").read_bytes().decode()
    assert plain == text.replace("\r", "\n")


def test_text_export_is_a_real_one_in_form(exported, shared):
    real = (shared / "data" / "playlist.txt").read_bytes()
    ours = (exported / "playlist.txt").read_bytes()
    header = real[: real.index(b"\r\x00")]
    assert ours[: len(header)] == header


def test_library_and_m3u_name_the_same_songs(exported):
    library = plistlib.loads((exported / "Library.xml").read_bytes())
    tracks = list(library["Tracks"].values())
    assert len(tracks) == 9
    assert tracks[0]["Location"].endswith("/Music/01%20Fu%CC%88r.mp3")
    assert tracks[0]["Location"].startswith("file:///Users/me/Music/iTunes/")
    assert tracks[0]["Total Time"] == 100_400
    assert [track.get("Protected", False) for track in tracks].count(True) == 1
    lines = (exported / "playlist.m3u8").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "#EXTM3U"
    assert lines[2] == "songs/01 Für.mp3"


@pytest.mark.parametrize("keyword", ["sounds", "songs", "workers"])
def test_nothing_to_make_is_an_error(tmp_path, keyword):
    with pytest.raises(InputError, match=f"{keyword} must be at least 1, got 0"):
        write_demo(tmp_path, seed=0, **{keyword: 0})
    assert list(tmp_path.iterdir()) == []


def test_import_is_cheap():
    code = (
        "import sys\n"
        "from deep_plunder.demo import playlists, songs, sounds\n"
        "print([m for m in ('scipy', 'av', 'soundfile', 'librosa') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
