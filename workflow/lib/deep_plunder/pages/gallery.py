"""Build the gallery: a page on which the clips of songs are heard, sorted, and chosen.

The page is one plain script (``gallery.*.js``, joined) and one stylesheet
(``gallery.css``), without a framework. `extraction.gallery_data` describes the data that it shows.
"""

from __future__ import annotations

import functools
import html
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deep_plunder.util.names import shown

__all__ = ["MARK", "gallery_page", "gallery_parts", "gallery_script", "gallery_style"]

MARK = '<meta name="generator" content="deep-plunder gallery">'
"""Line of every gallery, by which a page is known as one."""

_HERE = Path(__file__).parent


@functools.cache
def gallery_style() -> str:
    """Return the stylesheet.

    Returns
    -------
    style : str
    """
    return (_HERE / "gallery.css").read_text(encoding="utf-8")


@functools.cache
def gallery_script() -> str:
    """Return the script, which defines the global `gallery`.

    Returns
    -------
    script : str
        ``gallery.show(element, data, options)`` shows the gallery in an element of a page.
    """
    parts = ("gallery.model.js", "gallery.strip.js", "gallery.view.js")
    return "\n".join((_HERE / part).read_text(encoding="utf-8") for part in parts)


def gallery_page(data: Mapping[str, Any]) -> str:
    """Return the gallery as a page that loads nothing from the network.

    Parameters
    ----------
    data : mapping
        Result of `extraction.gallery_data.gallery_data`.

    Returns
    -------
    page : str
        HTML of the whole page.

    Examples
    --------
    >>> page = gallery_page({"title": "<Tide>", "songs": []})
    >>> "<title>&lt;Tide&gt;</title>" in page, "<Tide>" in page
    (True, False)
    """
    return "".join(gallery_parts(data))


def gallery_parts(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield the consecutive parts of a gallery's page, so that it need not be held as a whole.

    Parameters
    ----------
    data : mapping
        As for `gallery_page`, but the songs, and the regions of each, may be any iterables.

    Yields
    ------
    part : str
        HTML.

    Examples
    --------
    >>> songs = ({"name": name, "regions": ({} for _ in range(2))} for name in ("Ebb", "Tide"))
    >>> page = "".join(gallery_parts({"title": "all", "songs": songs}))
    >>> '"songs":[{"name":"Ebb","regions":[{},{}]},{"name":"Tide","regions":[{},{}]}]}' in page
    True
    """
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"{MARK}\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{html.escape(shown(str(data['title'])))}</title>\n<style>\n{gallery_style()}</style>\n"
        '</head>\n<body>\n<main id="gallery"><noscript>This page needs JavaScript.</noscript>'
        '</main>\n<script type="application/json" id="data">'
    )
    yield f'{{"title":{_json(data["title"])},"songs":['
    for number, song in enumerate(data["songs"]):
        facts = _json({name: value for name, value in song.items() if name != "regions"})
        yield f'{"," if number else ""}{facts[:-1]},"regions":['
        for place, region in enumerate(song["regions"]):
            yield f"{',' if place else ''}{_json(region)}"
        yield "]}"
    yield (
        f"]}}</script>\n<script>\n{gallery_script()}\n"
        'gallery.show(document.getElementById("gallery"), '
        'JSON.parse(document.getElementById("data").textContent));\n'
        "</script>\n</body>\n</html>\n"
    )


def _json(value: Any) -> str:
    # "<" would end the element in a name such as "</script>".
    return json.dumps(value, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
