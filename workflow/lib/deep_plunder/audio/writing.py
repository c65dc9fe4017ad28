"""Write audio files (WAV, FLAC, AIFF), whole or not at all.

Full scale is 1.0. Samples become integers by rounding to the nearest, and are clipped.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import soundfile

from deep_plunder.audio.wav_chunks import ClipFacts, add_chunks
from deep_plunder.errors import AudioError
from deep_plunder.util.files import atomic_path, cause, naming
from deep_plunder.util.names import shown

__all__ = ["Container", "held_as", "write", "write_blocks"]

Container = Literal["wav", "flac", "aiff"]
"""File formats that are written; the name is the suffix as well."""

_HELD_AS: dict[Container, dict[str, str]] = {
    "wav": {},
    "flac": {"PCM_U8": "PCM_S8", "PCM_32": "PCM_24", "FLOAT": "PCM_24", "DOUBLE": "PCM_24"},
    "aiff": {"PCM_U8": "PCM_S8"},
}

# libsndfile's number for an error of the system (SF_ERR_SYSTEM).
_SYSTEM_ERROR = 2
# Bytes in which the chunks before the samples lie, however long the texts.
_HEAD = 8192


def _integers(audio: npt.NDArray[np.generic], bits: int) -> npt.NDArray[np.generic]:
    """Quantise to `bits`, stored in the high bits of 16-bit or 32-bit integers."""
    word = np.int16 if bits <= 16 else np.int32
    # Single precision holds 24-bit integers without loss, and takes a tenth of the time.
    precision = np.float32 if audio.dtype == np.float32 and bits <= 24 else np.float64
    high = 2 ** (bits - 1)
    scaled: npt.NDArray[np.floating] = np.multiply(audio, precision(high), dtype=precision)
    np.rint(scaled, out=scaled)
    scaled[np.isnan(scaled)] = 0
    clipped: npt.NDArray[np.signedinteger]
    clipped = np.clip(scaled, -high, high - 1, out=scaled).astype(word)
    shifted: npt.NDArray[np.generic] = clipped * word(2 ** (np.iinfo(word).bits - bits))
    return shifted


def held_as(container: Container, subtype: str) -> str:
    """Return how a file format holds samples that a WAV file holds as `subtype`.

    Parameters
    ----------
    container : {"wav", "flac", "aiff"}
    subtype : str
        See `write`.

    Returns
    -------
    subtype : str
        A subtype that keeps the samples. FLAC keeps the 24 highest bits of integers, and clips
        floats at full scale.

    Examples
    --------
    >>> held_as("aiff", "PCM_24"), held_as("flac", "FLOAT")
    ('PCM_24', 'PCM_24')
    """
    return _HELD_AS[container].get(subtype, subtype)


def write(
    path: str | os.PathLike[str],
    audio: npt.NDArray[np.generic],
    rate: int,
    *,
    subtype: str = "PCM_16",
) -> None:
    """Write a WAV file, whole or not at all; the same samples give the same bytes.

    Parameters
    ----------
    path : path-like
        The file to write.
    audio : ndarray, shape (frames,) or (frames, channels)
        int16 and int32 are written unchanged. Floats are clipped at full scale and rounded such
        that samples from `reading.read` are written back unchanged.
    rate : int
        Frames per second.
    subtype : str
        ``"PCM_U8"``, ``"PCM_16"``, ``"PCM_24"``, ``"PCM_32"``, ``"FLOAT"`` or ``"DOUBLE"``.

    Raises
    ------
    OSError, AudioError
        See `write_blocks`.
    """
    channels = 1 if audio.ndim == 1 else audio.shape[1]
    write_blocks(path, [audio], rate, channels, subtype=subtype)


class _Unsynced(soundfile.SoundFile):  # type: ignore[misc]
    """A file that is not forced to the disk when it is closed.

    Waiting for the disk takes longer than the rest of writing a clip.
    """

    def flush(self) -> None:
        pass


def write_blocks(
    path: str | os.PathLike[str],
    blocks: Iterable[npt.NDArray[np.generic]],
    rate: int,
    channels: int,
    *,
    subtype: str = "PCM_16",
    container: Container = "wav",
    whole: bool = True,
    facts: ClipFacts | None = None,
) -> int:
    """Write an audio file piece by piece, whole or not at all.

    Parameters
    ----------
    path : path-like
        The file to write.
    blocks : iterable of ndarray, shape (n, channels)
        Consecutive parts; see `audio` of `write` for the types.
    rate, channels : int
        Frames per second, and number of channels.
    subtype : str
        See `write`; FLAC and AIFF have ``"PCM_S8"`` instead of ``"PCM_U8"``.
    container : {"wav", "flac", "aiff"}
        File format.
    whole : bool
        Whether to write to a temporary file first. False suffices in a folder that itself appears
        only once it is whole.
    facts : ClipFacts, optional
        Facts that the file states: WAV as chunks (`audio.wav_chunks`), FLAC and AIFF their texts.
        The samples are the same with and without them.

    Returns
    -------
    frames : int
        Number of frames written.

    Raises
    ------
    OSError
        If the file cannot be written, e.g. on a full disk. The message names file and cause.
    AudioError
        If a file of this format cannot hold such audio.
    """
    bits = {"PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32}.get(subtype)
    with atomic_path(path) if whole else naming(path) as temporary:
        try:
            with _Unsynced(
                os.fsencode(temporary),
                "w",
                rate,
                channels,
                subtype=subtype,
                format=container.upper(),
            ) as file:
                if facts is not None and container != "wav":
                    file.title, file.album = facts.name, facts.song
                    file.comment, file.software = f"{facts.song}: {facts.comment}", facts.software
                for block in blocks:
                    if bits and block.dtype.kind == "f":
                        block = _integers(block, bits)
                    file.write(block)
                frames = int(file.frames)
        except soundfile.LibsndfileError as error:
            if error.code == _SYSTEM_ERROR:
                raise cause(temporary, str(error)) from error
            raise AudioError(f"{shown(path)}: cannot be written: {error}") from error
        if bits is None:
            _clear_time(temporary)
        if facts is not None and container == "wav":
            add_chunks(temporary, facts)
    return frames


def _clear_time(path: Path) -> None:
    # libsndfile puts the time of day into the PEAK chunk of files of floats.
    with path.open("r+b") as file:
        place = file.read(_HEAD).find(b"PEAK")
        if place >= 0:
            file.seek(place + 12)
            file.write(bytes(4))
