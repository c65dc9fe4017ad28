"""Compute the power of each part of a scene over time, and from it the truth."""

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
    """A note of a rendered scene.

    Attributes
    ----------
    start, length : int
        Start, and time until the note is cut, in samples.
    power : ndarray of float32
        Mean square of each step, before the levels of sections.
    reverb : float
        Amplitude of its send to the reverberation.
    single : bool
        Whether the note is one sound: not a loop of a song, and not an echo.
    name : str
        Source of its instrument.
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
    """Find where one sound is heard alone.

    Parameters
    ----------
    notes : sequence of Played
        The notes of the scene.
    songs : sequence of (int, ndarray of float32)
        First step and powers of each excerpt.
    spec : SceneSpec
        Limits of isolation.
    duration_s : float
        Length of the scene, in seconds.
    levels : ndarray of float32
        Gain of the notes at each sample of the scene.
    reverb_s : float
        Time in which the reverberation decays by 60 dB, in seconds.
    rate : int
        Sample rate, in Hz.

    Returns
    -------
    truth : IsolationTruth
        The regions, and the state of each step.

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
        # The release and the reverberation after it no longer belong to the note.
        own = power[:held]
        builder.add(Stem(note.start / rate, first, own, note.single, note.name))
        if note.reverb:
            builder.add_rest(power[held:], first + held)
    for step, power in songs:
        builder.add_song(power[: builder.steps - step], step)
    return builder.find()


def _tail(seconds: float) -> Float32Array:
    """Return the power of a reverberation in each step; the sum is 1."""
    steps = max(1, round(seconds / STEP_S))
    power = np.exp(-13.8 * np.arange(steps) / steps)
    return np.asarray(power / power.sum(), np.float32)


def step_at(sample: int, rate: int) -> int:
    """Return the step that contains a sample.

    Parameters
    ----------
    sample : int
        Number of the sample in the scene.
    rate : int
        Sample rate, in Hz. A step need not be a whole number of samples.

    Returns
    -------
    step : int
        Number of the step.

    Examples
    --------
    >>> step_at(16000, 16000)
    250
    """
    return sample * _STEPS_PER_SECOND // rate


def powers_of(wave: Float32Array, start: int, rate: int) -> Float32Array:
    """Compute the mean square of a wave in each step of the scene that it touches.

    Parameters
    ----------
    wave : ndarray of float32, shape (n,)
        The wave.
    start : int
        Position of its first sample in the scene.
    rate : int
        Sample rate, in Hz.

    Returns
    -------
    powers : ndarray of float32, shape (steps,)
        One power per step.

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
