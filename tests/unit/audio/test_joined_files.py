"""Files joined byte after byte, and files whose header counts wrongly: read whole, or told."""

import io
import re
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deep_plunder.audio import reading, resampling
from deep_plunder.audio.flac import find_flac_streams
from deep_plunder.errors import AudioError
from tests.unit.audio.test_odd_mp3 import MODES, RATES, assert_parts, mp3
from tests.unit.audio.test_reading import encode, music

RATE = 44100
SONG = music(1.5, RATE)
# The place of the 36 bits in which a FLAC file states its length.
COUNT = 21


def made(kind: str, subtype: str = "PCM_16") -> bytes:
    file = io.BytesIO()
    soundfile.write(file, SONG, RATE, format=kind, subtype=subtype)
    return file.getvalue()


def flac(frames: int, rate: int, channels: int, subtype: str, seed: int = 0) -> bytes:
    file = io.BytesIO()
    sound = music(frames / rate + 0.01, rate, channels, seed)[:frames]
    soundfile.write(file, sound, rate, format="FLAC", subtype=subtype)
    return file.getvalue()


def restated(content: bytes, frames: int) -> bytes:
    changed = bytearray(content)
    kept = int.from_bytes(changed[COUNT : COUNT + 5]) >> 36 << 36
    changed[COUNT : COUNT + 5] = (kept | frames).to_bytes(5)
    return bytes(changed)


def ogg(frames: int, rate: int, channels: int, subtype: str, seed: int = 0) -> bytes:
    file = io.BytesIO()
    samples = music(frames / rate + 0.01, rate, channels, seed)[:frames]
    with soundfile.SoundFile(file, "w", rate, channels, format="OGG", subtype=subtype) as sound:
        # In pieces: libsndfile's Vorbis encoder overflows its stack on long blocks.
        for start in range(0, len(samples), 16384):
            sound.write(samples[start : start + 16384])
    return file.getvalue()


TAGS = [b"", b"TAG" + bytes(125), b"APETAGEX" + bytes(200), b"ID3\4\0\0\0\0\2\5" + bytes(261)]
CHANNELS, SEEDS = st.sampled_from([1, 2]), st.integers(0, 9)
PARTS = {
    "mp3": st.builds(
        lambda tag, content: tag + content if tag[:3] == b"ID3" else content + tag,
        st.sampled_from(TAGS),
        st.builds(
            mp3,
            st.integers(1, 6000),
            st.sampled_from(RATES),
            CHANNELS,
            st.sampled_from(list(MODES)),
            SEEDS,
        ),
    ),
    "flac": st.builds(
        flac,
        st.integers(1, 40_000),
        st.sampled_from([96000, 48000, 44100, 12345]),
        CHANNELS,
        st.sampled_from(["PCM_16", "PCM_24"]),
        SEEDS,
    ),
    "ogg": st.one_of(
        st.builds(
            ogg,
            st.integers(0, 60_000),
            st.sampled_from([48000, 44100, 22050, 8000]),
            CHANNELS,
            st.just("VORBIS"),
            SEEDS,
        ),
        st.builds(
            ogg,
            st.integers(1, 30_000),
            st.sampled_from([48000, 24000]),
            CHANNELS,
            st.just("OPUS"),
            SEEDS,
        ),
    ),
}
"""Files by suffix."""


def joined(wholes: Sequence[tuple[np.ndarray, int]]) -> tuple[np.ndarray, int]:
    """Put recordings one after the other, at the highest rate and with the most channels."""
    new_rate = max(rate for _, rate in wholes)
    stereo = any(samples.shape[1] == 2 for samples, _ in wholes)
    parts = []
    for samples, rate in wholes:
        part = resampling.resample(samples, rate, new_rate)
        length = round(len(samples) * new_rate / rate)
        part = np.pad(part, ((0, max(0, length - len(part))), (0, 0)))[:length]
        parts.append(np.repeat(part, 2, axis=1) if stereo and part.shape[1] == 1 else part)
    return np.concatenate(parts), new_rate


def assert_joined(path: Path, contents: Sequence[bytes], *, between: bytes = b"") -> None:
    """Check that files joined byte after byte are read as each of them; empty ones hold nothing."""
    wholes, formats = [], []
    for content in contents:
        path.write_bytes(content)
        try:
            wholes.append(reading.read(path))
        except AudioError as error:
            assert error.reason == "empty"
            continue
        formats.append(reading.probe(path).sample_format)
    path.write_bytes(between.join(contents))
    if not wholes:
        with pytest.raises(AudioError, match="empty: holds no samples"):
            reading.read(path)
        return
    expected, rate = joined(wholes)
    whole, found = reading.read(path)
    assert (whole.shape, found) == (expected.shape, rate)
    # The resampler works in blocks here: equal to within its own precision.
    np.testing.assert_allclose(whole, expected, atol=2e-6)
    assert_parts(path, whole)
    assert reading.probe(path).sample_format == max(formats)


@pytest.mark.parametrize("suffix", PARTS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_joined_files_are_each_of_their_parts(
    tmp_path: Path, suffix: str, data: st.DataObject
) -> None:
    contents = data.draw(st.lists(PARTS[suffix], min_size=2, max_size=4))
    assert_joined(tmp_path / f"joined.{suffix}", contents)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_part_without_sound_converts_no_other(tmp_path: Path, place: int) -> None:
    contents = [ogg(1, 44100, 1, "VORBIS"), ogg(3000, 32000, 1, "VORBIS")]
    contents.insert(place, ogg(0, 48000, 2, "VORBIS"))
    assert_joined(tmp_path / "joined.ogg", contents)
    assert reading.probe(tmp_path / "joined.ogg").rate == 44100


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(frames=st.integers(1, 60_000), channels=st.integers(1, 8), tags=st.booleans())
def test_the_last_frame_states_the_length(
    tmp_path: Path, frames: int, channels: int, tags: bool
) -> None:
    rng = np.random.default_rng(frames)
    sound = 0.1 * rng.standard_normal((frames, channels))
    path = tmp_path / "a.flac"
    soundfile.write(path, sound, RATE, subtype="PCM_24")
    if tags:
        path.write_bytes(path.read_bytes() + b"TAG" + rng.bytes(125))
    with path.open("rb") as file:
        (stream,) = find_flac_streams(file.fileno())
    assert stream.declared == stream.found == frames


@pytest.mark.parametrize("codec_options", [{}, {"frame_size": "576"}, {"frame_size": "17"}])
def test_other_writers_of_flac(tmp_path: Path, codec_options: dict[str, str]) -> None:
    path = tmp_path / "a.flac"
    encode(path, music(3, 32000), 32000, "flac", **codec_options)
    with path.open("rb") as file:
        (stream,) = find_flac_streams(file.fileno())
    assert stream.declared == stream.found == 96000


@pytest.mark.parametrize("stated", [1, 20_000, len(SONG) - 1])
def test_flac_with_more_frames_than_stated_is_read_whole(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, stated: int
) -> None:
    path = tmp_path / f"{stated}.flac"
    path.write_bytes(made("FLAC"))
    expected, _ = reading.read(path)
    path.write_bytes(restated(made("FLAC"), stated))
    whole, _ = reading.read(path)
    np.testing.assert_array_equal(whole, expected)
    assert_parts(path, whole)
    told = f"{path}: its header says {stated} frames, {len(SONG)} are there; all are read"
    assert caplog.messages == [told]


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_flac_that_is_cut_off_names_both_lengths(tmp_path: Path, share: float) -> None:
    content = made("FLAC")
    path = tmp_path / "a.flac"
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(AudioError, match=rf"header says {len(SONG)} frames, \d+ are there") as told:
        reading.probe(path)
    assert told.value.reason == "truncated"


@pytest.mark.parametrize("kept", [0, 5])
def test_flac_of_which_the_header_alone_is_there_is_truncated(tmp_path: Path, kept: int) -> None:
    content = made("FLAC")
    path = tmp_path / "a.flac"
    path.write_bytes(content[: content.index(b"\xff\xf8") + kept])
    with pytest.raises(AudioError, match=f"header says {len(SONG)} frames, none is there") as told:
        reading.probe(path)
    assert told.value.reason == "truncated"


@pytest.mark.parametrize("kind", ["WAV", "RF64", "W64", "AIFF", "AU"])
def test_a_file_that_lacks_its_last_frame_is_not_shorter_without_a_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    path = tmp_path / f"a.{kind.lower()}"
    soundfile.write(path, SONG[:500], RATE, format=kind, subtype="PCM_16")
    content = path.read_bytes()
    assert reading.probe(path).frames == 500 and not caplog.messages
    path.write_bytes(content[:-4])
    assert reading.probe(path).frames == 499
    (told,) = caplog.messages
    assert re.search(r"header says \d+ bytes of audio, the file holds \d+", told)


# Files that decoders read without a word though bytes are missing.
UNREPORTED = [
    *[("CAF", subtype) for subtype in ("PCM_16", "PCM_24", "FLOAT", "ULAW", "ALAC_16")],
    *[(kind, "PCM_16") for kind in ("SVX", "AVR", "MPC2K", "NIST", "MAT4", "MAT5", "VOC")],
    *[("NIST", "ULAW"), ("MAT4", "FLOAT"), ("MAT5", "DOUBLE"), ("sox", "pcm_s32le")],
]


@pytest.mark.parametrize(("kind", "subtype"), UNREPORTED)
def test_bytes_that_a_header_declares_but_the_file_lacks_are_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str, subtype: str
) -> None:
    path = tmp_path / "a.sound"
    if kind.isupper():
        soundfile.write(path, SONG[:5000, :1], RATE, format=kind, subtype=subtype)
    else:
        encode(path, SONG[:5000, :1], RATE, subtype, container_format=kind)
    content = path.read_bytes()
    whole, _ = reading.read(path)
    assert not caplog.messages
    # VOC ends with a byte that holds no sound.
    last = len(content) - (kind == "VOC")
    for missing in (1, 4, 60):
        path.write_bytes(content[: last - missing])
        np.testing.assert_array_equal(reading.read(path)[0], whole[: reading.probe(path).frames])
        told = f"{path}: its header says {last} bytes, {last - missing} are there"
        assert caplog.messages[-1] == told
    path.write_bytes(content[: last - 65])
    with pytest.raises(AudioError, match=f"truncated: its header says {last} bytes"):
        reading.probe(path)


def test_wav_for_ffmpeg_that_lacks_its_last_bytes_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.wav"
    encode(path, SONG, RATE, "ac3")
    content = path.read_bytes()
    path.write_bytes(content[:-5])
    reading.read(path)
    held = len(content) - content.index(b"data") - 8
    told, left_out = caplog.messages
    assert told == f"{path}: its header says {held} bytes of audio, the file holds {held - 5}"
    assert "its last frame is cut off and left out" in left_out


KINDS = [(kind, "PCM_16") for kind in ("WAV", "RF64", "W64", "AIFF", "AU", "CAF")]
CODECS = [("tta", "tta"), ("m4a", "alac"), ("m4a", "aac"), ("mov", "pcm_s16le"), ("caf", "alac")]


def intact(path: Path, kind: str, codec: str) -> bytes:
    if kind.isupper():
        path.write_bytes(made(kind, codec))
    else:
        encode(path, SONG, RATE, codec)
    return path.read_bytes()


@pytest.mark.parametrize(("kind", "codec"), KINDS + CODECS)
@pytest.mark.parametrize("rest", ["itself", "noise"])
def test_what_follows_the_sound_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str, codec: str, rest: str
) -> None:
    path = tmp_path / f"a.{kind.lower()}"
    content = intact(path, kind, codec)
    expected, _ = reading.read(path)
    assert caplog.messages == []
    behind = content if rest == "itself" else np.random.default_rng(0).bytes(20_000)
    path.write_bytes(content + behind)
    whole, _ = reading.read(path)
    np.testing.assert_array_equal(whole, expected)
    (line,) = caplog.messages
    assert line.startswith(f"{path}: its header declares {len(expected)} frames; ")
    assert line.endswith(" bytes that follow them are not read")


@pytest.mark.parametrize(("kind", "codec"), KINDS + CODECS)
def test_tags_behind_the_sound_are_none(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str, codec: str
) -> None:
    path = tmp_path / f"a.{kind.lower()}"
    content = intact(path, kind, codec)
    expected, _ = reading.read(path)
    footer = struct.pack("<8s4I8x", b"APETAGEX", 2000, 20_032, 1, 1 << 31)
    path.write_bytes(content + bytes(20_032) + footer + b"TAG" + bytes(125))
    np.testing.assert_array_equal(reading.read(path)[0], expected)
    assert caplog.messages == []


def test_chunks_behind_the_sound_of_wave64_are_none(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.w64"
    content = intact(path, "W64", "PCM_16")
    expected, _ = reading.read(path)
    name = b"levl" + bytes.fromhex("f3acd3118cd100c04f8edb8a")
    path.write_bytes(
        content + bytes(-len(content) % 8) + name + struct.pack("<Q", 9024) + bytes(9000)
    )
    np.testing.assert_array_equal(reading.read(path)[0], expected)
    assert caplog.messages == []


def test_bytes_behind_ogg_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "a.ogg"
    soundfile.write(path, SONG, RATE, format="OGG", subtype="VORBIS")
    expected, _ = reading.read(path)
    path.write_bytes(path.read_bytes() + np.random.default_rng(0).bytes(200_000))
    np.testing.assert_array_equal(reading.read(path)[0], expected)
    assert caplog.messages == [f"{path}: 200000 bytes that follow its last Ogg page are not read"]


@pytest.mark.parametrize("codec", ["PCM_16", "alac"])
def test_caf_that_is_cut_off_names_both_lengths(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "a.caf"
    content = intact(path, "CAF" if codec == "PCM_16" else "caf", codec)
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(AudioError, match=r"header says \d+ bytes of audio, the file holds \d+"):
        reading.probe(path)


def test_avi_that_is_cut_off_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "a.avi"
    encode(path, SONG, RATE, "pcm_s16le")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    reading.read(path)
    assert f"its header says {len(content)} bytes, {len(content) // 2} are there" in caplog.text


@pytest.mark.parametrize("start", range(4, 60, 3))
def test_a_damaged_beginning_of_flac_is_named_in_plain_words(tmp_path: Path, start: int) -> None:
    path = tmp_path / "a.flac"
    encode(path, music(1, 32000), 32000, "flac")
    data = path.read_bytes()
    for damaged in (data[:start], data[:start] + b"\xaa\x55" + data[start + 2 :]):
        path.write_bytes(damaged)
        try:
            reading.probe(path)
        except AudioError as error:
            assert "argument" not in str(error) and "iterable" not in str(error)
