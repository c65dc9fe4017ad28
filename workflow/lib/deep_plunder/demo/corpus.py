"""Write the corpus of the demonstration: sounds, songs and playlists.

The corpus stands in for the library and the songs that the paper's author could not publish. No
instrument of a song has a sound in the library. The same seed yields the same bytes with any
number of workers, on one machine with one version of numpy, scipy and the encoders. Other versions
and processors may round the last bits differently.
"""

from __future__ import annotations

import os
from pathlib import Path

from deep_plunder.demo.spec import DemoSpec
from deep_plunder.errors import InputError
from deep_plunder.util.files import atomic_directory
from deep_plunder.util.settings import default

__all__ = ["write_demo"]


def write_demo(
    folder: str | os.PathLike[str],
    *,
    seed: int,
    sounds: int = default(DemoSpec, "sounds"),
    songs: int = default(DemoSpec, "songs"),
    workers: int = 1,
) -> None:
    """Write the corpus. Each part replaces an existing part of the same name.

    Parameters
    ----------
    folder : path-like
        Folder of the corpus: ``library/CLASS/*``, ``songs/*``, ``playlist.txt``,
        ``playlist_utf8.txt``, ``Library.xml`` and ``playlist.m3u8``.
    seed : int
        The seed of the corpus, which determines all of it.
    sounds : int
        Number of one-shots. From 22 on, every class has one; from 240 on, every class has at least
        four.
    songs : int
        Number of songs. From five on, every format occurs.
    workers : int
        Number of threads.

    Raises
    ------
    InputError
        If `sounds`, `songs` or `workers` is less than 1.
    OSError
        If a file cannot be written. The message names its folder.
    """
    for name, value in (("sounds", sounds), ("songs", songs), ("workers", workers)):
        if value < 1:
            raise InputError(f"demo: {name} must be at least 1, got {value}")
    from deep_plunder.demo.playlists import write_playlists
    from deep_plunder.demo.songs import write_songs
    from deep_plunder.demo.sounds import write_library

    folder = Path(folder)
    with atomic_directory(folder / "library") as library:
        write_library(library, seed=seed, sounds=sounds, workers=workers)
    with atomic_directory(folder / "songs") as temporary:
        written = write_songs(temporary, seed=seed, songs=songs, workers=workers)
    write_playlists(folder, written)
