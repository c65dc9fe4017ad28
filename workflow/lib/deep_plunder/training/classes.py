"""Train the forest that recognises the class of a sound, and measure it on unseen sources.

Extremely randomized trees are fitted to the traits of each sound, whole and cut as clips are: to
60 ms to 1.2 s, with a fade and with noise 40 to 70 dB below the peak.

To measure it, the sources of the sounds are divided into five parts, and each in turn is left out
of the training. A name that begins with ``SOURCE__``, as in the public corpus, states the source.
A library may have a class ``other`` of sounds of no kind, such as noises: a sound that resembles
these gets no class.

The votes for the sounds that were left out also decide how many votes a class needs to be stated:
the fewest with which 85 % of the answers are right, if all sources have the same weight. Melodic
classes have a wider class, ``melodic``, whose answer is right for each of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deep_plunder.audio import reading
from deep_plunder.audio.fades import fade
from deep_plunder.corpus.library import Sound
from deep_plunder.description.classes import ClassForest
from deep_plunder.description.traits import traits
from deep_plunder.training.class_scores import (
    ClassScore,
    Confusion,
    score_classes,
    wider_classes,
)
from deep_plunder.util.arrays import Float32Array, Float64Array
from deep_plunder.util.rng import generator
from deep_plunder.util.trees import Trees

__all__ = ["Trained", "train_classes", "traits_of"]

_TREES, _LEAVES = 60, 400
_CUTS = 2
_FOLDS = 5
_RIGHT = 0.85
# A class is stated if at least so many sounds show how often it is right.
_LEAST_COUNT = 10
# Soundfonts made from one another, and kits of one author, count as one source.
_FAMILIES = (
    ("fluid-soundfont", "musescore-general"),
    ("avldrums", "hydrogen-drumkits__The_Black_Pearl", "hydrogen-drumkits__Gimme_A_Hand"),
)
# A package of kits by many authors; the name of a kit comes next.
_COLLECTION = "hydrogen-drumkits"


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained forest, and how it did on unseen sources.

    Attributes
    ----------
    forest : ClassForest
        Trained on all sounds.
    scores : list of ClassScore
    confusion : list of Confusion
    """

    forest: ClassForest
    scores: list[ClassScore]
    confusion: list[Confusion]


def _source(sound: Sound) -> str:
    """Return the package or the kit of a sound, or its family."""
    name = Path(sound.sound).name
    for family in _FAMILIES:
        if name.startswith(family):
            return family[0]
    package, _, rest = name.partition("__")
    return f"{package}__{rest[:5]}" if package == _COLLECTION else package


def _folds(sources: Sequence[str]) -> NDArray[np.int_]:
    """Divide sources into parts of about equally many sounds; return the part of each sound."""
    sizes = [0] * _FOLDS
    fold_of = {}
    for source, count in sorted(Counter(sources).items(), key=lambda item: (-item[1], item[0])):
        fold_of[source] = int(np.argmin(sizes))
        sizes[fold_of[source]] += count
    return np.array([fold_of[source] for source in sources])


def _versions(sound: Sound) -> list[Float32Array]:
    """Measure the traits of a sound, and of the sound cut as clips are, with some noise."""
    samples, rate = reading.read(sound.path)
    random = generator(0, "classes", sound.sound)
    found = [traits(samples, rate)]
    start = round(sound.onset_s * rate)
    for _ in range(_CUTS):
        length = np.exp(random.uniform(np.log(0.06), np.log(1.2)))
        cut = samples[start : start + round(length * rate)]
        cut = fade(cut.copy(), rate, fade_in_s=0, fade_out_s=0.008)
        level = np.abs(cut).max(initial=0.0) * 10 ** (-random.uniform(40, 70) / 20)
        found.append(traits((cut + random.normal(0, 1, cut.shape) * level).astype("f4"), rate))
    return found


def traits_of(sounds: Sequence[Sound]) -> Float32Array:
    """Measure the traits that the forest learns from.

    Parameters
    ----------
    sounds : sequence of Sound
        The library.

    Returns
    -------
    traits : ndarray, shape (sounds, 3, TRAITS)
        Of each sound, whole and cut twice.

    Raises
    ------
    AudioError
        If a sound cannot be read.
    """
    return np.array([_versions(sound) for sound in sounds])


def _fit(measured: Float32Array, classes: NDArray[np.str_]) -> tuple[NDArray[np.str_], Trees]:
    """Train trees; return the names of their classes and the trees."""
    from sklearn.ensemble import ExtraTreesClassifier

    model = ExtraTreesClassifier(
        _TREES, max_leaf_nodes=_LEAVES, min_samples_leaf=2, max_features=0.2, random_state=0,
        n_jobs=2,
    )  # fmt: skip
    model.fit(measured.reshape(-1, measured.shape[2]), np.repeat(classes, measured.shape[1]))
    return np.array(model.classes_, dtype="U"), Trees.of_model(model)


def _unheard_votes(
    measured: Float32Array, classes: NDArray[np.str_], names: NDArray[np.str_], sources: list[str]
) -> Float64Array:
    """Return the votes for each version of a sound by trees that have not heard its source."""
    folds = _folds(sources)
    votes = np.zeros((*measured.shape[:2], len(names)))
    for fold in np.unique(folds):
        own = folds == fold
        if own.all():
            continue
        known, trees = _fit(measured[~own], classes[~own])
        found = trees.predict(measured[own].reshape(-1, measured.shape[2]))
        columns = np.searchsorted(names, known)
        votes[np.ix_(own, np.arange(measured.shape[1]), columns)] = found.reshape(
            int(own.sum()), -1, len(known)
        )
    return votes


def _least_votes(
    shares: Float64Array, best: NDArray[np.int_], right: NDArray[np.bool_], sources: list[str],
    *, count: int,
) -> Float32Array:  # fmt: skip
    """Return the least share of votes with which each class is right often enough.

    All sources have the same weight, since the soundfonts, which have most sounds, resemble each
    other.
    """
    least = np.full(count, 2.0, np.float32)
    origin = np.unique(sources, return_inverse=True)[1]
    for number in range(count):
        own = np.flatnonzero(best == number)
        own = own[np.argsort(-shares[own], kind="stable")]
        weights = 1 / np.maximum(np.bincount(origin[own]), 1)[origin[own]]
        precision = np.cumsum(weights * right[own]) / np.cumsum(weights)
        enough = (precision >= _RIGHT) & (np.arange(1, len(own) + 1) >= _LEAST_COUNT)
        if enough.any():
            least[number] = shares[own[np.flatnonzero(enough)[-1]]]
    return least


def train_classes(measured: Float32Array, sounds: Sequence[Sound]) -> Trained:
    """Train the forest, and measure it on sounds of sources that it has not heard.

    Parameters
    ----------
    measured : ndarray, shape (sounds, versions, TRAITS)
        From `traits_of`.
    sounds : sequence of Sound
        The library.

    Returns
    -------
    trained : Trained

    References
    ----------
    Geurts et al., "Extremely randomized trees", 2006.
    """
    classes = np.array([sound.sound_class for sound in sounds], dtype="U")
    names, trees = _fit(measured, classes)
    sources = [_source(sound) for sound in sounds]
    votes = _unheard_votes(measured, classes, names, sources)
    flat = votes.reshape(-1, len(names))
    each = np.repeat(sources, measured.shape[1]).tolist()
    true = np.repeat(classes, measured.shape[1])
    best = flat.argmax(axis=1)
    least = _least_votes(flat.max(axis=1), best, names[best] == true, each, count=len(names))
    above = wider_classes(names.tolist())
    wider = np.array([above.get(name, "") for name in names.tolist()], dtype="U")
    forest = ClassForest(names, least, wider, np.full(len(names), 2.0, np.float32), trees)
    for wide, share in forest.shares_of_wider(flat).items():
        own = wider == wide
        # Where another class is stated, or has more votes, the wider one has none.
        rows = np.flatnonzero(share)
        right = np.isin(true[rows], names[own])
        each_row = [each[row] for row in rows]
        forest.least_wider[own] = _least_votes(
            share[rows], np.zeros(len(rows), int), right, each_row, count=1
        )
    stated = np.array(forest.stated(flat)).reshape(votes.shape[:2])
    return Trained(forest, *score_classes(classes, stated, wider=above))
