"""Write the figures of all models and baselines on all benches side by side."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from typing import Any

from deep_plunder.errors import InputError
from deep_plunder.evaluation.bench.tables import BenchRow
from deep_plunder.pages.html import grid_page
from deep_plunder.util.files import write_text
from deep_plunder.util.grids import markdown_grid
from deep_plunder.util.tables import read_records, write_records

__all__ = ["SummaryRow", "write_bench_summary"]

SummaryRow = dataclasses.make_dataclass(
    "SummaryRow",
    [("bench", str), ("finder", str)]
    + [(field.name, field.type) for field in dataclasses.fields(BenchRow)],
    namespace={"__doc__": "Figures of a model or baseline on a bench, as `bench.tables.BenchRow`."},
    frozen=True,
    slots=True,
)

# Column, of which regions, and what it is called.
_COLUMNS = (
    ("clip_ap", "all", "AP"),
    ("reached_at_80_usable", "all", "at 80 %"),
    ("clips", "cut", "clips"),
    ("frame_macro_f1", "cut", "frame F1"),
    ("note_macro_precision", "cut", "note P"),
    ("note_macro_recall", "cut", "note R"),
    ("note_macro_f1", "cut", "note F1"),
    ("note_offset_macro_f1", "cut", "w/ offset F1"),
    ("clip_purity", "cut", "purity"),
    ("clip_usable", "cut", "usable"),
    ("found", "cut", "found"),
    ("false_s_per_min", "cut", "false s/min"),
)

_TITLE = """\
Real music with exact truth, in per cent. AP is the average precision of all regions found, however
unlikely, ranked by score; "at 80 %" the share of true regions that the ranking reaches while 80
% of the clips are usable. All else is of the clips that are cut by default: precision, recall
and F1 as means over songs, share of the cut time that is isolated and of clips that are
usable, share of the true regions found, and seconds cut wrongly a minute of music.

"""


def _cell(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.1f}"


def _read(table: str | os.PathLike[str]) -> list[Any]:
    return list(read_records(table, BenchRow))


def _values(row: Any) -> list[Any]:
    return [getattr(row, field.name) for field in dataclasses.fields(BenchRow)]


def write_bench_summary(
    scores: Sequence[tuple[Sequence[str], str | os.PathLike[str]]],
    *,
    path: str | os.PathLike[str],
    markdown_path: str | os.PathLike[str],
    page_path: str | os.PathLike[str],
) -> None:
    """Write one table of all figures on all benches, as a table, as text and as a page.

    Parameters
    ----------
    scores : sequence of ((bench, finder), path-like)
        Names, and what `evaluation.bench.tables.score_bench` wrote.
    path : path-like
        Gets rows of `SummaryRow`, all figures.
    markdown_path, page_path : path-like
        Get a line each, with the figures that matter most.

    Raises
    ------
    InputError
        If a table cannot be read or has other rows.
    """
    rows: list[Any] = []
    grid = [["", "bench", *(title for _, _, title in _COLUMNS)]]
    for (bench, finder), table in scores:
        figures: dict[str, Any] = {row.regions: row for row in _read(table)}
        if set(figures) != {"all", "cut"}:
            raise InputError(f"{table}: regions must be all and cut, got {', '.join(figures)}")
        rows += [SummaryRow(bench, finder, *_values(row)) for row in figures.values()]
        cells = [_cell(getattr(figures[kind], key)) for key, kind, _ in _COLUMNS]
        grid.append([finder, bench, *cells])
    write_records(path, SummaryRow, rows)
    write_text(markdown_path, _TITLE + markdown_grid(grid))
    write_text(page_path, grid_page("Real music", grid))
