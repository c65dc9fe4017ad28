"""Fixtures that all tests share."""

import os
from pathlib import Path

import pytest

# TensorFlow takes these when it starts, whichever test starts it.
os.environ.update(TF_NUM_INTRAOP_THREADS="1", TF_NUM_INTEROP_THREADS="1")

ROOT = Path(__file__).resolve().parents[1]


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
