"""The benchmark of many songs: its links and its view of memory."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.many_songs import link_songs, watch

linux = pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs Linux")

# A process of its own and its child hold 60 and 40 MB until a line comes.
HOLD = """
import subprocess, sys
held = bytearray(60 << 20)
for start in range(0, len(held), 4096):
    held[start] = 1
child = "held = bytearray(b'x' * (40 << 20)); print(); input()"
if len(sys.argv) == 1:
    started = subprocess.Popen([sys.executable, "-c", child], stdout=subprocess.PIPE)
    started.stdout.readline()
    print(flush=True)
    started.wait()
"""


@pytest.fixture
def songs(tmp_path):
    paths = [tmp_path / "one.mp3", tmp_path / "two.ogg"]
    for path in paths:
        path.write_bytes(path.name.encode())
    return list(zip(paths, (60.0, 120.0), strict=True))


def test_links_go_around_the_songs_until_they_last_long_enough(songs, tmp_path):
    folder = tmp_path / "links"
    folder.mkdir()
    # 60 + 120 + 60 s are below five minutes, one more song is above.
    assert link_songs(songs, folder, hours=5 / 60) == 4
    links = sorted(folder.rglob("*.*"))
    assert [link.name for link in links] == ["000000.mp3", "000001.ogg", "000002.mp3", "000003.ogg"]
    assert [link.read_bytes() for link in links] == 2 * [song.read_bytes() for song, _ in songs]
    assert links[0].samefile(links[2])
    assert not links[0].samefile(songs[0][0])


def test_each_thousand_links_have_a_folder(songs, tmp_path):
    folder = tmp_path / "links"
    folder.mkdir()
    assert link_songs(songs[:1], folder, hours=1001 / 60) == 1001
    assert [len(list(part.iterdir())) for part in sorted(folder.iterdir())] == [1000, 1]


@linux
def test_memory_is_that_of_all_processes_until_they_end(tmp_path):
    for song in ("a", "b"):
        (tmp_path / song).mkdir()
    command = [sys.executable, "-c", HOLD]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        process.stdout.readline()
        samples = watch(process, tmp_path, every_s=0.05)
        first = next(samples)
        process.stdin.close()
        rest = list(samples)
    assert first.processes == 2
    assert first.songs == 2
    assert 100 <= first.memory_mb < 200
    assert process.returncode == 0
    assert all(sample.elapsed_s >= first.elapsed_s for sample in rest)
