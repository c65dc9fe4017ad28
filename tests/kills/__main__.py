"""``python -m tests.kills``: disturb each stage at as many random moments as one likes."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from deep_plunder.util.signals import raise_on_termination
from tests.kills.disturb import DISTURBANCES, DisturbedError, disturbed, duration_s, moments
from tests.kills.stages import STAGES
from tests.workflow.conftest import Run, write_corpus

_OF_ROOT = ("full", "read-only")


def main() -> int:
    """Run what is asked for; 0 if all of it ended as an undisturbed run does."""
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("--moments", type=int, default=20, help="per stage (default: 20)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--stage", choices=STAGES, action="append", help="default: all")
    parser.add_argument("--disturbance", choices=DISTURBANCES, action="append", help="default: all")
    args = parser.parse_args()
    failed = 0
    # A file system that is mounted must not stay.
    with (
        raise_on_termination(),
        tempfile.TemporaryDirectory(prefix="kills-", ignore_cleanup_errors=True) as name,
    ):
        folder = Path(name)
        (folder / "whole").mkdir()
        write_corpus(folder / "whole")
        targets = [f"results/{target}" for stage in STAGES.values() for target in stage.targets]
        outcome = Run(folder / "whole").snakemake("--cores", "2", *targets, timeout=1800)
        if outcome.code:
            print(outcome.text[-4000:], file=sys.stderr)
            return 1
        for stage in args.stage or STAGES:
            seconds = duration_s(_copy(folder), stage)
            for disturbance in args.disturbance or DISTURBANCES:
                if disturbance in _OF_ROOT and os.geteuid():
                    print(f"{stage}, {disturbance}: left out, needs the rights of root")
                    continue
                begin, wrong = time.monotonic(), 0
                for moment in moments(seconds, args.moments, args.seed):
                    try:
                        disturbed(_copy(folder), stage, disturbance, moment)
                    except DisturbedError as error:
                        wrong += 1
                        print(error, flush=True)
                failed += wrong
                taken = time.monotonic() - begin
                print(
                    f"{stage}, {disturbance}: {args.moments} moments in {taken:.0f} s, "
                    f"{wrong} ended otherwise",
                    flush=True,
                )
    return 1 if failed else 0


def _copy(folder: Path) -> Run:
    copied = folder / "copy"
    if copied.exists():
        shutil.rmtree(copied)
    shutil.copytree(folder / "whole", copied, symlinks=True)
    return Run(copied)


if __name__ == "__main__":
    sys.exit(main())
