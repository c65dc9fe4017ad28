"""MP4 and QuickTime files: edit lists of any kind, fragments, and what is decoded of them."""

import itertools
import struct
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from deep_plunder.audio import reading
from deep_plunder.audio.mp4_boxes import Track, read_track
from tests.unit.audio.test_odd_mp3 import assert_parts
from tests.unit.audio.test_reading import encode, music

Edits = Sequence[tuple[float, int]]
"""Seconds of each edit, and the sample at which it begins or -1 for a pause."""

RATE = 48000
CODECS = {
    "aac": ".m4a",
    "alac": ".m4a",
    "flac": ".mp4",
    "libmp3lame": ".mp4",
    "ac3": ".mp4",
    "mp2": ".mov",
    "pcm_s16le": ".mov",
    "pcm_s24be": ".mov",
    "pcm_f32le": ".mov",
    "pcm_mulaw": ".mov",
    "adpcm_ima_qt": ".mov",
}
EDITS: dict[str, Edits] = {
    "none": (),
    "from the first packet on": ((2, 1024),),
    "from the midst of a packet on": ((1.2, 30_011),),
    "of unknown length": ((0, 1024),),
    "longer than the sound": ((9, 2048),),
    "two": ((0.7, 1024), (1.1, 70_001)),
    "backwards": ((0.4, 100_000), (0.3, 52_345), (0.5, 0)),
    "twice the same": ((0.5, 5000), (0.5, 5000)),
    "many": tuple((0.05, 1024 + 2477 * n) for n in range(40)),
    "a pause between": ((0.5, 1024), (1, -1), (0.9, 40_000)),
    "beyond the end between": ((0.5, 1024), (0.3, 1_000_000), (0.9, 40_000)),
}


def boxes(content: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    while start < end:
        size, name = struct.unpack_from(">I4s", content, start)
        yield name, start, size
        start += size


def find(content: bytes, *path: bytes) -> tuple[int, int]:
    """Return the place and the size of a box, or (0, 0)."""
    start, end = 0, len(content)
    place = size = 0
    for name in path:
        found = {box: (at, length) for box, at, length in boxes(content, start, end)}
        place, size = found.get(name, (0, 0))
        start, end = place + 8, place + size
    return place, size


def edited(content: bytes, edits: Edits, *, version: int = 0) -> bytes:
    """Return an MP4 file, whose index is at its end, with another edit list."""
    scale = struct.unpack_from(">I", content, find(content, b"moov", b"mvhd")[0] + 20)[0]
    row = ">Iihh" if version == 0 else ">Qqhh"
    rows = b"".join(struct.pack(row, round(length * scale), at, 1, 0) for length, at in edits)
    elst = struct.pack(">I4sB3xI", 16 + len(rows), b"elst", version, len(edits)) + rows
    edts = struct.pack(">I4s", 8 + len(elst), b"edts") + elst if edits else b""
    place, size = find(content, b"moov", b"trak", b"edts")
    if not size:
        header = find(content, b"moov", b"trak", b"tkhd")
        place = sum(header)
    changed = bytearray(content)
    for parent in (find(content, b"moov"), find(content, b"moov", b"trak")):
        struct.pack_into(">I", changed, parent[0], parent[1] + len(edts) - size)
    changed[place : place + size] = edts
    return bytes(changed)


def media(path: Path) -> np.ndarray:
    """Return all that was encoded, by FFmpeg without regard to edits."""
    import av
    from av.codec.context import Flags2

    blocks = []
    with av.open(str(path), options={"ignore_editlist": "1"}) as container:
        stream = container.streams.audio[0]
        stream.codec_context.flags2 |= Flags2.skip_manual
        for frame in container.decode(stream):
            block = frame.to_ndarray()
            if not frame.format.is_planar:
                block = block.reshape(-1, len(frame.layout.channels)).T
            scale = 1 if block.dtype.kind == "f" else 2.0 ** (8 * block.itemsize - 1)
            blocks.append((block / scale).astype(np.float32))
    return np.concatenate(blocks, axis=1).T


def track_of(path: Path) -> Track:
    with path.open("rb") as file:
        track = read_track(file)
    assert track is not None
    return track


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    samples = music(3, RATE)
    for codec, suffix in CODECS.items():
        encode(folder / f"{codec}{suffix}", samples, RATE, codec, muxing={"strict": "-2"})
    return folder


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("version", [0, 1])
def test_what_the_edits_play_is_read_to_the_sample(
    films: Path, tmp_path: Path, codec: str, name: str, version: int
) -> None:
    path = (tmp_path / codec).with_suffix(CODECS[codec])
    edits = EDITS[name]
    path.write_bytes(edited((films / path.name).read_bytes(), edits, version=version))
    whole, rate = reading.read(path)
    assert rate == RATE
    assert_parts(path, whole, seed=len(name))
    sound = media(path)
    total = sum(count * ticks for count, ticks in track_of(path).packets)
    sound = sound[: min(total, len(sound))]
    played = [(length, at) for length, at in edits if at >= 0]
    parts = [
        sound[at : at + round(Fraction(length) * RATE) if length else None]
        for length, at in played or [(0, 0)]
    ]
    expected = np.concatenate(parts)
    np.testing.assert_array_equal(whole[: len(expected)], expected)
    # Where pauses pass, the last packet is played to its end; packets of ADPCM are whole, too.
    longer = {"adpcm_ima_qt": 64}.get(codec, 0)
    if len(played) < len(edits):
        longer = max(longer, track_of(path).packets[0][1])
    assert 0 <= len(whole) - len(expected) <= longer


def test_opus_is_as_long_as_its_edit_list_says(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    encode(path, music(1.234, RATE), RATE, "libopus")
    whole, _ = reading.read(path)
    assert len(whole) == round(1.234 * RATE)
    assert_parts(path, whole)


@pytest.mark.parametrize("codec", ["aac", "alac", "flac"])
def test_a_pause_at_the_beginning_is_left_out(films: Path, tmp_path: Path, codec: str) -> None:
    import av

    path = (tmp_path / codec).with_suffix(CODECS[codec])
    content = (films / path.name).read_bytes()
    path.write_bytes(edited(content, ((2, -1), (1.5, 1024))))
    whole, _ = reading.read(path)
    # FFmpeg plays one edit after a pause as it should be.
    with av.open(str(path)) as container:
        frames = sum(frame.samples for frame in container.decode(audio=0))
    assert len(whole) == frames
    np.testing.assert_array_equal(whole, media(path)[1024 : 1024 + frames])
    assert_parts(path, whole)


def without_fragments(content: bytes, count: int) -> bytes:
    """Drop the first fragments, as of a stream that was joined late."""
    kept, number = [], 0
    for name, place, size in boxes(content, 0, len(content)):
        number += name == b"moof"
        if name not in (b"sidx", b"mfra") and not (
            name in (b"moof", b"mdat") and 0 < number <= count
        ):
            kept.append(content[place : place + size])
    return b"".join(kept)


@pytest.mark.parametrize("codec", ["aac", "alac", "flac", "libmp3lame", "libopus"])
@pytest.mark.parametrize("kind", ["empty_moov", "delay_moov", "dash", "cmaf+delay_moov"])
def test_fragments_are_read_to_the_sample(tmp_path: Path, codec: str, kind: str) -> None:
    path = tmp_path / "a.mp4"
    muxing = {"strict": "-2", "movflags": f"+frag_keyframe+{kind}", "frag_duration": "400000"}
    encode(path, music(3, RATE), RATE, codec, muxing=muxing)
    whole, _ = reading.read(path)
    assert track_of(path).fragmented
    assert 3 * RATE <= len(whole) < 3 * RATE + 2 * 1024
    assert_parts(path, whole)
    content = path.read_bytes()
    if kind not in ("dash", "cmaf+delay_moov"):
        # Their fragments state places from the beginning of the file.
        return
    path.write_bytes(without_fragments(content, 2))
    late, _ = reading.read(path)
    assert 1.5 * RATE < len(late) < 2.3 * RATE
    assert_parts(path, late)
    if codec in ("alac", "flac"):
        np.testing.assert_array_equal(late, whole[-len(late) :])


@pytest.mark.parametrize("scale", [600, 1000, 44100, 90_000])
def test_edits_in_any_unit_of_time(tmp_path: Path, scale: int) -> None:
    path = tmp_path / "a.m4a"
    encode(path, music(3, 44100), 44100, "alac", muxing={"movie_timescale": str(scale)})
    content = path.read_bytes()
    path.write_bytes(edited(content, ((0.31, 777), (1.27, 44_100))))
    whole, _ = reading.read(path)
    sound = media(path)
    lengths = [round(Fraction(round(s * scale) * 44100, scale)) for s in (0.31, 1.27)]
    expected = [sound[777 : 777 + lengths[0]], sound[44_100 : 44_100 + lengths[1]]]
    np.testing.assert_array_equal(whole, np.concatenate(expected))
    assert_parts(path, whole)


def test_boxes_in_boxes_without_end_are_no_track(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    content = b""
    for name in itertools.repeat(b"mdia", 3000):
        content = struct.pack(">I4s", 8 + len(content), name) + content
    for name in (b"trak", b"moov"):
        content = struct.pack(">I4s", 8 + len(content), name) + content
    path.write_bytes(content)
    with path.open("rb") as file:
        assert read_track(file) is None
