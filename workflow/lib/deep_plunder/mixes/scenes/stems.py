"""The power of each part of a scene in steps of time, and the truth that follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deep_plunder.mixes.scenes.spec import SceneSpec
from deep_plunder.truth.isolation import STEP_S, IsolationTruth, Stem, TruthBuilder
from deep_plunder.util.arrays import Float32Array

__all__ = ["Played", "find_truth", "powers_of", "step_at"]

_STEPS_PER_SECOND = round(1 / STEP_S)


@dataclass(frozen=True, slots=True)
class Played:
    """A note that was mixed.

    Attributes
    ----------
    start, length : int
        In samples; the length is the time until it is cut.
    power : ndarray of float32
        Mean square of each step, before the levels of sections.
    reverb : float
        Amplitude of its send.
    single : bool
        Whether it is one sound, not a song.
    name : str
        Its source.
    """

    start: int
    length: int
    power: Float32Array
    reverb: float
    single: bool
    name: str


def find_truth(
    notes: Sequence[Played],
    songs: Sequence[tuple[int, Float32Array]],
    *,
    spec: SceneSpec,
    duration_s: float,
    levels: Float32Array,
    reverb_s: float,
    rate: int,
) -> IsolationTruth:
    """Find where one sound is alone.

    Parameters
    ----------
    notes : sequence of Played
    songs : sequence of (int, ndarray of float32)
        First step and powers of each excerpt.
    spec : SceneSpec
    duration_s : float
        Length of the scene.
    levels : ndarray of float32
        Gain of each sample of the notes.
    reverb_s : float
        Time in which the reverberation falls by 60 dB.
    rate : int
        Hz.

    Returns
    -------
    truth : IsolationTruth

    Examples
    --------
    >>> played = Played(0, 16000, np.full(250, 0.01, np.float32), 0.0, True, "kick/a.wav")
    >>> truth = find_truth(
    ...     [played], [], spec=SceneSpec(), duration_s=2.0, levels=np.ones(32000, np.float32),
    ...     reverb_s=0.0, rate=16000,
    ... )
    >>> [(onset_s, offset_s) for onset_s, offset_s, *_ in truth.regions]
    [(0.0, 1.0)]
    """
    builder = TruthBuilder(
        duration_s=duration_s,
        isolated_db=spec.isolated_db,
        margin_db=spec.margin_db,
        min_region_s=spec.min_region_s,
    )
    middles = (2 * np.arange(builder.steps) + 1) * rate // (2 * _STEPS_PER_SECOND)
    gains = np.square(levels[np.minimum(middles, len(levels) - 1)])
    tail = _tail(reverb_s)
    for note in notes:
        first = step_at(note.start, rate)
        held = step_at(note.start + note.length - 1, rate) + 1 - first
        power = note.power[: builder.steps - first]
        if note.reverb:
            wet = np.convolve(power, tail * note.reverb**2)[: builder.steps - first]
            wet[: len(power)] += power
            power = wet.astype(np.float32)
        power = power * gains[first : first + len(power)]
        # A release, and what rings on after it, does not belong to the note any more.
        own = power[:held]
        builder.add(Stem(note.start / rate, first, own, note.single, note.name))
        if note.reverb:
            builder.add_rest(power[held:], first + held)
    for step, power in songs:
        builder.add_song(power[: builder.steps - step], step)
    return builder.find()


def _tail(seconds: float) -> Float32Array:
    """Compute the power of a reverberation per step, of sum 1."""
    steps = max(1, round(seconds / STEP_S))
    power = np.exp(-13.8 * np.arange(steps) / steps)
    return np.asarray(power / power.sum(), np.float32)


def step_at(sample: int, rate: int) -> int:
    """Return the step that a sample lies in; steps need not be whole numbers of samples.

    Parameters
    ----------
    sample : int
    rate : int
        Hz.

    Returns
    -------
    step : int

    Examples
    --------
    >>> step_at(16000, 16000)
    250
    """
    return sample * _STEPS_PER_SECOND // rate


def powers_of(wave: Float32Array, start: int, rate: int) -> Float32Array:
    """Compute the mean square of each step that a wave touches, on the grid of the scene.

    Parameters
    ----------
    wave : ndarray of float32, shape (n,)
    start : int
        Its first sample in the scene.
    rate : int
        Hz.

    Returns
    -------
    powers : ndarray of float32
        One per step.

    Examples
    --------
    >>> powers_of(np.full(128, 0.5, np.float32), 0, 16000).tolist()
    [0.25, 0.25]
    """
    if not len(wave):
        return np.zeros(0, np.float32)
    steps = np.arange(step_at(start, rate), step_at(start + len(wave) - 1, rate) + 2)
    edges = -(-steps * rate // _STEPS_PER_SECOND)
    sums = np.add.reduceat(np.square(wave), np.maximum(edges[:-1] - start, 0))
    return np.asarray(sums / np.diff(edges), np.float32)
