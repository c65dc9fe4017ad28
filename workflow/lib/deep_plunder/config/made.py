"""Find which paths of a configuration the workflow makes itself."""

from __future__ import annotations

import os

from deep_plunder.config.storage import fetched_folder

__all__ = ["corpus_part", "is_demo", "is_made", "made_by", "module_split"]

_DEMO = {
    f"results/demo/{name}"
    for name in (
        "library", "songs", "playlist.txt", "playlist_utf8.txt", "Library.xml", "playlist.m3u8",
    )
}  # fmt: skip
"""Paths that the demo makes (``rules/demo.smk``)."""

_CORPUS = {
    "results/corpus/library": "library",
    "results/corpus/songs": "songs",
    "results/corpus/playlist.txt": "songs",
    "results/corpus/modules": "modules",
    "results/corpus/games": "games",
    "results/corpus/solos": "solos",
}
"""Paths that the public corpus makes (``rules/gather.smk``), each with its part of the corpus."""

_CLASSIFIER = "results/classes/classes.npz"
"""The forest of classes that the library makes (``rules/description.smk``)."""

_MODULE_SPLITS = {f"results/modules/{split}": split for split in ("validation", "test")}
"""Benches of the tracker modules of a split (``rules/realbench.smk``)."""


def is_demo(path: str) -> bool:
    """Return whether the demo makes `path`.

    Parameters
    ----------
    path : str
        A path of the configuration.

    Returns
    -------
    is_demo : bool
        False for paths within a folder that the demo makes, which exist only after it ran.
    """
    return os.path.normpath(path) in _DEMO


def corpus_part(path: str) -> str | None:
    """Return the part of the public corpus that `path` belongs to.

    Parameters
    ----------
    path : str
        A path of the configuration.

    Returns
    -------
    part : {"library", "songs", "modules", "games", "solos"} or None
        The part, or None if `path` is no folder or file of the corpus.
    """
    return _CORPUS.get(os.path.normpath(path))


def module_split(path: str) -> str | None:
    """Return the split of tracker modules that a path of the configuration stands for.

    Parameters
    ----------
    path : str
        A folder of a bench.

    Returns
    -------
    split : {"validation", "test"} or None
        None if `path` is another folder.
    """
    return _MODULE_SPLITS.get(os.path.normpath(path))


def is_made(path: str) -> bool:
    """Return whether the workflow makes `path`: for the demo, the corpus, or as the classifier.

    Parameters
    ----------
    path : str
        A path of the configuration.

    Returns
    -------
    is_made : bool
    """
    return is_demo(path) or corpus_part(path) is not None or os.path.normpath(path) == _CLASSIFIER


def made_by(path: str) -> str | None:
    """Return the folder or file that the workflow makes and that a path lies in.

    Parameters
    ----------
    path : str
        A path of the sounds, songs or tracker modules in the configuration.

    Returns
    -------
    made : str or None
        `path` itself for the demo and the public corpus; for a file that is fetched from storage,
        the fetched folder. None if the workflow does not make it.

    Examples
    --------
    >>> made_by("./results/demo/library"), made_by("results/storage/music/new.m3u8")
    ('results/demo/library', 'results/storage/music')
    """
    return os.path.normpath(path) if is_made(path) else fetched_folder(path)
