"""Draw the pictures of the gallery in a headless Chromium.

    deep-plunder extract "results/demo/songs/10 Slow Tide.wav" -o plunder
    python docs/draw_gallery.py plunder/10_Slow_Tide

writes docs/images/gallery_wide.png, in light colours, and docs/images/gallery_narrow.png, in dark.
It needs the extra test, Chromium and its driver.
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))

from tests.browser import chromium, set_view

IMAGES = Path(__file__).resolve().parent / "images"
VIEWS = {"gallery_wide": (1600, False), "gallery_narrow": (400, True)}
PREPARE = """
const cards = [...document.querySelectorAll(".clips > .clip")];
cards[0].querySelector(".accepted").click();
cards[1].querySelector(".accepted").click();
cards[2].querySelector(".rejected").click();
cards[0].querySelector(".wave").focus();
window.scrollTo(0, 0);
"""


def take(browser: Any, path: Path) -> None:
    """Write a picture of the page, after some clips were accepted and rejected."""
    browser.execute_script(PREPARE)
    picture = browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"]
    path.write_bytes(base64.b64decode(picture))


def draw(folder: Path) -> None:
    """Draw the gallery of a song's folder in each view."""
    with chromium() as browser:
        for name, (width, dark) in VIEWS.items():
            set_view(browser, width=width, height=860, dark=dark)
            browser.get((folder / "index.html").resolve().as_uri())
            browser.execute_script("localStorage.clear()")
            browser.refresh()
            take(browser, IMAGES / f"{name}.png")


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
