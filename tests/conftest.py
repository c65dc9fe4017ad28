"""Fixtures that all tests share."""

import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import hypothesis
import pytest

# TensorFlow takes these when it starts, whichever test starts it.
os.environ.update(TF_NUM_INTRAOP_THREADS="1", TF_NUM_INTEROP_THREADS="1")

# The first example may import a library, and a loaded machine takes longer than any deadline.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parents[1]
NOBODY = 65534


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take minutes first, so that parallel workers end together."""

    def order(item: pytest.Item) -> tuple[bool, bool]:
        slow = item.get_closest_marker("workflow") is not None
        return item.path.name != "test_slurm.py", not slow

    items.sort(key=order)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real sounds and songs that lie beside the repository on the machines that have them."""
    folder = ROOT.parent / "shared"
    if not (folder / "data" / "library").is_dir():
        pytest.skip("the real data (../shared) is not on this machine")
    return folder


@pytest.fixture
def odd_tree(tmp_path: Path) -> Path:
    """A folder with all that a walk could stumble over: hidden things, links and loops."""
    root, outside = tmp_path / "tree", tmp_path / "outside"
    for folder in (root / "a" / "b", root / "a b", root / ".hidden", outside):
        folder.mkdir(parents=True)
    for name in (
        "notes.txt", ".DS_Store", "._x.wav", "._notes.txt", ".hidden/h.wav", ".hidden/h.mod",
        "a/b/y.WAV", "a b/x.wav",
    ):  # fmt: skip
        (root / name).write_bytes(os.fsencode(name))
    for name in ("z.wav", "o.mod"):
        (outside / name).write_bytes(os.fsencode(name))
    (root / "a" / "b" / "loop").symlink_to(root, target_is_directory=True)
    (root / "0 again").symlink_to(root / "a", target_is_directory=True)
    (root / "linked").symlink_to(outside, target_is_directory=True)
    (root / "linked twice").symlink_to(outside, target_is_directory=True)
    (root / "a" / "gone.wav").symlink_to("nowhere.wav")
    return root


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """A folder of `as_user`: those of pytest lie below one that is closed to all but root."""
    folder = Path(tempfile.mkdtemp(prefix="deep_plunder_"))
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    yield folder
    for base, folders, _ in os.walk(folder):
        for name in folders:
            if not Path(base, name).is_symlink():
                Path(base, name).chmod(0o700)
    shutil.rmtree(folder)


@pytest.fixture
def as_user() -> Callable[[], AbstractContextManager[None]]:
    """A block in which permissions bind, which they do not for root."""

    @contextmanager
    def block() -> Iterator[None]:
        root = os.geteuid() == 0
        if root:
            try:
                os.seteuid(NOBODY)
            except OSError:
                pytest.skip("permissions do not bind this user, who can be no other")
        try:
            yield
        finally:
            if root:
                os.seteuid(0)

    return block


@pytest.fixture
def small_files() -> Callable[[int], AbstractContextManager[None]]:
    """Let no file become larger than so many bytes: to writers the same as a disk that is full."""

    @contextmanager
    def limit(size: int) -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return limit


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Put a file system of so many bytes at a folder, and return the folder."""
    mounted: list[Path] = []

    def mount(size: int) -> Path:
        folder = tmp_path / f"disk {len(mounted)}"
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("this user cannot mount a tmpfs")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", "-l", str(folder)], check=True)
