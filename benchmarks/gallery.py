"""Measure how long the gallery takes to first sight: ``python -m benchmarks.gallery``.

A page of one song with many clips is opened in a headless Chromium, anew in each round. First sight
is the first painted frame that holds clips. Beside its time since navigation stands the processor
time that the page's process has spent until then, which other programs on the machine do not
change.
"""

from __future__ import annotations

import argparse
import base64
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from deep_plunder.extraction.previews import COLUMNS
from deep_plunder.pages.gallery import gallery_page
from deep_plunder.util.rng import generator
from tests.browser import chromium

_WATCH = """
new MutationObserver((changes, observer) => {
  if (!document.querySelector(".clips > .clip")) return;
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => (window.sight = performance.now())));
}).observe(document, {childList: true, subtree: true});
"""


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print a line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gallery", description=__doc__)
    parser.add_argument("--clips", type=int, default=2000, help="clips on the page")
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        path = Path(folder) / "index.html"
        path.write_text(gallery_page(_data(chosen.clips)), encoding="utf-8")
        rounds = [_open(path) for _ in range(chosen.rounds)]
        size = path.stat().st_size
    sight, spent = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(
        f"gallery clips={chosen.clips} bytes={size} first_sight={sight:.2f} cpu={spent:.2f} "
        f"unit=s n={chosen.rounds}"
    )
    return 0


def _data(count: int) -> dict[str, Any]:
    """Return the data of a song with `count` clips, of which each fourth has three duplicates."""
    rng = generator(1, "gallery")
    regions: list[dict[str, Any]] = []
    for number in range(count):
        peaks = np.sort(rng.integers(-127, 128, (COLUMNS, 2)), axis=1).astype(np.int8)
        regions.append({
            "onset_s": number / 2, "offset_s": number / 2 + 0.4, "score": round(rng.random(), 4),
            "group": number - number % 4 + 1 if number % 16 < 4 else number + 1, "kept": 1,
            "class": str(rng.choice(["kick", "snare", "hihat", "other"])), "note": "A4",
            "cents": 3.0, "loudness_lufs": -20.0, "attacks": 1, "name": f"song_{number:04}.wav",
            "file": f"song_{number:04}.wav", "audio": f"song_{number:04}.wav",
            "peaks": base64.b64encode(peaks.tobytes()).decode(),
        })  # fmt: skip
    song = {"name": "song", "digest": 64 * "0", "source": "song.wav", "model": "shipped",
            "seconds": count / 2, "song": "song.wav", "page": "", "spectrogram": "",
            "regions": regions}  # fmt: skip
    return {"title": "song", "songs": [song]}


def _open(path: Path) -> tuple[float, float]:
    """Return the seconds to first sight, and the processor time spent until then."""
    with chromium() as browser:
        browser.execute_cdp_cmd("Performance.enable", {})
        browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _WATCH})
        browser.get("about:blank")
        before = _process_time(browser)
        browser.get(path.as_uri())
        while (sight := browser.execute_script("return window.sight")) is None:
            time.sleep(0.05)
        return sight / 1000, _process_time(browser) - before


def _process_time(browser: Any) -> float:
    found = browser.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return float(next(each["value"] for each in found if each["name"] == "ProcessTime"))


if __name__ == "__main__":
    sys.exit(main())
