"""Compare networks that were trained on mixes that differ in one respect, over several seeds.

    python -m experiments.faults.compare DIR -o TABLE -f FIGURE [--bench BENCH]

DIR holds a folder per run with its ``results/models/SEED/model.keras``, one model per seed.
All models are scored on the test mixes of DIR/base by the note F1 of their regions, and on BENCH, a
folder of real music with exact truth, by the average precision of their clips. Both are found by
the paper's decoders at the paper's thresholds.

Intervals are of the difference from the run `base`. Songs (or mixes) and seeds are drawn with
replacement, the same ones for a run and for the base (a paired bootstrap, Efron and Tibshirani,
"An Introduction to the Bootstrap", 1993).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deep_plunder.errors import DeepPlunderError, InputError
from deep_plunder.evaluation.bench.layout import BenchTruth
from deep_plunder.evaluation.bench.scores import SongScore, score, score_song
from deep_plunder.models.model_file import LoadedModel, load_model
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.grids import markdown_grid
from deep_plunder.util.rng import generator
from deep_plunder.util.tables import write_records
from experiments.study.compare import StudyRow, draw_study, study_grid
from experiments.tools.compare_decoders import DECODERS, bench_of, mixes_of

__all__ = ["BASE", "MEASURES", "Scores", "compare", "main", "models_of", "scored"]

BASE = "base"
"""Name of the run that the others are compared with."""

MEASURES = {
    "note_f1": ("note F1, mixes", "note_macro_f1"),
    "ap": ("AP, music", "clip_ap"),
}
"""Measures, in per cent: what each is called, and its name in `BenchScore`."""

# Thresholds: of Table 1 (`docs/explanation/decoding.md`), and of clips, section 5.2 of the paper.
_DECODED = {"note_f1": ("paper, Table 1", 0.5), "ap": ("paper, clips", 0.2)}

Scores = Mapping[str, Sequence[Sequence[SongScore]]]
"""For each run, for each seed, the scores of all songs or mixes in the same order."""


def models_of(folder: Path) -> dict[str, list[Path]]:
    """Find the models of all runs.

    Parameters
    ----------
    folder : Path
        Holds one folder per run.

    Returns
    -------
    models : dict of str to list of Path
        For each run, in order of name, the models of its seeds in order of name.

    Raises
    ------
    InputError
        If there is no run `base`, or a run lacks the seeds of the base.
    """
    models: dict[str, list[Path]] = {}
    for run in sorted(path for path in folder.glob("*") if path.is_dir()):
        found = sorted(run.glob("results/models/*/model.keras"))
        if found:
            models[run.name] = found
    if BASE not in models:
        raise InputError(f"{folder}: must hold {BASE}/results/models/SEED/model.keras")
    seeds = [path.parent.name for path in models[BASE]]
    for name, paths in models.items():
        own = [path.parent.name for path in paths]
        if own != seeds:
            rule = f"must have the models {', '.join(seeds)}, as {BASE} has"
            raise InputError(f"{folder / name}: {rule}, got {', '.join(own)}")
    return models


def scored(
    models: Mapping[str, Sequence[Path]],
    measure: str,
    songs: Callable[[LoadedModel], Iterator[tuple[BenchTruth, Float32Array]]],
) -> dict[str, list[list[SongScore]]]:
    """Score all models on the same songs or mixes.

    Parameters
    ----------
    models : mapping of str to sequence of Path
        For each run its models.
    measure : str
        A key of `MEASURES`, which determines the decoder.
    songs : callable
        Returns the truth and a model's outputs of each song.

    Returns
    -------
    scores : dict of str to list of list of SongScore
        See `Scores`.
    """
    decoder, threshold = _DECODED[measure]

    def judged(path: Path) -> list[SongScore]:
        model = load_model(path)
        found = []
        for truth, outputs in songs(model):
            clips = DECODERS[decoder](outputs, threshold, model.spec.hop_s)
            rows = [(clip.onset_s, clip.offset_s, clip.score) for clip in clips]
            found.append(score_song(truth, rows))
        return found

    return {name: [judged(path) for path in paths] for name, paths in models.items()}


def compare(scores: Scores, measure: str, *, seed: int = 2020, draws: int = 1000) -> list[StudyRow]:
    """Compare all runs with the base.

    Parameters
    ----------
    scores : Scores
    measure : str
        A key of `MEASURES`.
    seed : int
        Seed of the bootstrap.
    draws : int
        Number of samples of songs and seeds.

    Returns
    -------
    rows : list of StudyRow
        One per run, in the order of `scores`. A value is the mean over seeds.
    """
    field = MEASURES[measure][1]
    rng = generator(seed, "faults", measure)
    seeds, songs = len(scores[BASE]), len(scores[BASE][0])
    drawn_songs = rng.integers(songs, size=(draws, songs))
    drawn_seeds = rng.integers(seeds, size=(draws, seeds))

    def values(run: str, places: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the measure of each seed over some songs."""
        found = [getattr(score([own[k] for k in places]), field) for own in scores[run]]
        return np.array(found, np.float64)

    def samples(run: str) -> NDArray[np.float64]:
        pairs = zip(drawn_songs, drawn_seeds, strict=True)
        return np.array([values(run, places)[chosen].mean() for places, chosen in pairs])

    every = np.arange(songs)
    base, base_samples = values(BASE, every).mean(), samples(BASE)
    rows = []
    for run in scores:
        own = values(run, every).mean()
        low, high = np.percentile(samples(run) - base_samples, (2.5, 97.5))
        figures = (round(float(x), 3) for x in (own, base, own - base, low, high))
        rows.append(StudyRow(run, measure, *figures))
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare runs from the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default, those of the command line.

    Returns
    -------
    status : int
        0, or 1 if something cannot be used.
    """
    parser = argparse.ArgumentParser(
        prog="python -m experiments.faults.compare", allow_abbrev=False
    )
    parser.add_argument("folder", type=Path, help="folder with one folder per run")
    parser.add_argument("-o", "--output", required=True, help="table to write (TSV)")
    parser.add_argument("-f", "--figure", required=True, help="figure to write (PNG, SVG, PDF)")
    parser.add_argument("--bench", type=Path, help="folder of real music with exact truth")
    options = parser.parse_args(arguments)
    bench = options.bench
    try:
        models = models_of(options.folder)
        mixes = options.folder / BASE / "results"
        rows = compare(scored(models, "note_f1", lambda m: mixes_of(m, mixes)), "note_f1")
        if bench is not None:
            rows += compare(scored(models, "ap", lambda m: bench_of(m, bench)), "ap")
        write_records(options.output, StudyRow, rows)
        measures = {name: MEASURES[name] for name in dict.fromkeys(row.measure for row in rows)}
        draw_study(options.figure, rows, base=BASE, measures=measures)
    except (DeepPlunderError, OSError) as error:
        print(f"faults: {error}", file=sys.stderr)
        return 1
    print(markdown_grid(study_grid(rows, measures)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
