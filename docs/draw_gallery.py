"""Draw the pictures of the gallery in a headless Chromium.

    deep-plunder extract "results/demo/songs/10 Slow Tide.wav" -o plunder
    python docs/draw_gallery.py plunder/10_Slow_Tide

writes docs/images/gallery_wide.png, in light colours, and docs/images/gallery_narrow.png, in dark.
It needs selenium (in the extra test), Chromium and its driver.
"""

from __future__ import annotations

import base64
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

IMAGES = Path(__file__).resolve().parent / "images"
VIEWS = {"gallery_wide": (1600, 860, "light"), "gallery_narrow": (400, 860, "dark")}
PREPARE = """
const cards = [...document.querySelectorAll(".clips > .clip")];
cards[0].querySelector(".accepted").click();
cards[1].querySelector(".accepted").click();
cards[2].querySelector(".rejected").click();
cards[0].querySelector(".wave").focus();
window.scrollTo(0, 0);
"""


@contextmanager
def chromium() -> Iterator[Any]:
    """Yield a driver of a headless Chromium."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or "chromium"
    for argument in ("headless=new", "no-sandbox", "disable-dev-shm-usage", "hide-scrollbars"):
        options.add_argument(f"--{argument}")
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    with webdriver.Chrome(options=options, service=service) as browser:
        yield browser


def set_view(browser: Any, width: int, height: int, colours: str) -> None:
    """Set the size and the colours of the page."""
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False,
    })  # fmt: skip
    feature = {"name": "prefers-color-scheme", "value": colours}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


def take(browser: Any, path: Path) -> None:
    """Write a picture of the page, after some clips were accepted and rejected."""
    browser.execute_script(PREPARE)
    picture = browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"]
    path.write_bytes(base64.b64decode(picture))


def draw(folder: Path) -> None:
    """Draw the gallery of a song's folder in each view."""
    with chromium() as browser:
        for name, view in VIEWS.items():
            set_view(browser, *view)
            browser.get((folder / "index.html").resolve().as_uri())
            browser.execute_script("localStorage.clear()")
            browser.refresh()
            take(browser, IMAGES / f"{name}.png")


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
