"""From a plan to cached features without WAV files, against the paper's method and librosa.

Ours mixes at the sample rate of the features, 16 kHz, as for the model that ships
(`mixes.sample_rate`), and reads the store that jobs share. The peer mixes at the paper's 44.1 kHz.
In ``features-whole`` it reads whole songs, as the paper does.
"""

from __future__ import annotations

import numpy as np

from deep_plunder.features.spec import FeatureSpec
from deep_plunder.mixes.spec import MixSpec

from .catalogue import Setup
from .harness import Result, agree, compare
from .paperway import PaperWay, by_mix


def run(setup: Setup) -> Result:
    """Compare."""
    corpus, spec, features = setup.corpus, MixSpec(), FeatureSpec()
    whole = setup.name == "features-whole"
    count = 1 if setup.quick else 5 if whole else 10
    plan = corpus.plans(spec, count)
    paper = PaperWay(corpus.sounds, corpus.songs, spec, whole=whole)
    paths = {side: setup.folder / f"{side}.npy" for side in ("ours", "peer")}

    def ours() -> None:
        corpus.write_features(paths["ours"], plan, count=count, store=setup.store)

    def peer() -> None:
        np.save(paths["peer"], np.stack([paper.features(mix) for mix in by_mix(plan)]))

    ours()
    peer()
    found, expected = np.load(paths["ours"]), np.load(paths["peer"])
    assert found.shape == expected.shape == (count, 1875, 229)
    # Frames of re-pitched sounds are left out: the phase vocoder's windows last longer at 16 kHz.
    same = np.ones((count, 1875), bool)
    for event in plan:
        if event.semitones:
            start, end = event.start_s, event.start_s + event.duration_s
            first = max(0, int((start - 2048 / 16000) / features.hop_s))
            same[event.mix, first : int(end / features.hop_s) + 1] = False
    apart = abs(found - expected)
    agree("mean difference of the logarithms, not re-pitched", float(apart[same].mean()), 0.15)
    agree("median difference of the logarithms, all", float(np.median(apart)), 0.05)
    return compare(
        setup.name, ours, peer, unit="s/min", rounds=setup.rounds,
        ours_amount=count, peer_amount=count,
    )  # fmt: skip
