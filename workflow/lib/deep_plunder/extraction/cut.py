"""Cut regions out of a recording as sound files.

A clip has the sample rate and the channels of its recording, and unless asked otherwise its bit
depth too (8, 16, 24, 32 or float). Recordings of lossy codecs have no bit depth, so their clips
have 24 bits. Samples between the fades equal those of the recording; 32-bit integers and doubles
keep their 24 highest bits. Only the parts that are cut are decoded.

Deviation from the paper (section 5.2), which does not fade: short fades avoid clicks.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from deep_plunder.audio import reading, writing
from deep_plunder.audio.fades import fade, ramp
from deep_plunder.audio.wav_chunks import ClipFacts
from deep_plunder.errors import InputError
from deep_plunder.extraction.naming import index_texts
from deep_plunder.extraction.options import ClipOptions
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.names import safe_name

__all__ = ["ClipFile", "cut_clips"]

# Samples per block, over all channels: 16 MB.
_PIECE = 1 << 22


@dataclass(frozen=True, slots=True)
class ClipFile:
    """A clip that was written.

    Attributes
    ----------
    region : int
        Row of the clip's region.
    clip : str
        Path of the clip's file below the folder of the clips, with ``/``.
    onset_s, offset_s : float
        The span that was cut, in seconds: sample ``round(onset_s * rate)`` up to
        ``round(offset_s * rate)``.
    """

    region: int
    clip: str
    onset_s: float
    offset_s: float


def _pieces(
    recording: reading.Reader, start: int, stop: int, *, fade_in_s: float, fade_out_s: float
) -> Iterator[Float32Array]:
    """Yield a clip with its fades, in pieces of bounded size."""
    rate = recording.info.rate
    tail = round(fade_out_s * rate)
    size = max(_PIECE // recording.info.channels, 4 * tail, 4 * round(fade_in_s * rate), 1)
    held = recording.read(start, min(start + size, stop))
    if start + size >= stop:
        yield fade(held, rate, fade_in_s=fade_in_s, fade_out_s=fade_out_s)
        return
    ramp(held, round(fade_in_s * rate))
    for begin in range(start + size, stop, size):
        part = recording.read(begin, min(begin + size, stop))
        held = np.concatenate([held, part])
        yield held[: len(held) - tail]
        held = held[len(held) - tail :]
    ramp(held[::-1], len(held))
    yield held


def _levelled(
    recording: reading.Reader, start: int, stop: int, options: ClipOptions
) -> Iterator[Float32Array]:
    """Yield a clip with its fades, at the level that is asked for."""
    fades = {"fade_in_s": options.fade_in_s, "fade_out_s": options.fade_out_s}
    if options.normalize_dbfs is None:
        yield from _pieces(recording, start, stop, **fades)
        return
    peak = max(
        float(abs(piece).max(initial=0)) for piece in _pieces(recording, start, stop, **fades)
    )
    gain = np.float32(10 ** (options.normalize_dbfs / 20) / peak if peak else 1.0)
    for piece in _pieces(recording, start, stop, **fades):
        yield piece * gain


def cut_clips(
    recording: reading.Recording,
    regions: ArrayLike,
    folder: str | os.PathLike[str],
    *,
    names: Sequence[str] | None = None,
    options: ClipOptions | None = None,
    facts: Sequence[ClipFacts] | None = None,
) -> list[ClipFile]:
    """Cut regions out of a recording, one sound file each.

    Parameters
    ----------
    recording : path-like or Reader
    regions : array_like, shape (k, 2)
        Onset and offset in seconds.
    folder : path-like
        Folder for the clips, created if missing. After an error it may hold some of the clips
        (see `util.files.atomic_directory`).
    names : sequence of str, optional
        Path of each region's file below `folder`, without suffix, with ``/``. By default
        ``NAME_001`` and so on, after the name of the recording (`extraction.naming`).
    options : ClipOptions, optional
        Format, level and fades. By default WAV of the depth and level of the recording, with fades
        of 1.5 ms and 8 ms: no click is heard, and attacks stay sharp.
    facts : sequence of ClipFacts, optional
        Facts about each region that its file states.

    Returns
    -------
    clips : list of ClipFile
        The clips that were written. A region ends at the end of the recording at the latest. A
        region that begins there, or is shorter than one sample, has no clip.

    Raises
    ------
    InputError
        If a region is not two finite numbers with ``0 <= onset <= offset``.
    AudioError
        If the recording cannot be read, or its channels or rate do not fit the format.
    OSError
        If a clip cannot be written.

    Examples
    --------
    >>> from deep_plunder.audio import writing
    >>> writing.write("song.wav", np.zeros((44100, 2), np.float32), 44100)
    >>> [clip] = cut_clips("song.wav", [[0.25, 0.75]], "clips")
    >>> clip
    ClipFile(region=0, clip='song_001.wav', onset_s=0.25, offset_s=0.75)
    """
    wanted = ClipOptions() if options is None else options
    spans = np.asarray(regions, dtype=np.float64).reshape(-1, 2)
    good = np.isfinite(spans).all(axis=1) & (spans[:, 0] >= 0) & (spans[:, 0] <= spans[:, 1])
    if not good.all():
        row = int(np.argmin(good))
        rule = "must be finite seconds with 0 <= onset <= offset"
        raise InputError(f"region {row}: {rule}, got {spans[row].tolist()}")
    folder = Path(folder)
    clips: list[ClipFile] = []
    with reading.reader(recording) as file:
        if names is None:
            stem = safe_name(Path(file.info.path).stem, length=60)
            numbers = index_texts(range(1, len(spans) + 1))
            names = [f"{stem}_{number}" for number in numbers]
        rate, channels = file.info.rate, file.info.channels
        depth = {None: file.info.sample_format, 16: "PCM_16", 24: "PCM_24", 32: "FLOAT"}
        subtype = writing.held_as(wanted.container, depth[wanted.bits])
        folder.mkdir(parents=True, exist_ok=True)
        for row, (onset_s, offset_s) in enumerate(spans.tolist()):
            start, stop = round(onset_s * rate), round(offset_s * rate)
            if start >= min(stop, file.info.frames):
                continue
            pieces = _levelled(file, start, stop, wanted)
            first = next(pieces)
            if not len(first):
                continue
            name = f"{names[row]}.{wanted.container}"
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            frames = writing.write_blocks(
                path, itertools.chain([first], pieces), rate, channels,
                subtype=subtype, container=wanted.container, whole=False,
                facts=facts[row] if facts is not None else None,
            )  # fmt: skip
            if start + frames < stop:
                offset_s = (start + frames) / rate
            clips.append(ClipFile(row, name, onset_s, offset_s))
    return clips
