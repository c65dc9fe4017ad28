import dataclasses
import errno
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deep_plunder.errors import InputError
from deep_plunder.util.files import atomic_directory, atomic_path, without_empty
from deep_plunder.util.listing import files_below
from deep_plunder.util.rng import generator
from deep_plunder.util.tables import read_records, write_records

TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.binary().map(
    lambda raw: raw.decode("utf-8", "surrogateescape")
)


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    count: int
    seconds: float
    kept: bool


@given(
    st.lists(
        st.builds(
            Row, TEXT, st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.booleans()
        )
    )
)
def test_tables_read_back_what_was_written(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("table") / "rows.tsv"
    write_records(path, Row, rows)
    assert path.read_text().count("\n") == len(rows) + 1
    assert read_records(path, Row) == rows


def test_missing_float_is_an_empty_cell(tmp_path):
    write_records(tmp_path / "a.tsv", Row, [Row("x", 1, math.nan, True)])
    assert (tmp_path / "a.tsv").read_text().splitlines()[1] == "x\t1\t\ttrue"
    assert math.isnan(read_records(tmp_path / "a.tsv", Row)[0].seconds)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name\tcount\tseconds\n", ["line 1", "'kept'"]),
        ("name\tcount\tseconds\tkept\na\tx\t1\ttrue\n", ["line 2", "count", "int", "'x'"]),
        ("name\tcount\tseconds\tkept\na\t1\t1\n", ["line 2", "3 cells", "4"]),
        ("name\tcount\tseconds\tkept\na\t1\t1\tyes\n", ["line 2", "kept", "bool", "'yes'"]),
    ],
)
def test_a_bad_table_is_named_with_place_rule_and_value(tmp_path, text, words):
    path = tmp_path / "bad.tsv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_records(path, Row)
    for word in [str(path), *words]:
        assert word in str(caught.value)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    (tmp_path / "out.txt").write_text("old")
    with pytest.raises(RuntimeError), atomic_path(tmp_path / "out.txt") as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert [path.name for path in tmp_path.iterdir()] == ["out.txt"]
    assert (tmp_path / "out.txt").read_text() == "old"


@pytest.mark.parametrize("write", [atomic_path, atomic_directory])
@pytest.mark.parametrize("inner", [None, "", "below"])
def test_an_error_of_writing_names_what_was_to_be_written(tmp_path, write, inner):
    out = tmp_path / "out.txt"
    words = r"^\[Errno 28\] No space left on device: '.*/out\.txt'$"
    with pytest.raises(OSError, match=words), write(out) as temporary:
        file = () if inner is None else (temporary / inner,)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), *file)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("write", [atomic_path, atomic_directory])
def test_a_copy_without_room_names_what_was_to_be_written(tmp_path, write):
    out, full = tmp_path / "out", os.strerror(errno.ENOSPC)
    with pytest.raises(OSError, match=r"/out'$"), write(out) as temporary:
        # As shutil.copyfile raises it.
        raise OSError(errno.ENOSPC, full, "song.wav", None, os.fspath(temporary / "song.wav"))


@pytest.mark.parametrize("write", [atomic_path, atomic_directory])
def test_an_error_of_reading_names_what_was_read(tmp_path, write):
    with pytest.raises(FileNotFoundError, match=r"/gone'$"), write(tmp_path / "out"):
        (tmp_path / "gone").read_bytes()


@pytest.mark.parametrize("write", [atomic_path, atomic_directory])
def test_what_cannot_lie_in_its_folder_is_named(tmp_path, write):
    (tmp_path / "file").touch()
    out = tmp_path / "file" / "new" / "out"
    with pytest.raises(NotADirectoryError, match=r"/file/new/out'$"), write(out):
        pass


def test_a_folder_is_replaced_as_a_whole(tmp_path):
    for name in ("a", "b"):
        with atomic_directory(tmp_path / "out") as temporary:
            (temporary / name).touch()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b"]


def below(folder, **options):
    return [path.relative_to(folder).as_posix() for path in files_below(folder, **options)]


def test_each_file_that_is_not_hidden_is_listed_once_under_its_own_name(odd_tree):
    every = ["a b/x.wav", "a/b/y.WAV", "a/gone.wav", "linked/o.mod", "linked/z.wav", "notes.txt"]
    assert below(odd_tree) == every
    assert below(odd_tree, suffixes={".wav"}) == [name for name in every if name[-3:] in "wavWAV"]
    shadows = below(odd_tree, suffixes={".mod"}, shadows={".wav"})
    assert shadows == ["._x.wav", "linked/o.mod"]
    assert below(odd_tree / ".hidden") == ["h.mod", "h.wav"]
    assert below(odd_tree / "gone") == []


def test_a_folder_that_is_left_out_has_no_other_name(odd_tree):
    outside = (odd_tree / "linked").resolve()
    assert not any("linked" in name for name in below(odd_tree, without=[outside]))
    assert below(odd_tree, without=[odd_tree]) == below(odd_tree)


def test_folders_that_cannot_be_read_are_told(odd_tree):
    faults = []
    files_below(odd_tree / "gone", onerror=faults.append)
    assert [type(fault) for fault in faults] == [FileNotFoundError]


def test_a_folder_that_can_be_listed_but_not_entered_is_told(own_folder, as_user):
    (own_folder / "listed" / "below").mkdir(parents=True)
    (own_folder / "listed" / "a.wav").touch()
    (own_folder / "listed").chmod(0o444)
    faults = []
    with as_user():
        assert below(own_folder, onerror=faults.append) == ["listed/a.wav"]
    assert [fault.filename for fault in faults] == [str(own_folder / "listed" / "below")]


@pytest.mark.parametrize("what", ["a link", "a link to nothing", "a file"])
def test_a_folder_takes_the_place_of_a_link_or_a_file(tmp_path, what):
    real = tmp_path / "real"
    if what != "a link to nothing":
        real.mkdir()
        (real / "a").touch()
    out = tmp_path / "out"
    if what == "a file":
        out.touch()
    else:
        out.symlink_to(real)
    with atomic_directory(out) as temporary:
        (temporary / "b").touch()
    left = [path.relative_to(tmp_path).as_posix() for path in sorted(tmp_path.rglob("*"))]
    assert left == ["out", "out/b"] + (["real", "real/a"] if real.exists() else [])
    assert not out.is_symlink()


@pytest.mark.parametrize("kept", [True, False])
def test_a_folder_that_cannot_be_replaced_stays(tmp_path, monkeypatch, kept):
    out = tmp_path / "out"
    if kept:
        out.mkdir()
        (out / "a").touch()
    replace = os.replace

    def failing(source, target):
        if target == out and (Path(source) / "b").exists():
            raise PermissionError(errno.EACCES, "Permission denied", source, None, target)
        replace(source, target)

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(PermissionError, match=r"/out'$"), atomic_directory(out) as temporary:
        (temporary / "b").touch()
    assert [path.relative_to(tmp_path).as_posix() for path in sorted(tmp_path.rglob("*"))] == (
        ["out", "out/a"] if kept else []
    )


def test_two_runs_that_write_one_folder_both_succeed(tmp_path, monkeypatch):
    """Another run puts its folder there between the two renames of this one."""
    path = tmp_path / "made"
    path.mkdir()
    (path / "old").touch()
    replace, others = os.replace, iter(["first", "second"])

    def meanwhile(source, target):
        if target == path and (other := next(others, None)):
            path.mkdir()
            (path / other).touch()
        replace(source, target)

    monkeypatch.setattr(os, "replace", meanwhile)
    with atomic_directory(path) as folder:
        (folder / "new").touch()
    assert [file.name for file in path.iterdir()] == ["new"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_read_only_folder_is_replaced_and_leaves_nothing(own_folder, as_user, caplog):
    out = own_folder / "out"
    with as_user():
        (out / "clips" / "deep").mkdir(parents=True)
        (out / "clips" / "a").touch()
        (out / "link").symlink_to(own_folder)
        for folder in (out / "clips" / "deep", out / "clips", out):
            folder.chmod(0o500)
        with atomic_directory(out) as temporary:
            (temporary / "b").touch()
    assert [p.relative_to(own_folder).as_posix() for p in own_folder.rglob("*")] == ["out", "out/b"]
    assert not caplog.records


def test_what_cannot_be_removed_is_told(tmp_path, monkeypatch, caplog):
    def busy(*args, **options):
        raise OSError(16, "Device or resource busy")

    (tmp_path / "out").mkdir()
    monkeypatch.setattr("shutil.rmtree", busy)
    with atomic_directory(tmp_path / "out") as temporary:
        (temporary / "b").touch()
    assert (tmp_path / "out" / "b").exists()
    (hidden,) = (path for path in tmp_path.iterdir() if path.name != "out")
    assert caplog.messages == [f"{hidden}: cannot be removed: Device or resource busy"]


JOB = """
import sys, time
from pathlib import Path
from types import SimpleNamespace
sys.path.insert(0, sys.argv[1])
from job import run
from deep_plunder.util.files import atomic_directory, atomic_path

def main(snakemake):
    with atomic_directory("out/folder") as folder, atomic_path("out/file.txt") as file:
        for number in range(3000):
            (folder / str(number)).touch()
        file.touch()
        Path("begun").touch()
        time.sleep(60)

run(main, SimpleNamespace(threads=1, log=["job.log"], output=["out"], rule="wait"))
"""


# Twice, as schedulers and impatient users do: the second comes while files are removed.
@pytest.mark.parametrize(
    ("first", "second"),
    [("SIGTERM", "SIGTERM"), ("SIGHUP", "SIGHUP"), ("SIGHUP", "SIGTERM")],
)
def test_a_job_that_is_asked_to_end_leaves_nothing_half_made(tmp_path, first, second):
    scripts = Path(__file__).resolve().parents[3] / "workflow" / "scripts"
    process = subprocess.Popen(
        [sys.executable, "-c", JOB, str(scripts)],
        cwd=tmp_path,
        # These tests may run below nohup.
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
    )
    try:
        limit = time.monotonic() + 60
        while not (tmp_path / "begun").exists():
            assert process.poll() is None
            assert time.monotonic() < limit
            time.sleep(0.01)
        process.send_signal(signal.Signals[first])
        time.sleep(0.01)
        process.send_signal(signal.Signals[second])
        assert process.wait(30) == 128 + signal.Signals[first]
    finally:
        process.kill()
    assert list((tmp_path / "out").iterdir()) == []
    assert "ended by a signal" in (tmp_path / "job.log").read_text()


def test_a_signal_that_is_ignored_stays_so_and_others_come_back():
    code = (
        "import signal, os; from deep_plunder.util.signals import raise_on_termination\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "with raise_on_termination(): os.kill(os.getpid(), signal.SIGHUP)\n"
        "assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL\n"
        "print('went on')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "went on\n"), done.stderr


def test_generators_belong_to_their_names():
    first = generator(1, "mix", "train", 3).random(4)
    np.testing.assert_array_equal(first, generator(1, "mix", "train", 3).random(4))
    for other in [(2, "mix", "train", 3), (1, "mix", "train", 4), (1, "mix", "test", 3)]:
        assert not np.array_equal(first, generator(*other).random(4))
    assert not np.array_equal(generator(1, "1").random(4), generator(1, 1).random(4))


def test_a_folder_left_empty_is_removed_with_its_new_parents(tmp_path: Path) -> None:
    standing = tmp_path / "standing"
    standing.mkdir()
    with pytest.raises(KeyError), without_empty(standing / "new/deep"):
        (standing / "new/deep").mkdir(parents=True)
        raise KeyError
    assert list(tmp_path.iterdir()) == [standing] and not list(standing.iterdir())
    with without_empty(standing):
        pass
    with without_empty(tmp_path / "filled"):
        (tmp_path / "filled").mkdir()
        (tmp_path / "filled/clip.wav").touch()
    assert standing.is_dir() and (tmp_path / "filled/clip.wav").exists()
