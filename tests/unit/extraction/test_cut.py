import os
import re

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from deep_plunder.audio.fades import fade
from deep_plunder.errors import AudioError, InputError
from deep_plunder.extraction import cut
from deep_plunder.extraction.cut import ClipFile, cut_clips
from deep_plunder.extraction.naming import FIELDS, check_template, clip_names
from deep_plunder.extraction.options import ClipOptions
from deep_plunder.util.rng import generator

UNFADED = ClipOptions(fade_in_s=0, fade_out_s=0)

NAMES = ["a b", 'it\'s "quoted"', "line\nfeed", "🥁🥁", "ü" * 80, "..", "-o", "$(x);&", "a:b"]


def write_song(path, *, rate=44100, channels=2, seconds=2.0, subtype="PCM_16", **options):
    noise = generator(1, path.name, channels).uniform(-0.9, 0.9, (round(seconds * rate), channels))
    soundfile.write(os.fsencode(path), noise, rate, subtype=subtype, **options)
    return path


def integers(path):
    return soundfile.read(os.fsencode(path), dtype="int32", always_2d=True)[0]


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "FLOAT"])
@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44100, 2), (192_000, 6)])
def test_clips_are_the_recordings_own_samples(tmp_path, subtype, rate, channels):
    song = write_song(tmp_path / "song.wav", rate=rate, channels=channels, subtype=subtype)
    regions = [(0.032, 0.352), (0.5, 1.25)]
    cut = cut_clips(song, regions, tmp_path / "out")
    assert [(c.region, c.onset_s, c.offset_s) for c in cut] == [
        (0, *regions[0]),
        (1, *regions[1]),
    ]
    whole = integers(song)
    for clip in cut:
        info = soundfile.info(tmp_path / "out" / clip.clip)
        assert (info.samplerate, info.channels, info.subtype) == (rate, channels, subtype)
        cut = whole[round(clip.onset_s * rate) : round(clip.offset_s * rate)]
        got = integers(tmp_path / "out" / clip.clip)
        assert got.shape == cut.shape
        inner = slice(round(0.0015 * rate), -round(0.008 * rate))
        np.testing.assert_array_equal(got[inner], cut[inner])
        assert (abs(got[0]) <= 1).all() and (abs(got[-1]) <= 1).all()


@pytest.mark.parametrize("subtype", ["PCM_32", "DOUBLE"])
def test_deep_samples_keep_24_bits(tmp_path, subtype):
    song = write_song(tmp_path / "song.wav", subtype=subtype)
    [clip] = cut_clips(song, [(0.5, 1)], tmp_path, options=UNFADED)
    assert soundfile.info(tmp_path / clip.clip).subtype == subtype
    got, cut = (soundfile.read(p, dtype="float64")[0] for p in (tmp_path / clip.clip, song))
    np.testing.assert_allclose(got, cut[22050:44100], atol=2.0**-24)


@pytest.mark.parametrize(
    ("suffix", "subtype", "expected"),
    [("flac", "PCM_16", "PCM_16"), ("flac", "PCM_24", "PCM_24"), ("aiff", "PCM_S8", "PCM_U8"),
     ("ogg", "VORBIS", "PCM_24"), ("mp3", "MPEG_LAYER_III", "PCM_24"), ("wav", "ULAW", "PCM_24")],
)  # fmt: skip
def test_other_formats_are_cut_from_the_same_samples(tmp_path, suffix, subtype, expected):
    song = write_song(tmp_path / f"song.{suffix}", subtype=subtype)
    [clip] = cut_clips(song, [(1.0, 1.5)], tmp_path, options=UNFADED)
    assert soundfile.info(tmp_path / clip.clip).subtype == expected
    whole, _ = soundfile.read(song, dtype="float32")
    got, _ = soundfile.read(tmp_path / clip.clip, dtype="float32")
    lossless = suffix in ("flac", "aiff")
    top = 1 - 2.0**-23
    np.testing.assert_allclose(got, whole[44100:66150].clip(-1, top), atol=0 if lossless else 2e-7)


@pytest.mark.parametrize("name", NAMES)
def test_any_song_name_makes_safe_clip_names(tmp_path, name):
    song = write_song(tmp_path / f"{name}.wav", seconds=0.5, format="WAV")
    cut = cut_clips(song, [(0, 0.1), (0.2, 0.3)], tmp_path / "out")
    names = [clip.clip for clip in cut]
    assert len(set(names)) == 2 and sorted(names) == names
    for clip in names:
        assert re.fullmatch(r"[A-Za-z0-9_#][A-Za-z0-9_#-]*_00[12]\.wav", clip)
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == names


def test_numbers_are_padded_to_sort_as_text(tmp_path):
    song = write_song(tmp_path / "song.wav", rate=8000, channels=1, seconds=1.2)
    regions = [(i / 100, i / 100 + 0.01) for i in range(1000)]
    names = [clip.clip for clip in cut_clips(song, regions, tmp_path / "out")]
    assert names[0] == "song_0001.wav" and names[-1] == "song_0120.wav" and names == sorted(names)


def test_nothing_is_cut_beyond_the_end(tmp_path):
    song = write_song(tmp_path / "song.wav", rate=8000, seconds=1.0)
    cut = cut_clips(song, [(0.9, 1.2), (1.0, 1.1), (5, 6), (0.5, 0.5)], tmp_path / "out")
    assert cut == [ClipFile(0, "song_001.wav", 0.9, 1.0)]
    assert soundfile.info(tmp_path / "out" / "song_001.wav").frames == 800
    assert cut_clips(song, [], tmp_path / "none") == []


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 60), st.integers(1, 3), st.floats(0, 0.02), st.floats(0, 0.02),
    st.sampled_from([1000, 8000]),
)  # fmt: skip
def test_fades_only_ever_lower_the_ends(length, channels, fade_in_s, fade_out_s, rate):
    clip = np.ones((length, channels), np.float32)
    faded = fade(clip, rate, fade_in_s=fade_in_s, fade_out_s=fade_out_s)
    assert faded.shape == clip.shape and (clip == 1).all()
    assert ((faded >= 0) & (faded <= 1)).all()
    begin, end = (min(round(s * rate), length // 2) for s in (fade_in_s, fade_out_s))
    assert (faded[begin : length - end] == 1).all()
    assert not begin or (faded[0] == 0).all()
    assert not end or (faded[-1] == 0).all()
    assert (np.diff(faded[:begin], axis=0) >= 0).all()


@pytest.mark.parametrize("piece", [100, 999, 1000, 2000, 5000])
@pytest.mark.parametrize("subtype", ["PCM_16", "FLOAT"])
def test_long_clips_are_cut_in_pieces_that_do_not_show(tmp_path, monkeypatch, piece, subtype):
    song = write_song(tmp_path / "song.wav", rate=1000, seconds=3, subtype=subtype)
    regions = [(0.1, 0.11), (0.5, 1.5), (1.7, 2.7004), (0, 3)]
    cut_clips(song, regions, tmp_path / "whole")
    monkeypatch.setattr(cut, "_PIECE", piece)
    cut_clips(song, regions, tmp_path / "pieces")
    for whole in (tmp_path / "whole").iterdir():
        assert (tmp_path / "pieces" / whole.name).read_bytes() == whole.read_bytes()


def test_what_cannot_be_cut_is_refused(tmp_path):
    song = write_song(tmp_path / "song.wav", seconds=0.5)
    for region in [(-1, 1), (2, 1), (0, np.nan)]:
        with pytest.raises(InputError, match=r"region 1: must be .*0 <= onset <= offset, got"):
            cut_clips(song, [(0, 0.1), region], tmp_path / "out")
    with pytest.raises(AudioError, match=r"gone\.wav"):
        cut_clips(tmp_path / "gone.wav", [(0, 1)], tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("container", ["wav", "flac", "aiff"])
@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "FLOAT"])
def test_every_format_holds_the_same_samples(tmp_path, container, subtype):
    song = write_song(tmp_path / "song.wav", subtype=subtype)
    wanted = ClipOptions(container=container, fade_in_s=0, fade_out_s=0)
    [clip] = cut_clips(song, [(0.5, 1.0)], tmp_path / "out", options=wanted)
    assert clip.clip == f"song_001.{container}"
    assert soundfile.info(tmp_path / "out" / clip.clip).format.lower() == container
    whole, _ = soundfile.read(song, dtype="float32")
    got, _ = soundfile.read(tmp_path / "out" / clip.clip, dtype="float32")
    # FLAC has integers only: floats are rounded to 24 bits.
    tolerance = 2.0**-23 if (container, subtype) == ("flac", "FLOAT") else 0
    np.testing.assert_allclose(got, whole[22050:44100], atol=tolerance)
    again = cut_clips(song, [(0.5, 1.0)], tmp_path / "again", options=wanted)
    assert (tmp_path / "again" / again[0].clip).read_bytes() == (
        tmp_path / "out" / clip.clip
    ).read_bytes()


@pytest.mark.parametrize(("bits", "subtype"), [(16, "PCM_16"), (24, "PCM_24"), (32, "FLOAT")])
def test_the_depth_is_that_asked_for(tmp_path, bits, subtype):
    song = write_song(tmp_path / "song.wav", subtype="PCM_24")
    wanted = ClipOptions(bits=bits, fade_in_s=0, fade_out_s=0)
    [clip] = cut_clips(song, [(0.5, 1.0)], tmp_path / "out", options=wanted)
    assert soundfile.info(tmp_path / "out" / clip.clip).subtype == subtype
    got, _ = soundfile.read(tmp_path / "out" / clip.clip)
    np.testing.assert_allclose(got, soundfile.read(song)[0][22050:44100], atol=2.0 ** (1 - bits))


def test_the_peak_is_at_the_level_asked_for_and_silence_stays_silence(tmp_path, monkeypatch):
    song = tmp_path / "song.wav"
    samples = np.zeros((44100, 2), np.float32)
    samples[:22050] = 0.1 * generator(3, "peak").uniform(-1, 1, (22050, 2))
    soundfile.write(song, samples, 44100, subtype="FLOAT")
    wanted = ClipOptions(normalize_dbfs=-3.0)
    regions = [(0.0, 0.4), (0.6, 0.9)]
    cut_clips(song, regions, tmp_path / "out", options=wanted)
    loud, quiet = (soundfile.read(tmp_path / f"out/song_00{n}.wav")[0] for n in (1, 2))
    assert abs(loud).max() == pytest.approx(10 ** (-3 / 20), rel=1e-6)
    assert not quiet.any()
    monkeypatch.setattr(cut, "_PIECE", 5000)
    cut_clips(song, regions, tmp_path / "pieces", options=wanted)
    for path in (tmp_path / "out").iterdir():
        assert (tmp_path / "pieces" / path.name).read_bytes() == path.read_bytes()


@given(
    parts=st.lists(
        st.sampled_from(
            ["{index}", "{start}", "{class}", "{{index}}", "x" * 70, "é", "..", "/", "\0"]
        ),
        min_size=1,
    ).map("".join),
    count=st.integers(0, 4),
)
def test_a_template_names_every_clip_apart_or_says_how(parts, count):
    clips = [
        dict.fromkeys(FIELDS, "kick") | {"index": f"{number:03}", "start": f"{number // 2}"}
        for number in range(count)
    ]
    try:
        check_template(parts)
        names = clip_names(parts, clips)
    except InputError as error:
        assert len(str(error).splitlines()) == 1
        if "two clips" in str(error):
            cut = "the first 100 characters count"
            assert (cut in str(error)) == ("{index}" in parts.replace("{{index}}", ""))
        return
    assert len({name.lower() for name in names}) == count
    for name in names:
        assert all(re.fullmatch(r"[A-Za-z0-9_#-]{1,101}", part) for part in name.split("/"))
