"""Build HTML pages of tables, each a single file that loads nothing from the network."""

from __future__ import annotations

import html
from collections.abc import Sequence

__all__ = ["grid_page"]

_STYLE = """
body { font: 15px/1.4 sans-serif; margin: 2em; color: #222; }
table { border-collapse: collapse; }
th, td { padding: 0.25em 1em; text-align: right; border-bottom: 1px solid #ddd; }
th:first-child, td:first-child { text-align: left; }
"""


def grid_page(title: str, *grids: Sequence[Sequence[str]]) -> str:
    """Return an HTML page of tables.

    Parameters
    ----------
    title : str
        Title of the page, already escaped.
    *grids : sequence of sequence of str
        Cells of the header and of each line of a table, plain text (see
        `util.grids.markdown_grid`).

    Returns
    -------
    page : str
        HTML of the whole page.
    """
    tables = []
    for head, *lines in grids:
        body = [_table_row(head, "th"), *(_table_row(line, "td") for line in lines)]
        tables.append("<table>\n" + "\n".join(body) + "\n</table>")
    return _page(title, "\n".join(tables))


def _table_row(cells: Sequence[str], tag: str) -> str:
    """Return a row of a table, from the plain text of its cells and the element of each."""
    return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def _page(title: str, body: str) -> str:
    """Return a page with the style of all pages, from its title and the HTML below the title."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{title}</h1>\n{body}\n</body>\n</html>\n"
    )
