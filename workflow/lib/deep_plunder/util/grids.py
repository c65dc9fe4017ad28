"""Tables as text."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["markdown_grid"]


def _padded(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *others = zip(line, widths, strict=True)
    return [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]


def markdown_grid(grid: Sequence[Sequence[str]]) -> str:
    """Set a table in Markdown, padded so that it reads as plain text too.

    Parameters
    ----------
    grid : sequence of sequence of str
        Lines of cells, the first is the head.

    Returns
    -------
    text : str
        The first column aligned left, the others right.
    """
    widths = [max(map(len, column)) for column in zip(*grid, strict=True)]
    lines = [f"| {' | '.join(_padded(line, widths))} |" for line in grid]
    rule = [f"{'-' * (width + 1)}{':' if index else '-'}" for index, width in enumerate(widths)]
    lines.insert(1, f"|{'|'.join(rule)}|")
    return "\n".join(lines) + "\n"
