"""Score the clips found in probes: the share of events with a clip."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deep_plunder.evaluation.bench.find import FoundClip
from deep_plunder.evaluation.probes.kinds import KINDS
from deep_plunder.evaluation.probes.plan import ProbeNote
from deep_plunder.evaluation.usable import NEAR_S
from deep_plunder.util.tables import read_records, write_records

__all__ = ["ProbeScore", "score_probes", "wilson"]


# Of the normal distribution, for 95 %.
_QUANTILE = 1.96


@dataclass(frozen=True, slots=True)
class ProbeScore:
    """The events of a probe that have a clip.

    Attributes
    ----------
    probe : str
        Name of the probe.
    events : int
        Number of events.
    with_clip : int
        Number of events that have a clip.
    share, low, high : float
        Share of events with a clip, and the bounds of its interval (95 %, Wilson), in per cent.
    """

    probe: str
    events: int
    with_clip: int
    share: float
    low: float
    high: float


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """Compute the interval of 95 % of a share by Wilson's method.

    Parameters
    ----------
    hits, trials : int

    Returns
    -------
    low, high : float
        Bounds in 0..1; both bounds of nothing are 0 and 1.

    References
    ----------
    Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the
    American Statistical Association, 1927.

    Examples
    --------
    >>> [round(bound, 3) for bound in wilson(90, 100)]
    [0.826, 0.945]
    """
    if not trials:
        return 0.0, 1.0
    share, square = hits / trials, _QUANTILE * _QUANTILE / trials
    middle = (share + square / 2) / (1 + square)
    spread = math.sqrt(share * (1 - share) / trials + square / (4 * trials))
    half = _QUANTILE * spread / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)


def score_probes(
    notes: Sequence[ProbeNote],
    folder: str | os.PathLike[str],
    *,
    path: str | os.PathLike[str],
) -> list[ProbeScore]:
    """Score the regions that `evaluation.bench.find.find_all` wrote for the bench of probes.

    An event has a clip if a region that is cut by default begins within 50 ms of its first note.

    Parameters
    ----------
    notes : sequence of ProbeNote
    folder : path-like
        Folder of the tables ``PROBE.tsv``. If a probe has no table, no region was found in it.
    path : path-like
        Table to write.

    Returns
    -------
    scores : list of ProbeScore
        In the order of `KINDS`.

    Raises
    ------
    InputError
        If a table cannot be read.
    """
    scores = []
    for name in KINDS:
        onsets: dict[int, float] = {}
        for note in notes:
            if note.probe == name:
                onsets[note.event] = min(note.onset_s, onsets.get(note.event, math.inf))
        if not onsets:
            continue
        table = Path(folder) / f"{name}.tsv"
        found = read_records(table, FoundClip) if table.exists() else []
        begins = np.array([clip.onset_s for clip in found if clip.cut])
        hits = sum(bool((np.abs(begins - onset_s) <= NEAR_S).any()) for onset_s in onsets.values())
        bounds = wilson(hits, len(onsets))
        percent = [100 * value for value in (hits / len(onsets), *bounds)]
        scores.append(ProbeScore(name, len(onsets), hits, *percent))
    write_records(path, ProbeScore, scores)
    return scores
