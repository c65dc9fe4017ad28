"""The settings of remote storage: the section ``storage`` of the configuration."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from annotated_types import Len

from deep_plunder.config.names import Name
from deep_plunder.util.bounds import Text
from deep_plunder.util.settings import Settings

__all__ = ["FETCHED", "StorageSpec", "fetched_folder"]

FETCHED = "results/storage"
"""The folder of all folders that were fetched (``rules/storage.smk``)."""

_Part = Literal[
    "calibration",
    "clips",
    "evaluation",
    "features",
    "figures",
    "library",
    "mixes",
    "models",
    "probes",
    "realbench",
    "report",
    "songs",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageSpec(Settings):
    """Folders on remote storage, which Snakemake's storage plugins read and write.

    Source: ours.
    """

    section: ClassVar[str] = "storage"

    fetch: dict[Name, Text] = field(default_factory=dict)
    """Folders to copy to `results/storage/NAME`: for each its name, and its URL, such as
    `s3://bucket/music`, or its path. `library.path`, `songs.sources`, `songs.path_map` and
    `modules.folders` may name these copies and paths inside them."""
    deliver: Text | None = None
    """URL or path of the folder to copy results to. null copies none."""
    parts: Annotated[tuple[_Part, ...], Len(1)] = ("clips", "evaluation", "models", "report")
    """Folders of results to deliver. The whole content of `deliver/PART` is replaced."""


def fetched_folder(path: str) -> str | None:
    """Return the fetched folder that a path of the configuration lies in.

    Parameters
    ----------
    path : str

    Returns
    -------
    folder : str or None
        ``results/storage/NAME``, or None if the path lies elsewhere.

    Examples
    --------
    >>> fetched_folder("./results/storage/music/new/")
    'results/storage/music'
    >>> fetched_folder("music") is None
    True
    """
    parts = posixpath.normpath(path).split("/")
    return "/".join(parts[:3]) if parts[:2] == FETCHED.split("/") and len(parts) > 2 else None
