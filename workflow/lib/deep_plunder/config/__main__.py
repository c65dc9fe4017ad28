"""Check configuration files without Snakemake: ``python -m deep_plunder.config FILE...``."""

from __future__ import annotations

import sys
from pathlib import Path

from deep_plunder.config.reading import read_configurations
from deep_plunder.config.validate import validate
from deep_plunder.errors import ConfigError

__all__ = ["main"]


def main(paths: list[str]) -> int:
    """Check a configuration, and print its faults on standard error.

    Parameters
    ----------
    paths : list of str
        Its files; keys of a later file override those of an earlier one.

    Returns
    -------
    status : int
        0 if the configuration can be used, otherwise 1.
    """
    try:
        validate(read_configurations(paths), source=", ".join(paths), root=Path.cwd())
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
