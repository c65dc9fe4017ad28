"""Choose how a WAV file holds the samples of a recording without loss."""

from __future__ import annotations

import re
import struct
from typing import Any

__all__ = ["ffmpeg_sample_format", "libsndfile_sample_format"]

_LOSSLESS = re.compile(
    "alac|als|ape|dst|flac|mlp|osq|ralf|shorten|tak|truehd|tta|wavpack|wmalossless"
    "|pcm_(?!alaw|mulaw|vidc).*"
)
# Samples from a lossy codec have no depth; 24 bits hold them as well as floats do.
_SAMPLE_FORMATS = {
    "PCM_S8": "PCM_U8", "PCM_U8": "PCM_U8", "PCM_16": "PCM_16", "PCM_24": "PCM_24",
    "PCM_32": "PCM_32", "FLOAT": "FLOAT", "DOUBLE": "DOUBLE",
    "ALAC_16": "PCM_16", "ALAC_20": "PCM_24", "ALAC_24": "PCM_24", "ALAC_32": "PCM_32",
    "DWVW_12": "PCM_16", "DWVW_16": "PCM_16", "DWVW_24": "PCM_24",
    "DPCM_8": "PCM_U8", "DPCM_16": "PCM_16",
}  # fmt: skip


def libsndfile_sample_format(subtype: str) -> str:
    """Return the sample format of a WAV file that holds libsndfile's samples without loss.

    Parameters
    ----------
    subtype : str
        libsndfile's name of the coding.

    Returns
    -------
    sample_format : str
        See `reading.AudioInfo`.
    """
    return _SAMPLE_FORMATS.get(subtype, "PCM_24")


def ffmpeg_sample_format(context: Any, head: bytes) -> str:
    """Return the sample format of a WAV file that holds FFmpeg's samples without loss.

    Parameters
    ----------
    context : av.AudioCodecContext
        The decoder.
    head : bytes
        The first 32 bytes of the file; in a container, of the first packet of WavPack.

    Returns
    -------
    sample_format : str
        See `reading.AudioInfo`.
    """
    codec, kind = str(context.name), str(context.format and context.format.name).rstrip("p")
    if not _LOSSLESS.fullmatch(codec):
        return "PCM_24"
    bits = _bits(codec, bytes(context.extradata or b""), head)
    if kind == "s32" and bits <= 24:
        kind = "s24"
    elif kind == "s16" and bits <= 8:
        kind = "u8"
    names = {"u8": "PCM_U8", "s16": "PCM_16", "s24": "PCM_24", "s32": "PCM_32", "s64": "PCM_32"}
    return names.get(kind) or {"flt": "FLOAT", "dbl": "DOUBLE"}.get(kind, "PCM_24")


def _bits(codec: str, extradata: bytes, head: bytes) -> int:
    """Return the number of significant bits of a sample, as far as it is stated; else 16 or 24.

    It is in the codec's name, in its own header, or in the first bytes of the file.
    """
    if codec.startswith("pcm_"):
        return next((bits for bits in (32, 24, 16, 8) if str(bits) in codec), 24)
    if codec == "alac" and len(extradata) > 17:
        return extradata[17]
    if codec == "flac" and len(extradata) > 13:
        # Five bits across two bytes hold the bits per sample, less one.
        return (int(struct.unpack_from(">H", extradata, 12)[0]) >> 4 & 31) + 1
    if head[:4] == b"wvpk" and len(head) > 24:
        # The two lowest bits of a block's flags hold the bytes per sample, less one.
        return 8 * (head[24] & 3) + 8
    return 24
