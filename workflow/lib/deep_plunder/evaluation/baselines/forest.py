"""Find regions with a random forest that classifies single frames.

The method follows the baseline for drum breaks of Lopez-Serrano et al. (2017), which in turn
follows a method for detecting voices: features of each frame, a random forest, and a median filter
over its probabilities. The features are:

- level and percussive share of the whole spectrum and of four bands, separated by median filters
  on the spectrogram (FitzGerald, 2010);
- timbre: cepstrum, centroid, spread, flatness and roll-off;
- rise of the mel bands over one, two and four frames;
- mean and standard deviation of all of these over a fifth of a second on each side.

Deviations: drum breaks last for seconds, but single sounds are short. So the median filter is
short, and a new onset begins a new region.

A trained forest is stored as plain arrays (.npz without pickled objects). It predicts with NumPy
alone, and its results equal those of scikit-learn.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from deep_plunder.decoding.clip import Clip
from deep_plunder.errors import InputError, ModelError
from deep_plunder.evaluation.baselines.slices import HOP, RATE, mono
from deep_plunder.evaluation.baselines.trees import checked_trees
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.files import atomic_path
from deep_plunder.util.npy import read_npz
from deep_plunder.util.rng import generator

if TYPE_CHECKING:
    from deep_plunder.dataset.mixes import Mix

__all__ = ["FOREST_MIXES", "Forest", "fit_forest", "forest_clips", "frame_features", "train_forest"]

FOREST_MIXES = 500
"""Greatest number of mixes for training, the first ones: the features of a mix take seconds."""
N_FFT = 2048
"""Samples per window: 93 ms at 22.05 kHz."""
MEDIAN = 17
"""Length of the median filters in frames and in bins (FitzGerald, 2010)."""
CONTEXT = 8
"""Frames on each side over which features are averaged: 0.19 s."""
TREES, LEAST_IN_LEAF, DEEPEST = 100, 5, 20
FRAMES_PER_MIX = 400
"""Frames per mix for training, drawn at random since neighbouring frames are alike."""
LOWEST = 0.3
"""Least probability of a frame of a region. It is low, since regions are ranked afterwards."""
SMOOTH = 5
"""Frames of the median filter over probabilities: 0.12 s, about one sound."""

_BANDS, _CEPSTRUM, _BLOCK = 40, 13, 1024
_MARGIN = CONTEXT + MEDIAN
_EDGES_HZ = (0, 250, 1000, 4000)
_FLOOR = 1e-10


@lru_cache(maxsize=4)
def _mel(rate: int) -> Float32Array:
    import librosa

    matrix = librosa.filters.mel(sr=rate, n_fft=N_FFT, n_mels=_BANDS)
    return np.asarray(matrix, np.float32)


def _moving(values: Float32Array) -> list[Float32Array]:
    """Compute mean and standard deviation over `CONTEXT` frames on each side; repeat the edges."""
    padded = np.pad(values, ((CONTEXT, CONTEXT), (0, 0)), mode="edge")
    view = np.lib.stride_tricks.sliding_window_view(padded, 2 * CONTEXT + 1, axis=0)
    return [view.mean(axis=-1, dtype=np.float32), view.std(axis=-1, dtype=np.float32)]


def _block_features(spectrum: Float32Array, rate: int) -> Float32Array:
    """Compute the features of frames from their magnitudes, shape (frames, bins)."""
    from scipy.fft import dct
    from scipy.ndimage import median_filter

    power = spectrum**2
    harmonic = median_filter(spectrum, (MEDIAN, 1), mode="reflect") ** 2
    percussive = median_filter(spectrum, (1, MEDIAN), mode="reflect") ** 2
    share = percussive / (percussive + harmonic + _FLOOR)
    hertz = (np.arange(power.shape[1]) * (rate / N_FFT)).astype(np.float32)
    bands = [hertz >= 0, *(_in_band(hertz, k) for k in range(len(_EDGES_HZ)))]
    columns = []
    for band in bands:
        level = power[:, band].sum(axis=1) + _FLOOR
        columns += [10 * np.log10(level), (power * share)[:, band].sum(axis=1) / level]
    total = power.sum(axis=1) + _FLOOR
    weights = power / total[:, None]
    centroid = weights @ hertz
    columns.append(centroid)
    columns.append(np.sqrt(np.maximum((weights @ hertz**2) - centroid**2, 0)))
    columns.append(np.log(power + _FLOOR).mean(axis=1) - np.log(power.mean(axis=1) + _FLOOR))
    columns.append(hertz[np.argmax(np.cumsum(weights, axis=1) >= 0.85, axis=1)])
    mel = np.log(power @ _mel(rate).T + _FLOOR)
    for lag in (1, 2, 4):
        before = np.concatenate([np.repeat(mel[:1], lag, axis=0), mel])[: len(mel)]
        columns.append(np.maximum(mel - before, 0).mean(axis=1))
    cepstrum = dct(mel, type=2, norm="ortho", axis=1)[:, :_CEPSTRUM]
    own = np.concatenate([np.stack(columns, axis=1), cepstrum], axis=1).astype(np.float32)
    return np.concatenate([own, *_moving(own)], axis=1)


def _in_band(hertz: Float32Array, number: int) -> NDArray[np.bool_]:
    high = _EDGES_HZ[number + 1] if number + 1 < len(_EDGES_HZ) else np.inf
    inside: NDArray[np.bool_] = (hertz >= _EDGES_HZ[number]) & (hertz < high)
    return inside


def frame_features(signal: Float32Array, *, rate: int, hop: int) -> Float32Array:
    """Compute the features of each frame, block by block.

    Parameters
    ----------
    signal : ndarray of float32, shape (n,)
        Mono, full scale 1.0.
    rate, hop : int
        Samples per second and per frame.

    Returns
    -------
    features : ndarray of float32, shape (n // hop + 1, 90)
        Frame ``i`` is centred on sample ``hop * i``.
    """
    padded = np.pad(np.asarray(signal, np.float32), N_FFT // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::hop]
    window = np.hanning(N_FFT + 1)[:-1].astype(np.float32)
    parts = []
    for start in range(0, len(windows), _BLOCK):
        first = max(0, start - _MARGIN)
        stop = min(start + _BLOCK, len(windows))
        spectrum = np.abs(np.fft.rfft(windows[first : stop + _MARGIN] * window)).astype(np.float32)
        features = _block_features(spectrum / np.float32(N_FFT), rate)
        parts.append(features[start - first : stop - first])
    return np.concatenate(parts)


@dataclasses.dataclass(frozen=True, slots=True)
class Forest:
    """A random forest: the nodes of all trees in joint arrays.

    Attributes
    ----------
    roots : ndarray of int32, shape (trees,)
        Index of each tree's first node.
    feature : ndarray of int32, shape (nodes,)
        Index of the feature that a node compares with its threshold.
    left, right : ndarray of int32, shape (nodes,)
        Index of the next node if the feature is at most the threshold, or above it. A leaf points
        to itself.
    threshold : ndarray of float64, shape (nodes,)
    value : ndarray of float64, shape (nodes,)
        Share of positive frames in a node, 0..1.
    """

    roots: NDArray[np.int32]
    feature: NDArray[np.int32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    threshold: NDArray[np.float64]
    value: NDArray[np.float64]

    def predict(self, features: Float32Array) -> NDArray[np.float64]:
        """Return the probability that one sound is heard alone, per frame.

        Parameters
        ----------
        features : ndarray of float32, shape (n, features)
            Features of each frame.

        Returns
        -------
        probabilities : ndarray of float64, shape (n,)
            Mean over the trees.
        """
        total = np.zeros(len(features))
        rows = np.arange(len(features))
        for root in self.roots.tolist():
            nodes = np.full(len(features), root)
            while True:
                low = features[rows, self.feature[nodes]] <= self.threshold[nodes]
                following = np.where(low, self.left[nodes], self.right[nodes])
                if (following == nodes).all():
                    break
                nodes = following
            total += self.value[nodes]
        return total / len(self.roots)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the arrays as an .npz file, whole or not at all.

        Parameters
        ----------
        path : path-like
            The file to write.
        """
        arrays: dict[str, Any] = {
            field.name: getattr(self, field.name) for field in dataclasses.fields(self)
        }
        with atomic_path(path) as temporary, temporary.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Forest:
        """Read a file that `save` wrote. No code in the file is run.

        Parameters
        ----------
        path : path-like
            The file.

        Returns
        -------
        forest : Forest

        Raises
        ------
        ModelError
            If the file is not a forest.
        """
        try:
            return cls(**checked_trees(read_npz(path)))
        except InputError as error:
            raise ModelError(f"{path}: is not a forest: {error}") from error


def train_forest(
    examples: Iterable[tuple[Float32Array, NDArray[np.float64]]],
    *,
    rate: int,
    hop: int,
    seed: int,
    workers: int = 1,
) -> Forest:
    """Train a forest on mixes whose regions are known.

    Parameters
    ----------
    examples : iterable of (signal, regions)
        Mono signals at `rate`, and onset and offset of their regions in seconds, shape (k, 2).
        One example is held in memory at a time.
    rate, hop : int
        See `frame_features`.
    seed : int
        Seed from which frames and trees are drawn.
    workers : int
        Number of threads.

    Returns
    -------
    forest : Forest

    Raises
    ------
    InputError
        If no frame, or every frame, is in a region.

    References
    ----------
    Lopez-Serrano, Dittmar and Mueller, "Finding Drum Breaks in Digital Music Recordings", CMMR
    2017; FitzGerald, "Harmonic/percussive separation using median filtering", DAFx 2010;
    Breiman, "Random forests", 2001 (scikit-learn's).
    """
    from sklearn.ensemble import RandomForestClassifier

    inputs, truths = [], []
    for number, (signal, regions) in enumerate(examples):
        features = frame_features(signal, rate=rate, hop=hop)
        seconds = (np.arange(len(features)) * (hop / rate))[:, None]
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
    return _arrays(model)


def _arrays(model: Any) -> Forest:
    """Return the trees of scikit-learn's forest."""
    parts: dict[str, list[Any]] = {field.name: [] for field in dataclasses.fields(Forest)}
    first = 0
    for estimator in model.estimators_:
        tree = estimator.tree_
        own = np.arange(tree.node_count)
        leaf = tree.children_left < 0
        parts["roots"].append([first])
        parts["feature"].append(np.where(leaf, 0, tree.feature))
        parts["left"].append(first + np.where(leaf, own, tree.children_left))
        parts["right"].append(first + np.where(leaf, own, tree.children_right))
        parts["threshold"].append(np.where(leaf, 0.0, tree.threshold))
        counts = tree.value[:, 0, :]
        parts["value"].append(counts[:, 1] / counts.sum(axis=1))
        first += tree.node_count
    joined = {name: np.concatenate(part) for name, part in parts.items()}
    return Forest(
        roots=joined["roots"].astype(np.int32),
        feature=joined["feature"].astype(np.int32),
        left=joined["left"].astype(np.int32),
        right=joined["right"].astype(np.int32),
        threshold=joined["threshold"].astype(np.float64),
        value=joined["value"].astype(np.float64),
    )


def forest_clips(
    forest: Forest,
    signal: Float32Array,
    onsets: NDArray[np.int64],
    *,
    rate: int,
    hop: int,
    threshold: float = LOWEST,
) -> list[Clip]:
    """Find the regions of a song.

    Parameters
    ----------
    forest : Forest
    signal : ndarray of float32, shape (n,)
        Mono at `rate`.
    onsets : ndarray of int64, shape (k,)
        Frames on which sounds begin. An onset inside a region ends it and begins another.
    rate, hop : int
        See `frame_features`.
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
    chances = forest.predict(frame_features(signal, rate=rate, hop=hop))
    chances = median_filter(chances, SMOOTH, mode="nearest")
    alone = np.concatenate([[False], chances >= threshold, [False]])
    starts = np.flatnonzero(alone[1:-1] & ~alone[:-2])
    ends = np.flatnonzero(alone[1:-1] & ~alone[2:]) + 1
    clips = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        inner = onsets[(onsets > start) & (onsets < end)].tolist()
        bounds = [start, *inner, end]
        for on, off in pairwise(bounds):
            end_s = min(off * hop, len(signal)) / rate
            if end_s > on * hop / rate:
                clips.append(Clip(on * hop / rate, end_s, float(chances[on:off].sum())))
    return clips


def fit_forest(mixes: Iterable[Mix], *, seed: int, workers: int = 1) -> Forest:
    """Train the forest on mixes.

    Parameters
    ----------
    mixes : iterable of Mix
        Mixes with their regions. One is held in memory at a time.
    seed, workers : int
        See `train_forest`.

    Returns
    -------
    forest : Forest

    Raises
    ------
    InputError
        If no frame, or every frame, is in a region.
    """

    def examples() -> Iterator[tuple[Float32Array, NDArray[np.float64]]]:
        for mix in mixes:
            bounds = [(region.onset_s, region.offset_s) for region in mix.regions]
            yield mono(mix.audio, mix.rate), np.array(bounds, np.float64).reshape(-1, 2)

    return train_forest(examples(), rate=RATE, hop=HOP, seed=seed, workers=workers)
