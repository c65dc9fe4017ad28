"""Songs to regions and clips with the model that ships, against other tools.

``extract`` compares with decoding alone. The others compare with tools that find notes or onsets.
Their results differ from ours, so only the time from a file to its events is compared. The model is
loaded once, and no pictures are drawn.
"""

from __future__ import annotations

import builtins
import collections.abc
import contextlib
import io
import itertools
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import numpy.typing as npt
import soundfile

from deep_plunder.extraction.song import extract_song
from deep_plunder.models.model_file import load_model
from deep_plunder.util.resources import shipped_model_path

from .catalogue import Setup
from .harness import Result, compare, need


def _decoding() -> Callable[[str, Path], Any]:
    return lambda path, _: soundfile.read(path, dtype="float32")


def _basic_pitch() -> Callable[[str, Path], Any]:
    need("onnxruntime", "basic_pitch.inference")
    import basic_pitch
    from basic_pitch.inference import Model, predict

    folder = Path(basic_pitch.__file__).parent
    model = Model(folder / "saved_models" / "icassp_2022" / "nmp.onnx")

    def notes(path: str, _: Path) -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            predict(path, model)

    return notes


def _slice(samples: npt.NDArray[Any], rate: int, onsets: npt.NDArray[Any], folder: Path) -> None:
    """Write the slices between onsets, which are given in samples."""
    folder.mkdir(exist_ok=True)
    for number, (start, stop) in enumerate(itertools.pairwise([*onsets, len(samples)])):
        soundfile.write(folder / f"{number:04d}.wav", samples[start:stop], rate)


def _librosa() -> Callable[[str, Path], Any]:
    def slices(path: str, folder: Path) -> None:
        samples, rate = librosa.load(path, sr=None, mono=False)
        mono = librosa.to_mono(samples)
        onsets = librosa.onset.onset_detect(y=mono, sr=rate, units="samples", backtrack=True)
        _slice(samples.T, int(rate), onsets, folder)

    return slices


def _madmom() -> Callable[[str, Path], Any]:
    # madmom 0.16.1 needs names that Python 3.10 and NumPy 2 no longer have.
    for name in ("float", "int"):
        vars(np).setdefault(name, getattr(builtins, name))
    vars(collections).setdefault("MutableSequence", collections.abc.MutableSequence)
    with warnings.catch_warnings():
        # madmom reads its own version with it.
        warnings.filterwarnings("ignore", "pkg_resources is deprecated")
        need("madmom.features.onsets")
    from madmom.audio.signal import Signal
    from madmom.features.onsets import CNNOnsetProcessor, OnsetPeakPickingProcessor

    # The network and settings of madmom's `CNNOnsetDetector`, by its documentation the best.
    network = CNNOnsetProcessor()
    peaks = OnsetPeakPickingProcessor(fps=100, threshold=0.54, smooth=0.05)

    def slices(path: str, folder: Path) -> None:
        # Decoded and resampled here, since madmom would start FFmpeg for either.
        samples, rate = soundfile.read(path, dtype="float32")
        heard = samples
        if rate != 44100:
            heard = librosa.resample(samples, orig_sr=rate, target_sr=44100, axis=0)
        onsets = peaks(network(Signal(heard, 44100)))
        _slice(samples, rate, np.round(onsets * rate).astype(int), folder)

    return slices


_PEERS = {
    "extract": _decoding,
    "extract-basic-pitch": _basic_pitch,
    "extract-madmom": _madmom,
    "extract-librosa": _librosa,
}


def run(setup: Setup) -> Result:
    """Compare."""
    peer = _PEERS[setup.name]()
    songs = setup.corpus.songs[:1] if setup.quick else setup.corpus.songs
    minutes = sum(song.seconds for song in songs) / 60
    model = load_model(shipped_model_path())

    turns = itertools.count()

    def ours() -> None:
        # A new folder each time: to replace a folder is not part of the work.
        folder = setup.folder / f"ours-{next(turns)}"
        for song in songs:
            extract_song(model, song.path, folder / song.song, picture=False)

    def theirs() -> None:
        for song in songs:
            peer(song.path, setup.folder / f"peer-{song.song}")

    return compare(
        setup.name, ours, theirs, unit="s/min", rounds=setup.rounds,
        ours_amount=minutes, peer_amount=minutes,
    )  # fmt: skip
