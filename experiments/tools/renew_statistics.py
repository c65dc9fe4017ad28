"""Compute the statistics of batch normalization of trained weights anew, from training mixes.

    python experiments/tools/renew_statistics.py MODEL OUT RESULTS [--batches N] [--seed SEED]

RESULTS is a run's folder ``results``, which holds features of training mixes. OUT gets the weights
of MODEL, with 16 bits, and for each batch normalization the mean and variance over N batches of 16
training mixes, as a training computes them with `training.norm_batches`. If RESULTS holds features
of validation mixes, the losses on them are printed, before and after.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deep_plunder.dataset.shard_set import ShardSet
from deep_plunder.errors import DeepPlunderError, InputError
from deep_plunder.models.model_file import LoadedModel, load_model
from deep_plunder.models.record import read_record
from deep_plunder.models.storing import store_model
from deep_plunder.training.batches import sampled_batches
from deep_plunder.training.losses import cross_entropy
from deep_plunder.training.normalization import renew_statistics
from deep_plunder.training.spec import TrainingSpec
from deep_plunder.truth.labels import OUTPUTS
from deep_plunder.util.resources import option_model_path


def features_of(model: LoadedModel, results: Path, split: str) -> ShardSet | None:
    """Open the features of a split.

    Parameters
    ----------
    model : LoadedModel
        The model that hears them.
    results : Path
        A run's folder ``results``.
    split : str
        ``"train"`` or ``"validation"``.

    Returns
    -------
    features : ShardSet or None
        None if there are none.

    Raises
    ------
    InputError
        If they are not those of the model.
    """
    folder = results / "features" / split
    shards = sorted(path for path in folder.glob("*.npy") if path.stem.isdigit())
    if not shards:
        return None
    items = ShardSet(shards)
    if items.bands != model.spec.bands:
        rule = f"must have {model.spec.bands} mel bands for {model.name}, has {items.bands}"
        raise InputError(f"{folder}: {rule}")
    return items


def losses(model: LoadedModel, items: ShardSet) -> dict[str, float]:
    """Compute the validation losses of a model.

    Parameters
    ----------
    model : LoadedModel
    items : ShardSet
        Features and labels.

    Returns
    -------
    losses : dict of str to float
        Mean cross-entropies of onset, offset and frame.
    """
    entropy = cross_entropy()
    summed = dict.fromkeys(OUTPUTS, 0.0)
    for index in range(len(items)):
        features, labels = items.batch([index])
        outputs = model.predict(features)
        for column, name in enumerate(OUTPUTS):
            own = slice(column, column + 1)
            summed[name] += float(entropy(labels[:, :, own], outputs[:, :, own]))
    return {name: value / len(items) for name, value in summed.items()}


def renew(model: LoadedModel, items: ShardSet, *, batches: int, seed: int) -> int:
    """Compute the statistics of a model anew.

    Parameters
    ----------
    model : LoadedModel
        The model, which is changed.
    items : ShardSet
        Features of training mixes.
    batches : int
        Number of batches of 16 mixes, which are drawn as a training draws them.
    seed : int
        The seed that they are drawn from.

    Returns
    -------
    mixes : int
        Number of mixes used.
    """
    training = TrainingSpec(norm_batches=batches)
    chosen = list(sampled_batches(items=len(items), training=training, seed=seed))

    def features() -> Iterator[NDArray[np.float32]]:
        for indices in chosen:
            yield items.batch(indices)[0].astype(np.float32, copy=False)

    renew_statistics(model.model, features)
    return sum(map(len, chosen))


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", help="a model file, or paper")
    parser.add_argument("out", type=Path, help="the model file to write")
    parser.add_argument("results", type=Path, help="the folder results of a run")
    parser.add_argument("--batches", type=int, default=16, help="batches of 16 mixes (default: 16)")
    parser.add_argument("--seed", type=int, default=2020, help="seed of the draw (default: 2020)")
    chosen = parser.parse_args()
    try:
        path = option_model_path(chosen.model)
        model = load_model(path, in_keras=True)
        items = features_of(model, chosen.results, "train")
        if items is None:
            raise InputError(f"{chosen.results}: must hold features/train of a run")
        validation = features_of(model, chosen.results, "validation")
        found = {} if validation is None else {"before": losses(model, validation)}
        mixes = renew(model, items, batches=chosen.batches, seed=chosen.seed)
        if validation is not None:
            found["after"] = losses(model, validation)
        store_model(chosen.out, model, half=True, record=read_record(path))
    except (DeepPlunderError, OSError) as error:
        sys.exit(str(error))
    print(f"statistics of {mixes} training mixes")
    for name, values in found.items():
        shown = ", ".join(f"{output} {value:.4f}" for output, value in values.items())
        print(f"{name}: {shown} on {len(validation or ())} validation mixes")


if __name__ == "__main__":
    main()
