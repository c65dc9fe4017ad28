"""Mixes of one minute with their tables, from MP3 songs, against the paper's method.

A turn renders a shard, as the workflow does. The store that jobs share is full, except in
``mix-cold``, where no store exists, as in the first job of a run. The peer reads only the excerpts
that it needs. In ``mix-whole`` it reads whole songs, as the paper does.
"""

from __future__ import annotations

import numpy as np

from deep_plunder.audio import reading
from deep_plunder.mixes.render import Renderer, render_mixes
from deep_plunder.mixes.rendered import write_mixes
from deep_plunder.mixes.spec import MixSpec

from .catalogue import Setup
from .harness import Result, agree, compare
from .paperway import PaperWay, by_mix


def run(setup: Setup) -> Result:
    """Compare."""
    corpus, spec = setup.corpus, MixSpec()
    whole = setup.name == "mix-whole"
    count = 1 if setup.quick else 5 if whole else 20
    plan = corpus.plans(spec, count)
    paper = PaperWay(corpus.sounds, corpus.songs, spec, whole=whole)

    store = None if setup.name == "mix-cold" else setup.store

    def ours() -> None:
        renderer = Renderer(corpus.sounds, corpus.songs, spec, store=store)
        write_mixes(render_mixes(plan, renderer), setup.folder / "ours", rate=spec.sample_rate)

    def peer() -> None:
        (setup.folder / "peer").mkdir(exist_ok=True)
        for mix in by_mix(plan):
            paper.write(mix, setup.folder / "peer")

    ours()
    peer()
    for kind in ("wav", "tsv"):
        names = [
            sorted(path.name for path in (setup.folder / side).glob(f"*.{kind}"))
            for side in ("ours", "peer")
        ]
        assert names[0] == names[1]
        assert len(names[0]) == count
    worst = square = 0.0
    for path in (setup.folder / "ours").glob("*.wav"):
        apart = reading.read(path)[0] - reading.read(setup.folder / "peer" / path.name)[0]
        worst = max(worst, float(np.abs(apart).max()))
        square += float(np.square(apart).mean()) / count
    if whole:
        # The peer resamples before it cuts, so an excerpt may begin half a sample earlier or later.
        agree("root mean square of the difference", square**0.5, 0.02)
    else:
        agree("largest difference of samples", worst, 1e-4)
    return compare(
        setup.name, ours, peer, unit="s/min", rounds=setup.rounds,
        ours_amount=count, peer_amount=count,
    )  # fmt: skip
