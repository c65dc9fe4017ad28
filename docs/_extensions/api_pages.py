"""Write a page per module of the package into reference/api, which git ignores.

`sphinx.ext.apidoc` does the same, but its titles repeat the package's name in every entry.
"""

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

import deep_plunder

__all__ = ["setup"]


def _page(module: str, below: list[str]) -> str:
    title = module.partition(".")[2] or module
    page = f"{title}\n{'=' * len(title)}\n\n.. automodule:: {module}\n   :members:\n"
    entries = "".join(f"   {name}\n" for name in below)
    return f"{page}\n.. toctree::\n   :hidden:\n\n{entries}" if below else page


def _write_pages(app: Sphinx) -> None:
    package = Path(deep_plunder.__file__).parent
    folder = Path(app.srcdir, "reference", "api")
    pages = {}
    for path in [package, *sorted(package.rglob("*"))]:
        if path.name.startswith("__") or not (path.is_dir() or path.suffix == ".py"):
            continue
        parts = path.relative_to(package.parent).with_suffix("").parts
        pages[".".join(parts)] = [
            ".".join([*parts, below.stem])
            for below in (sorted(path.iterdir()) if path.is_dir() else [])
            if not below.name.startswith("__") and (below.is_dir() or below.suffix == ".py")
        ]
    texts = {f"{name}.rst": _page(name, below) for name, below in pages.items()}
    for path in folder.glob("*"):
        if path.name not in texts:
            path.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        # Sphinx reads again only the pages that changed.
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != text:
            (folder / name).write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the writer."""
    app.connect("builder-inited", _write_pages)
    return {"parallel_read_safe": True}
