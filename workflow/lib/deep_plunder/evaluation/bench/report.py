"""Write the scores of all models and baselines on all benches side by side."""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Iterable, Sequence
from typing import Any

from deep_plunder.errors import InputError
from deep_plunder.evaluation.bench.find import unread_songs
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
    namespace={"__doc__": "Scores of a finder on a bench, with the fields of `BenchRow`."},
    frozen=True,
    slots=True,
)

# Field of `BenchRow`, its regions, and the column's title.
_COLUMNS = (
    ("clip_ap", "all", "AP"),
    ("reached_at_80_usable", "all", "at 80 %"),
    ("clips", "cut", "clips"),
    ("unscored", "cut", "unscored"),
    ("frame_macro_f1", "cut", "frame F1"),
    ("note_macro_precision", "cut", "note P"),
    ("note_macro_recall", "cut", "note R"),
    ("note_macro_f1", "cut", "note F1"),
    ("note_offset_macro_f1", "cut", "w/ offset F1"),
    ("clip_purity", "cut", "purity"),
    ("clip_usable", "cut", "usable"),
    ("found", "cut", "found"),
    ("false_s_per_min", "cut", "false s/min"),
    ("calibration_error", "all", "ECE"),
)

_TITLE = """\
Scores on real music with exact truth, in per cent. AP is the average precision of all regions
found, however unlikely, ranked by score. "At 80 %" is the share of true regions that the ranking
reaches while 80 % of its clips are usable. All other columns are for the clips that are cut by
default: their number; the number of others, in stretches that are not scored; precision, recall and
F1 as means over songs; the share of their time that is isolated (purity), of usable clips and of
true regions found; and the seconds that are cut wrongly per minute of music. ECE is the expected
calibration error of the scores of all regions.

"""


def _cell(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    return "" if math.isnan(value) else f"{value:.1f}"


def _read(table: str | os.PathLike[str]) -> list[Any]:
    return list(read_records(table, BenchRow))


def _values(row: Any) -> list[Any]:
    return [getattr(row, field.name) for field in dataclasses.fields(BenchRow)]


def _set_aside(folders: Iterable[tuple[str, str | os.PathLike[str]]]) -> list[list[str]]:
    """Return a table of the songs that were not scored, each once, below its head."""
    lines = {
        (song.song, bench, song.reason): None
        for bench, folder in folders
        for song in unread_songs(folder)
    }
    return [["not scored", "bench", "reason"], *map(list, sorted(lines))]


def write_bench_summary(
    scores: Sequence[tuple[Sequence[str], str | os.PathLike[str]]],
    found: Sequence[str | os.PathLike[str]] = (),
    *,
    path: str | os.PathLike[str],
    markdown_path: str | os.PathLike[str],
    page_path: str | os.PathLike[str],
) -> None:
    """Write the scores of all finders on all benches as a table, as text and as a page.

    Parameters
    ----------
    scores : sequence of ((bench, finder), path-like)
        Names of a bench and a finder, and the table that `evaluation.bench.tables.score_bench`
        wrote for them.
    found : sequence of path-like
        In the same order, the folders that `evaluation.bench.find.find_all` wrote, for the list of
        the songs that were not scored.
    path : path-like
        Table to write: rows of `SummaryRow`, with all scores.
    markdown_path, page_path : path-like
        Markdown and HTML file to write: one line per table, with the most important scores, and one
        per song that was not scored.

    Raises
    ------
    InputError
        If a table cannot be read or does not hold one row each for ``all`` and ``cut``.
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
    aside = _set_aside(zip([bench for (bench, _), _ in scores], found, strict=False))
    grids = [grid, aside] if len(aside) > 1 else [grid]
    write_records(path, SummaryRow, rows)
    write_text(markdown_path, _TITLE + "\n".join(map(markdown_grid, grids)))
    write_text(page_path, grid_page("Real music", *grids))
