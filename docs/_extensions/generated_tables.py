"""Directives that write parts of the reference from the code, so that it cannot go stale.

``{columns} MODULE.CLASS`` writes the columns of a table of the class's records: name, type and
description of each field. ``{command-line} COMMAND`` writes the help text of a command.
"""

import dataclasses
import importlib
import inspect
import os
import subprocess
import sys
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from numpydoc.docscrape import NumpyDocString
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

__all__ = ["column_rows", "setup"]


def column_rows(record: type[Any]) -> list[tuple[str, str, str]]:
    """Return the name, type and description of each column of a table.

    Parameters
    ----------
    record : type
        A dataclass. Its docstring has a section "Attributes" with an entry per field, or none.

    Returns
    -------
    rows : list of (name, type, description)
        In the order of the columns. Without a section, descriptions are empty.

    Raises
    ------
    ValueError
        If a field is missing in the section.
    """
    described = {}
    for each in reversed(record.__mro__[:-1]):
        for entry in NumpyDocString(inspect.getdoc(each) or "")["Attributes"]:
            for name in entry.name.split(","):
                described[name.strip()] = entry.type, " ".join(map(str.strip, entry.desc))
    fields = dataclasses.fields(record)
    if not described:
        return [
            (field.name, getattr(field.type, "__name__", str(field.type)), "") for field in fields
        ]
    if missing := [field.name for field in fields if field.name not in described]:
        raise ValueError(f"{record.__name__}: no description of {', '.join(missing)}")
    return [(field.name, *described[field.name]) for field in fields]


class _Columns(SphinxDirective):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        module, _, name = self.arguments[0].rpartition(".")
        record = getattr(importlib.import_module(module), name)
        lines = [".. list-table::", "   :header-rows: 1", "   :widths: 18 16 66", ""]
        for column, kind, meaning in [("column", "type", "meaning"), *column_rows(record)]:
            shown = column if column == "column" else f"``{column}``"
            lines += [f"   * - {shown}", f"     - {kind}", f"     - {meaning}".rstrip()]
        return self._parsed(lines)

    def _parsed(self, lines: list[str]) -> list[nodes.Node]:
        # The pages are Markdown, the docstrings are reStructuredText.
        rst = "\n".join(lines)
        source = self.env.doc2path(self.env.docname)
        content = StringList(["```{eval-rst}", *rst.split("\n"), "```"], source)
        node = nodes.container()
        self.state.nested_parse(content, self.content_offset, node)
        return list(node.children)


class _CommandLine(SphinxDirective):
    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        program = "import sys; from deep_plunder.cli.main import main; sys.exit(main())"
        printed = subprocess.run(
            [sys.executable, "-c", program, *self.arguments, "--help"],
            env=os.environ | {"COLUMNS": "90", "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
        return [nodes.literal_block(printed.stdout, printed.stdout, language="text")]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives."""
    app.add_directive("columns", _Columns)
    app.add_directive("command-line", _CommandLine)
    return {"parallel_read_safe": True}
