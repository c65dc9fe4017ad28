"""MP3 files of few frames, of wrong tags, of several streams and of damaged frames."""

import io
import logging
import re
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from deep_plunder.audio import reading
from deep_plunder.errors import AudioError
from tests.unit.audio.test_reading import encode, music

RATES = (48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000)
MODES = {
    "constant": {"bitrate_mode": "CONSTANT", "compression_level": 0.5},
    "average": {"bitrate_mode": "AVERAGE"},
    "variable": {"bitrate_mode": "VARIABLE"},
}
DECODER_DELAY = 529


def mp3(frames: int, rate: int, channels: int, mode: str = "variable", seed: int = 0) -> bytes:
    file = io.BytesIO()
    samples = music(frames / rate + 0.01, rate, channels, seed)[:frames]
    soundfile.write(file, samples, rate, format="MP3", subtype="MPEG_LAYER_III", **MODES[mode])
    return file.getvalue()


def flac_of(samples: np.ndarray) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, 44100, format="FLAC", subtype="PCM_16")
    return file.getvalue()


def tag_of(content: bytes) -> int:
    """Return the place of the name of the tag."""
    return max(content.find(b"Xing"), content.find(b"Info"))


def untagged(content: bytes) -> bytes:
    """Return the frames of sound; the second frame begins where the tag's own does not."""
    return content[content.index(content[:2], tag_of(content) + 156) :]


def restated(content: bytes, frames: int) -> bytes:
    place = tag_of(content) + 8
    return content[:place] + struct.pack(">I", frames) + content[place + 4 :]


def stated(content: bytes) -> int:
    return int(struct.unpack_from(">I", content, tag_of(content) + 8)[0])


def assert_parts(path: Path, whole: np.ndarray, seed: int = 0, count: int = 8) -> None:
    rng = np.random.default_rng(seed)
    with reading.reader(path) as file:
        assert file.info.frames == len(whole)
        for start, stop in np.sort(rng.integers(0, len(whole) + 1, (count, 2)), axis=1).tolist():
            np.testing.assert_array_equal(file.read(start, stop), whole[start:stop])
        np.testing.assert_array_equal(np.concatenate(list(file.blocks(seconds=0.1))), whole)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("mode", MODES)
def test_mp3_of_any_length_is_whole(tmp_path: Path, rate: int, channels: int, mode: str) -> None:
    path = tmp_path / "a.mp3"
    for frames in (1, 47, 576, 577, 1152, 2305, 5000):
        content = mp3(frames, rate, channels, mode)
        path.write_bytes(content)
        whole, found = reading.read(path)
        assert (whole.shape, found) == ((frames, channels), rate)
        assert_parts(path, whole, count=3)


@pytest.mark.parametrize(("rate", "samples"), [(44100, 1152), (22050, 576), (8000, 576)])
@pytest.mark.parametrize("mode", MODES)
def test_mp3_without_a_tag_is_read_to_its_last_frame(
    tmp_path: Path, rate: int, samples: int, mode: str
) -> None:
    path = tmp_path / "a.mp3"
    for frames in (1, 5000, 30_000):
        content = mp3(frames, rate, 2, mode)
        for end in (b"", b"TAG" + bytes(125), content[:40]):
            path.write_bytes(untagged(content) + end)
            whole, _ = reading.read(path)
            assert len(whole) == stated(content) * samples - DECODER_DELAY
            assert_parts(path, whole, count=3)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("share", [0, 1 / 3, 0.9, 1.5, 100])
def test_a_tag_that_states_another_length_loses_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, mode: str, share: float
) -> None:
    content = mp3(40_000, 44100, 2, mode)
    (tmp_path / "right.mp3").write_bytes(content)
    (tmp_path / "wrong.mp3").write_bytes(restated(content, int(share * stated(content))))
    with caplog.at_level(logging.WARNING):
        whole, _ = reading.read(tmp_path / "wrong.mp3")
    np.testing.assert_array_equal(whole, reading.read(tmp_path / "right.mp3")[0])
    assert_parts(tmp_path / "wrong.mp3", whole)
    line = f"wrong.mp3: its header says {int(share * stated(content))} MPEG frames ("
    assert [line in message for message in caplog.messages] == [True]
    assert f"), {stated(content)} (" in caplog.text


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_mp3_that_ends_before_the_length_it_states_is_truncated(
    tmp_path: Path, share: float
) -> None:
    content = mp3(60_000, 44100, 2)
    (tmp_path / "a.mp3").write_bytes(content[: int(share * len(content))])
    with pytest.raises(AudioError, match=r"truncated: its header says \d+ MPEG frames") as caught:
        reading.probe(tmp_path / "a.mp3")
    assert caught.value.reason == "truncated"


@pytest.mark.parametrize("rates", [(44100, 22050), (22050, 44100)])
def test_a_tag_for_all_of_the_joined_parts_cuts_none_of_them(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, rates: tuple[int, int]
) -> None:
    contents = [mp3(20_000, rate, 2) for rate in rates]
    parts = [stated(content) for content in contents]
    path = tmp_path / "a.mp3"
    path.write_bytes(restated(contents[0], sum(parts)) + untagged(contents[1]))
    whole, rate = reading.read(path)
    samples = {44100: 1152, 22050: 576}
    seconds = [n * samples[r] / r for n, r in zip(parts, rates, strict=True)]
    assert rate == 44100
    assert abs(len(whole) / rate - sum(seconds)) < 0.1
    assert caplog.messages == []


def test_mp3_with_a_damaged_frame_lacks_that_frame(tmp_path: Path) -> None:
    content = bytearray(mp3(60_000, 44100, 2, "constant"))
    path = tmp_path / "a.mp3"
    path.write_bytes(content)
    whole, _ = reading.read(path)
    place = content.index(untagged(content)[:3], len(content) // 2)
    content[place : place + 4] = bytes(4)
    path.write_bytes(content)
    damaged, _ = reading.read(path)
    assert 0 < len(whole) - len(damaged) <= 2 * 1152
    np.testing.assert_array_equal(damaged[:20_000], whole[:20_000])
    np.testing.assert_array_equal(damaged[-20_000:], whole[-20_000:])
    assert_parts(path, damaged)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    mode=st.sampled_from(list(MODES)),
    place=st.floats(0.05, 0.9),
    count=st.integers(1, 300),
    added=st.booleans(),
)
# Behind the frame that this damages, samples were rounded differently.
@example(mode="constant", place=0.2, count=23, added=False)
def test_a_part_of_damaged_mp3_is_that_part_of_the_whole(
    tmp_path: Path, mode: str, place: float, count: int, added: bool
) -> None:
    content = mp3(60_000, 44100, 2, mode)
    at = round(place * len(content))
    noise = np.random.default_rng(count).bytes(count) if added else b""
    path = tmp_path / "a.mp3"
    path.write_bytes(content[:at] + noise + content[at + (0 if added else count) :])
    whole, _ = reading.read(path)
    assert abs(len(whole) - 60_000) <= 2 * 1152
    for start in (20_000, 31_229, 50_000):
        part, _ = reading.read(path, start=start, stop=start + 3000)
        np.testing.assert_array_equal(part, whole[start : start + 3000])


def test_mp3_that_lacks_its_last_frames_keeps_all_samples_of_the_others(tmp_path: Path) -> None:
    content = mp3(60_000, 44100, 2, "constant")
    frames = untagged(content)
    size = len(frames) // (stated(content))
    path = tmp_path / "a.mp3"
    path.write_bytes(content)
    expected, _ = reading.read(path)
    path.write_bytes(content[: len(content) - 2 * size - 5])
    whole, _ = reading.read(path)
    assert len(whole) == (stated(content) - 3) * 1152 - 576 - DECODER_DELAY
    np.testing.assert_array_equal(whole, expected[: len(whole)])


@pytest.mark.parametrize(
    "tag",
    [
        b"ID3\4\0\0\0\0\0\0",
        b"ID3\3\0\0\0\0\7\0" + bytes(896),
        # It states more bytes than the file has.
        b"ID3\4\0\0\x10\0\0\0" + bytes(500),
        # It states some that hold sound.
        b"ID3\4\0\0\0\0\x0f\0" + bytes(500),
        bytes(5000),
    ],
)
def test_what_comes_before_the_frames_is_left_out(tmp_path: Path, tag: bytes) -> None:
    content = mp3(9000, 32000, 2)
    (tmp_path / "a.mp3").write_bytes(content)
    (tmp_path / "b.mp3").write_bytes(tag + content)
    whole, _ = reading.read(tmp_path / "b.mp3")
    np.testing.assert_array_equal(whole, reading.read(tmp_path / "a.mp3")[0])


def test_a_chain_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(mp3(100, 8000, 1) * 1001)
    with pytest.raises(AudioError, match=r"undecodable: more than 1000 recordings .*: 1001"):
        reading.probe(path)


@pytest.mark.parametrize("tagged", [True, False])
def test_a_folder_for_resource_forks_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tagged: bool
) -> None:
    path = tmp_path / "a.mp3"
    content = mp3(5000, 44100, 2)
    path.write_bytes(content if tagged else untagged(content))
    expected, _ = reading.read(path)
    (tmp_path / ".AppleDouble").mkdir()
    monkeypatch.chdir(tmp_path)
    np.testing.assert_array_equal(reading.read(path)[0], expected)
    assert_parts(path, expected)


@pytest.mark.parametrize("tagged", [True, False])
@pytest.mark.parametrize("missing", [1, 40, 100])
def test_mp3_that_ends_within_its_last_frame_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, tagged: bool, missing: int
) -> None:
    path = tmp_path / "a.mp3"
    content = mp3(20_000, 44100, 2, "constant")
    content = content if tagged else untagged(content)
    path.write_bytes(content)
    expected, _ = reading.read(path)
    assert not caplog.messages
    path.write_bytes(content[:-missing])
    whole, _ = reading.read(path)
    (told,) = caplog.messages
    assert re.fullmatch(r".*: ends within its last MPEG frame; \d+ whole ones are read", told)
    # The encoder's padding was longer than a part of a frame.
    assert 0 < len(expected) - len(whole) <= 1152
    np.testing.assert_array_equal(whole, expected[: len(whole)])
    assert_parts(path, whole)


@pytest.mark.parametrize("behind", [True, False])
def test_what_is_no_frame_is_told_unless_it_holds_no_sound(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, behind: bool
) -> None:
    path = tmp_path / "a.mp3"
    first, second = mp3(20_000, 44100, 2), b"" if behind else mp3(9000, 44100, 2)
    ape = b"APETAGEX" + struct.pack("<4I8x", 2000, 6032, 1, 0xA000_0000) + b"c" * 6032
    id3 = b"ID3\4\0\0\0\0\x40\0" + b"x" * 8192
    lyrics = b"LYRICSBEGIN" + b"x" * 6000 + b"006011LYRICS200"
    for tags in (ape, id3, lyrics, bytes(9000), ape + b"TAG" + bytes(125)):
        path.write_bytes(first + tags + second)
        assert reading.probe(path).frames == 20_000 + 9000 * (not behind)
    assert not caplog.messages
    other = flac_of(music(0.5, 44100))
    path.write_bytes(first + other + second)
    assert reading.probe(path).frames == 20_000 + 9000 * (not behind)
    (told,) = caplog.messages
    found = re.fullmatch(r".*: (\d+) bytes between or behind its MPEG frames are not read", told)
    # The tag of the second recording is no frame of sound.
    assert found and 0 <= int(found[1]) - len(other) < 1000


def first_frames(content: bytes) -> list[int]:
    """Return the places of the frames of layer III at 128 kbit/s and 44.1 kHz."""
    head = untagged(content)[:2]
    return [found.start() for found in re.finditer(re.escape(head), content)]


def test_what_the_decoder_says_about_damaged_frames_is_one_line_of_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    content = bytearray(mp3(3 * 44100, 44100, 2, "constant"))
    # The numbers of values, in the side information behind the header of each frame.
    for place in first_frames(content)[20:40]:
        content[place + 7 : place + 20] = b"\xff" * 13
    path = tmp_path / "a.mp3"
    path.write_bytes(content)
    reading.read(path)
    reading.read(path, start=44100)
    told = f"{path}: some of its MPEG frames are damaged and may sound wrong"
    assert caplog.messages.count(told) == 1
    assert capfd.readouterr().err == ""


def test_a_frame_that_is_left_out_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    content = bytearray(mp3(3 * 44100, 44100, 2, "constant"))
    places = first_frames(content)
    content[places[40] : places[40] + 4] = b"lost"
    path = tmp_path / "a.mp3"
    path.write_bytes(content)
    reading.read(path)
    assert re.match(r".* \d+ bytes between or behind its MPEG frames", caplog.messages[0])


@pytest.mark.parametrize("tail", [b"", b"TAG" + bytes(125)])
def test_a_single_frame_of_layer_ii(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], tail: bytes
) -> None:
    path = tmp_path / "a.mp2"
    encode(path, music(0.5, 44100), 44100, "mp2")
    whole, _ = reading.read(path)
    content = path.read_bytes()
    second = content.index(content[:2], 100)
    path.write_bytes(content[:second] + tail)
    np.testing.assert_array_equal(reading.read(path)[0], whole[:1152])
    assert capfd.readouterr().err == ""
