"""Temporary files of processes that have ended go; those of others stay."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deep_plunder.util import temporaries
from deep_plunder.util.files import atomic_directory, atomic_path, write_text
from deep_plunder.util.temporaries import remove_abandoned, temporary_sibling

WRITER = """
import sys, time
from pathlib import Path
from deep_plunder.util.files import atomic_directory, atomic_path
with atomic_path(sys.argv[1] + "/table.tsv") as file, atomic_directory(sys.argv[1] + "/a") as made:
    file.write_text("half")
    (made / "half.wav").write_text("half")
    made.chmod(0o500)
    print("ready", flush=True)
    time.sleep(600)
"""


@pytest.fixture(autouse=True)
def forget() -> None:
    """Let a folder be looked through again."""
    temporaries._remove_abandoned.cache_clear()


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".table.12345678.tsv").write_text("a user's")
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        # It lives: nothing of it goes.
        write_text(tmp_path / "first.txt", "x")
        assert len(list(tmp_path.iterdir())) == 4
        process.send_signal(signal.SIGKILL)
    temporaries._remove_abandoned.cache_clear()
    with atomic_directory(tmp_path / "b") as folder:
        (folder / "x").write_text("x")
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == [".table.12345678.tsv", "b", "first.txt"]


def test_a_number_that_another_process_has_now_tells_nothing(tmp_path: Path) -> None:
    own = temporary_sibling(tmp_path / "table.tsv")
    own.write_text("mine")
    before, process, start, rest = own.name.split("-")
    if not start:
        pytest.skip("this system does not tell when a process began")
    other = tmp_path / "-".join([before, process, str(int(start) - 1), rest])
    other.write_text("of a process of the same number, long ago")
    machine = tmp_path / own.name.replace(before[-8:], "0123abcd")
    machine.write_text("of another machine")
    remove_abandoned(tmp_path)
    assert own.exists()
    assert machine.exists()
    assert not other.exists()


def test_names_keep_their_suffix_and_fit(tmp_path: Path) -> None:
    for name in ("a" * 200 + ".keras", "mix.truth.npz", "folder", "x.\n.wav"):
        temporary = temporary_sibling(tmp_path / name)
        assert temporary.name.endswith(Path(name).suffix)
        assert len(os.fsencode(temporary.name)) < 200
        assert temporaries._NAME.fullmatch(temporary.name)


def test_a_folder_is_looked_through_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = []
    real = os.listdir
    monkeypatch.setattr(os, "listdir", lambda folder: listed.append(folder) or real(folder))
    for number in range(20):
        with atomic_path(tmp_path / f"{number}.tsv") as temporary:
            temporary.write_text("x")
    assert listed == [tmp_path]
