"""Write the library of the demonstration: one-shots in one folder per class.

A sound depends only on the seed, its class and its number, so a larger library contains a smaller
one. Sample rates, channels, formats, levels and silences vary, as in real libraries.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from deep_plunder.audio.encoding import encode
from deep_plunder.synths.classes import CLASSES
from deep_plunder.synths.makers import MAKERS
from deep_plunder.synths.sources import Signal
from deep_plunder.util.rng import generator

__all__ = ["class_counts", "render_sound", "write_library"]

_log = logging.getLogger(__name__)

_NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def class_counts(sounds: int) -> dict[str, int]:
    """Divide a number of sounds among the classes by their shares.

    Parameters
    ----------
    sounds : int
        Total number of sounds.

    Returns
    -------
    counts : dict of str to int
        Number of sounds of each class, in order of name. The method is that of Adams: every class
        has one sound before any has two, and a larger total never takes a sound from a class. With
        240 sounds, the counts equal the shares of `synths.classes.CLASSES`.
    """
    counts = dict.fromkeys(CLASSES, 0)
    for _ in range(sounds):
        first = max(
            CLASSES, key=lambda name: CLASSES[name].share / counts[name] if counts[name] else np.inf
        )
        counts[first] += 1
    return counts


def render_sound(name: str, number: int, *, seed: int) -> tuple[str, Signal, int, str]:
    """Synthesize one sound of the library.

    Parameters
    ----------
    name : str
        The class: a key of `synths.classes.CLASSES`.
    number : int
        Number of the sound in its class, from 0.
    seed : int
        The seed of the corpus.

    Returns
    -------
    file : str
        Name of the file, with the note of a pitched sound.
    audio : ndarray of shape (n, 1) or (n, 2), float32
        The sound, with a peak of -12 to -1 dBFS. A quarter of the sounds begin with up to 80 ms of
        silence, and an eighth end with up to 400 ms.
    rate : int
        Sample rate: 44100, 48000 or 22050 Hz.
    subtype : str
        Sample format by its name in libsndfile: PCM_16, PCM_24 or FLOAT.
    """
    rng = generator(seed, "demo", "sound", name, number)
    kind = CLASSES[name]
    rate = int(rng.choice([44100, 48000, 22050], p=[0.68, 0.2, 0.12]))
    note = int(rng.integers(kind.lowest, kind.highest + 1))
    held = float(np.exp(rng.uniform(*np.log(kind.held))))
    stereo = rng.random() < 0.35
    peak = 10.0 ** (rng.uniform(-12.0, -1.0) / 20.0)
    before = rng.uniform(0.001, 0.08) if rng.random() < 0.25 else 0.0
    after = rng.uniform(0.02, 0.4) if rng.random() < 0.125 else 0.0
    subtype = str(rng.choice(["PCM_16", "PCM_24", "FLOAT"], p=[0.55, 0.3, 0.15]))
    form = (
        "wav"
        if subtype == "FLOAT"
        else str(rng.choice(["wav", "flac", "aiff"], p=[0.8, 0.12, 0.08]))
    )
    audio = MAKERS[name](rng, rate)(rng, note, held)
    if not stereo:
        audio = audio.mean(axis=1, keepdims=True)
    audio = audio * np.float32(peak / np.abs(audio).max())
    audio = np.pad(audio, ((round(before * rate), round(after * rate)), (0, 0)))
    tuned = f"_{_NOTES[note % 12]}{note // 12 - 1}" if kind.highest > kind.lowest else ""
    return f"{name}_{number + 1:02d}{tuned}.{form}", audio, rate, subtype


def write_library(folder: Path, *, seed: int, sounds: int, workers: int = 1) -> None:
    """Write the library.

    Parameters
    ----------
    folder : pathlib.Path
        An empty folder, to which one folder per class is added.
    seed : int
        The seed of the corpus.
    sounds : int
        Number of sounds.
    workers : int
        Number of threads, which does not affect the bytes.
    """
    counts = class_counts(sounds)
    jobs = [(name, number) for name, count in counts.items() for number in range(count)]
    for name, _ in jobs:
        (folder / name).mkdir(exist_ok=True)

    def write(job: tuple[str, int]) -> None:
        file, audio, rate, subtype = render_sound(*job, seed=seed)
        encode(folder / job[0] / file, audio, rate, subtype=subtype)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(write, jobs))
    _log.info("%d sounds of %d classes in %s", sounds, sum(map(bool, counts.values())), folder)
