"""Find regions with a random forest that classifies single frames.

The method follows the baseline for drum breaks of Lopez-Serrano et al. (2017), which in turn
follows a method for detecting voices: features of each frame (`frames`), a random forest, and a
median filter over its probabilities.

Deviations: drum breaks last for seconds, but single sounds are short. So the median filter is
short, and a new onset begins a new region.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deep_plunder.decoding.clip import Clip
from deep_plunder.errors import InputError, ModelError
from deep_plunder.evaluation.baselines.frames import FRAME_FEATURES, frame_features
from deep_plunder.evaluation.baselines.slices import HOP, RATE, mono
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.npy import read_npz
from deep_plunder.util.rng import generator
from deep_plunder.util.trees import Trees

if TYPE_CHECKING:
    from deep_plunder.dataset.mixes import Mix

__all__ = ["FOREST_MIXES", "fit_forest", "forest_clips", "read_forest"]

FOREST_MIXES = 500
"""Greatest number of mixes for training, the first ones: the features of a mix take seconds."""
TREES, LEAST_IN_LEAF, DEEPEST = 100, 5, 20
FRAMES_PER_MIX = 400
"""Frames per mix for training, drawn at random since neighbouring frames are alike."""
LOWEST = 0.3
"""Least probability of a frame of a region. It is low, since regions are ranked afterwards."""
SMOOTH = 5
"""Frames of the median filter over probabilities: 0.12 s, about one sound."""

# Classes of frames: False and True, for one sound heard alone.
_CLASSES = 2


def fit_forest(mixes: Iterable[Mix], *, seed: int, workers: int = 1) -> Trees:
    """Train a forest on mixes whose regions are known.

    Parameters
    ----------
    mixes : iterable of Mix
        Mixes with their regions. One is held in memory at a time.
    seed : int
        Seed from which frames and trees are drawn.
    workers : int
        Number of threads.

    Returns
    -------
    forest : Trees
        For the features of `frames.frame_features`. The second class is a frame in a region.

    Raises
    ------
    InputError
        If no frame, or every frame, is in a region.

    References
    ----------
    Lopez-Serrano, Dittmar and Mueller, "Finding Drum Breaks in Digital Music Recordings", CMMR
    2017; Breiman, "Random forests", 2001 (scikit-learn's).
    """
    from sklearn.ensemble import RandomForestClassifier

    inputs, truths = [], []
    for number, mix in enumerate(mixes):
        bounds = [(region.onset_s, region.offset_s) for region in mix.regions]
        regions = np.array(bounds, np.float64).reshape(-1, 2)
        features = frame_features(mono(mix.audio, mix.rate), rate=RATE, hop=HOP)
        seconds = (np.arange(len(features)) * (HOP / RATE))[:, None]
        inside = np.any((seconds >= regions[:, 0]) & (seconds < regions[:, 1]), axis=1)
        draw = generator(seed, "forest", "mix", number)
        chosen = draw.permutation(len(features))[:FRAMES_PER_MIX]
        inputs.append(features[chosen])
        truths.append(inside[chosen])
    truth = np.concatenate(truths) if truths else np.empty(0, np.bool_)
    if not truth.any() or truth.all():
        raise InputError("forest: the mixes must hold frames inside and outside of regions")
    model = RandomForestClassifier(
        TREES,
        min_samples_leaf=LEAST_IN_LEAF,
        max_depth=DEEPEST,
        random_state=int(generator(seed, "forest", "trees").integers(2**31)),
        n_jobs=workers,
    )
    model.fit(np.concatenate(inputs), truth)
    return Trees.of_model(model)


def read_forest(path: str | os.PathLike[str]) -> Trees:
    """Read the file of a trained forest. No code in the file is run.

    Parameters
    ----------
    path : path-like
        A file that `Trees.save` wrote.

    Returns
    -------
    forest : Trees

    Raises
    ------
    ModelError
        If the file is not a forest for frames.
    """
    try:
        return Trees.of_arrays(read_npz(path), features=FRAME_FEATURES, classes=_CLASSES)
    except InputError as error:
        raise ModelError(f"{path}: is not a forest: {error}") from error


def forest_clips(
    forest: Trees,
    signal: Float32Array,
    onsets: NDArray[np.int64],
    *,
    threshold: float = LOWEST,
) -> list[Clip]:
    """Find the regions of a song.

    Parameters
    ----------
    forest : Trees
        From `fit_forest`.
    signal : ndarray of float32, shape (n,)
        Mono at `slices.RATE`.
    onsets : ndarray of int64, shape (k,)
        Frames on which sounds begin. An onset inside a region ends it and begins another.
    threshold : float
        Frames with this probability or more belong to a region.

    Returns
    -------
    clips : list of Clip
        Clips in order of time. The score is the sum of the frames' probabilities.
    """
    from scipy.ndimage import median_filter

    if not len(signal):
        return []
    chances = forest.predict(frame_features(signal, rate=RATE, hop=HOP))[:, 1]
    chances = median_filter(chances, SMOOTH, mode="nearest")
    alone = np.concatenate([[False], chances >= threshold, [False]])
    starts = np.flatnonzero(alone[1:-1] & ~alone[:-2])
    ends = np.flatnonzero(alone[1:-1] & ~alone[2:]) + 1
    clips = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        inner = onsets[(onsets > start) & (onsets < end)].tolist()
        bounds = [start, *inner, end]
        for on, off in pairwise(bounds):
            end_s = min(off * HOP, len(signal)) / RATE
            if end_s > on * HOP / RATE:
                clips.append(Clip(on * HOP / RATE, end_s, float(chances[on:off].sum())))
    return clips
