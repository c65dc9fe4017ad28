"""Compare runs of the workflow that differ in one factor, on a bench, with intervals.

Songs of a bench differ far more than models do, so the intervals are of differences: the same
songs are drawn, with replacement, for a run and for its base (a paired bootstrap, Efron and
Tibshirani, "An Introduction to the Bootstrap", 1993). They tell what other songs might have
given; what another seed of the training might have given, only more runs tell.

    python -m experiments.study.compare BENCH FOLDER --base base -o TABLE -f FIGURE

FOLDER holds one folder per run, which is a folder of regions that `find_all` made: the
workflow's ``results/realbench/BENCH/MODEL/regions``.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deep_plunder.errors import DeepPlunderError, InputError
from deep_plunder.evaluation.bench.find import FoundClip
from deep_plunder.evaluation.bench.layout import songs_of, truth_of
from deep_plunder.evaluation.bench.scores import SongScore, score, score_song
from deep_plunder.util.grids import markdown_grid
from deep_plunder.util.plotting import COLOURS, new_figure, save, tidy
from deep_plunder.util.rng import generator
from deep_plunder.util.tables import read_records, write_records

__all__ = ["MEASURES", "StudyRow", "compare", "draw_study", "judged_runs", "main"]

MEASURES = {
    "ap": ("AP", "clip_ap"),
    "frame_f1": ("frame F1", "frame_macro_f1"),
    "note_f1": ("note F1", "note_macro_f1"),
    "found": ("found", "found"),
}
"""What is compared, in per cent: what it is called, and its name in `BenchScore`."""


@dataclasses.dataclass(frozen=True, slots=True)
class StudyRow:
    """A run and a measure: a row of the study's table.

    Attributes
    ----------
    run, measure : str
        A key of `MEASURES`.
    value, base : float
        Of the run, and of the base, in per cent.
    difference, low, high : float
        Between them, and its interval of 95 % over songs, in points.
    """

    run: str
    measure: str
    value: float
    base: float
    difference: float
    low: float
    high: float


Runs = Mapping[str, Sequence[SongScore]]


def judged_runs(bench: str | os.PathLike[str], folder: str | os.PathLike[str]) -> Runs:
    """Score the regions of all runs.

    Parameters
    ----------
    bench : path-like
        A folder in the form of `benches`.
    folder : path-like
        Holds one folder per run, with ``SONG.tsv`` for each song of the bench.

    Returns
    -------
    runs : dict of str to list of SongScore
        By name; songs in the order of the bench.

    Raises
    ------
    InputError
        If there is no folder or no run, a run lacks a song, or a file cannot be read.
    """
    if not Path(folder).is_dir():
        raise InputError(f"{folder}: there is no such folder")
    names = [song.name for song in songs_of(bench)]
    folders = sorted(path for path in Path(folder).iterdir() if path.is_dir())
    if not folders:
        raise InputError(f"{folder}: need one folder per run, found none")
    runs: dict[str, list[SongScore]] = {path.name: [] for path in folders}
    for name in names:
        truth = truth_of(bench, name)
        for path in folders:
            clips = read_records(path / f"{name}.tsv", FoundClip)
            found = [(clip.onset_s, clip.offset_s, clip.score) for clip in clips]
            runs[path.name].append(score_song(truth, found))
    return runs


def _figures(songs: Sequence[SongScore]) -> NDArray[np.float64]:
    figures = score(songs)
    return np.array([getattr(figures, field) for _, field in MEASURES.values()], np.float64)


def compare(runs: Runs, *, base: str, seed: int = 2020, draws: int = 1000) -> list[StudyRow]:
    """Compare all runs with one.

    Parameters
    ----------
    runs : dict of str to sequence of SongScore
        The same songs in the same order in each.
    base : str
        The run that the others are compared with.
    seed : int
    draws : int
        Samples of songs.

    Returns
    -------
    rows : list of StudyRow
        For each run, in the order given, all `MEASURES`.

    Raises
    ------
    InputError
        If there is no run of the base's name.
    """
    if base not in runs:
        raise InputError(f"base: must be one of {', '.join(runs)}, got {base!r}")
    count = len(runs[base])
    places = generator(seed, "study").integers(count, size=(draws, count))
    drawn = {
        name: np.array([_figures([songs[place] for place in sample]) for sample in places])
        for name, songs in runs.items()
    }
    rows, other = [], _figures(runs[base])
    for name, songs in runs.items():
        own = _figures(songs)
        low, high = np.percentile(drawn[name] - drawn[base], (2.5, 97.5), axis=0)
        for place, measure in enumerate(MEASURES):
            values = (own[place], other[place], own[place] - other[place], low[place], high[place])
            rows.append(StudyRow(name, measure, *(round(float(value), 3) for value in values)))
    return rows


def study_grid(
    rows: Sequence[StudyRow], measures: Mapping[str, tuple[str, str]] = MEASURES
) -> list[list[str]]:
    """Arrange the table for reading: one line per run, one column per measure.

    Parameters
    ----------
    rows : sequence of StudyRow
        Of each run all measures, in order.
    measures : mapping of str to (str, str)
        The measures, as `MEASURES`.

    Returns
    -------
    grid : list of list of str
        The heads, then one line per run: per cent, and the interval of the difference in points.
    """
    grid = [["run", *(label for label, _ in measures.values())]]
    for name in dict.fromkeys(row.run for row in rows):
        cells = [row for row in rows if row.run == name]
        grid.append(
            [name]
            + [
                f"{row.value:.1f}"
                if row.value == row.base and row.low == row.high == 0
                else f"{row.value:.1f} ({row.low:+.1f} to {row.high:+.1f})"
                for row in cells
            ]
        )
    return grid


def draw_study(
    path: str | os.PathLike[str],
    rows: Sequence[StudyRow],
    *,
    base: str,
    measures: Mapping[str, tuple[str, str]] = MEASURES,
) -> None:
    """Draw the differences with their intervals, a panel a measure.

    Parameters
    ----------
    path : path-like
        The picture to write.
    rows : sequence of StudyRow
    base : str
        The run that the others are compared with; it is not drawn.
    measures : mapping of str to (str, str)
        The measures, as `MEASURES`. The first orders the runs.
    """
    first = next(iter(measures))
    order = {row.run: row.difference for row in rows if row.measure == first and row.run != base}
    names = sorted(order, key=lambda name: order[name])
    figure = new_figure(9.5, 1.2 + 0.27 * len(names))
    panels = figure.subplots(1, len(measures), sharey=True, squeeze=False)[0]
    for axes, (measure, (label, _)) in zip(panels, measures.items(), strict=True):
        tidy(axes)
        cells = {row.run: row for row in rows if row.measure == measure}
        axes.axvline(0, color="#999999", linewidth=1)
        for height, name in enumerate(names):
            row = cells[name]
            axes.plot([row.low, row.high], [height, height], color=COLOURS[2], linewidth=1.6)
            axes.plot(row.difference, height, "o", color=COLOURS[0], markersize=4)
        axes.set(xlabel=f"{label}: points from {base}")
        axes.xaxis.label.set_fontsize(9)
    panels[0].set_yticks(range(len(names)), names)
    save(figure, path)


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare runs from the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line's by default.

    Returns
    -------
    status : int
        0, or 1 if something cannot be used.
    """
    parser = argparse.ArgumentParser(prog="python -m experiments.study.compare", allow_abbrev=False)
    parser.add_argument("bench", help="folder of a bench")
    parser.add_argument("runs", help="folder with a folder of regions a run")
    parser.add_argument("--base", required=True, help="the run to compare with")
    parser.add_argument("-o", "--output", required=True, help="table to write (TSV)")
    parser.add_argument("-f", "--figure", required=True, help="figure to write (PNG, SVG, PDF)")
    options = parser.parse_args(arguments)
    try:
        rows = compare(judged_runs(options.bench, options.runs), base=options.base)
        write_records(options.output, StudyRow, rows)
        draw_study(options.figure, rows, base=options.base)
    except DeepPlunderError as error:
        print(f"study: {error}", file=sys.stderr)
        return 1
    print(markdown_grid(study_grid(rows)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
