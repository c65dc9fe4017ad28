"""Train on the paper's mixes with one property changed at a time, and compare.

    python -m experiments.faults.run DIR -o TABLE -f FIGURE [--bench BENCH] [--cores N]
        [--runs NAME...] [--over FILE]

For each configuration beside this file the workflow makes mixes in DIR/NAME and trains the three
networks of ``base.yaml`` on them; `experiments.faults.compare` scores all of them. A command that
was interrupted resumes when it is run again. ``--over`` lays a configuration over all others, for
sounds and songs of your own; without it the public corpus is gathered in DIR/corpus.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from experiments.faults import compare

__all__ = ["FOLDER", "commands", "main", "runs"]

FOLDER = Path(__file__).resolve().parent

_REPOSITORY = FOLDER.parents[1]


def runs() -> list[str]:
    """Return the names of all runs, the base first.

    Returns
    -------
    names : list of str
    """
    others = sorted(path.stem for path in FOLDER.glob("*.yaml"))
    others.remove(compare.BASE)
    return [compare.BASE, *others]


def commands(
    folder: Path, names: Sequence[str], *, cores: int, over: Path | None = None
) -> list[list[str]]:
    """Return the commands that make the corpus and train the networks of each run.

    Parameters
    ----------
    folder : Path
        Folder for the folders of the runs.
    names : sequence of str
        Some of `runs`.
    cores : int
        Number of cores.
    over : Path, optional
        Configuration laid over that of each run.

    Returns
    -------
    commands : list of list of str
        Program and arguments of each, to be run in order.
    """

    def snakemake(name: str, configurations: Sequence[Path], targets: Sequence[str]) -> list[str]:
        return [
            *(sys.executable, "-m", "snakemake", "--cores", str(cores)),
            *("--snakefile", str(_REPOSITORY / "Snakefile")),
            *("--workflow-profile", str(_REPOSITORY / "profiles" / "default")),
            *("--directory", str(folder / name)),
            *("--configfile", *map(str, configurations)),
            *("--", *targets),
        ]

    base = FOLDER / f"{compare.BASE}.yaml"
    seeds = yaml.safe_load(base.read_text(encoding="utf-8"))["models"]
    found = []
    if over is None:
        gathered = ["results/corpus/library", "results/corpus/playlist.txt"]
        found.append(snakemake("corpus", [_REPOSITORY / "config" / "paper.yaml"], gathered))
    for name in names:
        configurations = [base] if name == compare.BASE else [base, FOLDER / f"{name}.yaml"]
        targets = [f"results/models/{seed}/model.keras" for seed in seeds]
        if name == compare.BASE:
            # The mixes that all are scored on, in one shard.
            targets.append("results/features/test/0000.npy")
        if over is not None:
            configurations.append(over.resolve())
        found.append(snakemake(name, configurations, targets))
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and compare from the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default, those of the command line.

    Returns
    -------
    status : int
        0, or that of the command that failed.
    """
    parser = argparse.ArgumentParser(prog="python -m experiments.faults.run", allow_abbrev=False)
    parser.add_argument("folder", type=Path, help="folder for the runs")
    parser.add_argument("-o", "--output", required=True, help="table to write (TSV)")
    parser.add_argument("-f", "--figure", required=True, help="figure to write (PNG, SVG, PDF)")
    parser.add_argument("--bench", help="folder of real music with exact truth")
    parser.add_argument("--cores", type=int, default=2, help="number of cores (default: 2)")
    parser.add_argument("--runs", nargs="+", choices=runs(), default=runs(), metavar="NAME")
    parser.add_argument("--over", type=Path, help="configuration laid over all others")
    options = parser.parse_args(arguments)
    names = [name for name in runs() if name == compare.BASE or name in options.runs]
    for command in commands(options.folder, names, cores=options.cores, over=options.over):
        status = subprocess.run(command, check=False).returncode
        if status:
            return status
    given = [str(options.folder), "-o", options.output, "-f", options.figure]
    return compare.main(given + (["--bench", options.bench] if options.bench else []))


if __name__ == "__main__":
    sys.exit(main())
