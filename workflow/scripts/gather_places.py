"""The place of the packages for the scripts of the public corpus."""

from pathlib import Path
from typing import Any

CACHE = Path("results/corpus/packages")
"""The folder of downloads; no rule's output, so that unaltered files stay."""


def places(snakemake: Any) -> dict[str, Any]:
    """Return the folders of packages, which are no parameters since the corpus is the same."""
    return {"debs": snakemake.config["gather"]["debs"], "cache": CACHE}
