"""Compare the paper's decoders, that of Onsets and Frames, and this project's, on one model.

    python experiments/tools/compare_decoders.py MODEL TABLE [--mixes RESULTS] [--bench BENCH]

The mixes are the test mixes of a run, whose folder ``results`` is given. The bench is a folder of
real music with exact truth. All decoders get the same outputs of the network, with the same
thresholds for the onset and the frame output, and all are scored in the same way
(`evaluation.bench.scores`). No edges are refined. TABLE holds one row per set, decoder and
threshold.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deep_plunder.dataset.shard_set import ShardSet
from deep_plunder.decoding.clip import Clip
from deep_plunder.decoding.hawthorne import align_notes
from deep_plunder.decoding.paper import decode_intervals, walk_clips
from deep_plunder.decoding.regions import find_regions
from deep_plunder.decoding.settings import DetectionSpec
from deep_plunder.errors import DeepPlunderError, InputError
from deep_plunder.evaluation.bench.layout import FRAME_S, BenchTruth, songs_of, truth_of
from deep_plunder.evaluation.bench.scores import SongScore, score, score_song
from deep_plunder.models.inference import predict_song
from deep_plunder.models.model_file import LoadedModel, load_model
from deep_plunder.truth.labels import FRAME, ONSET, encode
from deep_plunder.truth.regions import Region
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.resources import option_model_path
from deep_plunder.util.tables import read_records, write_records

THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.5)
"""Thresholds of the onset and the frame output: the paper's are 0.5 in Table 1, 0.2 for clips."""

_BATCH = 8

Decode = Callable[[Float32Array, float, float], list[Clip]]


@dataclass(frozen=True, slots=True)
class DecoderRow:
    """Scores of a decoder: a row of the table, in per cent.

    Attributes
    ----------
    set : str
        ``mixes``, or the name of the bench.
    decoder : str
        A key of `DECODERS`.
    threshold : float
        Threshold of the onset and the frame output.
    regions : int
        Number of regions found.
    note_f1, note_offset_f1, frame_f1 : float
        F1 scores, means over songs: onsets, onsets with offsets, frames of 32 ms.
    ap : float
        Average precision of the regions ranked by score.
    usable, found : float
        Share of usable regions, and of true regions that a usable one covers to 80 %.
    """

    set: str
    decoder: str
    threshold: float
    regions: int
    note_f1: float
    note_offset_f1: float
    frame_f1: float
    ap: float
    usable: float
    found: float


def _intervals(outputs: Float32Array, threshold: float, hop_s: float) -> list[Clip]:
    onset, frame = outputs[:, ONSET], outputs[:, FRAME]
    bounds = decode_intervals(
        onset, frame, onset_threshold=threshold, frame_threshold=threshold, hop_s=hop_s
    )
    spans = np.round(bounds / hop_s).astype(int)
    return [
        Clip(begin * hop_s, end * hop_s, float(frame[begin:end].mean()))
        for begin, end in spans.tolist()
    ]


def _walk(outputs: Float32Array, threshold: float, hop_s: float) -> list[Clip]:
    return walk_clips(
        outputs[:, :3], onset_threshold=threshold, frame_threshold=threshold, hop_s=hop_s
    )


def _aligned(outputs: Float32Array, threshold: float, hop_s: float) -> list[Clip]:
    return align_notes(outputs, onset_threshold=threshold, frame_threshold=threshold, hop_s=hop_s)


def _aligned_with_offsets(outputs: Float32Array, threshold: float, hop_s: float) -> list[Clip]:
    return align_notes(
        outputs, onset_threshold=threshold, frame_threshold=threshold,
        offset_threshold=threshold, hop_s=hop_s,
    )  # fmt: skip


def _regions(outputs: Float32Array, threshold: float, hop_s: float) -> list[Clip]:
    spec = DetectionSpec(onset=threshold, split=threshold, high=threshold, low=threshold)
    return find_regions(outputs, spec=spec, hop_s=hop_s)


DECODERS: dict[str, Decode] = {
    "paper, Table 1": _intervals,
    "paper, clips": _walk,
    "Onsets and Frames": _aligned,
    "Onsets and Frames, with offsets": _aligned_with_offsets,
    "regions": _regions,
}
"""The decoders by name; `regions` is this project's, without calibration."""


def mixes_of(model: LoadedModel, results: Path) -> Iterator[tuple[BenchTruth, Float32Array]]:
    """Yield the truth and the outputs of each test mix of a run.

    Parameters
    ----------
    model : LoadedModel
        The model, which must hear the features of the run.
    results : Path
        The run's folder ``results``.

    Yields
    ------
    truth : BenchTruth
    outputs : ndarray of float32, shape (frames, 3 or 4)
    """
    folder = results / "features" / "test"
    tables = sorted(folder.glob("*.regions.tsv"))
    if not tables:
        raise InputError(f"{folder}: must hold the features of test mixes")
    data = ShardSet([table.with_name(table.name.split(".")[0] + ".npy") for table in tables])
    if data.bands != model.spec.bands:
        rule = f"must have {model.spec.bands} mel bands for {model.name}, has {data.bands}"
        raise InputError(f"{folder}: {rule}")
    regions: dict[int, list[tuple[float, float]]] = {}
    for table in tables:
        for row in read_records(table, Region):
            regions.setdefault(row.mix, []).append((row.onset_s, row.offset_s))
    frames = round(data.frames * model.spec.hop_s / FRAME_S)
    for start in range(0, len(data), _BATCH):
        indices = range(start, min(start + _BATCH, len(data)))
        features, _ = data.batch(np.array(indices))
        for mix, outputs in zip(indices, model.predict(features), strict=True):
            bounds = np.array(sorted(regions.get(mix, [])), np.float64).reshape(-1, 2)
            labels = encode(bounds, frames=frames, frame_rate=1 / FRAME_S)[:, FRAME]
            yield BenchTruth(f"mix {mix}", bounds, np.zeros((0, 2)), labels), outputs


def bench_of(model: LoadedModel, bench: Path) -> Iterator[tuple[BenchTruth, Float32Array]]:
    """Yield the truth and the outputs of each song of a bench.

    Parameters
    ----------
    model : LoadedModel
    bench : Path
        A folder in the form of `evaluation.bench.layout`.

    Yields
    ------
    truth : BenchTruth
    outputs : ndarray of float32, shape (frames, 3 or 4)
    """
    for song in songs_of(bench):
        yield truth_of(bench, song.name), predict_song(model, song.audio)


def compare(
    name: str, songs: Iterator[tuple[BenchTruth, Float32Array]], hop_s: float
) -> list[DecoderRow]:
    """Score all decoders at all thresholds.

    Parameters
    ----------
    name : str
        Name of the set of songs.
    songs : iterator of (BenchTruth, ndarray)
        The truth and the network's outputs of each song.
    hop_s : float
        Seconds per frame of the outputs.

    Returns
    -------
    rows : list of DecoderRow
    """
    scores: dict[tuple[str, float], list[SongScore]] = {
        (decoder, threshold): [] for decoder in DECODERS for threshold in THRESHOLDS
    }
    for truth, outputs in songs:
        for (decoder, threshold), judged in scores.items():
            clips = DECODERS[decoder](outputs, threshold, hop_s)
            rows = [(clip.onset_s, clip.offset_s, clip.score) for clip in clips]
            judged.append(score_song(truth, rows))
    table = []
    for (decoder, threshold), judged in scores.items():
        whole = score(judged)
        values = (
            whole.note_macro_f1, whole.note_offset_macro_f1, whole.frame_macro_f1, whole.clip_ap,
            whole.clip_usable, whole.found,
        )  # fmt: skip
        rounded = (round(value, 2) for value in values)
        table.append(DecoderRow(name, decoder, threshold, whole.clips, *rounded))
    return table


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", help="a model file, or paper")
    parser.add_argument("table", type=Path, help="the table to write")
    parser.add_argument("--mixes", type=Path, help="the folder results of a run")
    parser.add_argument("--bench", type=Path, help="a folder of real music with exact truth")
    chosen = parser.parse_args()
    if chosen.mixes is None and chosen.bench is None:
        parser.error("name mixes, a bench or both")
    try:
        model = load_model(option_model_path(chosen.model))
        rows: list[DecoderRow] = []
        if chosen.mixes is not None:
            rows += compare("mixes", mixes_of(model, chosen.mixes), model.spec.hop_s)
        if chosen.bench is not None:
            rows += compare(chosen.bench.name, bench_of(model, chosen.bench), model.spec.hop_s)
        write_records(chosen.table, DecoderRow, rows)
    except (DeepPlunderError, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
