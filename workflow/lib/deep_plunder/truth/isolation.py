"""Find from the stems of a scene where one sound is heard alone.

The measure is the isolation of a note in dB: how far everything else together lies below it, in
steps of 4 ms. A note sounds while it is above -50 dBFS and above its peak - 50 dB. It is alone
while it sounds and its isolation is at least `isolated_db` (30). Between `margin_db` (15) and
`isolated_db`, the state is unknown: no answer of a network is right or wrong.

A region begins with its note and lasts while the note is alone. A note that is covered at its
start has no region; where it comes to the fore later, the state is unknown too. A note that others
cover before it has lasted for `min_region_s` is not alone: it is one of several sounds.

Powers of stems are added, which assumes that their phases are unrelated. Real songs have no stems,
so the state is unknown where an excerpt sounds without a note.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deep_plunder.errors import InputError
from deep_plunder.truth.regions import Region
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.npy import read_npz

__all__ = [
    "ALONE",
    "NOT_ALONE",
    "STEP_S",
    "UNKNOWN",
    "IsolationTruth",
    "Stem",
    "TruthBuilder",
    "read_isolation",
    "write_isolation",
]  # fmt: skip

STEP_S = 0.004
"""Seconds per step: a quarter of a 16 ms frame, an eighth of the paper's frame."""

NOT_ALONE, ALONE, UNKNOWN = range(3)
"""States of a step."""

_FLOOR = 1e-5  # -50 dBFS
_UNDER_PEAK = 1e-5  # 50 dB
_SILENT = 1e-7
_BOUND_DB = (-20.0, 60.0)


@dataclass(frozen=True, slots=True)
class Stem:
    """The power of one note over time.

    Attributes
    ----------
    start_s : float
        Time at which the note is struck.
    step : int
        The step of that time: the first step of `power`.
    power : ndarray of float32, shape (n,)
        Mean square of each step, at the levels of the finished mix.
    single : bool
        Whether the stem is one sound. A loop or an echo is not one, and has no region.
    name : str
        Name of the sound.
    """

    start_s: float
    step: int
    power: Float32Array
    single: bool
    name: str


@dataclass(frozen=True, slots=True)
class IsolationTruth:
    """Where one sound is heard alone.

    Attributes
    ----------
    state : ndarray of uint8, shape (steps,)
        `NOT_ALONE`, `ALONE` or `UNKNOWN`.
    isolation_db : ndarray of float32, shape (steps,)
        How far everything else lies below the loudest note, -20 to 60; NaN where that is unknown
        or nothing sounds.
    regions : list of (onset_s, offset_s, isolation_db, name)
        In order of time, each with the lowest isolation of the region.
    """

    state: NDArray[np.uint8]
    isolation_db: NDArray[np.float32]
    regions: list[tuple[float, float, float, str]]


class TruthBuilder:
    """Collect stems and find where one sound is alone.

    Parameters
    ----------
    duration_s : float
        Length of the scene.
    isolated_db, margin_db, min_region_s : float
        See `mixes.scenes.spec.SceneSpec`.
    """

    def __init__(
        self, *, duration_s: float, isolated_db: float, margin_db: float, min_region_s: float
    ) -> None:
        self.steps = round(duration_s / STEP_S)
        self._duration_s = duration_s
        self._isolated = 10 ** (isolated_db / 10)
        self._margin = 10 ** (margin_db / 10)
        self._min_region_s = min_region_s
        self._stems: list[Stem] = []
        self._total = np.zeros(self.steps, np.float64)
        self._loudest = np.zeros(self.steps, np.float32)
        self._songs = np.zeros(self.steps, np.float32)
        self._rest = np.zeros(self.steps, np.float32)

    def add(self, stem: Stem) -> None:
        """Add a note.

        Parameters
        ----------
        stem : Stem
            Within the scene.
        """
        span = slice(stem.step, stem.step + len(stem.power))
        self._total[span] += stem.power
        if stem.single:
            np.maximum(self._loudest[span], stem.power, out=self._loudest[span])
        self._stems.append(stem)

    def add_song(self, power: Float32Array, step: int) -> None:
        """Add an excerpt of a song.

        Parameters
        ----------
        power : ndarray of float32, shape (n,)
            Mean square of each step, as in `Stem`.
        step : int
            The first step.
        """
        self._songs[step : step + len(power)] += power

    def add_rest(self, power: Float32Array, step: int) -> None:
        """Add the sound that notes leave elsewhere: reverberation, echoes, releases.

        Parameters
        ----------
        power, step
            See `add_song`.
        """
        self._rest[step : step + len(power)] += power

    def find(self) -> IsolationTruth:
        """Find the regions and the state of each step.

        Returns
        -------
        truth : IsolationTruth
        """
        total = self._total + self._songs + self._rest
        state = np.zeros(self.steps, np.uint8)
        regions = []
        for stem in sorted(self._stems, key=lambda stem: stem.start_s):
            peak = float(stem.power.max(initial=0))
            if peak <= _FLOOR:
                continue
            span = slice(stem.step, stem.step + len(stem.power))
            power = stem.power
            rest = np.maximum(total[span] - power, 0)
            sounds = (power > _FLOOR) & (power > peak * _UNDER_PEAK)
            alone = sounds & (rest * self._isolated <= power)
            unclear = sounds & (rest * self._margin <= power)
            region = self._region(sounds, alone) if stem.single else None
            if region is not None and (region[1] - region[0]) * STEP_S < self._min_region_s:
                first, last = region
                # Others cover the note before it can be a region: it is one of several sounds.
                if last < len(sounds) and sounds[last]:
                    unclear[first:last] = False
                region = None
            part = state[span]
            part[unclear & (part != ALONE)] = UNKNOWN
            if region is not None:
                first, last = region
                part[first:last] = ALONE
                isolation = 10 * np.log10(power[first:last] / (rest[first:last] + 1e-12))
                onset_s = stem.start_s if first <= 1 else (stem.step + first) * STEP_S
                offset_s = min((stem.step + last) * STEP_S, self._duration_s)
                lowest = float(np.clip(isolation.min(), *_BOUND_DB))
                regions.append((onset_s, offset_s, round(lowest, 1), stem.name))
        notes = self._total + self._rest
        song_alone = (self._songs > _SILENT) & (notes < self._songs / self._margin)
        state[song_alone & (state != ALONE)] = UNKNOWN
        rest = np.maximum(total - self._loudest, 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            isolation = 10 * np.log10((self._loudest + 1e-12) / (rest + 1e-12))
        isolation = np.clip(isolation, *_BOUND_DB)
        isolation[(total < 1e-6) | song_alone] = np.nan
        regions.sort()
        return IsolationTruth(state, isolation.astype(np.float32), regions)

    @staticmethod
    def _region(sounds: NDArray[np.bool_], alone: NDArray[np.bool_]) -> tuple[int, int] | None:
        """Return the steps of a stem's region: from its start for as long as it is alone."""
        first = int(np.argmax(sounds))
        # The first step may still hold the end of the previous note.
        if not alone[first] and first + 1 < len(alone) and alone[first + 1]:
            first += 1
        if not alone[first]:
            return None
        covered = ~alone[first:]
        last = first + (int(np.argmax(covered)) if covered.any() else len(covered))
        return first, last


def write_isolation(path: str | os.PathLike[str], truth: IsolationTruth) -> None:
    """Write the state and the isolation of each step of a scene.

    The regions have a table of their own.

    Parameters
    ----------
    path : path-like
        An ``.npz`` of `state` and `isolation_db`.
    truth : IsolationTruth
    """
    np.savez_compressed(path, state=truth.state, isolation_db=truth.isolation_db)


def read_isolation(path: str | os.PathLike[str], regions: Iterable[Region]) -> IsolationTruth:
    """Read the truth that `write_isolation` wrote.

    Parameters
    ----------
    path : path-like
    regions : iterable of Region
        The regions of the same scene.

    Returns
    -------
    truth : IsolationTruth

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    arrays = read_npz(path)
    try:
        state, isolation_db = arrays["state"], arrays["isolation_db"]
    except KeyError as error:
        raise InputError(f"{path}: not the truth of a scene: lacks {error}") from error
    rows = [(r.onset_s, r.offset_s, r.isolation_db, r.sound) for r in regions]
    return IsolationTruth(state, isolation_db, rows)
