"""Read and obtain the packages of the public corpus, for the scripts of its stages."""

from pathlib import Path
from typing import Any

CACHE = Path("results/corpus/packages")
"""The folder of downloads; no rule's output, so that unaltered files stay."""


def obtain(snakemake: Any, table: str, part: str) -> dict[str, Any]:
    """Return the packages of a part of the corpus, and their files.

    The folders of packages are no parameters of rules, since the corpus is the same.
    """
    from deep_plunder.corpus.gather.packages import obtain_packages, read_packages

    packages = read_packages(table, part)
    debs = obtain_packages(packages, debs=snakemake.config["gather"]["debs"], cache=CACHE)
    return {"packages": packages, "debs": debs}
