"""The speed-up of mixes and features by a second process, against that of counting.

The ratio is that of both speed-ups in wall-clock time. 1 means that the work scales as well as
counting does on this machine. It needs an idle machine with two cores.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from deep_plunder.features.spec import FeatureSpec
from deep_plunder.mixes.spec import MixSpec

from .catalogue import Setup
from .corpus import corpus
from .harness import Result

Job = tuple[int, int, str, bool]


def _shard(job: Job) -> None:
    number, count, folder, quick = job
    data, spec = corpus(quick=quick), MixSpec(sample_rate=FeatureSpec().sample_rate)
    plan = data.plans(spec, count, first=number * count)
    data.write_features(Path(folder) / f"{number}.npy", plan, count=count)


def _spin(job: Job) -> None:
    total = 0
    for number in range(2_000_000 * job[1]):
        total += number


def run(setup: Setup) -> Result:
    """Compare."""
    assert setup.corpus.sounds
    count = 1 if setup.quick else 10
    jobs: list[Job] = [(number, count, str(setup.folder), setup.quick) for number in range(4)]
    context = get_context("spawn")
    times: dict[tuple[str, int], list[float]] = {}
    with (
        ProcessPoolExecutor(1, context) as one,
        ProcessPoolExecutor(2, context) as two,
    ):
        work: dict[str, Callable[[Job], None]] = {"ours": _shard, "peer": _spin}
        for turn in range(-1, setup.rounds):
            for side, function in work.items():
                for workers, pool in ((1, one), (2, two)):
                    begin = time.perf_counter()
                    list(pool.map(function, jobs))
                    if turn >= 0:
                        times.setdefault((side, workers), []).append(time.perf_counter() - begin)
    medians = {key: statistics.median(values) for key, values in times.items()}
    ours, peer = (medians[side, 1] / medians[side, 2] for side in work)
    return Result(setup.name, ours / peer, ours, peer, "speed-up", setup.rounds)
