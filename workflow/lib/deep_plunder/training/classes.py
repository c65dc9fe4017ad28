"""Train the forest that recognises the class of a sound, and measure it on unseen sources.

Extremely randomized trees are fitted to the timbre of each sound, whole and cut as clips are: to
60 ms to 1.2 s, with a fade and with noise 40 to 70 dB below the peak. To measure it, the sources of
the sounds are divided into five parts, and each in turn is left out of the training. A name that
begins with ``SOURCE__``, as in the public corpus, states the source.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deep_plunder.audio import reading
from deep_plunder.audio.fades import fade
from deep_plunder.corpus.library import Sound
from deep_plunder.description.classes import SURE_CLASS, ClassForest
from deep_plunder.description.record import OTHER
from deep_plunder.description.timbre import timbre
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.rng import generator
from deep_plunder.util.trees import Trees

__all__ = ["ClassScore", "Confusion", "measure_classes", "timbres_of", "train_classes"]

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


def timbres_of(sounds: Sequence[Sound]) -> Float32Array:
    """Compute the timbres that the forest learns from.

    Parameters
    ----------
    sounds : sequence of Sound
        The library.

    Returns
    -------
    timbres : ndarray, shape (sounds, 4, TIMBRE_SIZE)
        Of each sound, whole and cut three times.

    Raises
    ------
    AudioError
        If a sound cannot be read.
    """
    return np.array([_timbres(sound) for sound in sounds])


def train_classes(timbres: Float32Array, classes: Sequence[str]) -> ClassForest:
    """Train the forest.

    Parameters
    ----------
    timbres : ndarray, shape (sounds, versions, TIMBRE_SIZE)
        From `timbres_of`.
    classes : sequence of str
        Class of each sound.

    Returns
    -------
    forest : ClassForest

    References
    ----------
    Geurts et al., "Extremely randomized trees", 2006.
    """
    from sklearn.ensemble import ExtraTreesClassifier

    model = ExtraTreesClassifier(
        _TREES, max_leaf_nodes=_LEAVES, min_samples_leaf=2, max_features=0.2, random_state=0,
        n_jobs=2,
    )  # fmt: skip
    model.fit(timbres.reshape(-1, timbres.shape[2]), np.repeat(classes, timbres.shape[1]))
    return ClassForest(np.array(model.classes_, dtype="U"), Trees.of_model(model))


def measure_classes(
    sounds: Sequence[Sound], timbres: Float32Array
) -> tuple[list[ClassScore], list[Confusion]]:
    """Measure the forest on sounds of sources that it has not heard.

    Parameters
    ----------
    sounds : sequence of Sound
        The library.
    timbres : ndarray, shape (sounds, versions, TIMBRE_SIZE)
        From `timbres_of`.

    Returns
    -------
    scores : list of ClassScore
    confusion : list of Confusion
        With the share of votes that ships, `description.classes.SURE_CLASS`.
    """
    labels = np.array([sound.sound_class for sound in sounds])
    every, each = np.unique(labels), timbres.shape[1]
    folds = np.array([_fold(_source(sound)) for sound in sounds])
    shares = np.zeros((len(sounds), each, len(every)))
    for fold in np.unique(folds):
        others = folds != fold
        if not others.any():
            continue
        forest = train_classes(timbres[others], labels[others].tolist())
        columns = np.searchsorted(every, forest.names)
        for row in np.flatnonzero(folds == fold).tolist():
            for cut in range(each):
                shares[row, cut, columns] = forest.predict(timbres[row, cut])
    stated, votes = every[shares.argmax(axis=2)], shares.max(axis=2)
    right = stated == labels[:, np.newaxis]
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
                np.repeat(labels, each),
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
    return scores, rows
