"""Mixes of one minute with their tables, from MP3 songs, against the paper's way.

A turn is a shard, as the workflow renders it: nothing is cached when it begins.
"""

from __future__ import annotations

import shutil

import numpy as np
from deep_plunder import audio
from deep_plunder.mixspec import MixSpec
from deep_plunder.render import Renderer, render_mixes, write_mixes

from .catalogue import Setup
from .harness import Result, agree, compare
from .paperway import PaperWay


def run(setup: Setup) -> Result:
    """Compare."""
    corpus, spec = setup.corpus, MixSpec()
    count = 1 if setup.quick else 20
    plan = corpus.plans(spec, count)
    paper = PaperWay(corpus.sounds, corpus.songs, spec)

    def ours() -> None:
        renderer = Renderer(corpus.sounds, corpus.songs, spec)
        write_mixes(render_mixes(plan, renderer), setup.folder / "ours", rate=spec.sample_rate)

    def peer() -> None:
        (setup.folder / "peer").mkdir(exist_ok=True)
        for mix in paper.mixes(plan):
            paper.write(mix, setup.folder / "peer")

    ours()
    peer()
    for kind in ("wav", "tsv"):
        names = [sorted(p.name for p in (setup.folder / s).glob(f"*.{kind}")) for s in ("ours", "peer")]
        assert names[0] == names[1] and len(names[0]) == count
    worst = 0.0
    for path in (setup.folder / "ours").glob("*.wav"):
        a, b = audio.read(path)[0], audio.read(setup.folder / "peer" / path.name)[0]
        worst = max(worst, float(np.abs(a - b).max()))
    agree("largest difference of samples", worst, 1e-4)
    result = compare(
        setup.name, ours, peer, unit="s/min", rounds=setup.rounds,
        ours_amount=count, peer_amount=count,
    )  # fmt: skip
    shutil.rmtree(setup.folder / "peer")
    return result
