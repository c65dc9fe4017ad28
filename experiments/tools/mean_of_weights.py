"""Average the weights of several trainings that began with the same network.

    python experiments/tools/mean_of_weights.py OUT MODEL MODEL... [--bench BENCH]

Each training has learnt something by chance. The mean of the weights holds less of it, and the
network costs no more than one of them (Wortsman et al., "Model soups", 2022). The decoder is chosen
on BENCH.
"""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

import numpy as np

from deep_plunder.evaluation.bench.calibrate import calibrate
from deep_plunder.models.card import write_decoder
from deep_plunder.models.model_file import load_model
from deep_plunder.models.storing import store_model


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("models", type=Path, nargs="+")
    parser.add_argument("--bench", type=Path, help="folder of songs whose truth is known")
    chosen = parser.parse_args()
    first, *others = [load_model(path) for path in chosen.models]
    for other in others:
        if (other.architecture, other.sizes, other.spec) != (
            first.architecture,
            first.sizes,
            first.spec,
        ):
            parser.error(f"{other.name}: is of another kind than {first.name}")
    weights = zip(*(loaded.model.get_weights() for loaded in (first, *others)), strict=True)
    first.model.set_weights([np.mean(values, axis=0) for values in weights])
    # The decoder of the first was chosen for other weights.
    store_model(chosen.out, dataclasses.replace(first, decoder=None))
    if chosen.bench:
        choice = calibrate(load_model(chosen.out), chosen.bench, name=chosen.bench.name)
        write_decoder(chosen.out, chosen.out, choice.decoder)
        print(choice.decoder, f"expected error {choice.expected_error:.2f}")


if __name__ == "__main__":
    main()
