"""Choices about clips as training examples, which stand beside the mixes.

A part of a song, as long as a mix, holds one or more regions that a listener accepted or rejected.
Accepted regions have the labels of an isolated sound. In rejected regions nothing begins, ends or
sounds alone: they are hard negatives, since a network found them. All other frames are ignored,
because nobody judged them. The isolation is unknown everywhere: a choice measures no level.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deep_plunder.audio.reading import reader
from deep_plunder.corpus.usable_choices import Choice
from deep_plunder.dataset.shards import ShardSet, write_shard
from deep_plunder.errors import InputError
from deep_plunder.features.log_mel import features_from_audio, silence
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.truth.labels import (
    FRAME,
    IGNORED,
    ISOLATION_UNKNOWN,
    LABELS,
    OFFSET,
    ONSET,
    OUTPUTS,
    frame_bounds,
)

__all__ = ["WithChoices", "choice_labels", "choice_parts", "write_choices"]

_LEAD_S = 1.0
"""Time before the first region of a part, so that a network hears what precedes it."""

_NEAR_S = 0.05
"""An onset this near the beginning of a rejected region would find it again: as far as an onset of
a bench may lie from the true one (`evaluation.bench.scores`)."""

Part = tuple[float, tuple[Choice, ...]]
"""The beginning of a part, in seconds of its song, and the choices in it."""


def choice_parts(choices: Sequence[Choice], *, duration_s: float) -> list[Part]:
    """Divide the choices of songs among parts of equal length.

    Parameters
    ----------
    choices : sequence of Choice
        Ordered by song, then by time.
    duration_s : float
        Length of a part, in seconds.

    Returns
    -------
    parts : list of (float, tuple of Choice)
        The beginning of each part and its choices. Each choice is in one part, which holds its
        region unless that is longer than the part.

    Examples
    --------
    >>> choices = [Choice("tide.wav", at, at + 0.5, 1, "choices.json") for at in (3.0, 9.0, 40.0)]
    >>> [(start, len(held)) for start, held in choice_parts(choices, duration_s=10)]
    [(2.0, 2), (39.0, 1)]
    """
    lead_s = min(_LEAD_S, duration_s / 4)
    parts: list[Part] = []
    for _, group in groupby(choices, key=lambda choice: choice.path):
        held: list[Choice] = []
        start = 0.0
        for choice in group:
            if held and choice.offset_s > start + duration_s:
                parts.append((start, tuple(held)))
                held = []
            if not held:
                start = max(0.0, choice.onset_s - lead_s)
            held.append(choice)
        parts.append((start, tuple(held)))
    return parts


def choice_labels(
    choices: Sequence[Choice], *, start_s: float, frames: int, spec: FeatureSpec
) -> NDArray[np.uint8]:
    """Encode choices as label vectors.

    Parameters
    ----------
    choices : sequence of Choice
        Choices about one song.
    start_s : float
        Beginning of the part of the song, in seconds.
    frames : int
        Number of frames of the part.
    spec : FeatureSpec

    Returns
    -------
    labels : ndarray of uint8, shape (frames, 3), or 4 columns with detailed features
        See `truth.labels`. Where accepted and rejected regions overlap, the accepted ones count.

    Examples
    --------
    >>> spec = FeatureSpec()
    >>> choices = [Choice("tide.wav", 1.032, 1.096, accepted, "") for accepted in (1, 0)]
    >>> choice_labels(choices[:1], start_s=1.0, frames=5, spec=spec).T.tolist()
    [[2, 1, 0, 2, 2], [2, 0, 0, 1, 2], [2, 1, 1, 2, 2]]
    >>> choice_labels(choices[1:], start_s=1.0, frames=5, spec=spec).T.tolist()
    [[0, 0, 0, 2, 2], [2, 0, 0, 2, 2], [2, 0, 0, 2, 2]]
    """
    columns = len(LABELS if spec.short_bands else OUTPUTS)
    labels = np.full((frames, columns), ISOLATION_UNKNOWN, np.uint8)
    labels[:, : len(OUTPUTS)] = IGNORED
    near = round(_NEAR_S * spec.frame_rate)
    # Regions that are accepted come last and replace what lies below them.
    for choice in sorted(choices, key=lambda choice: choice.accepted):
        onset_s = max(0.0, choice.onset_s - start_s)
        bounds = [(onset_s, max(onset_s, choice.offset_s - start_s))]
        [(left, right)] = frame_bounds(bounds, frames=frames, frame_rate=spec.frame_rate)
        if left >= frames:
            continue
        labels[left:right, : len(OUTPUTS)] = 0
        if choice.accepted:
            labels[left:right, FRAME] = 1
            labels[left, ONSET] = 1
            labels[right : right + 1, OFFSET] = 1
        else:
            labels[max(0, left - near) : left, ONSET] = 0
    return labels


def write_choices(
    path: str | os.PathLike[str],
    choices: Sequence[Choice],
    *,
    duration_s: float,
    spec: FeatureSpec,
) -> None:
    """Write the features and labels of choices.

    Parameters
    ----------
    path : path-like
        See `dataset.shards.write_shard`.
    choices : sequence of Choice
        At least one, ordered by song, then by time.
    duration_s : float
        Length of a part in seconds, that of a mix.
    spec : FeatureSpec
        How features are computed.

    Raises
    ------
    AudioError
        If a song cannot be read.
    InputError
        If there is no choice.

    Examples
    --------
    >>> import numpy as np
    >>> from deep_plunder.audio import writing
    >>> writing.write("tide.wav", np.zeros((8 * 16000, 1), np.float32), 16000)
    >>> choice = Choice("tide.wav", 2.0, 2.5, 0, "choices.json")
    >>> write_choices("choices.npy", [choice], duration_s=4, spec=FeatureSpec())
    >>> ShardSet(["choices.npy"]).frames
    125
    """
    if not choices:
        raise InputError(f"{os.fspath(path)}: needs at least one choice")
    frames = spec.frames(round(duration_s * spec.sample_rate))
    parts = choice_parts(choices, duration_s=duration_s)

    def examples() -> Iterator[tuple[NDArray[Any], NDArray[np.uint8]]]:
        for song, group in groupby(parts, key=lambda part: part[1][0].path):
            with reader(song) as recording:
                info = recording.info
                for start_s, held in group:
                    start = min(round(start_s * info.rate), info.frames)
                    stop = min(start + round(duration_s * info.rate), info.frames)
                    features = features_from_audio(recording.read(start, stop), info.rate, spec)
                    fitted = np.tile(silence(spec), (frames, 1))
                    fitted[: len(features)] = features[:frames]
                    yield fitted, choice_labels(held, start_s=start_s, frames=frames, spec=spec)

    write_shard(path, examples(), count=len(parts), frames=frames, spec=spec)


class WithChoices:
    """Mixes and parts with choices as one sequence of training items.

    Parts are few, so each stands in the sequence as often as its share asks for.

    Parameters
    ----------
    mixes : ShardSet
    parts : ShardSet
        A shard that `write_choices` wrote.
    share : float
        Share of the parts among all items, above 0 and below 1. Each part is an item at least
        once.

    Attributes
    ----------
    frames, bands : int
        See `dataset.shards.ShardSet`.

    Raises
    ------
    InputError
        If mixes and parts differ in frames or bands.
    """

    def __init__(self, mixes: ShardSet, parts: ShardSet, *, share: float) -> None:
        for name in ("frames", "bands"):
            found, wanted = getattr(parts, name), getattr(mixes, name)
            if found != wanted:
                rule = f"must have {wanted} {name}, as the mixes have"
                raise InputError(f"choices: {rule}, got {found}")
        self._mixes, self._parts = mixes, parts
        self.frames, self.bands = mixes.frames, mixes.bands
        wanted = share / (1 - share) * len(mixes)
        self._times = max(1, round(wanted / len(parts)))
        labels = map(parts.labels, range(len(parts)))
        self._judged = [np.flatnonzero(each[:, FRAME] != IGNORED) for each in labels]

    def __len__(self) -> int:
        return len(self._mixes) + self._times * len(self._parts)

    def _part(self, index: int) -> int:
        return (index - len(self._mixes)) % len(self._parts)

    def onsets(self, index: int) -> NDArray[np.int64]:
        """Find the onsets of isolated sounds in an item.

        Parameters
        ----------
        index : int
            Position in the sequence.

        Returns
        -------
        frames : ndarray of int64, shape (k,)
            The frames labelled as onsets, in order.
        """
        if index < len(self._mixes):
            return self._mixes.onsets(index)
        return self._parts.onsets(self._part(index))

    def batch(
        self, indices: ArrayLike, *, starts: ArrayLike | None = None, frames: int | None = None
    ) -> tuple[NDArray[Any], NDArray[np.uint8]]:
        """Read some items, or a part of each.

        Parameters
        ----------
        indices, starts, frames
            See `dataset.shards.ShardSet.batch`. Frames of a part with choices that hold none teach
            nothing; the nearest frames that hold one are read instead.

        Returns
        -------
        features : ndarray of float32 or uint8, shape (b, frames, bands)
        labels : ndarray of uint8, shape (b, frames, 3 or 4)
        """
        wanted = np.asarray(indices, np.int64).reshape(-1)
        count = self.frames if frames is None else frames
        first = np.zeros(len(wanted), np.int64) if starts is None else np.array(starts, np.int64)
        is_mix = wanted < len(self._mixes)
        parts = np.array([self._part(index) for index in wanted[~is_mix]], np.int64)
        if count < self.frames:
            moved = zip(parts, first[~is_mix], strict=True)
            first[~is_mix] = [self._moved(part, start, count) for part, start in moved]
        read = [
            self._mixes.batch(wanted[is_mix], starts=first[is_mix], frames=count),
            self._parts.batch(parts, starts=first[~is_mix], frames=count),
        ]
        places = np.argsort(np.concatenate([np.flatnonzero(is_mix), np.flatnonzero(~is_mix)]))
        features, labels = (np.concatenate(both)[places] for both in zip(*read, strict=True))
        return features, labels

    def _moved(self, part: int, start: int, count: int) -> int:
        """Return `start`, or one that puts the nearest judged frame in the middle of the frames."""
        judged = self._judged[part]
        if not len(judged) or ((judged >= start) & (judged < start + count)).any():
            return start
        nearest = int(judged[np.abs(judged - (start + count // 2)).argmin()])
        return min(max(nearest - count // 2, 0), self.frames - count)
