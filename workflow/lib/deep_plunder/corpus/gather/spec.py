"""The settings of the public corpus: the section ``gather`` of the configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from deep_plunder.util.bounds import Text
from deep_plunder.util.settings import Settings

__all__ = ["GatherSpec"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GatherSpec(Settings):
    """The public corpus, made only if a path of the configuration lies in results/corpus."""

    section: ClassVar[str] = "gather"

    debs: Text | None = None
    """Folder with the .deb files of the packages. null downloads them with `apt-get download`,
    which installs nothing. Source: ours."""
    packages: Text | None = None
    """Table of the packages (TSV with the columns part, package, version, architecture, sha256,
    licence). null is `resources/corpus/packages.tsv`. Source: ours."""
