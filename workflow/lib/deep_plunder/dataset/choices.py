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
from numpy.typing import NDArray

from deep_plunder.audio.reading import reader
from deep_plunder.corpus.chosen import Choice
from deep_plunder.dataset.shards import write_shard
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

__all__ = ["choice_labels", "choice_parts", "write_choices"]

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
    # Accepted regions come last, so they overwrite rejected ones.
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
    >>> from deep_plunder.dataset.shard_set import ShardSet
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
