"""Songs of two recordings: where both sound, several sounds are heard."""

import numpy as np
import pytest
import soundfile

from deep_plunder.decoding.clip import Clip
from deep_plunder.errors import InputError
from deep_plunder.evaluation.bench.find import find_all
from deep_plunder.evaluation.bench.kinds import bench_kind
from deep_plunder.evaluation.bench.layout import songs_of, truth_of
from deep_plunder.evaluation.bench.stems import render_stems, together
from deep_plunder.evaluation.bench.tables import score_bench

RATE = 44100


def parts(*spans, seconds=6.0, seed=0):
    """Return noise of given levels, in dB of full scale, in spans of seconds."""
    audio = np.random.default_rng(seed).normal(0, 1, (round(seconds * RATE), 2))
    gain = np.zeros(len(audio))
    for start, stop, level in spans:
        gain[round(start * RATE) : round(stop * RATE)] = 10 ** (level / 20)
    return (audio * gain[:, None]).astype(np.float32)


GUITAR = parts((0, 2, -20), (3, 4, -20), (5, 6, -20), seed=1)
BAND = parts((1, 2.5, -25), (3, 4, -40), (5, 6, -60), seed=2)


def test_both_sound_where_neither_is_much_louder():
    both = together(GUITAR, BAND)
    time = (np.arange(len(both)) + 0.5) * 0.004
    inside = (time > 1) & (time < 2)
    clear = np.abs(time[:, None] - [1, 2]).min(axis=1) > 0.02
    np.testing.assert_array_equal(both[clear], inside[clear])
    np.testing.assert_array_equal(together(BAND, GUITAR), both)
    # 3 s to 4 s: 20 dB apart. At 10 dB they sound together.
    louder = together(GUITAR, BAND * np.float32(10 ** (10 / 20)))
    assert louder[(time > 3.05) & (time < 3.95)].all()


@pytest.fixture
def songs(tmp_path):
    for name, files in {"a/one": ("guitar", "song"), "two": ("guitar",), "bad": ()}.items():
        folder = tmp_path / "songs" / name
        folder.mkdir(parents=True)
        for file in files:
            audio = GUITAR if file == "guitar" else BAND[: 5 * RATE, :1]
            soundfile.write(folder / f"{file}.ogg", audio, RATE)
    return tmp_path / "songs"


def test_a_song_becomes_a_bench_that_counts_certainly_false_clips(songs, tmp_path):
    for name in ("guitar", "song"):
        (songs / "bad" / f"{name}.ogg").write_bytes(b"OggS this is no song")
    assert bench_kind(songs) == "stems"
    bench = tmp_path / "bench"
    render_stems(songs, bench)
    assert bench_kind(bench) == "bench"
    [song] = songs_of(bench)
    audio, rate = soundfile.read(song.audio)
    assert (rate, audio.shape) == (RATE, GUITAR.shape)
    assert np.abs(audio).max() == pytest.approx(0.9, abs=1e-4)
    truth = truth_of(bench, "one")
    assert not len(truth.regions)
    assert "bad" in (bench / "set_aside.tsv").read_text()

    # In the second that is certainly false, half in it, alone, in silence.
    clips = [(1.2, 1.6), (1.9, 2.05), (0.2, 0.6), (4.2, 4.4), (0.8, 1.1)]
    find_all(lambda path: [Clip(on, off, 0.9) for on, off in clips], bench, tmp_path / "found")
    paths = {f"{name}path": tmp_path / f"{name}.tsv" for name in ("", "songs_", "reliability_")}
    _, cut = score_bench(bench, tmp_path / "found", **paths)
    assert (cut.clips, cut.unscored, cut.clip_usable) == (2, 3, 0)


def test_a_folder_without_a_whole_song_is_none(songs, tmp_path):
    with pytest.raises(InputError, match="must hold a song that can be used: no folder holds"):
        render_stems(songs / "two", tmp_path / "bench")
    assert bench_kind(songs / "two") is None
