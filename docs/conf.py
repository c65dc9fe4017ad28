"""Sphinx's configuration: `sphinx-build -W docs build/docs` builds the documentation."""

import sys
import types
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
sys.path[:0] = [str(DOCS / "_extensions"), str(DOCS.parent / "workflow" / "lib")]

from deep_plunder import __version__  # noqa: E402

project = "Deep Plunder"
version = release = __version__
language = "en"

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "api_pages",
    "generated_tables",
    "outside_links",
]
exclude_patterns = ["_extensions"]
myst_heading_anchors = 3

autosummary_generate = False  # numpydoc loads it; the pages are written by `api_pages`
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the sections "Parameters" and "Returns" name the types
add_module_names = False
default_role = "py:obj"
numpydoc_show_class_members = False
# A section "References" lists the sources of a method; the text above need not cite each.
suppress_warnings = ["ref.citation"]

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_title = "Deep Plunder"
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False


def _leave_aliases(
    app: Any, what: str, name: str, obj: Any, options: Any, signature: str, annotation: str
) -> tuple[str, str] | None:
    """Keep numpydoc from looking for the signature of a type alias, on which it fails."""
    return (signature, annotation) if isinstance(obj, types.GenericAlias) else None


def setup(app: Any) -> None:
    """Register what the extensions lack."""
    app.connect("autodoc-process-signature", _leave_aliases, priority=400)
