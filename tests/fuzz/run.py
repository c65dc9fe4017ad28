"""Run many cases of a target, in processes of their own: a library may crash or never end.

Case ``k`` of seed ``s`` is always the same, so that a finding can be made again from its number.
"""

from __future__ import annotations

import base64
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import hypothesis

from tests.fuzz.documents import DOCUMENTS
from tests.fuzz.mutate import mutated
from tests.fuzz.targets import TARGETS, Target
from tests.fuzz.watch import SECONDS, check

__all__ = ["Finding", "case_of", "fuzz"]

ROOT = Path(__file__).resolve().parents[2]
_CHUNK = 1000
_KEPT_BYTES = 1 << 20
MEMORY_BYTES = 1 << 30
"""Memory that cases may take beside what the libraries had before."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A case that did what none may do.

    Attributes
    ----------
    target : str
    case : int
    what : str
        One line.
    trace : str
        Where, if Python knows.
    content : bytes
        Of the file.
    """

    target: str
    case: int
    what: str
    trace: str = ""
    content: bytes = b""


def case_of(target: Target, seeds: list[bytes], seed: int, number: int) -> bytes:
    """Make a case from its number.

    Parameters
    ----------
    target : Target
    seeds : list of bytes
        Its sound files.
    seed, number : int

    Returns
    -------
    content : bytes
        Of the file.
    """
    rng = random.Random(f"{target.name} {seed} {number}")
    return target.wrap(mutated(rng, seeds, target.tokens))


def work(name: str, seed: int, first: int, stop: int) -> None:
    """Run cases in this process; tell standard output of each that begins and of findings.

    Parameters
    ----------
    name : str
        Of the target.
    seed, first, stop : int
        Every other thousand cases are documents, where there are some of the target.
    """
    target = TARGETS[name]
    with tempfile.TemporaryDirectory(prefix="fuzz_") as folder:
        place = Path(folder) / "case"
        place.mkdir()
        seeds = target.seeds(Path(folder))
        path = place / target.file
        for content in seeds:
            path.write_bytes(target.wrap(content))
            # The first call imports and compiles, which no limit of time may count.
            target.read(path)
            assert check(target.read, path), f"{name}: a seed is refused"
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + MEMORY_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        for start in range(first, stop, _CHUNK):
            numbers = range(start, min(start + _CHUNK, stop))
            if name in DOCUMENTS and start // _CHUNK % 2:
                _documents(target, path, seed, numbers)
                continue
            for number in numbers:
                _case(target, path, number, case_of(target, seeds, seed, number))


def _case(target: Target, path: Path, number: int, content: bytes) -> None:
    _tell(str(number))
    path.write_bytes(content)
    try:
        check(target.read, path)
    except Exception as error:
        what = f"{type(error).__name__}: {error}"[:300]
        trace = "".join(traceback.format_exception(error))[-4000:]
        kept = base64.b64encode(content[:_KEPT_BYTES]).decode()
        _tell(json.dumps({"what": what, "trace": trace, "content": kept}))


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _documents(target: Target, path: Path, seed: int, numbers: range) -> None:
    left = iter(numbers)

    @hypothesis.seed(seed * 1_000_003 + numbers.start)
    @hypothesis.settings(
        max_examples=len(numbers),
        database=None,
        deadline=None,
        # A finding is told as it is; the others follow.
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(DOCUMENTS[target.name])
    def run(content: bytes) -> None:
        _case(target, path, next(left, numbers[-1]), content)

    run()


def fuzz(name: str, *, cases: int, seed: int = 0) -> Iterator[Finding]:
    """Run cases of a target.

    Parameters
    ----------
    name : str
    cases : int
    seed : int

    Yields
    ------
    finding : Finding
        Each case that breaks the property; the same fault may be found many times.
    """
    first = 0
    while first < cases:
        command = [sys.executable, "-m", "tests.fuzz", "--work", name, str(seed), str(first)]
        with subprocess.Popen(
            [*command, str(cases)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            number = first - 1
            assert process.stdout is not None
            for line in _lines(process):
                if line.startswith("{"):
                    told = json.loads(line)
                    content = base64.b64decode(told["content"])
                    yield Finding(name, number, told["what"], told["trace"], content)
                elif line.strip().isdecimal():
                    number = int(line)
            code = process.wait()
        if code == 0:
            return
        if number < first:
            raise RuntimeError(f"{name}: the seeds cannot be read, exit code {code}")
        what = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        with tempfile.TemporaryDirectory(prefix="fuzz_") as folder:
            target = TARGETS[name]
            content = case_of(target, target.seeds(Path(folder)), seed, number)
        yield Finding(name, number, f"the process ended: {what}", content=content)
        first = number + 1


def _lines(process: subprocess.Popen[str]) -> Iterator[str]:
    """Return the lines of a process, which is killed where none comes for too long."""
    assert process.stdout is not None
    descriptor = process.stdout.fileno()
    os.set_blocking(descriptor, False)
    kept, last = b"", time.monotonic()
    while True:
        try:
            part = os.read(descriptor, 1 << 16)
        except BlockingIOError:
            # The first needs time for imports; Python itself ends a case that takes too long.
            if time.monotonic() - last > 6 * SECONDS:
                process.kill()
            time.sleep(0.02)
            continue
        if not part:
            return
        last = time.monotonic()
        *lines, kept = (kept + part).split(b"\n")
        yield from (line.decode() for line in lines)
