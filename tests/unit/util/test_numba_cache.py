"""Jobs share what numba compiles, and none writes where another one reads."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from deep_plunder.util.numba_cache import numba_cache

JOB = """
import sys
from deep_plunder.util.numba_cache import numba_cache

sys.path.insert(0, sys.argv[2])
with numba_cache(sys.argv[1]):
    from work import add

    add(1)
    (hits,) = [sum(add.stats.cache_hits.values())]
    print(hits)
"""
WORK = """
import numba


@numba.njit(cache=True)
def add(x):
    return x + 1
"""


@pytest.fixture(autouse=True)
def _no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)


def job(folder: Path) -> int:
    (folder / "work.py").write_text(WORK, encoding="utf-8")
    os.utime(folder / "work.py", (1, 1))
    command = [sys.executable, "-c", JOB, str(folder / "numba.zip"), str(folder)]
    return int(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def test_a_later_job_finds_what_an_earlier_one_compiled(tmp_path: Path) -> None:
    assert job(tmp_path) == 0
    assert job(tmp_path) == 1
    content = bytearray((tmp_path / "numba.zip").read_bytes())
    with zipfile.ZipFile(tmp_path / "numba.zip") as archive:
        info = archive.infolist()[0]
    content[info.header_offset + 30 + len(info.filename) + 20] ^= 1
    (tmp_path / "numba.zip").write_bytes(content)
    assert job(tmp_path) == 0
    assert job(tmp_path) == 1
    left = {path.name for path in tmp_path.iterdir()} - {"__pycache__"}
    assert left == {"numba.zip", "work.py"}


def test_only_what_is_new_is_kept(tmp_path: Path) -> None:
    archive = tmp_path / ".snakemake" / "numba.zip"

    def block(*names: str) -> set[str]:
        with numba_cache(archive):
            own = Path(os.environ["NUMBA_CACHE_DIR"])
            found = {path.name for path in own.iterdir()}
            for name in names:
                (own / name).write_text("code", encoding="utf-8")
        return found

    assert block("a.nbi") == set()
    written = archive.stat().st_mtime_ns
    assert block() == {"a.nbi"}
    assert archive.stat().st_mtime_ns == written
    assert block("b.nbi") == {"a.nbi"}
    assert block() == {"a.nbi", "b.nbi"}
    assert "NUMBA_CACHE_DIR" not in os.environ


def test_a_job_that_fails_keeps_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), numba_cache(tmp_path / "numba.zip"):
        (Path(os.environ["NUMBA_CACHE_DIR"]) / "a.nbi").write_text("code", encoding="utf-8")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_the_cache_of_the_user_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "mine"))
    (tmp_path / "mine").mkdir()
    assert job(tmp_path) == 0
    assert job(tmp_path) == 1
    assert list((tmp_path / "mine").iterdir()) == []
    with numba_cache(tmp_path / "numba.zip"):
        assert os.environ["NUMBA_CACHE_DIR"] != str(tmp_path / "mine")
    assert os.environ["NUMBA_CACHE_DIR"] == str(tmp_path / "mine")
