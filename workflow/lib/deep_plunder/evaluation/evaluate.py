"""Evaluate a model on the test mixes: Table 1, its clips, figures 5 and 6.

A few mixes are in memory at a time. For the curves, the onset and frame outputs and labels of all
mixes are kept, 10 bytes per frame. Table 1 decodes the network's outputs with thresholds of 0.5
(`decoding.paper.decode_intervals`). Clips are found as in songs (`decoding.decode.decode`), but
their edges are not refined. They are scored against the true regions
(`evaluation.table1.clip_metrics`), whereas the paper judges them by ear.

Deviation from the paper: by default, the reference intervals are the regions of the mix in seconds
(``reference="tsv"``). In the paper's protocol, ``"labels"``, they are decoded from the label
vectors in the same way as estimates from the outputs. This rounds them to frames, and sounds that
follow each other end together.
"""

from __future__ import annotations

import dataclasses
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deep_plunder.decoding.decode import Overrides, decode
from deep_plunder.decoding.paper import decode_intervals
from deep_plunder.decoding.settings import check_threshold
from deep_plunder.errors import InputError, ModelError
from deep_plunder.evaluation.curves import Area, CurvePoint, precision_recall, roc
from deep_plunder.evaluation.scoring import check_reference, score_mix, write_scores
from deep_plunder.evaluation.spec import EvaluationSpec, Reference
from deep_plunder.evaluation.table1 import PAPER_TABLE1, TableRow
from deep_plunder.evaluation.usable import NEAR_S, PURE, WHOLE
from deep_plunder.truth.labels import FRAME, IGNORED, ONSET
from deep_plunder.truth.regions import Region
from deep_plunder.util.files import write_text
from deep_plunder.util.settings import default
from deep_plunder.util.tables import read_records, write_records

if TYPE_CHECKING:
    from deep_plunder.dataset.shard_set import ShardSet
    from deep_plunder.models.model_file import LoadedModel

__all__ = ["evaluate"]

_log = logging.getLogger(__name__)

_BATCH = 8

_POINTS = 1000

# The outputs that have curves.
_CURVES = [ONSET, FRAME]


def _regions_of(tables: Sequence[str | os.PathLike[str]], mixes: int) -> list[NDArray[np.float64]]:
    found: list[list[tuple[float, float]]] = [[] for _ in range(mixes)]
    for table in tables:
        for region in read_records(table, Region):
            if not 0 <= region.mix < mixes:
                rule = f"mix must be in 0..{mixes - 1}, since there are features of {mixes} mixes"
                raise InputError(f"{table}: {rule}, got {region.mix}")
            found[region.mix].append((region.onset_s, region.offset_s))
    return [np.array(sorted(rows), np.float64).reshape(-1, 2) for rows in found]


def _predictions(
    model: LoadedModel, shards: ShardSet
) -> Iterator[tuple[int, NDArray[np.float32], NDArray[np.uint8]]]:
    for start in range(0, len(shards), _BATCH):
        indices = range(start, min(start + _BATCH, len(shards)))
        features, labels = shards.batch(np.array(indices))
        yield from zip(indices, model.predict(features), labels, strict=True)
        _log.info("evaluated %d of %d mixes", indices[-1] + 1, len(shards))


def _write_markdown(
    path: Path, rows: Sequence[TableRow], clips: Sequence[TableRow], areas: Sequence[Area],
    *, name: str, notes: Sequence[str],
) -> None:  # fmt: skip
    def cell(row: TableRow) -> str:
        return f"{row.mean:.1f} ± {row.std:.1f}"

    escaped = name.replace("\\", "\\\\").replace("|", "\\|")
    lines = [f"# Table 1: {escaped}", "", *(f"- {note}" for note in notes), ""]
    lines += [f"| output | metric | {escaped} (%) | paper (%) |", "|---|---|---:|---:|"]
    lines += [
        f"| {row.output} | {row.metric} | {cell(row)} | {cell(paper)} |"
        for row, paper in zip(rows, PAPER_TABLE1, strict=True)
    ]
    lines += ["", "## Areas under the curves of all test frames", ""]
    lines += ["| output | average precision | ROC AUC |", "|---|---:|---:|"]
    lines += [
        f"| {area.output} | {area.average_precision:.4f} | {area.roc_auc:.4f} |" for area in areas
    ]
    lines += ["", "## Clips", "", "The paper judges clips by ear alone.", ""]
    lines += ["| score | meaning | value (%) |", "|---|---|---:|"]
    meanings = {
        "purity": "share of the clips' time that lies in the region to which the clip belongs",
        "coverage": "share of the regions' time that the best clip of each region covers",
        "usable": f"share of clips that begin within {1000 * NEAR_S:g} ms of a true onset and are "
        f"{100 * PURE:g} % pure",
        "found": f"share of regions for which one usable clip covers {100 * WHOLE:g} % or more",
    }
    lines += [f"| {row.metric} | {meanings[row.metric]} | {cell(row)} |" for row in clips]
    write_text(path, "\n".join(lines) + "\n")


def _write_curves(
    folder: Path, truth: NDArray[np.uint8], scores: NDArray[np.float32], *, name: str
) -> list[Area]:
    from deep_plunder.evaluation.figures import draw_precision_recall, draw_roc

    areas, precisions, rocs = [], [], []
    for column, output in enumerate(("onset", "frame")):
        counted = truth[:, column] != IGNORED
        positives, own = truth[counted, column] > 0, scores[counted, column]
        precisions.append(precision_recall(output, positives, own))
        rocs.append(roc(output, positives, own))
        counts = len(positives), int(positives.sum())
        areas.append(Area(output, precisions[-1].area, rocs[-1].area, *counts))
    write_records(folder / "areas.tsv", Area, areas)
    points = (
        CurvePoint(kind, curve.output, float(threshold), float(x), float(y))
        for kind, curves in (("precision_recall", precisions), ("roc", rocs))
        for curve in (curve.thinned(_POINTS) for curve in curves)
        for threshold, x, y in zip(curve.threshold, curve.x, curve.y, strict=True)
    )
    write_records(folder / "curves.tsv", CurvePoint, points)
    title = f"{name}: {len(truth):,} test frames"
    draw_precision_recall(folder / "figure5_precision_recall.png", precisions, title=title)
    draw_roc(folder / "figure6_roc.png", rocs, title=title)
    return areas


def _decoded(
    model: LoadedModel,
    outputs: NDArray[np.float32],
    settings: Overrides | None,
    *,
    onset_threshold: float,
    frame_threshold: float,
) -> tuple[NDArray[np.float64], list[tuple[float, float]]]:
    """Decode the outputs for a mix into the intervals of Table 1, and into clips."""
    hop_s = model.spec.hop_s
    intervals = decode_intervals(
        outputs[:, ONSET],
        outputs[:, FRAME],
        hop_s=hop_s,
        onset_threshold=onset_threshold,
        frame_threshold=frame_threshold,
    )
    clips = decode(outputs, decoder=model.decoder, hop_s=hop_s, settings=settings)
    return intervals, [(clip.onset_s, clip.offset_s) for clip in clips]


def _described(model: LoadedModel, settings: Overrides | None) -> str:
    """Return the decoder of clips and its overrides as text."""
    decoder = "the paper's walk" if model.decoder is None else "the model's own decoder"
    overrides = dataclasses.asdict(settings or Overrides())
    changed = [f"{name} {value:g}" for name, value in overrides.items() if value is not None]
    return ", ".join([decoder, *changed])


def _counted(files: Sequence[Mapping[str, float]]) -> str:
    """Return the number and the mean length of clips as text."""
    clips, seconds = (sum(file[key] for file in files) for key in ("clips", "clip_s"))
    return f"{clips:,} of {seconds / max(clips, 1):.2f} s on average"


def _notes(
    files: Sequence[Mapping[str, float]],
    thresholds: Mapping[str, float],
    reference: Reference,
    *,
    decoder: str,
) -> list[str]:
    """Return the conditions of the scores, one per line, for the head of the table."""
    onset, frame = thresholds["onset_threshold"], thresholds["frame_threshold"]
    return [
        f"{len(files)} test mixes; mean ± population standard deviation over them, in per cent",
        f"thresholds: onset {onset:g}, frame {frame:g}",
        f"clips: {_counted(files)}, cut by {decoder}",
        "reference: "
        + ("the regions of each mix, in seconds" if reference == "tsv" else "decoded labels"),
        "paper: Braun 2020, Table 1, on the author's own synthetic validation set",
    ]


def evaluate(
    model_path: str | os.PathLike[str],
    shards: Sequence[str | os.PathLike[str]],
    regions: Sequence[str | os.PathLike[str]],
    *,
    folder: str | os.PathLike[str],
    onset_threshold: float = default(EvaluationSpec, "onset_threshold"),
    frame_threshold: float = default(EvaluationSpec, "frame_threshold"),
    clip_settings: Overrides | None = None,
    reference: Reference = default(EvaluationSpec, "reference"),
    plans: Sequence[str | os.PathLike[str]] = (),
    name: str | None = None,
) -> list[TableRow]:
    """Evaluate a model and write all tables and figures.

    Parameters
    ----------
    model_path : path-like
        The model file.
    shards : sequence of path-like
        Features of the test mixes (`dataset.shard_set.ShardSet`), in order: the first row of the
        first shard is mix 0.
    regions : sequence of path-like
        Tables of `truth.regions.Region`: the true regions of these mixes.
    folder : path-like
        Folder for ``table1.tsv``, ``table1.md``, ``per_file.tsv``, ``clips.tsv``,
        ``intervals.tsv``, ``areas.tsv``, ``curves.tsv``, ``figure5_precision_recall.png`` and
        ``figure6_roc.png``, each figure also as SVG. Scores are in per cent, areas in 0..1.
    onset_threshold, frame_threshold : float
        Thresholds for Table 1. 0.5 is the port's default; the paper does not say.
    clip_settings : Overrides, optional
        Overrides of the model's decoder, for the clips. A model without a decoder is decoded as
        in the paper (section 5.2).
    reference : {"tsv", "labels"}
        The reference of Table 1: the regions in seconds, or the decoded labels as in the paper.
    plans : sequence of path-like
        Plans of the mixes in the paper's style (`evaluation.scoring.write_scores`).
    name : str, optional
        Name of the model in the tables, by default the folder's name.

    Returns
    -------
    rows : list of TableRow
        The 15 rows of Table 1.

    Raises
    ------
    InputError
        If the features or regions cannot be used, or a threshold is outside 0..1.
    ModelError
        If the model cannot be used, or not with these features.

    References
    ----------
    Braun, "Deep Plunder", 2020, section 5.1, Table 1, figures 5 and 6.
    """
    from deep_plunder.dataset.shard_set import ShardSet
    from deep_plunder.models.model_file import load_model

    check_reference(reference)
    thresholds = {"onset_threshold": onset_threshold, "frame_threshold": frame_threshold}
    for option, value in thresholds.items():
        check_threshold(option, value)
    folder = Path(folder)
    name = folder.name if name is None else name
    data = ShardSet(shards)
    truth = _regions_of(regions, len(data))
    model = load_model(model_path)
    if data.bands != model.spec.bands:
        rule = f"hears {model.spec.bands} mel bands, the features have {data.bands}"
        raise ModelError(f"{model_path}: {rule}")
    known = np.empty((len(data), data.frames, len(_CURVES)), np.uint8)
    scores = np.empty((len(data), data.frames, len(_CURVES)), np.float32)
    files: list[Mapping[str, float]] = []
    for mix, outputs, labels in _predictions(model, data):
        if not np.isfinite(outputs).all():
            raise ModelError(f"{model_path}: gives outputs that are not finite for mix {mix}")
        known[mix], scores[mix] = labels[:, _CURVES], outputs[:, _CURVES]
        intervals, clips = _decoded(model, outputs, clip_settings, **thresholds)
        files.append(
            score_mix(
                mix,
                truth=truth[mix],
                labels=labels,
                intervals=intervals,
                clips=clips,
                reference=reference,
                spec=model.spec,
            )
        )
    rows, clip_rows = write_scores(folder, files, plans=plans)
    areas = _write_curves(
        folder, known.reshape(-1, len(_CURVES)), scores.reshape(-1, len(_CURVES)), name=name
    )
    notes = _notes(files, thresholds, reference, decoder=_described(model, clip_settings))
    _write_markdown(folder / "table1.md", rows, clip_rows, areas, name=name, notes=notes)
    return rows
