"""Train the forest of classes that ships, and measure it on sounds of unseen sources.

``python -m experiments.description.classes LIBRARY -o FOLDER`` writes ``classes.npz``,
``classes.tsv`` and ``confusion.tsv``.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deep_plunder.audio import reading
from deep_plunder.audio.fades import fade
from deep_plunder.corpus.library import Sound, scan_library
from deep_plunder.description.classes import SURE_CLASS, ClassForest
from deep_plunder.description.record import OTHER
from deep_plunder.description.timbre import timbre
from deep_plunder.errors import DeepPlunderError
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.rng import generator
from deep_plunder.util.tables import write_records

__all__ = ["ClassScore", "Confusion", "main"]

_TREES, _LEAVES = 60, 400
_CUTS = 3
_FOLDS = 5
# Soundfonts that were made from one another count as one source.
_FAMILIES = ("fluid", "musescore")


@dataclass(frozen=True, slots=True)
class ClassScore:
    """A row of ``classes.tsv``.

    Attributes
    ----------
    sounds : str
        ``whole`` or ``cut``, to 60 ms to 1.2 s.
    sure : float
        Least share of votes for a class that is stated; 0 states one always.
    count : int
        Number of sounds.
    answered, right : float
        Share of the sounds with a class, and of these the share whose class is right, in per cent.
    """

    sounds: str
    sure: float
    count: int
    answered: float
    right: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """A row of ``confusion.tsv``.

    Attributes
    ----------
    true, stated : str
        Class of the library, and the class that was stated.
    count : int
        Number of sounds, whole and cut.
    """

    true: str
    stated: str
    count: int


def _source(sound: Sound) -> str:
    """Return the package of a sound, or the family of its package."""
    package = Path(sound.sound).name.split("__")[0]
    return _FAMILIES[0] if package.startswith(_FAMILIES) else package


def _fold(source: str) -> int:
    return hashlib.sha256(source.encode()).digest()[0] % _FOLDS


def _timbres(sound: Sound) -> list[Float32Array]:
    """Compute the timbre of a sound, and of the sound cut as clips are, with some noise."""
    samples, rate = reading.read(sound.path)
    random = generator(0, "classes", sound.sound)
    found = [timbre(samples, rate)]
    start = round(sound.onset_s * rate)
    for _ in range(_CUTS):
        length = np.exp(random.uniform(np.log(0.06), np.log(1.2)))
        cut = samples[start : start + round(length * rate)]
        cut = fade(cut.copy(), rate, fade_in_s=0, fade_out_s=0.008)
        level = np.abs(cut).max(initial=0.0) * 10 ** (-random.uniform(40, 70) / 20)
        found.append(timbre((cut + random.normal(0, 1, cut.shape) * level).astype("f4"), rate))
    return found


def _fit(timbres: Float32Array, classes: NDArray[np.str_]) -> ClassForest:
    from sklearn.ensemble import ExtraTreesClassifier

    model = ExtraTreesClassifier(
        _TREES, max_leaf_nodes=_LEAVES, min_samples_leaf=2, max_features=0.2, random_state=0,
        n_jobs=2,
    ).fit(timbres, classes)  # fmt: skip
    parts: dict[str, list[Any]] = {
        name: [] for name in ("roots", "feature", "threshold", "left", "right", "votes")
    }
    first = 0
    for estimator in model.estimators_:
        tree = estimator.tree_
        # Children must come after their parents, which best-first growth ensures.
        own = np.arange(tree.node_count)
        leaf = tree.children_left < 0
        parts["roots"].append([first])
        parts["feature"].append(np.where(leaf, 0, tree.feature))
        parts["threshold"].append(np.where(leaf, 0, tree.threshold))
        parts["left"].append(first + np.where(leaf, own, tree.children_left))
        parts["right"].append(first + np.where(leaf, own, tree.children_right))
        shares = tree.value[:, 0] / tree.value[:, 0].sum(axis=1, keepdims=True)
        parts["votes"].append(np.where(leaf[:, np.newaxis], np.round(255 * shares), 0))
        first += tree.node_count
    kinds = {"feature": "i2", "threshold": "f4", "votes": "u1"}
    arrays = {
        name: np.concatenate(part).astype(kinds.get(name, "i4")) for name, part in parts.items()
    }
    return ClassForest(names=np.array(model.classes_, dtype="U"), **arrays)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and measure from the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line's by default.

    Returns
    -------
    status : int
        0, or 1 if the library cannot be used.
    """
    parser = argparse.ArgumentParser(prog="python -m experiments.description.classes")
    parser.add_argument("library", help="folder of one-shots whose names begin with SOURCE__")
    parser.add_argument("-o", "--output", required=True, type=Path, help="folder for the results")
    options = parser.parse_args(arguments)
    try:
        sounds, _ = scan_library(options.library, workers=2)
    except DeepPlunderError as error:
        print(f"classes: {error}", file=sys.stderr)
        return 1
    timbres = np.array([_timbres(sound) for sound in sounds])
    classes = np.array([sound.sound_class for sound in sounds])
    folds = np.array([_fold(_source(sound)) for sound in sounds])
    each = timbres.shape[1]

    def fit(chosen: NDArray[np.bool_]) -> ClassForest:
        return _fit(timbres[chosen].reshape(-1, timbres.shape[2]), np.repeat(classes[chosen], each))

    shares = np.zeros((len(sounds), each, len(np.unique(classes))))
    for fold in np.unique(folds):
        forest = fit(folds != fold)
        columns = np.searchsorted(np.unique(classes), forest.names)
        for row in np.flatnonzero(folds == fold).tolist():
            for cut in range(each):
                shares[row, cut, columns] = forest.predict(timbres[row, cut])
    stated, votes = np.unique(classes)[shares.argmax(axis=2)], shares.max(axis=2)
    right = stated == classes[:, np.newaxis]
    scores = []
    for kind, part in (("whole", slice(0, 1)), ("cut", slice(1, None))):
        for sure in (0.0, 0.3, SURE_CLASS, 0.6):
            sure_of = votes[:, part] >= sure
            good = right[:, part][sure_of]
            scores.append(
                ClassScore(
                    kind, sure, sure_of.size, round(100 * float(sure_of.mean()), 1),
                    round(100 * float(good.mean()), 1) if good.size else 0.0,
                )
            )  # fmt: skip
    names, counts = np.unique(
        np.stack(
            [
                np.repeat(classes, each),
                np.where(votes >= SURE_CLASS, stated, OTHER).ravel(),
            ]
        ),
        axis=1,
        return_counts=True,
    )
    rows = [
        Confusion(str(true), str(shown), int(count))
        for true, shown, count in zip(*names.tolist(), counts.tolist(), strict=True)
    ]
    options.output.mkdir(parents=True, exist_ok=True)
    write_records(options.output / "classes.tsv", ClassScore, scores, checksum=False)
    write_records(options.output / "confusion.tsv", Confusion, rows, checksum=False)
    fit(np.ones(len(sounds), bool)).save(options.output / "classes.npz")
    for score in scores:
        print(f"{score.sounds} {score.sure}: {score.answered} % answered, {score.right} % right")
    return 0


if __name__ == "__main__":
    sys.exit(main())
