"""What is accepted is decoded to the sample, with its depth; the rest is named."""

import io
import resource
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deep_plunder.audio import reading
from deep_plunder.errors import AudioError
from deep_plunder.extraction.cut import cut_clips
from deep_plunder.extraction.options import ClipOptions
from tests.unit.audio.test_mp4 import edited
from tests.unit.audio.test_odd_mp3 import assert_parts
from tests.unit.audio.test_reading import encode, music

UNFADED = ClipOptions(fade_in_s=0, fade_out_s=0)

LIBSNDFILE = [
    (kind, subtype)
    for kind in soundfile.available_formats()
    # SD2 keeps its header in a second file, RAW has none; of SDS see below.
    if kind not in ("SD2", "RAW", "SDS")
    for subtype in soundfile.available_subtypes(kind)
]
# Container, codec, rate, channels.
FFMPEG = [
    *(("wav", codec, 48000, 2) for codec in ("adpcm_yamaha", "ac3", "mp2", "flac")),
    ("wav", "g726", 8000, 1),
    ("wav", "g722", 16000, 1),
    ("wav", "libopencore_amrnb", 8000, 1),
    ("wav", "libmp3lame", 44100, 2),
    *(("mov", codec, 44100, 2) for codec in ("adpcm_ima_qt", "pcm_mulaw", "alac", "libmp3lame")),
    *(("mov", codec, 48000, 2) for codec in ("pcm_s24be", "pcm_f64le", "pcm_s8", "eac3")),
    *(("mka", codec, 48000, 2) for codec in ("vorbis", "flac", "alac", "aac")),
    *(("caf", codec, 44100, 2) for codec in ("flac", "libmp3lame", "adpcm_ms")),
    *(("oga", codec, 48000, 2) for codec in ("flac", "libopus", "vorbis")),
    *(("avi", codec, 44100, 2) for codec in ("ac3", "adpcm_ms", "mp2")),
    ("wma", "adpcm_yamaha", 44100, 2),
    ("mp2", "mp2", 44100, 2),
    ("wv", "wavpack", 44100, 2),
    ("tta", "tta", 44100, 2),
    ("aac", "aac", 44100, 1),
    ("ac3", "ac3", 48000, 2),
    ("amr", "libopencore_amrnb", 8000, 1),
    ("w64", "mp2", 44100, 2),
]


@pytest.mark.parametrize(("kind", "subtype"), LIBSNDFILE)
def test_all_that_libsndfile_writes_is_read_to_the_sample(
    tmp_path: Path, kind: str, subtype: str
) -> None:
    path = tmp_path / "a.sound"
    for channels, rate in ((2, 44100), (1, 44100), (1, 8000)):
        samples = music(2, rate, channels)
        try:
            with soundfile.SoundFile(path, "w", rate, channels, subtype, format=kind) as file:
                for start in range(0, len(samples), 16384):
                    file.write(samples[start : start + 16384])
        except soundfile.LibsndfileError:
            # Not all of them hold stereo or any rate.
            continue
        whole, found = reading.read(path)
        # Some hold a rate that is near the one wanted, or one alone.
        assert (found, whole.shape[1]) == (soundfile.info(path).samplerate, channels)
        assert len(whole) >= len(samples)
        assert_parts(path, whole)


@pytest.mark.parametrize(("suffix", "codec", "rate", "channels"), FFMPEG)
def test_what_ffmpeg_decodes_is_read_to_the_sample(
    tmp_path: Path, suffix: str, codec: str, rate: int, channels: int
) -> None:
    path = tmp_path / f"a.{suffix}"
    samples = music(3, rate, channels)
    encode(path, samples, rate, codec, muxing={"strict": "-2"}, strict="-2")
    whole, found = reading.read(path)
    assert (found, whole.shape[1]) == (rate, channels)
    assert abs(len(whole) - len(samples)) < 4096
    assert_parts(path, whole)


@pytest.mark.parametrize(
    ("suffix", "codec", "samples", "expected"),
    [
        ("wv", "wavpack", "u8p", "PCM_U8"),
        ("wv", "wavpack", "s16p", "PCM_16"),
        ("wv", "wavpack", "s32p", "PCM_32"),
        ("wv", "wavpack", "fltp", "FLOAT"),
        ("tta", "tta", "u8", "PCM_U8"),
        ("tta", "tta", "s16", "PCM_16"),
        ("tta", "tta", "s32", "PCM_24"),
        ("m4a", "alac", "s16p", "PCM_16"),
        ("m4a", "alac", "s32p", "PCM_24"),
        ("mka", "flac", "s16", "PCM_16"),
        ("mka", "flac", "s32", "PCM_24"),
        ("oga", "flac", "s16", "PCM_16"),
        ("oga", "flac", "s32", "PCM_24"),
        ("flac", "flac", "s32", "PCM_24"),
        ("mov", "pcm_s8", "u8", "PCM_U8"),
        ("mov", "pcm_s16be", "s16", "PCM_16"),
        ("mov", "pcm_s24le", "s32", "PCM_24"),
        ("mov", "pcm_s32le", "s32", "PCM_32"),
        ("mov", "pcm_f32be", "flt", "FLOAT"),
        ("mov", "pcm_f64le", "dbl", "DOUBLE"),
        ("m4a", "aac", "fltp", "PCM_24"),
        ("mp4", "ac3", "fltp", "PCM_24"),
        ("mp3", "libmp3lame", "fltp", "PCM_24"),
        ("mov", "pcm_mulaw", "s16", "PCM_24"),
    ],
)
def test_clips_keep_the_depth_of_their_recording(
    tmp_path: Path, suffix: str, codec: str, samples: str, expected: str
) -> None:
    path = tmp_path / f"a.{suffix}"
    loud = 1.5 if expected in ("FLOAT", "DOUBLE") else 0.9
    song = loud * music(2, 44100)
    encode(path, song, 44100, codec, samples=samples)
    [clip] = cut_clips(path, [(0.5, 1.0)], tmp_path / "clips", options=UNFADED)
    info = soundfile.info(tmp_path / "clips" / clip.clip)
    assert (info.subtype, info.samplerate, info.channels) == (expected, 44100, 2)
    got, _ = soundfile.read(tmp_path / "clips" / clip.clip, dtype="float32")
    part, _ = reading.read(path, start=22050, stop=44100)
    np.testing.assert_allclose(got, part, atol=2.0**-24)
    if expected not in ("PCM_24",) or codec in ("wavpack", "tta", "alac", "flac", "pcm_s24le"):
        # As it was before it was encoded, to the depth that it has.
        bits = min(24, int(info.subtype[-2:].strip("U_"))) if "PCM" in expected else 24
        step = 2.0 ** (1 - bits)
        np.testing.assert_allclose(part, song[22050:44100], atol=1.01 * step)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(frames=st.integers(1, 10_000), codec=st.sampled_from(["alac", "flac"]))
def test_caf_of_any_length_is_whole(tmp_path: Path, frames: int, codec: str) -> None:
    path = tmp_path / f"{codec}.caf"
    song = music(0.3, 44100)[:frames]
    encode(path, song, 44100, codec)
    whole, _ = reading.read(path)
    assert len(whole) == frames
    np.testing.assert_allclose(whole, song, atol=2.0**-15)
    assert_parts(path, whole)


def test_flac_of_unknown_length_keeps_its_24_bits(tmp_path: Path) -> None:
    song = music(2, 44100)
    soundfile.write(tmp_path / "a.flac", song, 44100, subtype="PCM_24")
    content = bytearray((tmp_path / "a.flac").read_bytes())
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    (tmp_path / "a.flac").write_bytes(content)
    [clip] = cut_clips(tmp_path / "a.flac", [(0.5, 1.0)], tmp_path, options=UNFADED)
    assert soundfile.info(tmp_path / clip.clip).subtype == "PCM_24"
    got, _ = soundfile.read(tmp_path / clip.clip)
    np.testing.assert_allclose(got, song[22050:44100], atol=2.0**-23)


@pytest.mark.parametrize("kind", ["matroska", "mp4", "mpegts"])
def test_further_tracks_are_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    import av

    path = tmp_path / "a.sound"
    with av.open(str(path), "w", kind) as container:
        streams = [container.add_stream("aac", rate=48000, layout="mono") for _ in range(2)]
        for start in range(0, 48000, 1024):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
            frame.sample_rate, frame.pts = 48000, start
            for stream in streams:
                container.mux(stream.encode(frame))
        for stream in streams:
            container.mux(stream.encode(None))
    assert len(reading.read(path)[0]) >= 48000
    assert caplog.messages == [f"{path}: holds 2 tracks of sound; the first alone is read"]


def test_midi_sample_dumps_are_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, music(1, 44100, 1), 44100, format="SDS", subtype="PCM_16")
    with pytest.raises(AudioError, match="not audio: MIDI sample dumps are not read"):
        reading.read(path)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("coding", [b"XYZ1", b"ac-4", b"drms"])
def test_a_codec_that_nobody_decodes_is_named(tmp_path: Path, coding: bytes) -> None:
    path = tmp_path / "a.mov"
    encode(path, music(1, 44100), 44100, "pcm_s16le")
    path.write_bytes(path.read_bytes().replace(b"sowt", coding))
    with pytest.raises(AudioError, match=f"undecodable: .* '{coding.decode()}'"):
        reading.probe(path)


@pytest.mark.parametrize(
    ("tag", "name"),
    [(0x1234, "WAV format 0x1234"), (0x0270, "atrac3 in wav"), (0x00FF, "aac in wav")],
)
def test_a_codec_that_cannot_be_decoded_in_wav_is_named(
    tmp_path: Path, tag: int, name: str
) -> None:
    file = io.BytesIO()
    soundfile.write(file, music(1, 44100), 44100, format="WAV")
    content = bytearray(file.getvalue())
    struct.pack_into("<H", content, content.index(b"fmt ") + 8, tag)
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(AudioError, match=f"undecodable: .*{name}"):
        reading.probe(tmp_path / "a.wav")


def test_a_few_damaged_packets_are_left_out_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.aac"
    encode(path, music(3, 44100), 44100, "aac")
    content = bytearray(path.read_bytes())
    whole, _ = reading.read(path)
    starts = [n for n in range(len(content) - 1) if content[n] == 0xFF and content[n + 1] == 0xF1]
    place = starts[len(starts) // 2]
    content[place + 7 : place + 40] = bytes([0xFF]) * 33
    path.write_bytes(content)
    caplog.clear()
    damaged, _ = reading.read(path)
    assert len(whole) - 3 * 1024 <= len(damaged) <= len(whole)
    assert_parts(path, damaged)
    if len(damaged) < len(whole):
        assert "cannot be decoded and are left out" in caplog.text


@pytest.mark.parametrize(
    ("rate", "channels", "rule"),
    [(50, 1, "100 to 1000000 Hz"), (2_000_000, 2, "100 to 1000000 Hz"), (44100, 300, "256 chan")],
)
def test_what_no_recording_has_is_refused(
    tmp_path: Path, rate: int, channels: int, rule: str
) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros((10, channels)), rate, subtype="PCM_U8")
    with pytest.raises(AudioError, match=f"too large: .*{rule}") as caught:
        reading.read(path)
    assert caught.value.reason == "too large"


@pytest.mark.parametrize("stated", [True, False])
def test_a_decompression_bomb_is_refused(tmp_path: Path, stated: bool) -> None:
    # Minutes of silence at 192 kHz.
    path = tmp_path / "a.flac"
    with soundfile.SoundFile(path, "w", 192_000, 2, subtype="PCM_16") as file:
        for _ in range(40):
            file.write(np.zeros((1 << 20, 2), np.int16))
    if not stated:
        content = bytearray(path.read_bytes())
        content[21] &= 0xF0
        content[22:26] = bytes(4)
        path.write_bytes(content)
    with pytest.raises(AudioError, match=r"too large: \d+ bytes hold up to 400 samples each"):
        reading.read(path)


def bomb(kind: str, tmp_path: Path) -> bytes:
    """Return a file that claims, in few bytes, what would take minutes or gigabytes."""
    if kind == "a compressed index":
        packer = zlib.compressobj(9)
        packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()
        cmvd = struct.pack(">I4sI", 12 + len(packed), b"cmvd", 64 << 20) + packed
        cmov = struct.pack(">I4s", 8 + len(cmvd), b"cmov") + cmvd
        return b"\0\0\0\x10ftypqt  \0\0\0\0" + struct.pack(">I4s", 8 + len(cmov), b"moov") + cmov
    if kind == "edits":
        encode(tmp_path / "a.m4a", music(1, 44100), 44100, "alac")
        return edited((tmp_path / "a.m4a").read_bytes(), [(0.9, 1)] * 10_001)
    if kind == "edits that last":
        encode(tmp_path / "a.m4a", music(1, 44100), 44100, "alac")
        return edited((tmp_path / "a.m4a").read_bytes(), [(0.9, 1)] * 9_000)
    if kind == "streams":
        # Two frames of 44.1 kHz, then two of 48.
        return (bytes.fromhex("fffb1044").ljust(104, b"\0") * 2
                + bytes.fromhex("fffb1444").ljust(96, b"\0") * 2) * 1000  # fmt: skip
    if kind == "chunks":
        return b"RIFF\xff\xff\xff\xffWAVE" + b"junk\0\0\0\0" * 200_000
    file = io.BytesIO()
    soundfile.write(file, music(0.1, 44100), 44100, format="WAV")
    content = file.getvalue()
    place = content.index(b"data")
    return content[:place] + b"LIST\0\0\0\x71INFOISFT\0\0\0\x70" + content[place:]


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("a compressed index", "too large: its index may have up to 16777216 bytes"),
        ("edits", "too large: it may have up to 10000 edits, has 10001"),
        ("edits that last", r"too large: \d+ bytes hold up to 400 samples each"),
        ("streams", "undecodable: more than 1000 recordings follow each other in it: 2000"),
        ("chunks", "undecodable: "),
        ("tags", "undecodable: its chunk b'LIST' claims 1895825408 bytes"),
    ],
)
def test_what_asks_for_too_much_is_refused_at_once(tmp_path: Path, kind: str, told: str) -> None:
    path = tmp_path / "a.sound"
    path.write_bytes(bomb(kind, tmp_path))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(AudioError, match=told):
        reading.read(path)
    # Of memory, 100 MB.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


@pytest.mark.parametrize("error", [ValueError("odd\nvalue"), OverflowError("big"), IndexError()])
def test_whatever_a_decoder_raises_is_a_fault_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, music(0.1, 44100), 44100)

    def fail(*_: object, **__: object) -> None:
        raise error

    with reading.reader(path) as file:
        monkeypatch.setattr(soundfile.SoundFile, "read", fail)
        with pytest.raises(AudioError, match=r"a\.wav: undecodable: its decoder fails") as caught:
            file.read(0, 100)
    assert "\n" not in str(caught.value)
    monkeypatch.setattr(soundfile.SoundFile, "__init__", fail)
    with pytest.raises(AudioError, match=r"a\.wav: undecodable: its decoder fails"):
        reading.probe(path)
