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
    "old": [(form, "PCM_16") for form in ("AVR", "MPC2K", "NIST", "MAT4", "MAT5", "VOC")],
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


def _m4a(folder: Path) -> list[bytes]:
    contents = []
    for codec, sample_format in (("aac", "fltp"), ("alac", "s16p")):
        path = folder / "seed.m4a"
        with av.open(str(path), "w", format="ipod") as container:
            stream = container.add_stream(codec, rate=_RATE, layout="stereo")
            samples = _wave().T.astype(np.float32)
            if sample_format == "s16p":
                samples = (samples * 32767).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(samples), sample_format, "stereo"
            )
            frame.sample_rate = _RATE
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        contents.append(path.read_bytes())
    return contents


SEEDS = {name: _with_soundfile(name) for name in _FORMS} | {"m4a": _m4a}
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
