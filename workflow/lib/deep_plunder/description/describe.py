"""Describe the sounds of clips."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from deep_plunder.audio import reading
from deep_plunder.corpus.loops import find_attacks
from deep_plunder.corpus.onsets import find_onset
from deep_plunder.description.classes import ClassForest, load_classes
from deep_plunder.description.groups import choose_best, find_groups, waveform
from deep_plunder.description.loudness import loudness
from deep_plunder.description.pitch import SURE, find_pitch
from deep_plunder.description.record import Description, note_name
from deep_plunder.description.traits import traits
from deep_plunder.util.arrays import Float32Array

__all__ = ["LONGEST_S", "DescribedClip", "describe", "describe_clips"]

LONGEST_S = 20.0
"""Longest part of a clip that is described, in seconds."""


@dataclass(frozen=True, slots=True)
class DescribedClip:
    """A clip of a song with its description.

    Attributes
    ----------
    row : int
        Row of the clip's region, from 0 on.
    group : int
        Number of its group, from 1 on in order of the rows.
    kept : bool
        Whether it is the best of its group.
    description : Description
        Properties of its sound.
    """

    row: int
    group: int
    kept: bool
    description: Description


def describe(
    samples: Float32Array,
    rate: int,
    *,
    onset_s: float | None = None,
    classifier: ClassForest | None = None,
) -> Description:
    """Describe a sound.

    Parameters
    ----------
    samples : ndarray, shape (n, channels)
        The sound, full scale 1.0. What comes after `LONGEST_S` is ignored.
    rate : int
        Samples per second.
    onset_s : float, optional
        The onset within the first second, in seconds. By default it is found.
    classifier : ClassForest, optional
        The forest that recognises the class, by default the one that ships.

    Returns
    -------
    description : Description

    Examples
    --------
    >>> import numpy as np
    >>> second = np.arange(44100) / 44100
    >>> tone = (np.exp(-5 * second) * np.sin(2 * np.pi * 440 * second)).astype(np.float32)
    >>> described = describe(tone[:, np.newaxis], 44100)
    >>> described.attacks, described.note
    (1, 'A4')
    """
    part = samples[: round(LONGEST_S * rate)]
    if onset_s is None:
        onset_s = find_onset(part[:rate], rate)
    # The onset of a longer sound may be another, since its peak and its noise may be.
    pitch = find_pitch(part, rate, onset_s=onset_s if len(part) <= rate else None)
    forest = load_classes() if classifier is None else classifier
    sure = pitch is not None and pitch.confidence >= SURE
    return Description(
        sound_class=forest.class_of(traits(part, rate, pitch=pitch, onset_s=onset_s)),
        note=note_name(pitch.note) if pitch and sure else "",
        cents=round(pitch.cents, 1) if pitch and sure else math.nan,
        note_confidence=round(pitch.confidence, 3) if pitch else 0.0,
        loudness_lufs=round(loudness(part, rate), 2),
        attacks=len(find_attacks(part, rate)),
    )


def describe_clips(
    recording: reading.Reader,
    regions: ArrayLike,
    *,
    scores: Sequence[float],
    classifier: ClassForest | None = None,
) -> list[DescribedClip]:
    """Describe the clips of a song.

    Parameters
    ----------
    recording : Reader
        The song.
    regions : array_like, shape (k, 2)
        Onset and offset of each clip, in seconds.
    scores : sequence of float
        Score of each clip, 0..1.
    classifier : ClassForest, optional
        See `describe`.

    Returns
    -------
    clips : list of DescribedClip
        In the order of `regions`. Regions that hold no sample are left out.

    Raises
    ------
    AudioError
        If the recording cannot be read.
    """
    rate = recording.info.rate
    rows: list[int] = []
    waveforms, descriptions, lengths_s = [], [], []
    for row, (onset_s, offset_s) in enumerate(np.reshape(regions, (-1, 2)).tolist()):
        start, end = round(onset_s * rate), min(round(offset_s * rate), recording.info.frames)
        stop = min(end, start + round(LONGEST_S * rate))
        samples = recording.read(start, stop) if start < stop else recording.read(0, 0)
        if len(samples):
            rows.append(row)
            beginning_s = find_onset(samples[:rate], rate)
            waveforms.append(waveform(samples, rate, onset_s=beginning_s))
            descriptions.append(describe(samples, rate, onset_s=beginning_s, classifier=classifier))
            lengths_s.append((end - start) / rate)
    groups = find_groups(waveforms)
    best = choose_best(
        groups,
        scores=[scores[row] for row in rows],
        lengths_s=lengths_s,
        levels_db=[each.loudness_lufs for each in descriptions],
    )
    return [DescribedClip(*each) for each in zip(rows, groups, best, descriptions, strict=True)]
