import dataclasses
import errno
import io
import os
import re
import resource
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest
import soundfile

from deep_plunder.audio import reading, resampling, writing
from deep_plunder.errors import AudioError

Limit = Callable[[int], AbstractContextManager[None]]


def music(seconds: float, rate: int, channels: int = 2, seed: int = 0) -> np.ndarray:
    """Tones that start and stop, over noise: codecs treat each in another way."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * rate)) / rate
    sound = 0.02 * rng.standard_normal((len(t), channels))
    for start in np.arange(0, seconds, 0.37):
        tone = np.sin(2 * np.pi * rng.uniform(80, 5000) * t) * np.exp(-6 * (t - start))
        sound += 0.3 * rng.uniform(0, 1, channels) * np.where(t >= start, tone, 0)[:, None]
    return np.clip(sound, -1, 1).astype(np.float32)


def encode(
    target: Path | io.RawIOBase,
    sound: np.ndarray,
    rate: int,
    codec: str,
    *,
    muxing: dict[str, str] | None = None,
    samples: str | None = None,
    container_format: str | None = None,
    **options: str,
) -> None:
    import av

    layout = {1: "mono", 2: "stereo"}[sound.shape[1]]
    file = str(target) if isinstance(target, Path) else target
    with av.open(file, "w", container_format, options=muxing or {}) as container:
        stream = container.add_stream(codec, rate=rate, layout=layout, options=options)
        if samples:
            stream.format = samples
        resampler = av.AudioResampler(format=stream.format, layout=layout, rate=rate)
        for start in range(0, len(sound), 4096):
            block = np.ascontiguousarray(sound[start : start + 4096].T)
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=layout)
            frame.sample_rate, frame.pts = rate, start
            for part in resampler.resample(frame):
                container.mux(stream.encode(part))
        for part in resampler.resample(None):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))


SONG_RATE = 48000
SONG = music(8, SONG_RATE)

SONGS = {
    "song.wav": {"subtype": "PCM_24"},
    "song.aiff": {"subtype": "PCM_16"},
    "song.flac": {"subtype": "PCM_16"},
    "song.ogg": {"subtype": "VORBIS"},
    "song.opus": {"format": "OGG", "subtype": "OPUS"},
    "song.mp3": {"subtype": "MPEG_LAYER_III"},
    "aac.m4a": {"codec": "aac"},
    "no noise.m4a": {"codec": "aac", "aac_pns": "0"},
    "alac.m4a": {"codec": "alac"},
    "raw.aac": {"codec": "aac"},
}


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("songs")
    for name, options in SONGS.items():
        if "codec" in options:
            encode(folder / name, SONG, SONG_RATE, **options)
        else:
            # In pieces: libsndfile's Vorbis encoder overflows its stack on long blocks.
            with soundfile.SoundFile(folder / name, "w", SONG_RATE, 2, **options) as file:
                for start in range(0, len(SONG), 16384):
                    file.write(SONG[start : start + 16384])
    return folder


@pytest.mark.parametrize("name", SONGS)
def test_any_part_is_that_part_of_the_whole(songs: Path, name: str) -> None:
    whole, rate = reading.read(songs / name)
    info = reading.probe(songs / name)
    assert (info.rate, info.channels, info.frames) == (rate, 2, len(whole))
    assert info.seconds == len(whole) / rate
    rng = np.random.default_rng(1)
    starts = [0, 1, 1023, 1024, len(whole) - 1, len(whole), len(whole) + 5]
    # Some near the end: libsndfile errs in the last page of Ogg files.
    starts += rng.integers(len(whole) - 5000, len(whole), 5).tolist()
    for start in starts + rng.integers(0, len(whole), 15).tolist():
        stop = start + int(rng.integers(1, 90_000))
        part, _ = reading.read(songs / name, start=start, stop=stop)
        np.testing.assert_array_equal(part, whole[start:stop])


@pytest.mark.parametrize("rate", [44100, 32000, 22050, 11025])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("delay", [None, 0, 1105, 2500])
def test_parts_of_mp3_files_are_those_of_the_whole(
    tmp_path: Path, rate: int, channels: int, delay: int | None
) -> None:
    path = tmp_path / "a.mp3"
    soundfile.write(path, music(6, rate, channels), rate)
    if delay is not None:
        # LAME's tag says how much silence to skip; what comes first decides how samples round.
        data = bytearray(path.read_bytes())
        place = max(data.find(b"Xing"), data.find(b"Info")) + 141
        data[place : place + 2] = delay >> 4, (delay & 15) << 4 | data[place + 1] & 15
        path.write_bytes(data)
    whole, _ = reading.read(path)
    rng = np.random.default_rng(4)
    with reading.reader(path) as file:
        for start in rng.integers(0, len(whole), 20).tolist():
            part, _ = reading.read(path, start=start, stop=start + 20_000)
            np.testing.assert_array_equal(part, whole[start : start + 20_000])
            np.testing.assert_array_equal(file.read(start, start + 9000), part[:9000])


@pytest.mark.parametrize(
    ("rate", "channels", "bit_rate"),
    [
        (44100, 1, 32000),
        (48000, 2, 64000),
        (48000, 2, 112_000),
        (24000, 2, 32000),
        (16000, 1, 8000),
    ],
)
def test_parts_of_mp3_files_of_low_bit_rates_are_those_of_the_whole(
    tmp_path: Path, rate: int, channels: int, bit_rate: int
) -> None:
    # Their frames borrow bits of many frames before them, more than libmpg123 goes back.
    path = tmp_path / "a.mp3"
    encode(path, music(8, rate, channels), rate, "libmp3lame", b=str(bit_rate))
    whole, _ = reading.read(path)
    rng = np.random.default_rng(5)
    with reading.reader(path) as file:
        for start in rng.integers(0, len(whole), 25).tolist():
            np.testing.assert_array_equal(
                file.read(start, start + 5000), whole[start : start + 5000]
            )


def test_parts_of_mp3_files_of_variable_bit_rate_are_those_of_the_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    samples = music(12, 44100)
    samples[44100 * 3 : 44100 * 6] *= 0.001
    encode(path, samples, 44100, "libmp3lame", q="0", compression_level="2")
    whole, _ = reading.read(path)
    for start in range(2 * 44100, 8 * 44100, 9973):
        part, _ = reading.read(path, start=start, stop=start + 5000)
        np.testing.assert_allclose(part, whole[start : start + 5000], atol=2e-7)


@pytest.mark.parametrize("name", SONGS)
def test_an_open_file_may_be_read_in_any_order(songs: Path, name: str) -> None:
    whole, _ = reading.read(songs / name)
    rng = np.random.default_rng(2)
    with reading.reader(songs / name) as file:
        # Again from the beginning and from the end: decoders keep what they saw before.
        for start in [*rng.integers(0, len(whole), 25).tolist(), 0, len(whole) - 9, 0, 1]:
            stop = start + int(rng.integers(1, 30_000))
            np.testing.assert_array_equal(file.read(start, stop), whole[start:stop])


@pytest.mark.parametrize("name", SONGS)
def test_parts_that_follow_each_other_closely_are_in_their_places(songs: Path, name: str) -> None:
    # As clips of a song are read: libsndfile errs where it seeks a little ahead in Ogg files.
    whole, _ = reading.read(songs / name)
    rng = np.random.default_rng(3)
    with reading.reader(songs / name) as file:
        start = 3000
        while start < len(whole):
            np.testing.assert_array_equal(file.read(start, start + 500), whole[start : start + 500])
            start += 500 + int(rng.integers(1, 20_000))


def blocks(path: Path, seconds: float = 10.0) -> list[np.ndarray]:
    with reading.reader(path) as file:
        return list(file.blocks(seconds=seconds))


@pytest.mark.parametrize("name", SONGS)
@pytest.mark.parametrize("seconds", [0.1, 0.77, 7.999, 100])
def test_blocks_joined_are_the_whole(songs: Path, name: str, seconds: float) -> None:
    parts = blocks(songs / name, seconds=seconds)
    assert max(map(len, parts)) <= round(seconds * SONG_RATE)
    np.testing.assert_array_equal(np.concatenate(parts), reading.read(songs / name)[0])


@pytest.mark.parametrize("name", SONGS)
def test_what_is_kept_is_decoded_once_and_the_same(
    songs: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, _ = reading.read(songs / name)
    decoded: list[int] = []
    decode = reading.Reader._decode

    def counting(self: reading.Reader, start: int, stop: int | None = None) -> np.ndarray:
        part = decode(self, start, stop)
        decoded.append(len(part))
        return part

    monkeypatch.setattr(reading.Reader, "_decode", counting)
    with reading.reader(songs / name, keep=True) as file:
        for block in file.blocks():
            with pytest.raises(ValueError, match="read-only"):
                block[:] = 0
        # What is read may be changed: it is a copy.
        file.read(0, 500)[:] = 0
        for start, stop in ((0, 500), (9000, 9001), (3000, len(whole)), (0, len(whole))):
            np.testing.assert_array_equal(file.read(start, stop), whole[start:stop])
        with reading.reader(file) as same:
            assert same is file
        np.testing.assert_array_equal(file.read(0, 500), whole[:500])
    assert sum(decoded) == len(whole)
    # Too much to keep: long parts are decoded each time.
    monkeypatch.setattr(reading, "_KEPT_BYTES", whole.nbytes - 1)
    decoded.clear()
    with reading.reader(songs / name, keep=True) as file:
        for _ in range(2):
            np.testing.assert_array_equal(np.concatenate(list(file.blocks())), whole)
    assert sum(decoded) == 2 * len(whole)


@pytest.mark.parametrize("name", [name for name in SONGS if name.endswith((".m4a", ".mp3"))])
def test_padding_of_encoders_is_trimmed(songs: Path, name: str) -> None:
    whole, _ = reading.read(songs / name)
    assert len(whole) == len(SONG)
    power = np.abs(np.fft.rfft(SONG[:, 0]))
    band = (np.fft.rfftfreq(len(SONG), 1 / SONG_RATE) < 4000) & (power > 0)
    cross = np.fft.rfft(whole[:, 0]) * np.conj(np.fft.rfft(SONG[:, 0])) * band
    assert int(np.argmax(np.fft.irfft(cross, len(SONG)))) == 0


@pytest.mark.parametrize("name", [name for name in SONGS if "codec" in SONGS[name]])
def test_m4a_is_what_ffmpeg_decodes_from_the_beginning(songs: Path, name: str) -> None:
    import av

    with av.open(str(songs / name)) as container:
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
    plain = np.concatenate(frames, axis=1).T
    if plain.dtype.kind == "i":
        plain = plain / 2.0 ** (8 * plain.itemsize - 1)
    whole, _ = reading.read(songs / name)
    # The container of raw AAC declares no padding.
    assert len(plain) - 1024 <= len(whole) <= len(plain)
    np.testing.assert_array_equal(whole, plain[: len(whole)].astype(np.float32))


def test_lossless_formats_give_back_what_went_in(songs: Path) -> None:
    for name, bits in (("song.wav", 24), ("song.flac", 16), ("song.aiff", 16)):
        assert np.abs(reading.read(songs / name)[0] - SONG).max() <= 2.0 ** (1 - bits)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_what_was_read_is_written_unchanged(tmp_path: Path, subtype: str) -> None:
    path = tmp_path / "a.wav"
    writing.write(path, music(0.1, 8000), 8000, subtype=subtype)
    first, rate = reading.read(path)
    assert (rate, reading.probe(path).subtype) == (8000, subtype)
    before = path.read_bytes()
    # Bytes 12-19 of a PEAK chunk would be the time of day.
    writing.write(path, first, rate, subtype=subtype)
    assert path.read_bytes() == before
    if subtype in ("FLOAT", "DOUBLE"):
        peak = before.index(b"PEAK")
        assert before[peak + 12 : peak + 16] == bytes(4)


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.aiff"])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_samples_of_16_bits_are_what_libsndfile_makes_of_them(
    tmp_path: Path, name: str, channels: int
) -> None:
    words = np.random.default_rng(5).integers(-32768, 32768, (150_000, channels), np.int16)
    words[:2] = [[-32768], [32767]]
    soundfile.write(tmp_path / name, words, 44100, subtype="PCM_16")
    wanted = soundfile.read(tmp_path / name, dtype="float32", always_2d=True)[0]
    assert np.array_equal(reading.read(tmp_path / name)[0], wanted)
    found = reading.read(tmp_path / name, start=70_000, stop=149_999)[0]
    assert np.array_equal(found, wanted[70_000:149_999])


def test_integers_are_written_as_they_are(tmp_path: Path) -> None:
    samples = np.array([[32767, -32768], [1, -1], [0, 12345]], np.int16)
    writing.write(tmp_path / "a.wav", samples, 44100)
    assert soundfile.read(tmp_path / "a.wav", dtype="int16")[0].tolist() == samples.tolist()


@pytest.mark.parametrize("bits", [8, 16, 24, 32])
def test_single_precision_is_rounded_as_double_is(bits: int) -> None:
    samples = np.random.default_rng(6).normal(0, 0.5, (5000, 2)).astype(np.float32)
    # Halves of a step, full scale, and what is no sample.
    samples[:2000] = np.rint(samples[:2000] * 2.0**bits) / 2.0**bits
    samples[2000:2004] = [[1, -1], [np.inf, -np.inf], [np.nan, 1e30], [-1e30, 0]]
    single, double = (writing._integers(samples.astype(t), bits) for t in (np.float32, np.float64))
    np.testing.assert_array_equal(single, double)
    assert single[2002, 0] == 0
    assert single[2001].tolist() == single[2000].tolist()


def test_floats_above_full_scale_are_clipped(tmp_path: Path) -> None:
    writing.write(tmp_path / "a.wav", np.array([1.5, -1.5, 0.5], np.float32), 44100)
    read = soundfile.read(tmp_path / "a.wav", dtype="int16")[0]
    assert read.tolist() == [32767, -32768, 16384]


@pytest.mark.parametrize(
    ("rate", "channels", "subtype"),
    [(192_000, 2, "PCM_24"), (44_100, 6, "PCM_16"), (11_025, 1, "PCM_U8"), (8_000, 1, "FLOAT")],
)
def test_rates_channels_and_depths(tmp_path: Path, rate: int, channels: int, subtype: str) -> None:
    samples = music(0.2, rate, channels)
    soundfile.write(tmp_path / "a.wav", samples, rate, subtype=subtype)
    info = reading.probe(tmp_path / "a.wav")
    assert (info.rate, info.channels, info.subtype) == (rate, channels, subtype)
    part, _ = reading.read(tmp_path / "a.wav", start=100, stop=900)
    assert np.abs(part - samples[100:900]).max() < (0.01 if subtype == "PCM_U8" else 1e-4)


NAMES = ["a b.wav", 'it\'s "q".wav', "line\nfeed.wav", "🥁.wav", "a:b.wav", "-x.wav", "http:x.wav"]


@pytest.mark.parametrize("name", NAMES)
def test_any_name(songs: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes((songs / "song.flac").read_bytes())
    assert reading.probe(tmp_path / name).format == "FLAC"
    (tmp_path / name).write_bytes((songs / "aac.m4a").read_bytes())
    assert reading.probe(tmp_path / name).frames == len(SONG)
    (tmp_path / name).write_bytes(b"no audio")
    with pytest.raises(AudioError) as caught:
        reading.probe(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_name_of_any_bytes(songs: Path, tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.wav")
    try:
        Path(path).write_bytes((songs / "song.flac").read_bytes())
    except OSError:
        pytest.skip("this file system wants names in Unicode")
    assert len(reading.read(path)[0]) == len(SONG)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"hello, this is text " * 50, "not audio"),
        (b"#EXTM3U\nhttp://127.0.0.1:9/a.mp3\n", "not audio"),
        (b"ffconcat version 1.0\nfile other.wav\n", "not audio"),
        (bytes(5000), "not audio"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "not audio"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "undecodable"),
        (b"\0\0\0\x20ftypM4A \0\0\0\0", "undecodable"),
    ],
)
def test_what_is_no_audio_is_told_so(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    for use in (reading.probe, reading.read, blocks):
        with pytest.raises(AudioError) as caught:
            use(path)
        assert caught.value.reason == reason
        assert str(caught.value).startswith(f"{path}: {reason}: ")


@pytest.mark.parametrize(
    ("name", "damage"),
    # The length of a chunk that is skipped leads beyond all that a file can hold.
    [("a.caf", {57: 0xFF}), ("a.w64", {40: 0, 63: 0x7F}), ("a.w64", {40: 0, 62: 0xFF})],
)
def test_damaged_lengths_are_faults_of_the_file(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str, damage: dict[int, int]
) -> None:
    path = tmp_path / name
    soundfile.write(path, SONG[:5000], SONG_RATE)
    content = bytearray(path.read_bytes())
    for place, value in damage.items():
        content[place] = value
    path.write_bytes(content)
    for use in (reading.probe, reading.read, blocks):
        with pytest.raises(AudioError) as caught:
            use(path)
        assert str(caught.value).startswith(f"{path}: undecodable: begins as audio does")
    assert capfd.readouterr().err == ""


def test_what_a_disk_does_not_give_is_a_fault_of_the_file(tmp_path: Path) -> None:
    from deep_plunder.audio.ffmpeg import _Stream

    path = tmp_path / "a.m4a"
    path.write_bytes(bytes(100))
    folder = os.open(tmp_path, os.O_RDONLY)
    with _Stream(path) as stream:
        # Folders cannot be read.
        os.dup2(folder, stream.fileno())
        with pytest.raises(AudioError, match=r"a\.m4a: undecodable: cannot be read \(Is a dir"):
            stream.read(10)
    os.close(folder)


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe.wav")
    for name, reason in (
        ("none.wav", "missing"),
        ("loop", "missing"),
        ("a\0b", "missing"),
        ("pipe.wav", "not audio"),
        (".", "not audio"),
    ):
        with pytest.raises(AudioError) as caught:
            reading.probe(tmp_path / name)
        assert caught.value.reason == reason


def test_header_without_samples_is_empty(tmp_path: Path) -> None:
    writing.write(tmp_path / "a.wav", np.zeros((0, 2), np.int16), 44100)
    with pytest.raises(AudioError, match="empty: holds no samples"):
        reading.probe(tmp_path / "a.wav")


@pytest.mark.parametrize("name", [*(n for n in SONGS if n != "raw.aac"), "song.au", "song.w64"])
@pytest.mark.parametrize("share", [0.3, 0.7, 0.97])
def test_truncated_files_are_not_taken_for_whole_ones(
    songs: Path, tmp_path: Path, name: str, share: float
) -> None:
    path = tmp_path / name
    if name in SONGS:
        content = (songs / name).read_bytes()
    else:
        soundfile.write(path, SONG, SONG_RATE)
        content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(AudioError) as caught:
        reading.read(path)
    # An MP4 file that FFmpeg wrote has its index at its end.
    assert caught.value.reason == ("undecodable" if name.endswith("m4a") else "truncated")
    with pytest.raises(AudioError):
        blocks(path, seconds=0.5)


def test_truncated_m4a_with_its_index_in_front(tmp_path: Path) -> None:
    import av

    encode(tmp_path / "a.m4a", SONG, SONG_RATE, "aac")
    with (
        av.open(str(tmp_path / "a.m4a")) as old,
        av.open(str(tmp_path / "b.m4a"), "w", options={"movflags": "+faststart"}) as new,
    ):
        stream = new.add_stream_from_template(old.streams.audio[0])
        for packet in old.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
    content = (tmp_path / "b.m4a").read_bytes()
    (tmp_path / "b.m4a").write_bytes(content[: int(0.6 * len(content))])
    early, _ = reading.read(tmp_path / "b.m4a", stop=30_000)
    assert len(early) == 30_000
    for start in (0, 6 * SONG_RATE):
        with pytest.raises(AudioError) as caught:
            reading.read(tmp_path / "b.m4a", start=start)
        assert caught.value.reason == "truncated"


def test_streamed_wav_of_unknown_length_is_whole(tmp_path: Path) -> None:
    writing.write(tmp_path / "a.wav", SONG[:1000], SONG_RATE)
    content = bytearray((tmp_path / "a.wav").read_bytes())
    content[4:8] = content[40:44] = b"\xff\xff\xff\xff"
    (tmp_path / "a.wav").write_bytes(content)
    assert len(reading.read(tmp_path / "a.wav")[0]) == 1000


def test_flac_of_unknown_length_is_read_to_its_end(songs: Path, tmp_path: Path) -> None:
    content = bytearray((songs / "song.flac").read_bytes())
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    (tmp_path / "a.flac").write_bytes(content)
    whole, _ = reading.read(tmp_path / "a.flac")
    np.testing.assert_array_equal(whole, reading.read(songs / "song.flac")[0])


def test_mp3_of_variable_rate_without_a_length_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    loud = np.concatenate([SONG * 0.001, SONG])
    soundfile.write(path, loud, SONG_RATE, subtype="MPEG_LAYER_III", bitrate_mode="VARIABLE")
    content = path.read_bytes()
    path.write_bytes(content[content.index(b"\xff\xfb", content.index(b"Xing")) :])
    assert abs(reading.probe(path).frames - len(loud)) < 4 * 1152
    assert abs(len(reading.read(path)[0]) - len(loud)) < 4 * 1152


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_no_numbers(tmp_path: Path, value: float) -> None:
    samples = np.zeros((5000, 2), np.float32)
    samples[4321, 1] = value
    writing.write(tmp_path / "a.wav", samples, 44100, subtype="FLOAT")
    assert len(reading.read(tmp_path / "a.wav", stop=4000)[0]) == 4000
    with pytest.raises(AudioError, match="not finite: frame 4321 "):
        reading.read(tmp_path / "a.wav", start=100)
    with pytest.raises(AudioError, match="not finite: frame 4321 "):
        blocks(tmp_path / "a.wav", seconds=0.01)


@pytest.mark.parametrize("value", [1.01e6, -1e20, 1e30, 3e38])
@pytest.mark.filterwarnings("error")
def test_samples_that_no_sound_can_have(tmp_path: Path, value: float) -> None:
    samples = np.zeros((5000, 2), np.float32)
    samples[4321, 1] = value
    writing.write(tmp_path / "a.wav", samples, 44100, subtype="FLOAT")
    assert len(reading.read(tmp_path / "a.wav", stop=4000)[0]) == 4000
    told = f"{tmp_path}/a.wav: too loud: full scale is 1, and no sample may lie beyond 1e+06, frame"
    for use in (reading.read, blocks):
        with pytest.raises(AudioError) as caught:
            use(tmp_path / "a.wav")
        assert str(caught.value) == f"{told} 4321 has {value:g}"
        assert caught.value.reason == "too loud"


def test_samples_far_above_full_scale_are_read(tmp_path: Path) -> None:
    # As of integers that were written as floats; together they are far louder than one may be.
    samples = np.full((5000, 2), -1e6, np.float32)
    writing.write(tmp_path / "a.wav", samples, 44100, subtype="FLOAT")
    np.testing.assert_array_equal(reading.read(tmp_path / "a.wav")[0], samples)


def test_impossible_parts_are_refused(songs: Path) -> None:
    for start, stop in ((-1, None), (5, 4)):
        with pytest.raises(ValueError, match="start and stop"):
            reading.read(songs / "song.wav", start=start, stop=stop)
        with (
            reading.reader(songs / "song.wav") as file,
            pytest.raises(ValueError, match="start and"),
        ):
            file.read(start, stop)


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="NO_SUCH"):
        writing.write(tmp_path / "a.wav", np.zeros(5, np.float32), 44100, subtype="NO_SUCH")
    with pytest.raises(AudioError, match=r"/a\.wav: cannot be written: .*Format"):
        writing.write(tmp_path / "a.wav", np.zeros((5, 2000), np.float32), 44100)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("subtype", ["PCM_16", "FLOAT"])
# Not even the header, the header alone, the end of a block.
@pytest.mark.parametrize("limit", [10, 44, 100, 12_000])
def test_a_file_that_cannot_be_written_is_named_with_the_cause(
    tmp_path: Path, small_files: Limit, subtype: str, limit: int
) -> None:
    path = tmp_path / "a.wav"
    parts = [np.zeros((1000, 2), np.float32)] * 4
    message = f"File too large: '{re.escape(str(path))}'$"
    for whole in (True, False):
        with small_files(limit), pytest.raises(OSError, match=message) as caught:
            writing.write_blocks(path, parts, 8000, 2, subtype=subtype, whole=whole)
        assert caught.value.errno == errno.EFBIG
        assert path.exists() is not whole
    gone = tmp_path / "gone" / "a.wav"
    with pytest.raises(FileNotFoundError, match=f"No such file or directory: '{gone}'"):
        writing.write_blocks(gone, parts, 8000, 2, whole=False)


def test_where_the_cause_has_gone_the_library_is_quoted(
    tmp_path: Path, small_files: Limit, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = writing.cause

    def later(path: Path, told: str) -> OSError:
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        return plain(path, told)

    monkeypatch.setattr(writing, "cause", later)
    with (
        small_files(100),
        pytest.raises(OSError, match=r"cannot be written: System error.*a\.wav'"),
    ):
        writing.write(tmp_path / "a.wav", np.zeros(1000, np.int16), 8000)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("rates", [(44100, 16000), (22050, 44100), (48000, 44100), (8000, 8000)])
@pytest.mark.parametrize("channels", [1, 2])
def test_resampling_in_blocks_is_resampling(rates: tuple[int, int], channels: int) -> None:
    samples = music(2, rates[0], channels)
    whole = resampling.resample(samples, *rates)
    assert whole.dtype == np.float32
    assert abs(len(whole) - len(samples) * rates[1] / rates[0]) <= 1
    resampler = resampling.Resampler(*rates, channels)
    parts = [resampler.process(part) for part in np.array_split(samples, 7)]
    parts.append(resampler.process(samples[:0], last=True))
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-6)


def test_resampling_keeps_a_tone() -> None:
    t = np.arange(44100) / 44100
    tone = np.sin(2 * np.pi * 1000 * t).astype(np.float32)
    low = resampling.resample(tone, 44100, 16000)
    wanted = np.sin(2 * np.pi * 1000 * np.arange(len(low)) / 16000)
    assert np.abs(low - wanted)[500:-500].max() < 1e-3


def test_a_length_that_no_memory_holds_is_a_fault_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    writing.write(path, np.zeros((100, 1), np.int16), 8000)
    with reading.reader(path) as file:
        file._source.frames = 1 << 50
        file.info = dataclasses.replace(file.info, frames=1 << 50)
        with pytest.raises(AudioError, match=r"long\.wav: undecodable: no memory for"):
            file.read()
