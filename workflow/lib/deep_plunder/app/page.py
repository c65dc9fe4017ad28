"""The page of the app."""

from __future__ import annotations

from pathlib import Path

from deep_plunder.pages.gallery import gallery_script, gallery_style

__all__ = ["STATIC", "page", "static_file"]

STATIC = {
    "app.css": "text/css",
    "app.js": "text/javascript",
    "gallery.css": "text/css",
    "gallery.js": "text/javascript",
}
"""Names of the files of the page, and their types."""

_FOLDER = Path(__file__).parent


def page() -> str:
    """Return the page.

    Returns
    -------
    page : str
        HTML, which loads the files of `STATIC`.
    """
    return (_FOLDER / "app.html").read_text(encoding="utf-8")


def static_file(name: str) -> str:
    """Return a file of the page.

    Parameters
    ----------
    name : str
        A key of `STATIC`.

    Returns
    -------
    text : str
    """
    if name == "gallery.css":
        return gallery_style()
    if name == "gallery.js":
        return gallery_script()
    return (_FOLDER / name).read_text(encoding="utf-8")
