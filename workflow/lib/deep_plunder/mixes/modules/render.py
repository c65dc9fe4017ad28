"""Render a tracker module channel by channel, and find where one of its notes is alone.

A module is a set of samples with the times at which each is played, so its truth is exact. It is
rendered once as a whole, and once per channel with all other channels silent. A note lasts from
its attack to the next note of its channel. It is isolated where all other channels together are
at least 30 dB below it. Where they are between 15 and 30 dB below it, its state is unknown and no
answer is judged (`truth.isolation`). The state is also unknown where several channels strike the
same note of one instrument at once: the module holds several notes, but a listener hears one
sound. A sample may hold several sounds, such as a drum loop. Its region therefore ends before a
second strong attack (`corpus.loops`), and the state of the rest is unknown.

The sum of the channels of a module must equal the whole. Where it does not (effects across
channels, random sounds), the truth would be wrong, and the module is rejected. Only channels can be
rendered separately. A delayed note, or a note that rings on in the background (Impulse Tracker's
new-note actions), therefore counts as part of the latest note of its channel.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deep_plunder.audio.openmpt import Module
from deep_plunder.corpus.loops import find_attacks
from deep_plunder.errors import InputError
from deep_plunder.mixes.modules.versions import PLAIN, Version
from deep_plunder.truth.isolation import ALONE, STEP_S, UNKNOWN, IsolationTruth, Stem, TruthBuilder

__all__ = [
    "LONGEST_S",
    "RATE",
    "RenderedModule",
    "play_part",
    "render_module",
]

RATE = 48000
"""Sample rate, in Hz. A step of the truth is a whole number of samples."""

LONGEST_S = 180.0
"""Longest part of a module that is rendered, in seconds. Some modules never end."""

ISOLATED_DB, MARGIN_DB, MIN_REGION_S = 30.0, 15.0, 0.06
"""Limits of isolation in dB, and shortest region in seconds (`truth.isolation`).

They equal the defaults of ``scenes.isolated_db``, ``margin_db`` and ``min_region_s``, whose source
they are. They are fixed here, so that a change of these keys leaves benches as they are.
"""

RESIDUAL_DB = -40.0
"""Greatest difference between the sum of the channels and the whole, in dB below the whole."""

_STEP = round(RATE * STEP_S)

_PEAK = 0.98

# Samples that a channel is rendered by at a time: calls of libopenmpt cost as much as its work.
_BLOCK = RATE

# An attack is found up to this long after it, in steps.
_BEFORE_ATTACK = 5


@dataclasses.dataclass(frozen=True, slots=True)
class RenderedModule:
    """A module as a song with truth.

    Attributes
    ----------
    samples : ndarray of float32, shape (n, 2)
        The audio at `RATE`, within full scale.
    truth : IsolationTruth
        The regions and the state of each step.
    gain : float
        Factor by which the module was made quieter to be within full scale.
    """

    samples: NDArray[np.float32]
    truth: IsolationTruth
    gain: float


@dataclasses.dataclass(frozen=True, slots=True)
class _Note:
    channel: int
    step: int
    name: str


def _play(data: bytes, version: Version) -> tuple[NDArray[np.float32], list[_Note], int]:
    """Render all audible channels, and record the step in which each note is struck."""
    module = Module(data, silent=version.silent)
    try:
        parts, notes, last = [], [], None
        for step, block in enumerate(module.blocks(version.rate(RATE), _STEP)):
            place = module.row()
            if place != last:
                last = place
                notes += [
                    _Note(channel, step, name)
                    for channel, name in module.struck()
                    if channel not in version.silent
                ]
            parts.append(block)
            if (step + 1) * STEP_S >= LONGEST_S:
                break
        return _whole_steps(parts), notes, module.channels
    finally:
        module.close()


def play_part(
    data: bytes, *, start: int, stop: int, version: Version = PLAIN
) -> NDArray[np.float32]:
    """Render a part of a module.

    Parameters
    ----------
    data : bytes
        The whole file.
    start, stop : int
        First step of the part, and the step after its last. The module is rendered from its
        beginning, since its sound depends on everything before.
    version : Version
        Its speed, and the channels that are silent.

    Returns
    -------
    samples : ndarray of float32, shape ((stop - start) * 192, 2)
        Zeros after the end of the module.

    Raises
    ------
    InputError
        If libopenmpt cannot play the module.
    """
    first, last = start * _STEP, stop * _STEP
    samples = np.zeros((last - first, 2), np.float32)
    module = Module(data, silent=version.silent)
    try:
        at = 0
        for block in module.blocks(version.rate(RATE), _BLOCK):
            low, high = max(first, at), min(last, at + len(block))
            if low < high:
                samples[low - first : high - first] = block[low - at : high - at]
            at += len(block)
            if at >= last:
                break
    finally:
        module.close()
    return samples


def _whole_steps(parts: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    if not parts:
        return np.zeros((0, 2), np.float32)
    samples = np.concatenate(parts)
    return np.pad(samples, ((0, -len(samples) % _STEP), (0, 0)))


def _power(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compute the mean square of each step over both channels of the audio."""
    power: NDArray[np.float32] = (samples.reshape(-1, 2 * _STEP) ** 2).mean(axis=1)
    return power


def _stems(power: NDArray[np.float32], notes: Iterable[_Note]) -> Iterable[Stem]:
    """Split a channel's power into one stem per note."""
    notes = list(notes)
    ends = [note.step for note in notes[1:]] + [len(power)]
    for note, end in zip(notes, ends, strict=True):
        if end > note.step:
            yield Stem(
                start_s=note.step * STEP_S,
                step=note.step,
                power=power[note.step : end],
                single=True,
                name=note.name,
            )


def _together(stems: Iterable[Stem]) -> Iterable[Stem]:
    """Merge the stems of one note struck on several channels into a stem that is not single."""
    groups: dict[tuple[int, str], list[Stem]] = {}
    for stem in stems:
        groups.setdefault((stem.step, stem.name), []).append(stem)
    for group in groups.values():
        if len(group) == 1:
            yield group[0]
            continue
        power = np.zeros(max(len(stem.power) for stem in group), np.float32)
        for stem in group:
            power[: len(stem.power)] += stem.power
        yield dataclasses.replace(group[0], power=power, single=False)


def _until_second_attacks(truth: IsolationTruth, samples: NDArray[np.float32]) -> IsolationTruth:
    """End each region before a second attack in it, after which the state is unknown."""
    state, regions = truth.state.copy(), []
    for onset_s, offset_s, isolation_db, name in truth.regions:
        first, last = round(onset_s / STEP_S), round(offset_s / STEP_S)
        attacks = find_attacks(samples[first * _STEP : last * _STEP], RATE)
        end = last
        # A sample that stops short ends with a click, which is no attack.
        if len(attacks) > 1 and attacks[1] < (last - first) * STEP_S - MIN_REGION_S:
            end = first + max(0, round(attacks[1] / STEP_S) - _BEFORE_ATTACK)
        part = state[end:last]
        part[part == ALONE] = UNKNOWN
        if (end - first) * STEP_S >= MIN_REGION_S:
            regions.append((onset_s, min(offset_s, end * STEP_S), isolation_db, name))
        else:
            part = state[first:end]
            part[part == ALONE] = UNKNOWN
    return IsolationTruth(state, truth.isolation_db, regions)


def render_module(path: str | os.PathLike[str], *, version: Version = PLAIN) -> RenderedModule:
    """Render a module and find where one of its notes is alone.

    Parameters
    ----------
    path : path-like
        The file of the module.
    version : Version
        Its speed, and the channels that are silent.

    Returns
    -------
    song : RenderedModule
        Its audio and truth.

    Raises
    ------
    InputError
        If the module cannot be played, is silent, or the sum of its channels is not the whole.
    """
    data = Path(path).read_bytes()
    whole, notes, channels = _play(data, version)
    peak = float(np.abs(whole).max(initial=0.0))
    if not notes or peak < 1e-3:
        raise InputError(f"{path}: must have audible notes, has none")
    gain = min(1.0, _PEAK / peak)
    steps = len(whole) // _STEP
    builder = TruthBuilder(
        duration_s=steps * STEP_S,
        isolated_db=ISOLATED_DB,
        margin_db=MARGIN_DB,
        min_region_s=MIN_REGION_S,
    )
    residual = whole.copy()
    stems: list[Stem] = []
    for channel in range(channels):
        own = [note for note in notes if note.channel == channel]
        if own:
            others = frozenset(range(channels)) - {channel}
            alone = Version(version.speed, others)
            samples = play_part(data, start=0, stop=steps, version=alone)
            residual -= samples
            stems += _stems(_power(samples * gain), own)
    share = float(np.square(residual).sum() / np.square(whole).sum())
    if share > 10 ** (RESIDUAL_DB / 10):
        rule = f"the sum of the channels must be the whole within {RESIDUAL_DB:g} dB"
        raise InputError(f"{path}: {rule}, got {10 * np.log10(share):.1f} dB")
    for stem in _together(stems):
        builder.add(stem)
    samples = whole * np.float32(gain)
    return RenderedModule(samples, _until_second_attacks(builder.find(), samples), gain)
