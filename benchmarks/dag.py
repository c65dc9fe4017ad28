"""Measure the cost of a dry run for a number of jobs: ``python -m benchmarks.dag [JOBS...]``.

The configuration is the demo's with mixes in the paper's style and scenes, one mix per shard, as
many for training, validation and test. Each shard adds four jobs: two plans, the mixes and the
features. Snakemake builds the same graph whether a shard holds one mix or a thousand.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from .harness import ROOT

__all__ = ["Cost", "configuration", "dry_run", "main"]

SIZES = (100, 1_000, 10_000, 100_000)
_SPLITS = ("train", "validation", "test")
_PER_SHARD = 4


@dataclasses.dataclass(frozen=True, slots=True)
class Cost:
    """The cost of a dry run.

    Attributes
    ----------
    jobs : int
        Number of jobs, as Snakemake counted them.
    cpu_s : float
        CPU time, in seconds.
    peak_mb : float
        Greatest resident memory, in 2**20 bytes.
    """

    jobs: int
    cpu_s: float
    peak_mb: float


def configuration(jobs: int) -> dict[str, Any]:
    """Return the configuration of a run of about `jobs` jobs."""
    config: dict[str, Any] = yaml.safe_load(
        (ROOT / "config" / "config.yaml").read_text(encoding="utf-8")
    )
    shards = max(1, jobs // (len(_SPLITS) * _PER_SHARD))
    config["mixes"] = {
        "count": dict.fromkeys(_SPLITS, shards), "per_shard": 1, "style": {"paper": 1, "scenes": 1}
    }  # fmt: skip
    config["baselines"] = []
    config["extraction"]["mixes"] = 1
    return config


def dry_run(jobs: int, *, options: Sequence[str] = ()) -> Cost:
    """Measure a dry run of about `jobs` jobs.

    Parameters
    ----------
    jobs : int
    options : sequence of str, optional
        Further options of Snakemake.

    Raises
    ------
    RuntimeError
        Snakemake fails.
    """
    with tempfile.TemporaryDirectory(prefix="dag-") as name:
        folder = Path(name)
        (folder / "config.yaml").write_text(yaml.safe_dump(configuration(jobs)), encoding="utf-8")
        command = [
            sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"),
            "--workflow-profile", str(ROOT / "profiles" / "default"), "--configfile",
            str(folder / "config.yaml"), "--directory", name, "--dry-run", "--quiet", "rules",
            *options,
        ]  # fmt: skip
        with (folder / "output.txt").open("w+", encoding="utf-8") as out:
            process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            text = out.read()
    if process.returncode:
        raise RuntimeError(text[-2000:])
    counted = re.search(r"^total +(\d+)", text, flags=re.MULTILINE)
    if not counted:
        raise RuntimeError(f"no table of jobs: {text[-2000:]}")
    return Cost(int(counted[1]), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the cost for each size."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dag", description=__doc__)
    parser.add_argument("jobs", nargs="*", type=int, default=list(SIZES))
    parser.add_argument("--batch", help="as Snakemake's, such as all=1/10")
    chosen = parser.parse_args(arguments)
    options = ["--batch", chosen.batch] if chosen.batch else []
    for jobs in chosen.jobs:
        cost = dry_run(jobs, options=options)
        print(f"{cost.jobs} jobs: {cost.cpu_s:.1f} s, {cost.peak_mb:.0f} MB", flush=True)


if __name__ == "__main__":
    main()
