"""Render parts of tracker modules to mixes, with their truth.

The truth of a module is cut where its part begins and ends. A sound that begins before the part has
no onset in the mix, so its rest is not judged. The silent rest of a mix after its last part is not
judged either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np

from deep_plunder.audio.resampling import resample
from deep_plunder.corpus.modules import TrackerModule
from deep_plunder.errors import InputError
from deep_plunder.mixes.modules.plan import ModulePart
from deep_plunder.mixes.modules.render import RATE, play_part
from deep_plunder.mixes.modules.scan import read_truth, version_of
from deep_plunder.mixes.rendered import RenderedMix
from deep_plunder.truth.isolation import ALONE, STEP_S, UNKNOWN, IsolationTruth
from deep_plunder.truth.regions import Region

__all__ = ["PartRenderer", "cut_truth", "render_parts"]

_STEP = round(RATE * STEP_S)

_Row = tuple[float, float, float, str]


def cut_truth(truth: IsolationTruth, *, first: int, last: int) -> IsolationTruth:
    """Cut the truth of a part out of that of a whole module.

    Parameters
    ----------
    truth : IsolationTruth
    first, last : int
        First step of the part, and the step after its last.

    Returns
    -------
    truth : IsolationTruth
        Times begin at the part. Regions that begin before it are gone, and their steps have the
        state `UNKNOWN`. Those that end after it end with it.

    Examples
    --------
    >>> state = np.array([1, 1, 0, 1, 1, 1], np.uint8)
    >>> whole = IsolationTruth(state, np.zeros(6, np.float32), [
    ...     (0.0, 0.008, 30.0, "a"), (0.012, 0.024, 30.0, "b")])
    >>> part = cut_truth(whole, first=1, last=5)
    >>> part.state.tolist(), part.regions
    ([2, 0, 1, 1], [(0.008, 0.016, 30.0, 'b')])
    """
    state = truth.state[first:last].copy()
    from_s, to_s = first * STEP_S, last * STEP_S
    regions: list[_Row] = []
    for onset_s, offset_s, isolation_db, name in truth.regions:
        if from_s - 1e-6 <= onset_s < to_s - 1e-6:
            on, off = max(0.0, onset_s - from_s), min(offset_s, to_s) - from_s
            regions.append((round(on, 6), round(off, 6), isolation_db, name))
        elif onset_s < from_s < offset_s:
            part = state[: round(offset_s / STEP_S) - first]
            part[part == ALONE] = UNKNOWN
    return IsolationTruth(state, truth.isolation_db[first:last].copy(), regions)


class PartRenderer:
    """Renderer of mixes of tracker modules.

    Parameters
    ----------
    modules : iterable of TrackerModule
        The modules that the plans name, in any order.
    rate : int
        Sample rate of the mixes, in Hz.
    duration_s : float
        Length of a mix, in seconds.
    """

    def __init__(self, modules: Iterable[TrackerModule], *, rate: int, duration_s: float) -> None:
        self._modules = {row.module: row for row in modules}
        self._rate, self._duration_s = rate, duration_s

    def render(self, parts: Sequence[ModulePart]) -> RenderedMix:
        """Render one mix.

        Parameters
        ----------
        parts : sequence of ModulePart
            All parts of the mix.

        Returns
        -------
        mix : RenderedMix
            Its audio and truth.

        Raises
        ------
        InputError
            If a module is not in the table or cannot be read or played, or a part lies outside its
            module or its mix.
        """
        steps = round(self._duration_s / STEP_S)
        audio = np.zeros((steps * _STEP, 2), np.float32)
        state = np.full(steps, UNKNOWN, np.uint8)
        isolation_db = np.full(steps, np.nan, np.float32)
        regions: list[_Row] = []
        for part in parts:
            module = self._module(part)
            at, first = round(part.start_s / STEP_S), round(part.source_start_s / STEP_S)
            length = min(round(part.duration_s / STEP_S), steps - at)
            whole = read_truth(module)
            if length < 1 or first + length > len(whole.state):
                rule = f"must lie in its mix and in the {module.seconds} s of its module"
                raise _fault(part, rule)
            span = slice(at * _STEP, (at + length) * _STEP)
            version = version_of(module)
            played = play_part(_data(module), start=first, stop=first + length, version=version)
            audio[span] = played * np.float32(module.gain)
            truth = cut_truth(whole, first=first, last=first + length)
            state[at : at + length] = truth.state
            isolation_db[at : at + length] = truth.isolation_db
            regions += [
                (at * STEP_S + on, at * STEP_S + off, db, f"{module.module} {name}")
                for on, off, db, name in truth.regions
            ]
        samples = resample(audio, RATE, self._rate)
        fitted = np.zeros((round(self._duration_s * self._rate), 2), np.float32)
        fitted[: len(samples)] = samples[: len(fitted)]
        quantised = np.clip(np.rint(fitted * 32768), -32768, 32767).astype(np.int16)
        rows = tuple(
            Region(parts[0].mix, round(on, 6), round(off, 6), name, "", db)
            for on, off, db, name in regions
        )
        truth = IsolationTruth(state, isolation_db, regions)
        return RenderedMix(parts[0].mix, quantised, rows, (), truth)

    def _module(self, part: ModulePart) -> TrackerModule:
        if part.module not in self._modules:
            raise _fault(part, f"must name a usable module, got {part.module!r}")
        return self._modules[part.module]


def _fault(part: ModulePart, rule: str) -> InputError:
    return InputError(f"plan: mix {part.mix}, row {part.row}: {rule}")


def _data(module: TrackerModule) -> bytes:
    try:
        return Path(module.path).read_bytes()
    except OSError as error:
        raise InputError(f"{module.path}: cannot be read: {error.strerror}") from error


def render_parts(parts: Iterable[ModulePart], renderer: PartRenderer) -> Iterator[RenderedMix]:
    """Render the mixes of a plan, one in memory at a time.

    Parameters
    ----------
    parts : iterable of ModulePart
        The plan, in any order.
    renderer : PartRenderer
        The renderer of a single mix.

    Yields
    ------
    mix : RenderedMix
        One mix, in order of number.

    Raises
    ------
    InputError
        See `PartRenderer.render`.
    """
    ordered = sorted(parts, key=lambda part: (part.mix, part.row))
    for _, mix in groupby(ordered, key=lambda part: part.mix):
        yield renderer.render(list(mix))
