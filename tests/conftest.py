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
