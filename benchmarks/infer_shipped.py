"""The outputs of the model that ships for a song, against the paper's network in stock Keras.

Both start from the features of a song of five minutes, in the windows of extraction. The paper's
network has random weights, since the time does not depend on them.
"""

from __future__ import annotations

import numpy as np

from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.architecture import RECURRENT_FRAMES
from deep_plunder.models.inference import predict_stream
from deep_plunder.models.model_file import load_model
from deep_plunder.truth.labels import OUTPUTS
from deep_plunder.util.resources import shipped_model_path

from .batches import Minutes
from .catalogue import Setup
from .harness import Result, compare
from .stock import paper_network


def run(setup: Setup) -> Result:
    """Compare."""
    minutes = 0.5 if setup.quick else 5.0
    model = load_model(shipped_model_path())
    song = Minutes(1, model.spec, seconds=60 * minutes).features[0]
    plain = Minutes(1, FeatureSpec(), seconds=60 * minutes).features[0]
    stock = paper_network()

    def stock_predict(features: np.ndarray) -> np.ndarray:
        found = stock.predict_on_batch(features)
        return np.concatenate([found[name] for name in OUTPUTS], axis=2)

    def ours() -> None:
        window = round(60 * model.spec.frame_rate) + 2 * model.context_frames
        found = predict_stream(
            model.predict, [song], window_frames=window, context_frames=model.context_frames,
            stride=model.stride, outputs=len(model.outputs),
        )  # fmt: skip
        assert len(found) == len(song)

    def peer() -> None:
        found = predict_stream(
            stock_predict, [plain], window_frames=1875 + 2 * RECURRENT_FRAMES,
            context_frames=RECURRENT_FRAMES,
        )  # fmt: skip
        assert len(found) == len(plain)

    return compare(
        setup.name, ours, peer, unit="s/min", rounds=setup.rounds,
        ours_amount=minutes, peer_amount=minutes,
    )  # fmt: skip
