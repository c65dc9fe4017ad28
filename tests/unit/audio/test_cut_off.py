"""Files that are cut off at any place: a line says so wherever something in the file tells."""

import itertools
import re
import struct
from collections.abc import Callable
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deep_plunder.audio import reading
from deep_plunder.audio.coded_frames import stated_size
from deep_plunder.errors import AudioError
from tests.unit.audio.test_reading import encode, music

# Container and codec. libsndfile writes the containers without a codec.
KINDS = [
    *((kind, "") for kind in ("IRCAM", "PAF", "PVF", "WVE")),
    ("adts", "aac"),
    ("latm", "aac"),
    ("ac3", "ac3"),
    ("eac3", "eac3"),
    ("mp2", "mp2"),
    ("amr", "libopencore_amrnb"),
    ("mpegts", "aac"),
    ("mpegts", "ac3"),
    ("mpegts", "mp2"),
    ("mpeg", "mp2"),
    ("nut", "aac"),
    ("nut", "flac"),
    ("nut", "pcm_s16le"),
    ("flv", "aac"),
    ("flv", "pcm_s16le"),
    ("rm", "real_144"),
]
# Their frames follow each other without any other bytes.
RAW = ("adts", "latm", "ac3", "eac3", "mp2", "amr")
PES = re.compile(rb"\0\0\x01[\xbd\xc0-\xdf](..)", re.S)

Whole = Callable[[str, str], Path]
names = itertools.count()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder = tmp_path_factory.mktemp("whole")

    @cache
    def made(kind: str, codec: str) -> Path:
        path = folder / f"whole_{codec}.{kind}"
        rate, channels = (8000, 1) if kind in ("WVE", "amr", "rm") else (44100, 2)
        sound = music(1.5, rate, channels)
        if codec:
            encode(path, sound, rate, codec, container_format=kind, muxing={"strict": "-2"},
                   strict="-2")  # fmt: skip
        else:
            soundfile.write(path, sound, rate, format=kind)
        return path

    return made


def read(path: Path, content: bytes, caplog: pytest.LogCaptureFixture) -> tuple[int, list[str]]:
    """Return the number of frames that are read, and the messages."""
    caplog.clear()
    path.write_bytes(content)
    try:
        frames = len(reading.read(path)[0])
    except AudioError as error:
        return -1, [str(error)]
    return frames, list(caplog.messages)


def tells_nothing(path: Path, cut: int) -> bool:
    """Return whether a file that is cut off at a place is a shorter whole file."""
    kind, content = path.suffix[1:], path.read_bytes()
    if kind in ("IRCAM", "PAF", "PVF"):
        return (len(content) - cut) % 4 == 0
    if kind == "mpegts":
        return cut % 188 == 0
    if kind == "mpeg":
        ends = [found.end() + int.from_bytes(found[1]) for found in PES.finditer(content)]
        starts = [found.start() for found in PES.finditer(content)]
        return any(end <= cut < start + 6 for end, start in zip(ends[:-1], starts[1:], strict=True))
    if kind in RAW:
        with av.open(str(path)) as container:
            places = [packet.pos for packet in container.demux(audio=0) if packet.size]
        # Fewer bytes of a frame than its header has could be anything.
        return any(0 <= cut - place < 7 for place in places)
    return False


@pytest.mark.parametrize(("kind", "codec"), KINDS)
def test_a_whole_file_is_read_without_a_word(
    whole: Whole, caplog: pytest.LogCaptureFixture, kind: str, codec: str
) -> None:
    path = whole(kind, codec)
    frames, said = read(path.with_name(f"{kind}_{codec}"), path.read_bytes(), caplog)
    assert frames > 0
    assert said == []


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(kind=st.sampled_from(KINDS), share=st.floats(0.1, 0.9))
def test_a_file_that_is_cut_off_is_told(
    whole: Whole, caplog: pytest.LogCaptureFixture, kind: tuple[str, str], share: float
) -> None:
    path = whole(*kind)
    content = path.read_bytes()
    cut = int(share * len(content))
    # A warning is said once per name.
    _, said = read(path.with_name(f"{next(names)}"), content[:cut], caplog)
    assert said or tells_nothing(path, cut)


def test_an_instrument_shorter_than_it_states_is_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.xi"
    soundfile.write(path, music(0.5, 44100, 1), 44100)
    content = bytearray(path.read_bytes())
    # libsndfile does not state the length that it writes.
    struct.pack_into("<I", content, 298, len(content) - 338)
    assert read(path, content, caplog) == (22050, [])
    frames, [said] = read(path, content[:-2000], caplog)
    assert frames < 0
    assert f"says {len(content)} bytes, {len(content) - 2000} are there" in said


def test_a_frame_that_is_cut_off_is_left_out(
    whole: Whole, caplog: pytest.LogCaptureFixture
) -> None:
    path = whole("ac3", "ac3")
    content = path.read_bytes()
    with av.open(str(path)) as container:
        tenth = [packet.pos for packet in container.demux(audio=0)][10]
    place = path.with_name("cut.ac3")
    assert read(place, content[:tenth], caplog) == (10 * 1536, [])
    frames, [said] = read(place, content[: tenth + 100], caplog)
    assert frames == 10 * 1536
    assert "its last frame is cut off and left out, 100 of" in said


@pytest.mark.parametrize(
    ("kind", "tail"),
    [
        *((kind, b"") for kind in ("ac3", "eac3", "adts", "latm")),
        *((kind, b"TAG" + bytes(125)) for kind in ("adts", "latm")),
    ],
)
@pytest.mark.parametrize("frames", [1, 2, 3])
def test_few_frames_without_a_container_are_those_of_the_whole(
    tmp_path: Path, kind: str, frames: int, tail: bytes
) -> None:
    path = tmp_path / "a.raw"
    codec = kind if "ac3" in kind else "aac"
    encode(path, music(0.5, 48000), 48000, codec, container_format=kind)
    whole, _ = reading.read(path)
    content = path.read_bytes()
    names = {"ac3": "AC3", "eac3": "EAC3", "adts": "AAC", "latm": "AAC_LATM"}
    stop = 0
    for _ in range(frames):
        stop += stated_size(names[kind], content[stop:])
    path.write_bytes(content[:stop] + tail)
    found, rate = reading.read(path)
    assert (len(found), rate) == (frames * (1536 if "ac3" in kind else 1024), 48000)
    np.testing.assert_array_equal(found, whole[: len(found)])
