"""Read the headers of MPEG audio frames: the length and the kind of each frame.

Layout: ISO/IEC 11172-3 and 13818-3, section 2.4.2.3; MPEG 2.5 extends them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

__all__ = ["HEADER", "Kind", "frame_headers"]

HEADER = 4
"""Bytes per header. A fourth byte of 0xC0 or more marks a mono frame."""

_MPEG_1, _MPEG_2, _MPEG_25 = 3, 2, 0
_RATES = {
    _MPEG_1: (44100, 48000, 32000),
    _MPEG_2: (22050, 24000, 16000),
    _MPEG_25: (11025, 12000, 8000),
}
# Bit rates in kbit/s by index from 1, for MPEG 1 and for MPEG 2 and 2.5, by layer.
_KBPS = {
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """The properties that the frames of one stream share.

    Attributes
    ----------
    layer : int
        1, 2 or 3.
    rate : int
        Samples per second.
    samples : int
        Samples per channel in a frame.
    data : (int, int)
        Offset of the data within a frame in bytes, for stereo and for mono.
    """

    layer: int
    rate: int
    samples: int
    data: tuple[int, int]


@cache
def frame_headers() -> dict[bytes, tuple[int, Kind]]:
    """List all frame headers from which the length of the frame follows.

    Returns
    -------
    headers : dict of bytes to (int, Kind)
        First three bytes of a frame to its length in bytes and its kind. Frames in free format
        are missing, since their headers do not state a length.
    """
    found = {}
    for second in range(0xE0, 0x100):
        version, layer = second >> 3 & 3, 4 - (second >> 1 & 3)
        if version not in _RATES or layer == 4:
            continue
        mpeg_1 = version == _MPEG_1
        samples = 384 if layer == 1 else 1152 if layer == 2 or mpeg_1 else 576
        for number, rate in enumerate(_RATES[version]):
            kind = Kind(layer, rate, samples, (36, 21) if mpeg_1 else (21, 13))
            for index, kbps in enumerate(_KBPS[mpeg_1, layer], 1):
                for low in range(4):
                    padding = low >> 1
                    size = samples // 8 * kbps * 1000 // rate + padding
                    if layer == 1:
                        size = 4 * (12 * kbps * 1000 // rate + padding)
                    found[bytes((0xFF, second, index << 4 | number << 2 | low))] = size, kind
    return found
