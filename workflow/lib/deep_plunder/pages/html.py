"""Build HTML pages, each a single file that loads nothing from the network."""

from __future__ import annotations

import html
from collections.abc import Sequence

__all__ = ["grid_page", "page", "table_row"]

_STYLE = """
body { font: 15px/1.4 sans-serif; margin: 2em; color: #222; }
table { border-collapse: collapse; }
th, td { padding: 0.25em 1em; text-align: right; border-bottom: 1px solid #ddd; }
th:first-child, td:first-child { text-align: left; }
audio { height: 2em; vertical-align: middle; }
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
        body = [table_row(head, "th"), *(table_row(line, "td") for line in lines)]
        tables.append("<table>\n" + "\n".join(body) + "\n</table>")
    return page(title, "\n".join(tables))


def table_row(cells: Sequence[str], tag: str, *, last: str = "") -> str:
    """Return a row of a table as HTML.

    Parameters
    ----------
    cells : sequence of str
        Plain text of the cells, which is escaped.
    tag : {"td", "th"}
        Element of each cell.
    last : str
        HTML of one further cell. By default there is none.

    Returns
    -------
    row : str
        HTML of the row.
    """
    joined = "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells)
    return f"<tr>{joined}{f'<{tag}>{last}</{tag}>' if last else ''}</tr>"


def page(title: str, body: str) -> str:
    """Return an HTML page with the style of all pages.

    Parameters
    ----------
    title : str
        Title of the page, already escaped.
    body : str
        HTML below the title.

    Returns
    -------
    page : str
        HTML of the whole page.
    """
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{title}</h1>\n{body}\n</body>\n</html>\n"
    )
