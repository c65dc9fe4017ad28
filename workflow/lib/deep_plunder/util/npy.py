"""Read ``.npz`` files, and name the errors of damaged array files."""

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
"""The errors that NumPy raises for damaged files.

NumPy parses the header of an array as Python. A damaged list of members makes `zipfile` ask for a
password, or for a compression method that it lacks.
"""

_MOST_BYTES = 1 << 30


def read_npz(path: str | os.PathLike[str]) -> dict[str, NDArray[Any]]:
    """Read all arrays of a file, and check them against the checksums in the file.

    Parameters
    ----------
    path : path-like
        A file as `numpy.savez` writes it, without pickled objects.

    Returns
    -------
    arrays : dict of str to ndarray
        Arrays by name.

    Raises
    ------
    InputError
        If the file cannot be read or is damaged.
    """
    try:
        with np.load(Path(path), allow_pickle=False) as archive:
            # A small compressed file can hold a thousand times its size.
            size = sum(member.file_size for member in archive.zip.infolist())
            if size > _MOST_BYTES:
                raise ValueError(f"must hold at most {_MOST_BYTES} bytes, holds {size}")
            arrays = {name: archive[name] for name in archive.files}
            if odd := [name for name, array in arrays.items() if not isinstance(array, np.ndarray)]:
                raise ValueError(f"{odd[0]} is not an array")
            return arrays
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file") from error
    except NPY_ERRORS as error:
        raise InputError(f"{path}: not a whole .npz file: {error}") from error
