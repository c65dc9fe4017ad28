"""Run benchmarks: ``python -m benchmarks NAME|all [--quick]``."""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
import tempfile
from pathlib import Path

from .catalogue import BENCHMARKS, Setup
from .harness import TABLE, MissingPeerError, append


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmarks that are named; return 0 if all of them ran."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=[*BENCHMARKS, "all"], help="which benchmark, or all")
    parser.add_argument(
        "--quick", action="store_true", help="small inputs and few rounds, to see that it runs"
    )
    parser.add_argument("--rounds", type=int, help="turns of each side; by default its own number")
    parser.add_argument("--table", type=Path, default=TABLE, help="where the row is added")
    chosen = parser.parse_args(arguments)
    if chosen.name != "all":
        return _run(chosen.name, quick=chosen.quick, rounds=chosen.rounds, table=chosen.table)
    # Each in a process of its own, without the threads and caches of the others.
    options = ["--table", str(chosen.table), *(["--quick"] if chosen.quick else [])]
    options += ["--rounds", str(chosen.rounds)] if chosen.rounds else []
    failed = [
        name
        for name in BENCHMARKS
        if subprocess.run(
            [sys.executable, "-m", "benchmarks", name, *options], check=False
        ).returncode
    ]
    if failed:
        print(f"did not run: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _run(name: str, *, quick: bool, rounds: int | None, table: Path) -> int:
    entry = BENCHMARKS[name]
    try:
        module = importlib.import_module(f"benchmarks.{entry.module}")
        with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
            rounds = rounds or (2 if quick else entry.rounds)
            setup = Setup(name, Path(folder), quick=quick, rounds=rounds)
            result = module.run(setup)
    except MissingPeerError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 2
    except AssertionError as error:
        print(f"{name}: both sides do not give the same: {error}", file=sys.stderr)
        return 1
    print(result.line(), flush=True)
    append(table, result, quick=quick, packages=("deep-plunder", *entry.packages))
    return 0


if __name__ == "__main__":
    sys.exit(main())
