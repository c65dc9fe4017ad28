"""Write the scores of all models beside the paper's Table 1, as text and as a page."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deep_plunder.evaluation.table1 import METRICS, PAPER_TABLE1, TableRow
from deep_plunder.pages.html import grid_page
from deep_plunder.util.files import write_text
from deep_plunder.util.grids import markdown_grid
from deep_plunder.util.tables import read_records, write_records

if TYPE_CHECKING:
    import pandas

__all__ = ["PAPER", "ScoreRow", "write_summary", "write_table_page"]

PAPER = "paper (2020)"

_TITLE = """\
Table 1 in per cent: mean ± standard deviation over the test mixes. The paper's figures are for its
own mixes.

"""


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """A score of a model: a row of the summary.

    Attributes
    ----------
    model : str
        Name of the model in the configuration, or ``paper (2020)``.
    output, metric : str
        Output and metric, named as in the paper's Table 1.
    mean, std : float
        Mean and standard deviation over the test mixes, in per cent.
    """

    model: str
    output: str
    metric: str
    mean: float
    std: float


def _scores(tables: Mapping[str, str | os.PathLike[str]]) -> pandas.DataFrame:
    """Join the tables into rows of `ScoreRow`, the paper's first."""
    import pandas

    rows = {PAPER: list(PAPER_TABLE1)}
    rows |= {model: read_records(path, TableRow) for model, path in tables.items()}
    frames = {model: pandas.DataFrame(table) for model, table in rows.items()}
    return pandas.concat(frames, names=["model"]).reset_index("model")


def _grid(scores: pandas.DataFrame) -> list[list[str]]:
    """Arrange scores as Table 1: one line per metric, one column per model, the paper's last."""
    cells = [f"{mean:.1f} ± {std:.1f}" for mean, std in scores[["mean", "std"]].to_numpy()]
    table = scores.assign(cell=cells).pivot(
        index=["output", "metric"], columns="model", values="cell"
    )
    models = [*(model for model in scores["model"].unique() if model != PAPER), PAPER]
    table = table.reindex(list(METRICS.values()))[models].fillna("")
    lines = zip(METRICS.values(), table.to_numpy().tolist(), strict=True)
    return [["", *models], *([f"{output}: {metric}", *line] for (output, metric), line in lines)]


def write_summary(
    tables: Mapping[str, str | os.PathLike[str]],
    *,
    path: str | os.PathLike[str],
    markdown_path: str | os.PathLike[str],
) -> None:
    """Write the scores of all models and of the paper as one table.

    Parameters
    ----------
    tables : mapping of str to path-like
        Each model's name and its Table 1 (rows of `deep_plunder.evaluation.table1.TableRow`).
    path : path-like
        Table to write: rows of `ScoreRow`, the paper's first.
    markdown_path : path-like
        Markdown file to write: one line per metric, one column per model.

    Raises
    ------
    InputError
        If a table cannot be read.
    """
    scores = _scores(tables)
    write_records(path, ScoreRow, (ScoreRow(*row) for row in scores.itertuples(index=False)))
    write_text(markdown_path, _TITLE + markdown_grid(_grid(scores)))


def write_table_page(
    tables: Mapping[str, str | os.PathLike[str]], *, path: str | os.PathLike[str]
) -> None:
    """Write Table 1 of all models beside the paper's as a page.

    Parameters
    ----------
    tables : mapping of str to path-like
        See `write_summary`.
    path : path-like
        The HTML file to write.

    Raises
    ------
    InputError
        If a table cannot be read.
    """
    write_text(path, grid_page("Table 1", _grid(_scores(tables))))
