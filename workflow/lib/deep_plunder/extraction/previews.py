"""Make small copies of clips and pictures for pages: waveforms, MP3, data addresses."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np

from deep_plunder.audio import reading, resampling
from deep_plunder.util.arrays import Float32Array

__all__ = ["COLUMNS", "mp3_address", "peaks"]

COLUMNS = 96
"""Columns of a waveform."""

_MP3_RATES = (32000, 44100, 48000)
_BLOCK_S = 10.0


def peaks(path: str | Path, *, columns: int = COLUMNS) -> bytes:
    """Compute the peaks by which a waveform is drawn: the lowest and highest sample per column.

    Parameters
    ----------
    path : path-like
    columns : int

    Returns
    -------
    peaks : bytes, 2 * columns
        Signed bytes by turns, lowest and highest. 127 is the highest absolute sample of the sound,
        over all channels.

    Raises
    ------
    AudioError
        If the file cannot be read.

    Examples
    --------
    >>> from deep_plunder.audio import writing
    >>> ramp = np.linspace(0, 0.5, 8, dtype=np.float32)
    >>> writing.write("ramp.wav", np.stack([ramp, -ramp], axis=1), 8000, subtype="FLOAT")
    >>> np.frombuffer(peaks("ramp.wav", columns=2), np.int8).tolist()
    [-54, 54, -127, 127]
    """
    low, high = np.zeros(columns, np.float32), np.zeros(columns, np.float32)
    with reading.reader(path) as recording:
        frames, start = recording.info.frames, 0
        for block in recording.blocks(seconds=_BLOCK_S):
            if start < frames and len(block):
                _pool(low, high, block, start=start, frames=frames)
            start += len(block)
    peak = max(float(high.max()), -float(low.min()))
    pairs = np.stack([low, high], axis=1) * (127 / peak if peak else 0.0)
    signed: bytes = np.rint(pairs).astype(np.int8).tobytes()
    return signed


def _pool(
    low: Float32Array, high: Float32Array, block: Float32Array, *, start: int, frames: int
) -> None:
    columns, stop = len(low), min(start + len(block), frames)
    if frames < columns:
        own = np.arange(start, stop) * columns // frames
        firsts = np.arange(len(own))
    else:
        own = np.arange(start * columns // frames, (stop - 1) * columns // frames + 1)
        # The first frame of column k is the least integer that is k * frames / columns or more.
        firsts = np.maximum(-(-own * frames // columns) - start, 0)
    # MP3 files may decode to more frames than their headers state: those count in the last column.
    low[own] = np.minimum(low[own], np.minimum.reduceat(block, firsts).min(axis=1))
    high[own] = np.maximum(high[own], np.maximum.reduceat(block, firsts).max(axis=1))


def mp3_address(path: str | Path, *, longest_s: float = 5.0) -> str:
    """Return a sound as MP3 in a data address, which every browser plays.

    Parameters
    ----------
    path : path-like
    longest_s : float
        A longer sound is cut off at this length, in seconds.

    Returns
    -------
    address : str
        It begins with ``data:audio/mpeg;base64,``.

    Raises
    ------
    AudioError
        If the file cannot be read.

    Examples
    --------
    >>> from deep_plunder.audio import writing
    >>> writing.write("quiet.wav", np.zeros((8000, 1), np.float32), 8000)
    >>> mp3_address("quiet.wav")[:23]
    'data:audio/mpeg;base64,'
    """
    import soundfile

    info = reading.probe(path)
    samples, rate = reading.read(path, stop=round(longest_s * info.rate))
    if samples.shape[1] > 2:
        samples = samples.mean(axis=1, keepdims=True)
    if rate not in _MP3_RATES:
        samples, rate = resampling.resample(samples, rate, 44100), 44100
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format="MP3")
    return f"data:audio/mpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
