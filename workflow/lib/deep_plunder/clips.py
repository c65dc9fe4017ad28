"""Cut regions out of a recording as sound files.

A clip has the rate and the channels of its recording, and its bit depth where it has one (8, 16,
24, 32 and float); what a lossy codec decodes to is written with 16 bits. Samples between the
fades are those of the recording, unchanged (of 32-bit integers and doubles, the 24 highest
bits). Only the parts that are cut are decoded.

Deviation from the paper (section 5.2), which cuts hard: short fades keep clips from clicking.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import audio
from .errors import InputError
from .files import safe_name

__all__ = ["ClipFile", "clip_subtype", "cut_clips", "fade"]

_SUBTYPES = {
    "PCM_S8": "PCM_U8",
    "PCM_U8": "PCM_U8",
    "PCM_24": "PCM_24",
    "PCM_32": "PCM_32",
    "FLOAT": "FLOAT",
    "DOUBLE": "DOUBLE",
    # Apple Lossless has 16 to 32 bits and does not always say how many; 24 hold what floats do.
    "ALAC": "PCM_24",
    "ALAC_20": "PCM_24",
    "ALAC_24": "PCM_24",
    "ALAC_32": "PCM_32",
}


@dataclass(frozen=True, slots=True)
class ClipFile:
    """One clip that was cut.

    Attributes
    ----------
    region : int
        Row of the region that it was cut from.
    clip : str
        Its file name.
    onset_s, offset_s : float
        What was cut: sample ``round(onset_s * rate)`` up to ``round(offset_s * rate)``.
    """

    region: int
    clip: str
    onset_s: float
    offset_s: float


def clip_subtype(subtype: str) -> str:
    """Choose how the samples of a clip are written.

    Parameters
    ----------
    subtype : str
        How the recording's are (`audio.AudioInfo`).

    Returns
    -------
    subtype : str
        The same where a WAV file can hold it, else ``"PCM_16"``, which every sampler reads.
    """
    return _SUBTYPES.get(subtype, "PCM_16")


def fade(
    clip: NDArray[np.float32], rate: int, *, fade_in_s: float, fade_out_s: float
) -> NDArray[np.float32]:
    """Fade the two ends of a clip along a raised cosine.

    Parameters
    ----------
    clip : ndarray, shape (n, channels), float32
        The clip; it is not changed.
    rate : int
        Samples a second.
    fade_in_s, fade_out_s : float
        Lengths in seconds, each at most half of the clip. 0 leaves the end as it is.

    Returns
    -------
    faded : ndarray, shape (n, channels), float32
        Its first sample, and its last, are silent.
    """
    faded = clip.copy()
    for part, seconds in ((faded, fade_in_s), (faded[::-1], fade_out_s)):
        length = min(round(seconds * rate), len(clip) // 2)
        if length:
            gain = 0.5 - 0.5 * np.cos(np.pi * np.arange(length) / length)
            part[:length] *= gain[:, None].astype(np.float32)
    return faded


def cut_clips(
    path: str | os.PathLike[str],
    regions: ArrayLike,
    folder: str | os.PathLike[str],
    *,
    prefix: str | None = None,
    fade_in_s: float = 0.0015,
    fade_out_s: float = 0.008,
) -> list[ClipFile]:
    """Cut regions out of a recording, one WAV file each.

    Parameters
    ----------
    path : path-like
        The recording.
    regions : array_like, shape (k, 2)
        Onset and offset in seconds.
    folder : path-like
        Where the clips go; made if missing. They are called ``PREFIX_001.wav`` and so on in the
        order of `regions`, with as many digits as the last number needs.
    prefix : str, optional
        What names begin with, by default the recording's own name. What is not A-Z a-z 0-9
        ``_ - #`` is replaced.
    fade_in_s, fade_out_s : float
        Lengths of the fades, inside the clip. Within 1-2 and 5-10 ms: no click is heard and
        an attack keeps its edge.

    Returns
    -------
    clips : list of ClipFile
        What was written. A region is cut off at the end of the recording; one that begins
        there or lasts no sample has no clip.

    Raises
    ------
    InputError
        If a region is not two finite numbers with ``0 <= onset <= offset``.
    AudioError
        If the recording cannot be read or a clip cannot be written.
    """
    spans = np.asarray(regions, dtype=np.float64).reshape(-1, 2)
    good = np.isfinite(spans).all(axis=1) & (spans[:, 0] >= 0) & (spans[:, 0] <= spans[:, 1])
    if not good.all():
        row = int(np.argmin(good))
        rule = "must be finite seconds with 0 <= onset <= offset"
        raise InputError(f"region {row}: {rule}, got {spans[row].tolist()}")
    folder = Path(folder)
    stem = safe_name(Path(path).stem if prefix is None else prefix, length=60)
    digits = max(3, len(str(len(spans))))
    clips: list[ClipFile] = []
    with audio.reader(path) as recording:
        rate, subtype = recording.info.rate, clip_subtype(recording.info.subtype)
        folder.mkdir(parents=True, exist_ok=True)
        for row, (onset_s, offset_s) in enumerate(spans.tolist()):
            start, stop = round(onset_s * rate), round(offset_s * rate)
            if start >= min(stop, recording.info.frames):
                continue
            samples = recording.read(start, stop)
            if not len(samples):
                continue
            name = f"{stem}_{len(clips) + 1:0{digits}}.wav"
            faded = fade(samples, rate, fade_in_s=fade_in_s, fade_out_s=fade_out_s)
            audio.write(folder / name, faded, rate, subtype=subtype)
            if start + len(samples) < stop:
                offset_s = (start + len(samples)) / rate
            clips.append(ClipFile(row, name, onset_s, offset_s))
    return clips
