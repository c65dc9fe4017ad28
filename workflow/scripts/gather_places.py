"""The place of the packages for the scripts of the public corpus."""

from pathlib import Path
from typing import Any

CACHE = Path("results/corpus/packages")
"""What was downloaded; no rule's output, so that what is there and unaltered stays."""


def places(snakemake: Any) -> dict[str, Any]:
    """Return where to take packages from: no parameter, for it changes nothing in the corpus."""
    return {"debs": snakemake.config["gather"]["debs"], "cache": CACHE}
