"""Turn links to Markdown files outside docs/ into downloads; Sphinx knows no page for them."""

import os
from pathlib import Path
from typing import Any

from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

__all__ = ["setup"]


class _OutsideLinks(SphinxTransform):
    default_priority = 500

    def apply(self, **_: Any) -> None:
        folder = Path(self.env.doc2path(self.env.docname)).parent
        for node in list(self.document.findall(addnodes.pending_xref)):
            if node.get("refdomain") != "doc":
                continue
            path = Path(self.env.srcdir, f"{node['reftarget']}.md").resolve()
            if path.is_file() and not path.is_relative_to(self.env.srcdir):
                target = os.path.relpath(path, folder)
                link = addnodes.download_reference("", "", *node.children, reftarget=target)
                node.replace_self(link)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the transform."""
    app.add_transform(_OutsideLinks)
    return {"parallel_read_safe": True}
