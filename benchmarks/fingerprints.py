"""Measure the cost of fingerprints of a library: at first, and when its files are known.

python -m benchmarks.fingerprints [FILES]
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from deep_plunder.corpus.fingerprints import fingerprint_folder
from deep_plunder.util.contents import ContentDigests

__all__ = ["main", "measure"]

_BYTES = 100_000
# Files that changed within two seconds are not remembered.
_SETTLED_S = 2.5


def measure(folder: Path, files: int) -> tuple[float, float]:
    """Return the seconds of CPU time that the first and the second fingerprint take.

    Parameters
    ----------
    folder : Path
        An empty folder.
    files : int
        Sounds of 100 kB to write into it.
    """
    noise = os.urandom(_BYTES)
    for number in range(files):
        path = folder / "library" / f"{number // 500:04d}" / f"{number}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(number.to_bytes(8, "little") + noise)
    time.sleep(_SETTLED_S)
    costs = []
    for _ in range(2):
        start = time.process_time()
        fingerprint_folder(folder / "library", digests=ContentDigests(folder / "memory.json"))
        costs.append(time.process_time() - start)
    return costs[0], costs[1]


def main(arguments: Sequence[str]) -> None:
    """Print the costs for a number of files."""
    files = int(arguments[0]) if arguments else 20_000
    with tempfile.TemporaryDirectory() as folder:
        first, second = measure(Path(folder), files)
    megabytes = files * _BYTES / 1e6
    print(f"{files} files of {_BYTES / 1000:g} kB")
    print(f"first: {first:.2f} s, {megabytes / first:.0f} MB per second")
    print(f"known: {second:.2f} s, {1e6 * second / files:.0f} microseconds per file")


if __name__ == "__main__":
    main(sys.argv[1:])
