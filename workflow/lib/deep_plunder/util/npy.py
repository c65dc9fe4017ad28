"""Read ``.npy`` and ``.npz`` files, whatever is wrong with them."""

from __future__ import annotations

import os
import struct
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deep_plunder.errors import InputError

__all__ = ["NPY_ERRORS", "read_npz"]

NPY_ERRORS = (
    OSError, EOFError, KeyError, ValueError, TypeError, AttributeError, RuntimeError, OverflowError,
    MemoryError, SyntaxError, struct.error, tokenize.TokenError, zlib.error, zipfile.BadZipFile,
)  # fmt: skip
"""What NumPy raises for a damaged file: its head is parsed as Python, and a damaged list of members
makes `zipfile` ask for a password, or for a method that it lacks."""

_MOST_BYTES = 1 << 30


def read_npz(path: str | os.PathLike[str]) -> dict[str, NDArray[Any]]:
    """Read all arrays of a file; each is what the checksum of its member says.

    Parameters
    ----------
    path : path-like
        See `numpy.savez`, without pickles.

    Returns
    -------
    arrays : dict of str to ndarray

    Raises
    ------
    InputError
        If the file cannot be read or is damaged.
    """
    try:
        with np.load(Path(path), allow_pickle=False) as archive:
            # Packed zeros take a thousandth of their size.
            size = sum(member.file_size for member in archive.zip.infolist())
            if size > _MOST_BYTES:
                raise ValueError(f"must hold at most {_MOST_BYTES} bytes, holds {size}")
            arrays = {name: archive[name] for name in archive.files}
            if odd := [name for name, array in arrays.items() if not isinstance(array, np.ndarray)]:
                raise ValueError(f"{odd[0]} is no array")
            return arrays
    except NPY_ERRORS as error:
        raise InputError(f"{path}: no whole .npz file: {error}") from error
