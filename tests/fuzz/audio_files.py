"""Audio files as cases: half a second of a sound, in each container and codec that users bring."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import soundfile

from deep_plunder.audio.reading import probe
from deep_plunder.audio.reading import read as read_audio

__all__ = ["SEEDS", "read"]

_RATE = 8000
_FORMS = {
    "wav": [("WAV", "PCM_16"), ("WAV", "FLOAT"), ("RF64", "PCM_24"), ("WAVEX", "PCM_U8")],
    "aiff": [("AIFF", "PCM_16"), ("CAF", "PCM_16"), ("AU", "PCM_16")],
    "flac": [("FLAC", "PCM_16"), ("FLAC", "PCM_24")],
    "ogg": [("OGG", "VORBIS"), ("OGG", "OPUS")],
    "mp3": [("MP3", "MPEG_LAYER_III")],
    "old": [
        (form, "PCM_16")
        for form in ("AVR", "MPC2K", "NIST", "MAT4", "MAT5", "VOC", "IRCAM", "PAF", "PVF")
    ],
}
# Container, codec and rate.
_CONTAINERS = {
    "m4a": [("ipod", "aac", 8000), ("ipod", "alac", 8000)],
    "stream": [
        *((form, "aac", 48000) for form in ("adts", "latm", "mpegts", "matroska", "flv")),
        *((form, "ac3", 48000) for form in ("ac3", "avi")),
        ("mpeg", "mp2", 48000),
        ("nut", "pcm_s16le", 44100),
        ("sox", "pcm_s32le", 44100),
    ],
}


def _wave() -> np.ndarray:
    time = np.arange(_RATE // 2) / _RATE
    return np.stack([np.sin(440 * 2 * np.pi * time), np.cos(300 * time)], axis=1) * 0.5


def _with_soundfile(name: str) -> Callable[[Path], list[bytes]]:
    def seeds(folder: Path) -> list[bytes]:
        contents = []
        for form, subtype in _FORMS[name]:
            path = folder / f"seed.{name}"
            soundfile.write(path, _wave(), _RATE, format=form, subtype=subtype)
            contents.append(path.read_bytes())
        return contents

    return seeds


def _with_ffmpeg(name: str) -> Callable[[Path], list[bytes]]:
    def seeds(folder: Path) -> list[bytes]:
        contents = []
        for form, codec, rate in _CONTAINERS[name]:
            path = folder / f"seed.{name}"
            with av.open(str(path), "w", format=form) as container:
                stream = container.add_stream(codec, rate=rate, layout="stereo")
                # FFmpeg recognises AC-3 by several frames.
                samples = np.ascontiguousarray(np.tile(_wave().T, rate // _RATE), np.float32)
                frame = av.AudioFrame.from_ndarray(samples, "fltp", "stereo")
                frame.sample_rate = rate
                for part in av.AudioResampler(stream.format, "stereo", rate).resample(frame):
                    container.mux(stream.encode(part))
                container.mux(stream.encode(None))
            contents.append(path.read_bytes())
        return contents

    return seeds


SEEDS = {name: _with_soundfile(name) for name in _FORMS} | {
    name: _with_ffmpeg(name) for name in _CONTAINERS
}
"""From a folder for scratch files to the contents of sound files, by suffix."""


def read(path: Path) -> None:
    """Read the header of a file, a part of it, and all.

    Parameters
    ----------
    path : Path
    """
    info = probe(path)
    middle = info.frames // 2
    read_audio(path, start=middle, stop=middle + 100)
    # All of it, unless it claims hours.
    read_audio(path, stop=600 * _RATE)
