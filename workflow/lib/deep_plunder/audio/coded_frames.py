"""Find a last frame of coded sound that is shorter than its header says.

Some decoders decode a frame that is cut off, and fill its missing part with invented sound.

References
----------
.. [1] ETSI TS 102 366: AC-3 and Enhanced AC-3, sections 5.4.1 and E.1.3.1.
.. [2] ISO/IEC 14496-3: ADTS, section 1.A.2.2; LOAS, section 1.7.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from os import PathLike
from typing import Any

from deep_plunder.audio.mpeg_frames import frame_headers
from deep_plunder.audio.source import warn

__all__ = ["RAW_HEAD", "raw_format", "stated_size", "whole_packets"]

_AC3_KBPS = (
    32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640,
)  # fmt: skip
_AC3_RATES = (48000, 44100, 32000)
# Above, the layout of the frame is that of Enhanced AC-3.
_LAST_AC3 = 10


def _ac3(head: bytes) -> int:
    if head[:2] != b"\x0bw":
        return 0
    if head[5] >> 3 > _LAST_AC3:
        return 2 * ((head[2] & 7) << 8 | head[3]) + 2
    rate, code = head[4] >> 6, head[4] & 63
    if rate == len(_AC3_RATES) or code // 2 >= len(_AC3_KBPS):
        return 0
    # 1,536 samples, in words of 16 bits.
    words, rest = divmod(96000 * _AC3_KBPS[code // 2], _AC3_RATES[rate])
    return 2 * (words + (code & 1 if rest else 0))


def _adts(head: bytes) -> int:
    if head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return 0
    return (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5


def _loas(head: bytes) -> int:
    if head[0] != 0x56 or head[1] & 0xE0 != 0xE0:
        return 0
    return 3 + ((head[1] & 0x1F) << 8 | head[2])


def _mpeg(head: bytes) -> int:
    size, _ = frame_headers().get(head[:3], (0, None))
    return size


# The names that FFmpeg's decoders have.
_SIZES: dict[str, Callable[[bytes], int]] = {
    "AC3": _ac3,
    "EAC3": _ac3,
    "AAC": _adts,
    "AAC_LATM": _loas,
    **dict.fromkeys(("MP1", "MP1FLOAT", "MP2", "MP2FLOAT", "MP3", "MP3FLOAT"), _mpeg),
}
_HEADER = 6
RAW_HEAD = 1 << 14
"""More bytes than two frames take, for `raw_format`."""


def stated_size(codec: str, head: bytes) -> int:
    """Return the number of bytes that the header of a frame states.

    Parameters
    ----------
    codec : str
        Name of FFmpeg's decoder, in capitals.
    head : bytes
        The beginning of the frame, at least 6 bytes.

    Returns
    -------
    size : int
        0 if the header states no length, or is none.

    Examples
    --------
    >>> stated_size("AC3", bytes.fromhex("0b77a5ee1440"))
    768
    >>> stated_size("FLAC", bytes(6))
    0
    """
    find = _SIZES.get(codec)
    return find(head) if find and len(head) >= _HEADER else 0


def raw_format(head: bytes) -> str | None:
    """Return FFmpeg's name for a file of frames without a container, judged by the first ones.

    FFmpeg by itself does not know such a file by fewer than three frames.

    Parameters
    ----------
    head : bytes
        The first `RAW_HEAD` bytes of the file, or all of a shorter one.

    Returns
    -------
    name : str or None
        None if no second frame, tag or end of the file follows the first frame.
    """
    for name, size in (("aac", _adts), ("loas", _loas), ("ac3", _ac3)):
        first = size(head) if len(head) >= _HEADER else 0
        rest = head[first:]
        follows = len(rest) >= _HEADER and (size(rest) > 0 or rest[:3] == b"TAG")
        if first >= _HEADER and (follows or (not rest and len(head) == first < RAW_HEAD)):
            return "eac3" if name == "ac3" and head[5] >> 3 > _LAST_AC3 else name
    return None


def whole_packets(path: str | PathLike[str], codec: str, packets: Iterable[Any]) -> Iterator[Any]:
    """Yield packets without the last one if it is cut off, which is logged.

    Parameters
    ----------
    path : path-like
        The file, for the message.
    codec : str
        See `stated_size`.
    packets : iterable of av.Packet
        All packets of a stream, as FFmpeg finds them, with one without time and data at the end.

    Yields
    ------
    packet : av.Packet
    """
    held = None
    for packet in packets:
        if not packet.size and packet.pts is not None:
            # FLAC in NUT ends with a packet that holds no frame.
            continue
        if held is not None:
            stated = 0 if packet.size else stated_size(codec, bytes(held))
            if held.size < stated:
                there = f"{held.size} of {stated} bytes are there"
                warn(path, f"its last frame is cut off and left out, {there}")
            else:
                yield held
        held = packet
    if held is not None:
        yield held
