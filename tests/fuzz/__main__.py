"""``python -m tests.fuzz``: as many cases of each target as one likes."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tests.fuzz.run import fuzz, work
from tests.fuzz.targets import TARGETS


def main() -> int:
    if sys.argv[1:2] == ["--work"]:
        name, *numbers = sys.argv[2:]
        work(name, *map(int, numbers))
        return 0
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=1000, help="of each target (default: 1000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--target", choices=TARGETS, action="append", help="default: all")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where files of findings go")
    args = parser.parse_args()
    seen: set[tuple[str, str]] = set()
    for name in args.target or TARGETS:
        begin, found = time.monotonic(), 0
        for finding in fuzz(name, cases=args.cases, seed=args.seed):
            found += 1
            # The last place of a trace tells faults apart.
            place = "\n".join(finding.trace.strip().splitlines()[-3:-1]) or finding.what
            if (name, place) in seen:
                continue
            seen.add((name, place))
            print(f"{name}, case {finding.case}: {finding.what}\n{finding.trace}", flush=True)
            if args.keep:
                args.keep.mkdir(parents=True, exist_ok=True)
                file = f"{name}_{args.seed}_{finding.case}_{TARGETS[name].file}"
                (args.keep / file).write_bytes(finding.content)
        seconds = time.monotonic() - begin
        print(f"{name}: {args.cases} cases in {seconds:.0f} s, {found} findings", flush=True)
    return 1 if seen else 0


if __name__ == "__main__":
    sys.exit(main())
