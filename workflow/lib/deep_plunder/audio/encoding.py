"""Encode audio files in each format with reproducible bytes.

In three formats, files usually differ from one writing to the next. This module prevents that:

- float WAV: libsndfile adds a PEAK chunk with the time of day, so SciPy writes the file;
- Ogg: the random serial number is replaced;
- MPEG-4: PyAV leaves the date at zero.

The bytes of ogg, mp3 and m4a files are the same on one machine with one version of the encoders.
Another version may write other bytes.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from deep_plunder.errors import InputError
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.files import atomic_path, cause

__all__ = ["encode"]

_BLOCK = 65536  # samples; libsndfile 1.2 overflows its stack when it writes much Vorbis at once
_OGG_POLYNOMIAL = 0x04C11DB7


def encode(
    path: Path, audio: Float32Array, rate: int, *, subtype: str = "PCM_16", mp3_kbps: int = 320
) -> None:
    """Write a file in the format of its suffix, as a whole or not at all.

    Parameters
    ----------
    path : pathlib.Path
        The file to write: wav, aiff, flac, ogg (Vorbis, quality 9 of 10), mp3 or m4a.
    audio : ndarray of shape (n, channels), float32
        The audio, within -1..1.
    rate : int
        Sample rate, in Hz.
    subtype : str
        Sample format of wav, aiff and flac (PCM_16, PCM_24, or FLOAT for wav only), or codec of
        m4a (ALAC, or AAC at 256 kbps). The other formats ignore it.
    mp3_kbps : int
        Bit rate of mp3, 32 to 320.

    Raises
    ------
    InputError
        If the suffix is none of these.
    OSError
        If the file cannot be written. The message names it.
    """
    audio = np.ascontiguousarray(audio, dtype=np.float32)
    suffix = path.suffix.lower()
    with atomic_path(path) as temporary:
        if suffix == ".wav" and subtype == "FLOAT":
            from scipy.io import wavfile

            wavfile.write(temporary, rate, audio)
        elif suffix in (".wav", ".aiff", ".flac"):
            _encode_sndfile(temporary, audio, rate, subtype=subtype)
        elif suffix == ".ogg":
            _encode_sndfile(temporary, audio, rate, subtype="VORBIS", compression_level=0.1)
            temporary.write_bytes(_with_serial(temporary.read_bytes(), serial=1))
        elif suffix == ".mp3":
            _encode_sndfile(
                temporary,
                audio,
                rate,
                subtype="MPEG_LAYER_III",
                bitrate_mode="CONSTANT",
                # libsndfile's scale, for rates of MPEG-1 layer 3.
                compression_level=(320 - mp3_kbps) / (320 - 32),
            )
        elif suffix == ".m4a":
            _encode_m4a(temporary, audio, rate, lossless=subtype == "ALAC")
        else:
            raise InputError(f"{path}: no encoder for {suffix!r}")


def _encode_sndfile(
    path: Path, audio: Float32Array, rate: int, *, subtype: str, **settings: str | float
) -> None:
    import soundfile

    try:
        with soundfile.SoundFile(
            path, "w", samplerate=rate, channels=audio.shape[1], subtype=subtype, **settings
        ) as out:
            for start in range(0, len(audio), _BLOCK):
                out.write(audio[start : start + _BLOCK])
    except soundfile.LibsndfileError as error:
        raise cause(path, str(error)) from error


def _encode_m4a(path: Path, audio: Float32Array, rate: int, *, lossless: bool) -> None:
    import av

    layout = "stereo" if audio.shape[1] == 2 else "mono"
    with av.open(str(path), "w", format="ipod") as container:
        stream = container.add_stream("alac" if lossless else "aac", rate=rate, layout=layout)
        if not lossless:
            stream.bit_rate = 256_000
        for start in range(0, len(audio), _BLOCK):
            block = audio[start : start + _BLOCK].T
            if lossless:
                samples = np.ascontiguousarray(np.round(block * 32767.0), dtype=np.int16)
                frame = av.AudioFrame.from_ndarray(samples, format="s16p", layout=layout)
            else:
                planes = np.ascontiguousarray(block)
                frame = av.AudioFrame.from_ndarray(planes, format="fltp", layout=layout)
            frame.rate, frame.pts = rate, start
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)


def _with_serial(data: bytes, *, serial: int) -> bytes:
    """Replace the serial number of every page of an Ogg file (RFC 3533).

    The checksum of a page is linear: it changes by the checksum of the change, which depends only
    on the number of bytes after it.
    """
    pages = []
    start = 0
    while start < len(data):
        segments = data[start + 26]
        body = sum(data[start + 27 : start + 27 + segments])
        end = start + 27 + segments + body
        pages.append((start, end))
        start = end
    result = bytearray(data)
    old = data[14:18]
    change = bytes(a ^ b for a, b in zip(old, struct.pack("<I", serial), strict=True))
    following = {end - start - 18 for start, end in pages}
    checksums = _checksums(change, following=following)
    for start, end in pages:
        result[start + 14 : start + 18] = struct.pack("<I", serial)
        checksum = struct.unpack("<I", data[start + 22 : start + 26])[0]
        checksum ^= checksums[end - start - 18]
        result[start + 22 : start + 26] = struct.pack("<I", checksum)
    return bytes(result)


def _checksums(change: bytes, *, following: set[int]) -> dict[int, int]:
    """Return Ogg's CRC of `change` and the zero bytes after it, per number of zero bytes."""
    checksum = 0
    found = {}
    for place, byte in enumerate(change + bytes(max(following)), start=1 - len(change)):
        checksum ^= byte << 24
        for _ in range(8):
            checksum = (checksum << 1) ^ (_OGG_POLYNOMIAL if checksum & 0x80000000 else 0)
            checksum &= 0xFFFFFFFF
        if place in following:
            found[place] = checksum
    return found
