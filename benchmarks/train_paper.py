"""A step of the paper's network, 16 minutes, against the same network in stock Keras."""

from __future__ import annotations

import numpy as np

from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.registry import network
from deep_plunder.training.fit import Fitting
from deep_plunder.training.spec import TrainingSpec
from deep_plunder.truth.labels import OUTPUTS
from deep_plunder.util.allocation import keep_freed_memory

from .batches import Minutes
from .catalogue import Setup
from .harness import Result, agree, compare
from .stock import paper_network, targets


def run(setup: Setup) -> Result:
    """Compare."""
    # As in a training. The peer gains by it too.
    keep_freed_memory()
    count, seconds = (2, 4.0) if setup.quick else (16, 60.0)
    items = Minutes(count, FeatureSpec(), seconds=seconds)
    training = TrainingSpec(
        batch_size=count, steps_per_epoch=1, epochs=999, validate_every=999, bfloat16=True
    )
    model, stock = network("paper").build(FeatureSpec()), paper_network()
    stock.set_weights(model.get_weights())
    fitting = Fitting(model, training, 0, items, items)
    part = items.features[:1, :100]
    apart = [
        np.abs(np.asarray(model(part)[name]) - np.asarray(stock(part)[name])).max()
        for name in OUTPUTS
    ]
    agree("largest difference of the outputs", float(max(apart)), 1e-4)
    wanted = targets(items.labels)
    return compare(
        setup.name, fitting.step, lambda: stock.train_on_batch(items.features, wanted),
        unit="s/min", rounds=setup.rounds,
        ours_amount=count * seconds / 60, peer_amount=count * seconds / 60,
    )  # fmt: skip
