"""Tracker modules made for tests, whose notes are known."""

from __future__ import annotations

import struct
from collections.abc import Iterable

import numpy as np

PERIOD = 428  # C-2: 8287 samples a second
ROW_S = 0.12  # 6 ticks at 125 beats a minute


def module(
    notes: Iterable[tuple[int, ...]], *, seconds: float = 0.3, rows: int = 64, hits: int = 1
) -> bytes:
    """Make a 4-channel ProTracker module of one sample, which may be struck several times.

    Notes are (row, channel, volume), and the period if it is another.
    """
    length = 2 * round(seconds * 8287 / 2)
    wave = 100 * np.sin(2 * np.pi * 500 * np.arange(length) / 8287)
    if hits > 1:
        place = np.arange(length) % (length // hits) / 8287
        wave *= np.exp(-place / 0.12)
    sample = wave.astype(np.int8).tobytes()
    head = b"made here".ljust(20, b"\0")
    head += b"beep".ljust(22, b"\0") + struct.pack(">HBBHH", length // 2, 0, 64, 0, 1)
    head += (bytes(22) + struct.pack(">HBBHH", 0, 0, 0, 0, 1)) * 30
    head += bytes([1, 127]) + bytes(128) + b"M.K."
    pattern = bytearray(1024)
    for row, channel, volume, *other in notes:
        at, period = 16 * row + 4 * channel, (other or [PERIOD])[0]
        pattern[at : at + 4] = bytes([period >> 8, period & 255, 0x1C, volume])
    if rows < 64:
        # Pattern break: the song ends after this row, on a channel that has no note there.
        at = 16 * (rows - 1) + 12
        pattern[at : at + 4] = bytes([0, 0, 0x0D, 0])
    assert len(head) == 1084
    return bytes(head + pattern + sample)
