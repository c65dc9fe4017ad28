"""Chained Ogg: links that are cut off, not marked as such, or of several codecs.

That a chain is each of its links is tested in `test_joined_files`.
"""

import struct
from pathlib import Path

import numpy as np
import pytest

from deep_plunder.audio import reading
from tests.unit.audio.test_joined_files import assert_joined, ogg
from tests.unit.audio.test_odd_mp3 import assert_parts
from tests.unit.audio.test_reading import encode, music


def test_a_link_that_is_cut_off_does_not_hide_the_next(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = ogg(60_000, 44100, 2, "VORBIS"), ogg(50_000, 44100, 2, "VORBIS", 1)
    path = tmp_path / "a.ogg"
    path.write_bytes(second)
    end, _ = reading.read(path)
    assert not caplog.messages
    for share in (0.5, 0.9, 0.999):
        path.write_bytes(first[: int(share * len(first))] + second)
        whole, _ = reading.read(path)
        assert 50_000 < len(whole) <= 110_000
        np.testing.assert_array_equal(whole[-50_000:], end)
        assert_parts(path, whole)
    told = f"{path}: 1 of its 2 Ogg streams lack the page marked as the last"
    assert caplog.messages == [told]


def pages(content: bytes) -> list[bytearray]:
    found, place = [], 0
    while place < len(content):
        count = content[place + 26]
        end = place + 27 + count + sum(content[place + 27 : place + 27 + count])
        found.append(bytearray(content[place:end]))
        place = end
    return found


def checked(pages: list[bytearray]) -> bytes:
    """Join pages, with their checksums made anew (RFC 3533, section 6)."""
    for page in pages:
        page[22:26] = bytes(4)
        crc = 0
        for byte in page:
            crc ^= byte << 24
            for _ in range(8):
                crc = (crc << 1 ^ (0x04C11DB7 if crc >> 31 else 0)) & 0xFFFF_FFFF
        struct.pack_into("<I", page, 22, crc)
    return b"".join(pages)


LINKS = [(2000, 44100, "VORBIS"), (3000, 48000, "OPUS"), (2500, 22050, "VORBIS")]


@pytest.mark.parametrize("count", [1, 40, 5000])
def test_bytes_between_links_hide_none(tmp_path: Path, count: int) -> None:
    contents = [ogg(frames, rate, 2, subtype) for frames, rate, subtype in LINKS]
    assert_joined(tmp_path / "a.ogg", contents, between=np.random.default_rng(0).bytes(count))


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
@pytest.mark.parametrize("chained", [True, False])
def test_a_stream_without_a_last_page_is_read(tmp_path: Path, subtype: str, chained: bool) -> None:
    found = pages(ogg(9000, 48000, 2, subtype))
    found[-1][5] &= ~4
    content = checked(found)
    path = tmp_path / "a.ogg"
    path.write_bytes(content)
    whole, _ = reading.read(path)
    assert 9000 <= len(whole) < 12_000
    assert_parts(path, whole)
    if chained:
        assert_joined(path, [content, ogg(5000, 48000, 2, subtype, 1), content])


@pytest.mark.parametrize("codec", ["flac", "libopus"])
@pytest.mark.parametrize("late", [1000, 1 << 33])
def test_a_stream_whose_places_begin_late_is_read(tmp_path: Path, codec: str, late: int) -> None:
    path = tmp_path / "a.ogg"
    encode(path, music(0.2, 48000), 48000, codec)
    found = pages(path.read_bytes())
    for page in found[2:]:
        granule = struct.unpack_from("<q", page, 6)[0]
        if granule > 0:
            struct.pack_into("<q", page, 6, granule + late)
    content = checked(found)
    path.write_bytes(content)
    whole, _ = reading.read(path)
    assert 9600 <= len(whole) < 11_000
    assert_parts(path, whole)
    assert_joined(path, [ogg(4000, 44100, 2, "VORBIS"), content])


def test_links_of_other_codecs_are_decoded(tmp_path: Path) -> None:
    encode(tmp_path / "a.ogg", music(1, 32000, 1), 32000, "flac")
    (tmp_path / "b.ogg").write_bytes(ogg(20_000, 44100, 2, "VORBIS"))
    contents = [(tmp_path / name).read_bytes() for name in ("a.ogg", "b.ogg")]
    assert_joined(tmp_path / "chain.ogg", contents)
