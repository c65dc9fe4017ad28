"""A shard of mixes, of their features, or of features from WAV, with checksums and without.

The ratio is what checksums cost: the CPU time with them is ours, that without them the peer's. A
turn is a job, a process of its own. The store that jobs share holds all that it needs, so all else
is as cheap as it gets. A cost of 3 % is a ratio of 0.97.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from deep_plunder.dataset import mixes as dataset_mixes
from deep_plunder.dataset import shards
from deep_plunder.dataset.examples import write_examples
from deep_plunder.dataset.mixes import read_mixes
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.mixes import rendered, store
from deep_plunder.mixes.render import Renderer, render_mixes
from deep_plunder.mixes.rendered import write_mixes
from deep_plunder.mixes.spec import MixSpec

from .catalogue import Setup
from .harness import Result, compare

# As many mixes as a shard of the workflow has by default.
_SHARD = 50


class _Right:
    """What compares as a checksum that is right."""

    def __ne__(self, _other: object) -> Any:
        return np.False_

    def __getitem__(self, _place: object) -> Any:
        return self

    def __eq__(self, _other: object) -> Any:
        return np.True_

    __hash__ = None  # type: ignore[assignment]


@contextmanager
def _no_checksums() -> Iterator[None]:
    def of_shard(features: Any, _labels: Any) -> Any:
        return np.zeros((-(-len(features) // 64), 2), np.uint64)

    with ExitStack() as stack:
        for module, name, instead in (
            (store, "block_sums", lambda *_: _Right()),
            (rendered, "write_sums", lambda *_, **__: None),
            (dataset_mixes, "check_files", lambda *_, **__: None),
            (shards, "_sums", of_shard),
        ):
            stack.enter_context(mock.patch.object(module, name, instead))
        yield


def _stage(setup: Setup, count: int) -> Callable[[], object]:
    corpus, spec, features = setup.corpus, MixSpec(), FeatureSpec()
    plan = corpus.plans(spec, count)

    def mix() -> None:
        renderer = Renderer(corpus.sounds, corpus.songs, spec, store=setup.store)
        write_mixes(render_mixes(plan, renderer), setup.folder / "mixes", rate=spec.sample_rate)

    def from_wav() -> None:
        write_examples(
            setup.folder / "wav.npy", read_mixes(setup.folder / "mixes"), count=count,
            duration_s=spec.duration_s, regions_path=setup.folder / "wav.tsv", spec=features,
        )  # fmt: skip

    def without_wav() -> None:
        corpus.write_features(setup.folder / "a.npy", plan, count=count, store=setup.store)

    stages = {"mixes": mix, "features": without_wav, "wav": from_wav}
    return stages[setup.name.removeprefix("checksums-")]


def _job(name: str, folder: str, quick: str, checked: str) -> None:
    count = 2 if quick == "True" else _SHARD
    setup = Setup(name, Path(folder), quick=quick == "True", rounds=1)
    with nullcontext() if checked == "True" else _no_checksums():
        _stage(setup, count)()


def run(setup: Setup) -> Result:
    """Compare."""

    def job(name: str, *, checked: bool) -> None:
        options = [name, str(setup.folder), str(setup.quick), str(checked)]
        subprocess.run([sys.executable, "-m", "benchmarks.checksums", *options], check=True)

    # It fills the store, and makes what `wav` reads.
    job("checksums-mixes", checked=True)
    return compare(
        setup.name, partial(job, setup.name, checked=True), partial(job, setup.name, checked=False),
        unit="s/job", rounds=setup.rounds,
    )  # fmt: skip


if __name__ == "__main__":
    _job(*sys.argv[1:])
