"""Render planned probes into a bench, one recording per probe."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from deep_plunder.corpus.library import Sound
from deep_plunder.evaluation.bench.layout import BenchTruth
from deep_plunder.evaluation.bench.rendered import frame_labels, write_song
from deep_plunder.evaluation.probes.kinds import KINDS
from deep_plunder.evaluation.probes.noises import noise_of
from deep_plunder.evaluation.probes.plan import ProbeNote
from deep_plunder.evaluation.probes.sounds import RATE, prepared
from deep_plunder.truth.isolation import STEP_S
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.files import atomic_directory
from deep_plunder.util.rng import generator

__all__ = ["render_probe", "render_probes"]

_TAIL_S = 1.0


def render_probe(
    name: str, notes: Sequence[ProbeNote], sounds: Mapping[str, Sound], *, seed: int
) -> Float32Array:
    """Render a probe.

    Parameters
    ----------
    name : str
        A key of `KINDS`.
    notes : sequence of ProbeNote
        Its notes, at least one.
    sounds : mapping of str to Sound
        Sounds by name.
    seed : int
        The seed of its noise.

    Returns
    -------
    audio : ndarray of float32, shape (n, 2)
        At `evaluation.probes.sounds.RATE`.

    Raises
    ------
    AudioError
        If a sound cannot be read.
    """
    end_s = max(note.onset_s + note.length_s for note in notes) + _TAIL_S
    audio = np.zeros((round(end_s * RATE), 2), np.float32)
    for note in notes:
        part = prepared(sounds[note.sound])[: round(note.length_s * RATE)]
        start = round(note.onset_s * RATE)
        audio[start : start + len(part)] += np.float32(note.gain) * part
    noise = KINDS[name].noise
    if noise is not None:
        audio += noise_of(noise, len(audio), RATE, generator(seed, "probes", name, "noise"))
    return audio


def render_probes(
    notes: Sequence[ProbeNote],
    sounds: Sequence[Sound],
    folder: str | os.PathLike[str],
    *,
    seed: int,
) -> None:
    """Render all probes into a bench (`evaluation.bench.layout`).

    Parameters
    ----------
    notes : sequence of ProbeNote
        Notes that `plan_probes` returned.
    sounds : sequence of Sound
        The sounds that they name.
    folder : path-like
        The bench to write. Events that should have a clip are its true regions.
    seed : int
        The seed of the noises.

    Raises
    ------
    AudioError
        If a sound cannot be read.
    OSError
        If a file cannot be written. The error names the folder.
    """
    by_name = {sound.sound: sound for sound in sounds}
    by_probe: dict[str, list[ProbeNote]] = defaultdict(list)
    for note in notes:
        by_probe[note.probe].append(note)
    with atomic_directory(folder) as temporary:
        for name, part in by_probe.items():
            samples = render_probe(name, part, by_name, seed=seed)
            spans = [(note.onset_s, note.onset_s + note.length_s) for note in part]
            regions = np.array(spans if KINDS[name].wanted else [], np.float64).reshape(-1, 2)
            steps = -(-len(samples) // round(STEP_S * RATE))
            labels = frame_labels(np.zeros(steps, np.uint8), regions)
            truth = BenchTruth(name, regions, np.empty((0, 2)), labels)
            write_song(temporary, truth, samples, RATE)
