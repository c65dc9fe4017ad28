"""Measure how well clips of the same sample are found by their likeness.

``python -m experiments.description.similar FOLDER...`` ranks the clips of all songs of benches by
their distance from each clip, beside plain MFCCs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deep_plunder.audio.resampling import resample
from deep_plunder.corpus.onsets import mono
from deep_plunder.description.similar import distances
from deep_plunder.description.timbre import embedding
from deep_plunder.util.arrays import Float32Array, Float64Array
from deep_plunder.util.tables import write_records
from experiments.description.tracker_clips import tracker_songs

__all__ = ["RetrievalScore", "main", "mean_average_precision"]

_RATE = 22050


@dataclass(frozen=True, slots=True)
class RetrievalScore:
    """A row of the result.

    Attributes
    ----------
    embedding : str
        ``shipped``, or ``MFCC``: means and standard deviations of 20 coefficients.
    scaled : bool
        Whether values are divided by their standard deviations.
    relevant : str
        ``sample``: clips of the same sample of the same song; ``note``: at the same pitch.
    clips : int
        Number of clips.
    mean_average_precision : float
        Mean over the clips that have a relevant other clip, in per cent.
    """

    embedding: str
    scaled: bool
    relevant: str
    clips: int
    mean_average_precision: float


def mean_average_precision(apart: Float64Array, names: Sequence[str]) -> float:
    """Compute the mean average precision of a retrieval.

    Parameters
    ----------
    apart : ndarray, shape (n, n)
        Distance of each item, the column, from each query, the row.
    names : sequence of str
        Items with the name of the query are relevant.

    Returns
    -------
    score : float
        In 0..1.
    """
    labels = np.array(names)
    precisions = []
    for query, row in enumerate(apart):
        order = np.argsort(row, kind="stable")
        relevant = (labels == labels[query])[order[order != query]]
        if relevant.any():
            hits = np.flatnonzero(relevant)
            precisions.append(float(np.mean(np.arange(1, len(hits) + 1) / (hits + 1))))
    return float(np.mean(precisions))


def _mfcc(samples: Float32Array, rate: int) -> Float32Array:
    import librosa

    signal = resample(mono(samples), rate, _RATE)
    signal = np.pad(signal, (0, max(0, 2048 - len(signal))))
    found = librosa.feature.mfcc(y=signal, sr=_RATE, n_mfcc=20, n_fft=1024, hop_length=256)
    return np.concatenate([found.mean(axis=1), found.std(axis=1)])


def _plain(one: Float32Array, others: Float32Array) -> Float64Array:
    found: Float64Array = np.linalg.norm(others - one, axis=1)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure from the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line's by default.

    Returns
    -------
    status : int
        0.
    """
    parser = argparse.ArgumentParser(prog="python -m experiments.description.similar")
    parser.add_argument("folders", nargs="+", type=Path, help="benches or folders of modules")
    parser.add_argument("-o", "--output", required=True, type=Path, help="table to write (TSV)")
    options = parser.parse_args(arguments)
    kinds: dict[str, Callable[[Float32Array, int], Float32Array]] = {
        "shipped": embedding,
        "MFCC": _mfcc,
    }
    found: dict[str, list[Float32Array]] = {kind: [] for kind in kinds}
    notes: list[str] = []
    for folder in options.folders:
        for song in tracker_songs(folder):
            notes += [f"{song.song} {name}" for name in song.names]
            for kind, compute in kinds.items():
                found[kind] += [compute(clip, song.rate) for clip in song.clips]
    samples = [note.rsplit(" ", 1)[0] for note in notes]
    rows = []
    for kind, vectors in found.items():
        every = np.array(vectors)
        for scaled, measure in ((True, distances), (False, _plain)):
            apart = np.array([measure(one, every) for one in every])
            for relevant, names in (("sample", samples), ("note", notes)):
                score = round(100 * mean_average_precision(apart, names), 1)
                rows.append(RetrievalScore(kind, scaled, relevant, len(notes), score))
    write_records(options.output, RetrievalScore, rows, checksum=False)
    for row in rows:
        scaling = "scaled" if row.scaled else "plain"
        print(f"{row.embedding} {scaling}, same {row.relevant}: {row.mean_average_precision}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
