"""A minute of training of the network `grouped`, against the paper's network in stock Keras.

Ours trains on augmented parts of minutes, with the settings of experiments/teach/base.yaml, and the
peer on whole minutes. Both costs are per minute of audio.
"""

from __future__ import annotations

import yaml

from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.registry import network
from deep_plunder.training.fit import Fitting
from deep_plunder.training.spec import TrainingSpec

from .batches import DETAILED, Minutes
from .catalogue import Setup
from .harness import ROOT, Result, compare
from .stock import paper_network, targets


def run(setup: Setup) -> Result:
    """Compare."""
    text = (ROOT / "experiments" / "teach" / "base.yaml").read_text(encoding="utf-8")
    asked = yaml.safe_load(text)["models"]["real_songs"]
    # The first steps after the peer's turn cost more; among 48 they hardly count.
    steps = 2 if setup.quick else 48
    training = TrainingSpec(
        **asked["training"] | {"steps_per_epoch": steps, "epochs": 999, "validate_every": 999}
    )
    items = Minutes(max(16, training.batch_size), DETAILED)
    model = network(asked["architecture"]).build(DETAILED, bfloat16=training.bfloat16)
    fitting = Fitting(model, training, 0, items, items, spec=DETAILED)
    count, seconds = (2, 4.0) if setup.quick else (16, 60.0)
    whole = Minutes(count, FeatureSpec(), seconds=seconds)
    stock = paper_network()
    wanted = targets(whole.labels)
    trained_s = steps * training.batch_size * training.crop_frames * DETAILED.hop_s
    return compare(
        setup.name, fitting.step, lambda: stock.train_on_batch(whole.features, wanted),
        unit="s/min", rounds=setup.rounds,
        ours_amount=trained_s / 60, peer_amount=count * seconds / 60,
    )  # fmt: skip
