"""A checksum is that of the bytes, whether they are read or still in memory."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deep_plunder.audio import writing
from deep_plunder.util.checksums import block_sums, check_files, file_checksum, write_sums
from deep_plunder.util.rng import generator

BLOCK = 1 << 16


@pytest.mark.parametrize("begin", [0, 1, 44, BLOCK - 1, BLOCK, BLOCK + 44])
@pytest.mark.parametrize("length", [0, 1, 100, BLOCK - 44, BLOCK, 3 * BLOCK + 6])
def test_the_end_of_a_file_need_not_be_read_again(tmp_path: Path, begin: int, length: int) -> None:
    path = tmp_path / "a"
    content = generator(begin, "checksums", length).bytes(begin + length)
    path.write_bytes(content)
    end = np.frombuffer(content[begin:], np.uint8)
    assert file_checksum(path, end=end) == file_checksum(path)


@given(content=st.binary(max_size=300), size=st.sampled_from([8, 16, 64]), high=st.booleans())
def test_a_sum_is_that_of_the_words(content: bytes, size: int, high: bool) -> None:
    content = bytes(byte | 0xF0 for byte in content) if high else content
    expected = []
    for start in range(0, len(content), size):
        words = (content[place : place + 8] for place in range(start, start + size, 8))
        expected.append(sum(int.from_bytes(word, "little") for word in words))
    assert block_sums(content, size).tolist() == [each % 2**64 for each in expected]


@pytest.mark.parametrize("size", [4096, 12_288, 65_536])
@pytest.mark.parametrize("length", [0, 4095, 4096, 12_288, 200_003])
def test_a_sum_of_long_blocks_is_that_of_their_parts(size: int, length: int) -> None:
    content = generator(length, "checksums", size).bytes(length)
    parts = block_sums(content, 8).astype(object)
    words = size // 8
    expected = [sum(parts[k : k + words]) % 2**64 for k in range(0, len(parts), words)]
    assert block_sums(content, size).tolist() == expected


def test_what_was_written_otherwise_than_it_is_held_is_found(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    audio = generator(0, "checksums").integers(-9000, 9000, (90_000, 2)).astype(np.int16)
    writing.write(path, audio, 44100)
    write_sums(tmp_path / "a.sums", [path], ends={path: audio})
    check_files(tmp_path / "a.sums", ["a.wav"], remove=path)
    held = file_checksum(path)
    for place in (30, 44, 200_003):
        content = bytearray(path.read_bytes())
        content[place] ^= 8
        path.write_bytes(content)
        assert file_checksum(path) != held
        content[place] ^= 8
        path.write_bytes(content)
    assert file_checksum(path, end=audio[:-1]) != held
