"""Play tracker modules with libopenmpt, through ctypes.

libopenmpt is optional and no part of this project: version 0.5 or later is used if the system has
it among its libraries. Only the few functions that are needed are bound.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deep_plunder.errors import InputError

__all__ = ["MISSING", "MODULE_SUFFIXES", "Module", "count_channels", "is_there"]

MISSING = "libopenmpt is needed to render tracker modules (Debian and Ubuntu: libopenmpt0)"
"""The message to a user whose system lacks it."""

_NOTE, _INSTRUMENT = 0, 1

# Higher values are note-offs, cuts and fades.
_HIGHEST_NOTE = 120

_Setter = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int32, ctypes.c_int)


class _Interactive(ctypes.Structure):
    """`openmpt_module_ext_interface_interactive`; only one of its functions is called."""

    _fields_ = [
        *((f"before_{number}", ctypes.c_void_p) for number in range(10)),
        ("set_channel_mute_status", _Setter),
        *((f"after_{number}", ctypes.c_void_p) for number in range(5)),
    ]


_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "module_ext_create_from_memory": (
        ctypes.c_void_p,
        [
            *(ctypes.c_char_p, ctypes.c_size_t, *[ctypes.c_void_p] * 4),
            *(ctypes.POINTER(ctypes.c_int), ctypes.c_void_p, ctypes.c_void_p),
        ],
    ),
    "module_ext_destroy": (None, [ctypes.c_void_p]),
    "module_ext_get_module": (ctypes.c_void_p, [ctypes.c_void_p]),
    "module_ext_get_interface": (
        ctypes.c_int,
        [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t],
    ),
    "module_get_num_channels": (ctypes.c_int32, [ctypes.c_void_p]),
    "module_get_current_order": (ctypes.c_int32, [ctypes.c_void_p]),
    "module_get_current_pattern": (ctypes.c_int32, [ctypes.c_void_p]),
    "module_get_current_row": (ctypes.c_int32, [ctypes.c_void_p]),
    "module_get_pattern_row_channel_command": (
        ctypes.c_uint8,
        [ctypes.c_void_p, *[ctypes.c_int32] * 3, ctypes.c_int],
    ),
    "module_read_interleaved_float_stereo": (
        ctypes.c_size_t,
        [ctypes.c_void_p, ctypes.c_int32, ctypes.c_size_t, ctypes.c_void_p],
    ),
}


@lru_cache(maxsize=1)
def _library() -> Any:
    name = ctypes.util.find_library("openmpt")
    try:
        library = ctypes.CDLL(name) if name else None
    except OSError:
        return None
    if library is None:
        return None
    for function, (result, arguments) in _SIGNATURES.items():
        bound = getattr(library, f"openmpt_{function}")
        bound.restype, bound.argtypes = result, arguments
    return library


def count_channels(data: bytes) -> int:
    """Return the number of channels of a tracker module.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    channels : int

    Raises
    ------
    InputError
        If libopenmpt is missing, or cannot read the module.
    """
    module = Module(data)
    module.close()
    return module.channels


def is_there() -> bool:
    """Return whether libopenmpt can be loaded.

    Returns
    -------
    there : bool
    """
    return _library() is not None


class Module:
    """A tracker module that plays once, from its beginning.

    Parameters
    ----------
    data : bytes
        The whole file.
    silent : collection of int
        Channels that are not heard.

    Attributes
    ----------
    channels : int

    Raises
    ------
    InputError
        If libopenmpt is missing, or cannot play the module channel by channel.
    """

    def __init__(self, data: bytes, *, silent: Collection[int] = ()) -> None:
        library = _library()
        if library is None:
            raise InputError(MISSING)
        self._call = library
        error = ctypes.c_int(0)
        create = library.openmpt_module_ext_create_from_memory
        self._ext = create(data, len(data), None, None, None, None, error, None, None)
        if not self._ext:
            raise InputError(f"libopenmpt cannot read the module (its error {error.value})")
        self._module = library.openmpt_module_ext_get_module(self._ext)
        self.channels = int(library.openmpt_module_get_num_channels(self._module))
        if silent:
            self._mute(silent)

    def _mute(self, silent: Collection[int]) -> None:
        interactive = _Interactive()
        got = self._call.openmpt_module_ext_get_interface(
            self._ext, b"interactive", ctypes.byref(interactive), ctypes.sizeof(interactive)
        )
        if not got:
            raise InputError("this libopenmpt cannot mute channels")
        for channel in silent:
            interactive.set_channel_mute_status(self._ext, channel, 1)

    def close(self) -> None:
        """Free the memory that libopenmpt holds."""
        if self._ext:
            self._call.openmpt_module_ext_destroy(self._ext)
            self._ext = self._module = None

    def blocks(self, rate: int, size: int) -> Iterator[NDArray[np.float32]]:
        """Play the module to its end.

        Parameters
        ----------
        rate, size : int
            Samples per second, and samples per block.

        Yields
        ------
        block : ndarray of float32, shape (size, 2)
            The last one may be shorter. Full scale is 1.0; samples may exceed it.
        """
        while True:
            block = np.zeros((size, 2), np.float32)
            got = self._call.openmpt_module_read_interleaved_float_stereo(
                self._module, rate, size, block.ctypes.data
            )
            if got:
                yield block[:got]
            if got < size:
                return

    def row(self) -> tuple[int, int]:
        """Return the current place of the module in its order.

        Returns
        -------
        place : tuple of int
            The position in the order, and the row.
        """
        return (
            self._call.openmpt_module_get_current_order(self._module),
            self._call.openmpt_module_get_current_row(self._module),
        )

    def struck(self) -> list[tuple[int, str]]:
        """List the notes of the current row.

        Returns
        -------
        notes : list of (channel, name)
            Each channel on which a note is struck, with its instrument and note number.
        """
        pattern = self._call.openmpt_module_get_current_pattern(self._module)
        row = self._call.openmpt_module_get_current_row(self._module)
        ask = self._call.openmpt_module_get_pattern_row_channel_command
        found = []
        for channel in range(self.channels):
            note = ask(self._module, pattern, row, channel, _NOTE)
            if 1 <= note <= _HIGHEST_NOTE:
                instrument = ask(self._module, pattern, row, channel, _INSTRUMENT)
                found.append((channel, f"instrument {instrument} note {note}"))
        return found


MODULE_SUFFIXES = frozenset((".mod", ".xm", ".it", ".s3m"))
"""Suffixes, in lower case, of the tracker modules from which a bench is rendered."""
