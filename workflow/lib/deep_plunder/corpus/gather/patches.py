"""Read the samples of Gravis UltraSound patches (``.pat``), the format of FreePats."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deep_plunder.errors import InputError
from deep_plunder.util.names import shown

__all__ = ["read_patch"]

_SAMPLES_AT, _FIRST, _HEADER = 198, 239, 96
_WIDE, _UNSIGNED, _LOOPED, _TO_AND_FRO = 1, 2, 4, 8


def read_patch(
    path: str | os.PathLike[str], *, held_s: float = 2.5
) -> list[tuple[NDArray[np.float32], int]]:
    """Read all samples of a patch.

    Parameters
    ----------
    path : path-like
    held_s : float
        Seconds for which the loop of a looped sample is repeated.

    Returns
    -------
    samples : list of (numpy.ndarray, int)
        Samples of shape (frames, 1), with their sampling rates in Hz.

    Raises
    ------
    InputError
        If the file is no such patch.
    """
    data, place, sounds = Path(path).read_bytes(), _FIRST, []
    if not data.startswith(b"GF1PATCH") or len(data) < _FIRST:
        raise InputError(f"{shown(path)}: is not a Gravis UltraSound patch")
    for _ in range(data[_SAMPLES_AT]):
        head = data[place : place + _HEADER]
        if len(head) < _HEADER:
            raise InputError(f"{shown(path)}: ends within its samples")
        size, first, stop, rate = struct.unpack("<IIIH", head[8:22])
        mode, place = head[55], place + _HEADER
        raw = data[place : place + size // 2 * 2]
        place += size
        wide = mode & _WIDE
        samples = np.frombuffer(raw, "<i2" if wide else "i1").astype(np.float32)
        samples /= 32768 if wide else 128
        if mode & _UNSIGNED:
            samples = np.where(samples >= 0, samples - 1, samples + 1)
        if mode & _LOOPED:
            first, stop = (first // 2, stop // 2) if wide else (first, stop)
            samples = _held(samples, first, stop, mode & _TO_AND_FRO, round(held_s * rate))
        sounds.append((samples[:, None], rate))
    return sounds


def _held(
    samples: NDArray[np.float32], first: int, stop: int, to_and_fro: int, frames: int
) -> NDArray[np.float32]:
    loop = samples[first:stop]
    if len(loop) <= 8:
        return samples
    if to_and_fro:
        loop = np.concatenate([loop, loop[::-1]])
    times = -(-frames // len(loop))
    return np.concatenate([samples[:stop], np.tile(loop, times)])[:frames]
