"""A headless Chromium for tests, benchmarks and pictures of pages."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


@contextmanager
def chromium(downloads: Path | None = None) -> Iterator[Any]:
    """Yield a driver of Chromium; skip the test where the browser or its driver is missing.

    Parameters
    ----------
    downloads : Path, optional
        Folder for the files that pages save.
    """
    webdriver = pytest.importorskip("selenium.webdriver")
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not browser or not driver:
        pytest.skip("Chromium and its driver are not installed (Debian: chromium chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for argument in ("headless=new", "no-sandbox", "disable-dev-shm-usage", "hide-scrollbars"):
        options.add_argument(f"--{argument}")
    if downloads is not None:
        options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(driver)
    with webdriver.Chrome(options=options, service=service) as page:
        page.set_page_load_timeout(60)
        yield page


def set_view(page: Any, *, width: int = 1600, height: int = 1200, dark: bool = False) -> None:
    """Set the size of the window in pixels, and whether pages are asked for dark colours."""
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False,
    })  # fmt: skip
    colours = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [colours]})


def _light(colour: str) -> float:
    """Return the relative luminance of a colour ``rgb(R, G, B)``."""
    parts = [int(part) / 255 for part in colour[4:-1].split(",")]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def assert_it_stands_out(page: Any, ink: str, paper: str, *, dark: bool) -> None:
    """Check the contrast of the text of an element on the background of another one."""
    script = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
    front = _light(page.execute_script(script, ink, "color"))
    back = _light(page.execute_script(script, paper, "backgroundColor"))
    # The least contrast of WCAG 2.1, level AA.
    assert (max(front, back) + 0.05) / (min(front, back) + 0.05) >= 4.5, (ink, paper)
    assert (back < front) == dark


def assert_it_fits(page: Any, controls: str) -> None:
    """Check that the page and its controls lie within the window, and that no controls overlap."""
    width = page.execute_script("return innerWidth")
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    boxes = page.execute_script(
        "return [...document.querySelectorAll(arguments[0])].map((each) => ["
        "each.textContent, each.getBoundingClientRect().toJSON()"
        "]).filter(([text, box]) => box.width)", controls,
    )  # fmt: skip
    assert boxes
    for number, (text, box) in enumerate(boxes):
        assert box["left"] >= 0 and box["right"] <= width, text
        for other, below in boxes[:number]:
            apart = box["left"] >= below["right"] or below["left"] >= box["right"]
            assert apart or box["top"] >= below["bottom"] or below["top"] >= box["bottom"], (
                text, other,
            )  # fmt: skip
