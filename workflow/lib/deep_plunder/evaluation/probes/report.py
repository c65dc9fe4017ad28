"""Write the probes of all models and baselines side by side."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deep_plunder.evaluation.probes.kinds import CHANGES, KINDS, Change, Kind
from deep_plunder.evaluation.probes.scores import ProbeScore
from deep_plunder.evaluation.probes.variants import VariantRow
from deep_plunder.pages.html import grid_page
from deep_plunder.util.files import write_text
from deep_plunder.util.grids import markdown_grid
from deep_plunder.util.tables import read_records, write_records

__all__ = ["ProbeRow", "write_probe_summary"]

_TITLE = """\
Probes, in per cent. The first eight lines are one-shots that no training has heard: the share of
events with a clip that begins within 50 ms (interval of 95 %; events). The others are songs: the
share of clips that the changed song has in common with the plain one, or, under hiss, the share of
the plain song's clips that are still cut (clips of the plain songs).

"""


@dataclass(frozen=True, slots=True)
class ProbeRow:
    """A figure of a finder: a row of ``probes/summary.tsv``.

    Attributes
    ----------
    finder : str
        Name of the model or baseline.
    probe : str
        Name of the probe, or of the change of songs.
    wanted : bool
        Whether a large share is good.
    bar : float
        Share that a good finder has at least, or at most, in per cent.
    count : int
        Number of events, or of clips of the plain songs.
    share : float
        Share of events with a clip, or of the same clips, in per cent.
    """

    finder: str
    probe: str
    wanted: bool
    bar: float
    count: int
    share: float


def _same(rows: Sequence[VariantRow], change: Change) -> tuple[int, float]:
    """Return the number of plain clips, and the share of the same clips in per cent."""
    plain, clips, common = (
        sum(getattr(row, name) for row in rows) for name in ("plain", "clips", "common")
    )
    if not change.wanted:
        return plain, 100 * common / max(1, plain)
    return plain, 100 * 2 * common / max(1, plain + clips)


def write_probe_summary(
    scores: Mapping[str, str | os.PathLike[str]],
    variants: Mapping[str, str | os.PathLike[str]],
    *,
    path: str | os.PathLike[str],
    markdown_path: str | os.PathLike[str],
    page_path: str | os.PathLike[str],
) -> None:
    """Write the probes of all finders as a table, as text and as a page.

    Parameters
    ----------
    scores : mapping of str to path-like
        Each finder's name and its table of `ProbeScore`.
    variants : mapping of str to path-like
        Each finder's name and its table of `VariantRow`. Some finders may have none.
    path : path-like
        Table to write: rows of `ProbeRow`.
    markdown_path, page_path : path-like
        Markdown and HTML file to write: one line per probe, one column per finder.

    Raises
    ------
    InputError
        If a table cannot be read.
    """
    rows: list[ProbeRow] = []
    cells: dict[tuple[str, str], str] = {}
    for finder, table in scores.items():
        for score in read_records(table, ProbeScore):
            kind = KINDS[score.probe]
            rows.append(
                ProbeRow(finder, score.probe, kind.wanted, kind.bar, score.events, score.share)
            )
            span = f"{score.low:.0f} to {score.high:.0f}; {score.events}"
            cells[score.probe, finder] = f"{score.share:.1f} ({span})"
    for finder, table in variants.items():
        found = read_records(table, VariantRow)
        for name, change in CHANGES.items():
            if part := [row for row in found if row.change == name]:
                count, share = _same(part, change)
                rows.append(ProbeRow(finder, name, change.wanted, change.bar, count, share))
                cells[name, finder] = f"{share:.1f} ({count})"
    grid = [["", "bar", *scores]]
    kinds: dict[str, Kind | Change] = {**KINDS, **CHANGES}
    for name, listed in kinds.items():
        if any((name, finder) in cells for finder in scores):
            bar = f"{'≥' if listed.wanted else '≤'} {listed.bar:.0f}"
            grid.append([name, bar, *(cells.get((name, finder), "") for finder in scores)])
    write_records(path, ProbeRow, rows)
    write_text(markdown_path, _TITLE + markdown_grid(grid))
    write_text(page_path, grid_page("Probes", grid))
