"""Let a network of the architecture `two_rate` look at the long window of fewer frames.

    python experiments/tools/look_at_fewer.py OUT MODEL STEP

The kernels of three neighbouring frames are divided among frames that lie STEP times as far apart,
as if the spectrum between two of them changed evenly. All other weights and the decoder are kept.
The result is a network to begin a training with (`models.NAME.start`): trained on the outputs of
MODEL, it approaches MODEL (experiments/diary.md, Fewer long windows).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from deep_plunder.models.model_file import load_model, save_model
from deep_plunder.models.registry import network


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("step", type=int, help="frames from one long window to the next")
    chosen = parser.parse_args()
    given = load_model(chosen.model)
    if given.architecture != "two_rate" or given.long_step != 1:
        parser.error(f"{given.name}: must be of the architecture two_rate with a long_step of 1")
    sizes, spec = given.sizes | {"long_step": chosen.step}, given.spec
    fewer = network("two_rate", **sizes).build(spec)
    near = 1 / chosen.step
    for layer in given.model.layers:
        weights = layer.get_weights()
        if layer.name in ("long_1", "long_2"):
            before, at, after = weights[0]
            at = at + (1 - near) * (before + after)
            weights[0] = np.stack([near * before, at, near * after])
        if weights:
            fewer.get_layer(layer.name).set_weights(weights)
    save_model(
        chosen.out, fewer, architecture="two_rate", sizes=sizes, spec=spec, decoder=given.decoder
    )


if __name__ == "__main__":
    main()
