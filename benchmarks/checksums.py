"""A shard of mixes, of their features, or of features from WAV, with checksums and without.

Ours is the CPU time with checksums, the peer's the time without. So a cost of 3 % is a ratio of
0.97. The store that jobs share is full, as in the last jobs of a run. In ``checksums-cold`` there
is no store, as in the first job.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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


class _Right:
    """A checksum that equals every other."""

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
            (shards, "frame_sums", of_shard),
        ):
            stack.enter_context(mock.patch.object(module, name, instead))
        yield


def run(setup: Setup) -> Result:
    """Compare."""
    corpus, spec, features = setup.corpus, MixSpec(), FeatureSpec()
    kept = None if setup.name == "checksums-cold" else setup.store
    count = 10 if setup.quick else 20
    plan = corpus.plans(spec, count)

    def mix() -> None:
        renderer = Renderer(corpus.sounds, corpus.songs, spec, store=kept)
        write_mixes(render_mixes(plan, renderer), setup.folder / "mixes", rate=spec.sample_rate)

    def from_wav() -> None:
        write_examples(
            setup.folder / "wav.npy", read_mixes(setup.folder / "mixes"), count=count,
            duration_s=spec.duration_s, regions_path=setup.folder / "wav.tsv", spec=features,
        )  # fmt: skip

    def without_wav() -> None:
        corpus.write_features(setup.folder / "a.npy", plan, count=count, store=setup.store)

    stages = {"features": without_wav, "wav": from_wav}
    stage = stages.get(setup.name.removeprefix("checksums-"), mix)
    # `wav` reads these mixes. The second call fills the store for the others.
    mix()
    stage()

    def without() -> None:
        with _no_checksums():
            stage()

    return compare(
        setup.name, stage, without, unit="s/min", rounds=setup.rounds,
        ours_amount=count, peer_amount=count,
    )  # fmt: skip
