"""Gather the tracker modules of free games from Debian's packages: music to measure models on.

    python docs/game_modules.py DESTINATION

needs `apt-get` and `dpkg` with Debian 12's list of packages, and leaves the system as it is. The
folder is a bench as it is (`realbench: {games: DESTINATION}`, with libopenmpt installed). Games
whose music is in other benches (pingus, tuxmath) are left out. The modules have licences of their
own: see usr/share/doc/PACKAGE/copyright in each package.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from pathlib import Path

from deep_plunder.audio.openmpt import MODULE_SUFFIXES

PACKAGES = (
    "armagetronad", "ballz-data", "bb", "biniax2-data", "black-box", "bomberclone-data",
    "bugsquish", "ceferino-data", "circuslinux-data", "criticalmass-data", "cuyo-data",
    "dodgindiamond2", "flobopuyo", "freedroid-data", "gemdropx", "gl-117-data", "gltron",
    "gweled", "madbomber-data", "monsterz-data", "njam-data", "open-invaders-data", "pachi-data",
    "pathogen", "pekka-kana-2-data", "penguin-command", "rafkill-data", "ri-li-data", "solarwolf",
    "tecnoballz-data", "tomatoes-data", "tuxtype-data", "vectoroids", "vodovod", "vor",
)  # fmt: skip
SMALLEST = 3000
"""Bytes: what is smaller is no music."""
LARGEST = 8_000_000


def modules_of(package: str, folder: Path) -> list[Path]:
    """Download a package, unpack it, and list the modules in it."""
    subprocess.run(["apt-get", "download", "-qq", package], cwd=folder, check=True)
    (archive,) = folder.glob("*.deb")
    subprocess.run(["dpkg", "-x", archive, folder / "root"], check=True)
    return sorted(
        path
        for path in (folder / "root").rglob("*")
        if path.suffix.lower() in MODULE_SUFFIXES and SMALLEST < path.stat().st_size < LARGEST
    )


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("destination", type=Path)
    destination = parser.parse_args().destination
    destination.mkdir(parents=True, exist_ok=True)
    for package in PACKAGES:
        with tempfile.TemporaryDirectory() as folder:
            for path in modules_of(package, Path(folder)):
                shutil.copyfile(path, destination / f"{package}__{path.name}")
    print(f"{len(list(destination.iterdir()))} modules")


if __name__ == "__main__":
    main()
