"""Score finders with features of their own on the test mixes: baselines, the shipped model.

Such finders have no outputs on the frames of this run. So their regions serve as the intervals of
Table 1, and there are no curves.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from deep_plunder.dataset.labels import labels_of
from deep_plunder.dataset.mixes import Mix
from deep_plunder.decoding.clip import Clip
from deep_plunder.errors import InputError
from deep_plunder.evaluation.scoring import check_reference, score_mix, write_scores
from deep_plunder.evaluation.spec import EvaluationSpec, Reference
from deep_plunder.evaluation.table1 import TableRow
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.util.settings import default

__all__ = ["evaluate_finder"]

_log = logging.getLogger(__name__)


def evaluate_finder(
    find: Callable[[Mix], Sequence[Clip]],
    mixes: Iterable[Mix],
    *,
    folder: str | os.PathLike[str],
    spec: FeatureSpec,
    reference: Reference = default(EvaluationSpec, "reference"),
    plans: Sequence[str | os.PathLike[str]] = (),
) -> list[TableRow]:
    """Score a finder of regions on the test mixes.

    Parameters
    ----------
    find : callable
        Function from a mix to its regions.
    mixes : iterable of Mix
        The test mixes. One is held in memory at a time.
    folder : path-like
        Folder for ``table1.tsv``, ``clips.tsv``, ``per_file.tsv`` and ``intervals.tsv``, in per
        cent.
    spec : FeatureSpec
        Features of this run, whose frames Table 1 counts.
    reference : {"tsv", "labels"}
        The reference of Table 1, see `evaluation.spec.EvaluationSpec`.
    plans : sequence of path-like
        Plans of the mixes in the paper's style (`evaluation.scoring.write_scores`).

    Returns
    -------
    rows : list of TableRow
        The 15 rows of Table 1.

    Raises
    ------
    InputError
        If there is no mix.
    """
    check_reference(reference)
    files: list[Mapping[str, float]] = []
    for number, mix in enumerate(mixes):
        bounds = sorted((region.onset_s, region.offset_s) for region in mix.regions)
        frames = spec.frames(round(len(mix.audio) * spec.sample_rate / mix.rate))
        clips = [(clip.onset_s, clip.offset_s) for clip in find(mix)]
        files.append(
            score_mix(
                number,
                truth=np.array(bounds, np.float64).reshape(-1, 2),
                labels=labels_of(mix, frames, spec),
                intervals=np.array(clips, np.float64).reshape(-1, 2),
                clips=clips,
                reference=reference,
                spec=spec,
            )
        )
        _log.info("mix %d: %d regions", number, len(clips))
    if not files:
        raise InputError(f"{folder}: there must be at least one test mix, there is none")
    return write_scores(folder, files, plans=plans)[0]
