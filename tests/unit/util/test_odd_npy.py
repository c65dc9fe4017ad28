"""Files of arrays whose head claims what no array can be."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from deep_plunder.errors import InputError
from deep_plunder.util import npy
from deep_plunder.util.npy import read_npz


def _head(shape: str, descr: str = "'<f8'") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


@pytest.mark.parametrize(
    "content",
    [
        _head("(" + "9" * 40 + ",)"),
        _head("(4611686018427387904, 4)"),
        _head("(-1,)"),
        _head("(1.5,)"),
        _head("(3,)", "'|O'"),
        _head("(3,)", "'<x9'"),
        _head("(" * 40),
        _head("(3,)") + b"\0",
        b"no array",
        b"",
    ],
)
def test_a_head_that_cannot_be(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.npy", content)
    with pytest.raises(InputError, match=r"x\.npz: not a whole \.npz file: "):
        read_npz(path)


def test_packed_numbers_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = BytesIO()
    np.savez_compressed(file, a=np.zeros(1 << 20))
    path = tmp_path / "x.npz"
    path.write_bytes(file.getvalue())
    assert path.stat().st_size < 1 << 16 and read_npz(path)["a"].shape == (1 << 20,)
    monkeypatch.setattr(npy, "_MOST_BYTES", 1 << 20)
    with pytest.raises(InputError, match="must hold at most 1048576 bytes"):
        read_npz(path)
