"""Draw the picture of the app in a headless Chromium.

    python docs/draw_app.py results/demo/songs/{02,05,10}*

starts the app, adds the songs, waits until all but the last are searched, and writes
docs/images/app.png. It needs the extra test, Chromium and its driver.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from draw_gallery import IMAGES, take

from tests.browser import chromium, set_view

LONGEST_S = 3600
STATES = "return [...document.querySelectorAll('#songs li')].map((row) => row.dataset.state)"
READY = (
    "return document.querySelectorAll('.clips > .clip').length > 3 && "
    "!document.querySelector('.by-song').hidden"
)


def draw(songs: list[str]) -> None:
    """Draw the app with songs that are searched, and one that is being searched."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["deep-plunder", "app", folder, "--no-browser"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as app:
            try:
                assert app.stdout is not None
                address = app.stdout.readline().split(" ")[0]
                with chromium() as browser:
                    _draw(browser, address, [str(Path(song).resolve()) for song in songs])
            finally:
                app.terminate()


def _draw(browser: Any, address: str, songs: list[str]) -> None:
    set_view(browser, height=1000)
    browser.get(address)
    browser.find_element("id", "files").send_keys("\n".join(songs))
    wanted = ["done"] * (len(songs) - 1) + ["running"]
    end = time.monotonic() + LONGEST_S
    while browser.execute_script(STATES) != wanted or not browser.execute_script(READY):
        if time.monotonic() > end:
            raise TimeoutError(f"the songs must become {wanted}")
        time.sleep(0.05)
    take(browser, IMAGES / "app.png")


if __name__ == "__main__":
    draw(sys.argv[1:])
