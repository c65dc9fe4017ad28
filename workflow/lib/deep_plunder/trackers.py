"""Make a bench of tracker modules: songs of samples, rendered channel by channel.

A module is a set of samples and the moments at which each is played, so where one is alone is
known exactly. It is rendered whole, and once for each channel with all others silent; a note is
its channel's sound from where it is struck to the channel's next note. Where one note sounds and
all other channels together are 30 dB or more below it, it is isolated; where they are 15 to 30
dB below, nothing is right or wrong (`scenes.truth`, in steps of 4 ms). Nor is it where one note
of one instrument is struck on several channels at once: that is one sound to hear, and two notes.

The channels of a module add up to the whole; where they do not (an effect that a silent channel
no longer has on others, sounds drawn at random) the truth would be wrong, and the module is set
aside. A channel's older notes that go on in the background (Impulse Tracker's new-note actions)
and delayed notes count as the channel's latest note: what is known here is channels.
"""

from __future__ import annotations

import dataclasses
import logging
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from . import audio
from .benches import write_truth
from .benchform import MODULE_SUFFIXES
from .errors import InputError
from .files import SafeNames, atomic_directory, files_below
from .openmpt import MISSING, Module, is_there
from .realbench import FRAME_S, IGNORED, ISOLATED, Truth
from .scenes.truth import STEP_S, UNKNOWN, Stem, TruthBuilder
from .scenes.truth import Truth as SceneTruth
from .tables import write_records
from .writing import naming

__all__ = [
    "LONGEST_S",
    "RATE",
    "Rendered",
    "exact_truth",
    "labels_of",
    "render_bench",
    "render_module",
]

_log = logging.getLogger(__name__)

RATE = 48000
"""Samples a second: a step of the truth is a whole number of them."""
LONGEST_S = 180.0
"""Modules are rendered so far: some never end."""
ISOLATED_DB, MARGIN_DB, MIN_REGION_S = 30.0, 15.0, 0.06
RESIDUAL_DB = -40.0
"""The sum of the channels differs from the whole by less than this, relative to the whole."""

_STEP = round(RATE * STEP_S)
_STEPS_A_FRAME = round(FRAME_S / STEP_S)
_PEAK = 0.98


@dataclasses.dataclass(frozen=True, slots=True)
class SetAside:
    """A module that is not in the bench.

    Attributes
    ----------
    module : str
        Its path below the folder.
    reason : str
        One line.
    """

    module: str
    reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class Rendered:
    """A module as a song with truth.

    Attributes
    ----------
    samples : ndarray of float32, shape (n, 2)
        At `RATE`, not above full scale.
    truth : realbench.Truth
    """

    samples: NDArray[np.float32]
    truth: Truth


@dataclasses.dataclass(frozen=True, slots=True)
class _Note:
    channel: int
    step: int
    name: str


def _play(data: bytes) -> tuple[NDArray[np.float32], list[_Note], int]:
    """Render all channels, and note in which step each note is struck."""
    module = Module(data)
    try:
        parts, notes, last = [], [], None
        for step, block in enumerate(module.blocks(RATE, _STEP)):
            place = module.row()
            if place != last:
                last = place
                notes += [_Note(channel, step, name) for channel, name in module.struck()]
            parts.append(block)
            if (step + 1) * STEP_S >= LONGEST_S:
                break
        return _whole_steps(parts), notes, module.channels
    finally:
        module.close()


def _play_channel(data: bytes, channel: int, steps: int) -> NDArray[np.float32]:
    module = Module(data, only=channel)
    try:
        parts = [block for _, block in zip(range(steps), module.blocks(RATE, _STEP), strict=False)]
    finally:
        module.close()
    stem = np.zeros((steps * _STEP, 2), np.float32)
    played = _whole_steps(parts)
    stem[: len(played)] = played
    return stem


def _whole_steps(parts: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    if not parts:
        return np.zeros((0, 2), np.float32)
    samples = np.concatenate(parts)
    return np.pad(samples, ((0, -len(samples) % _STEP), (0, 0)))


def _power(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean square of each step, over both sides."""
    power: NDArray[np.float32] = (samples.reshape(-1, 2 * _STEP) ** 2).mean(axis=1)
    return power


def _stems(power: NDArray[np.float32], notes: Iterable[_Note]) -> Iterable[Stem]:
    """Cut a channel's power where its notes are struck."""
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
    """Make one stem, of no single note, of one note that is struck on several channels."""
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


def labels_of(state: NDArray[np.uint8], regions: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Turn the state of steps into labels of frames.

    Parameters
    ----------
    state : ndarray of uint8, shape (steps,)
        See `scenes.truth`.
    regions : ndarray of float64, shape (k, 2)
        Isolated regions.

    Returns
    -------
    labels : ndarray of uint8, shape (steps / 8, rounded up,)
        `realbench.ISOLATED` where regions cover half of a frame, `realbench.IGNORED` where they
        do only together with steps of which nothing is known, else 0.
    """
    frames = -(-len(state) // _STEPS_A_FRAME)
    alone = np.zeros(frames * _STEPS_A_FRAME, np.bool_)
    for onset_s, offset_s in regions.tolist():
        alone[round(onset_s / STEP_S) : round(offset_s / STEP_S)] = True
    unknown = np.zeros_like(alone)
    unknown[: len(state)] = state == UNKNOWN

    def half(steps: NDArray[np.bool_]) -> NDArray[np.bool_]:
        covered: NDArray[np.bool_] = steps.reshape(frames, -1).mean(axis=1) >= 0.5
        return covered

    labels = np.where(half(alone | unknown), np.uint8(IGNORED), np.uint8(0))
    return np.where(half(alone), np.uint8(ISOLATED), labels)


def _runs(steps: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Give the spans, in seconds, in which steps are true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], steps.astype(np.int8), [0]])))
    return np.asarray(edges.reshape(-1, 2) * STEP_S, np.float64)


def exact_truth(name: str, found: SceneTruth) -> Truth:
    """Turn what stems tell into the truth of a bench.

    Parameters
    ----------
    name : str
        Of the song.
    found : scenes.truth.Truth
        What a `TruthBuilder` found.

    Returns
    -------
    truth : realbench.Truth
    """
    regions = np.array([row[:2] for row in found.regions], np.float64).reshape(-1, 2)
    return Truth(
        name=name,
        regions=regions,
        ignore=_runs(found.state == UNKNOWN),
        labels=labels_of(found.state, regions),
    )


def render_module(path: str | os.PathLike[str], *, name: str) -> Rendered:
    """Render a module and find where one of its notes is alone.

    Parameters
    ----------
    path : path-like
        The module.
    name : str
        What the song is called in the bench.

    Returns
    -------
    song : Rendered

    Raises
    ------
    InputError
        If it cannot be played, is silent, or its channels do not add up to the whole.
    """
    data = Path(path).read_bytes()
    whole, notes, channels = _play(data)
    peak = float(np.abs(whole).max(initial=0.0))
    if not notes or peak < 1e-3:
        raise InputError(f"{path}: must hold notes that are heard, holds none")
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
            samples = _play_channel(data, channel, steps)
            residual -= samples
            stems += _stems(_power(samples * gain), own)
    share = float(np.square(residual).sum() / np.square(whole).sum())
    if share > 10 ** (RESIDUAL_DB / 10):
        rule = f"the channels must add up to the whole within {RESIDUAL_DB:g} dB"
        raise InputError(f"{path}: {rule}, got {10 * np.log10(share):.1f} dB")
    for stem in _together(stems):
        builder.add(stem)
    truth = exact_truth(name, builder.find())
    return Rendered(whole * np.float32(gain), truth)


def render_bench(modules: str | os.PathLike[str], folder: str | os.PathLike[str]) -> None:
    """Render all modules below a folder into a bench.

    Parameters
    ----------
    modules : path-like
        Holds tracker modules, also in folders below (`files.files_below`).
    folder : path-like
        The bench to make (`benches`), 16-bit WAV. ``set_aside.tsv`` lists the modules that are
        not in it.

    Raises
    ------
    InputError
        If libopenmpt is missing or no module can be used.
    OSError
        If a file cannot be written: with the name of the folder.
    """
    if not is_there():
        raise InputError(f"{modules}: {MISSING}")
    root = Path(modules)
    names, count = SafeNames(), 0
    aside: list[SetAside] = []
    with naming(folder), atomic_directory(folder) as temporary:
        for path in files_below(root, suffixes=MODULE_SUFFIXES):
            name = names.new(path.stem)
            try:
                song = render_module(path, name=name)
            except (InputError, OSError) as error:
                _log.warning("set aside: %s", error)
                aside.append(SetAside(str(path.relative_to(root)), str(error)))
                continue
            count += 1
            audio.write(temporary / "audio" / f"{name}.wav", song.samples, RATE)
            write_truth(temporary, song.truth)
            _log.info("%s: %d regions", name, len(song.truth.regions))
        if not count:
            reason = aside[0].reason if aside else "there is none"
            raise InputError(f"{modules}: must hold a module that can be used: {reason}")
        write_records(temporary / "set_aside.tsv", SetAside, aside)
