"""Batches of 16 minutes from the cache of features, against a copy of the same bytes in memory."""

from __future__ import annotations

import numpy as np

from deep_plunder.dataset.shard_set import ShardSet
from deep_plunder.dataset.shards import write_shard
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.util.rng import generator

from .batches import Minutes
from .catalogue import Setup
from .harness import Result, agree, compare


def run(setup: Setup) -> Result:
    """Compare."""
    spec, count, turns = FeatureSpec(), 16 if setup.quick else 64, 4 if setup.quick else 40
    items = Minutes(count, spec)
    path = setup.folder / "shard.npy"
    pairs = zip(items.features, items.labels, strict=True)
    write_shard(path, pairs, count=count, frames=items.frames, spec=spec)
    shards = ShardSet([path])
    rng = generator(0, "benchmark", "load")
    batches = [rng.permutation(count)[:16] for _ in range(turns)]
    features, labels = shards.batch(batches[0])
    expected = items.batch(batches[0])
    agree("largest difference of the features", float(abs(features - expected[0]).max()), 0)
    into = np.empty_like(features), np.empty_like(labels)

    def ours() -> None:
        for batch in batches:
            shards.batch(batch)

    def peer() -> None:
        for _ in batches:
            np.copyto(into[0], features)
            np.copyto(into[1], labels)

    return compare(
        setup.name, ours, peer, unit="s/batch", rounds=setup.rounds,
        ours_amount=turns, peer_amount=turns,
    )  # fmt: skip
